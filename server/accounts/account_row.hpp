// An account as queries of other rooms join it to rows of their own.
#pragma once

#include "accounts/account.hpp"

namespace madoguchi::db {
class Row;
}

namespace madoguchi::accounts {

/// A row of the columns that every query of accounts selects; without grants.
Account account_of(const db::Row& row);

}  // namespace madoguchi::accounts
