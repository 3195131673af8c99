#include "accounts/account.hpp"

#include "accounts/account_store.hpp"
#include "db/database.hpp"
#include "http/request.hpp"
