#include "accounts/account_store.hpp"
#include "directory/grant_store.hpp"
