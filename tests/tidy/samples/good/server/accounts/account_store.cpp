#include "accounts/account_store.hpp"

#include "db/database.hpp"

constexpr Query kFind{"find", R"(SELECT id FROM accounts WHERE id = :id)"};
