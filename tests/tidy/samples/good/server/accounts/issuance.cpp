#include "accounts/account_service.hpp"
#include "accounts/account_store.hpp"
#include "db/database.hpp"
