#include "accounts/account_pages.hpp"
#include "db/database.hpp"
