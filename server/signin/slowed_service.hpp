// Who is slowed down or switched off, and why, for the administrators who can help (S13).
#pragma once

#include "accounts/account_service.hpp"
#include "signin/throttle_store.hpp"

namespace madoguchi::signin {

struct Slowed {
    accounts::Account account;
    std::vector<SlowedRow> reasons;
};

class SlowedService {
public:
    SlowedService(db::Database& database, accounts::AccountService& accounts)
        : database_(database), accounts_(accounts) {}

    /// Accounts that the principal may unlock, by their id, after `after`. Errors: forbidden.
    Result<std::vector<Slowed>> list(const directory::Principal& principal, AccountId after, int limit, Instant now);

private:
    db::Database& database_;
    accounts::AccountService& accounts_;
    ThrottleStore store_;
};

}  // namespace madoguchi::signin
