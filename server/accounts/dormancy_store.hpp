// SQL of accounts that nobody uses.
#pragma once

#include <vector>

#include "accounts/account.hpp"
#include "accounts/dormancy.hpp"
#include "db/database.hpp"

namespace madoguchi::accounts {

struct DormantAccount {
    AccountId account;
    std::string login_id;
    std::string person;
    directory::OrganizationRef organization;
    AccountState account_state = AccountState::pending;
    WhyDormant why = WhyDormant::unused;
    Instant issued_at;
    std::optional<Instant> last_signed_in_at;
    Instant listed_at;
    std::optional<Instant> suspend_at;  // nothing: it is only listed
    std::optional<Instant> suspended_at;
    std::optional<Instant> kept_until;
    std::string kept_by;

    DormancyState state() const;
};

struct DormancyFilter {
    DormancyState state = DormancyState::warned;
    std::optional<std::string> why;
    AccountId after;  // the last one seen
    int limit = 50;
};

/// One that has become dormant, or whose season of being kept is over, or that was resumed and still is.
struct DormancyCandidate {
    AccountId account;
    Usage usage;
    bool ministry_administrator = false;  // somebody must be able to get in: never suspended by itself
};

class DormancyStore {
public:
    Result<std::vector<DormantAccount>> list(db::Transaction& tx, const DormancyFilter& filter) const;
    Result<std::optional<DormantAccount>> find(db::Transaction& tx, AccountId account) const;
    Result<std::int64_t> count_warned(db::Transaction& tx) const;

    /// Nobody else runs it at the same time; true for the transaction that has it.
    Result<bool> try_lock(db::Transaction& tx) const;
    Result<std::optional<Instant>> ran_for(db::Transaction& tx, std::string_view task) const;
    Result<void> note_ran(db::Transaction& tx, std::string_view task, Instant day) const;

    /// Those who signed in since, or were closed: forgotten.
    Result<std::int64_t> forget_used(db::Transaction& tx) const;
    /// In the order of their ids, those above `after`: a day's backlog is one walk along the accounts.
    Result<std::vector<DormancyCandidate>> candidates(db::Transaction& tx, const DormancyPolicy& policy,
                                                      AccountId after, int limit, Instant now) const;
    Result<void> warn(db::Transaction& tx, const Account& account, WhyDormant why, std::optional<Instant> suspend_at,
                      Instant now) const;
    /// Warned long enough, and still not used.
    Result<std::vector<AccountId>> due(db::Transaction& tx, int limit, Instant now) const;
    Result<void> note_suspended(db::Transaction& tx, AccountId account, Instant now) const;
    /// False: it is not listed, or suspended already.
    Result<bool> keep(db::Transaction& tx, AccountId account, Instant until, const std::string& by) const;
};

}  // namespace madoguchi::accounts
