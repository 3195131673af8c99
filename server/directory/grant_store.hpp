// SQL of grants: a role given to an account for an organization, from and until.
#pragma once

#include <map>

#include "db/database.hpp"
#include "directory/authorization.hpp"

namespace madoguchi::directory {

struct GrantRecord {
    Grant grant;
    AccountId account;
    std::string account_path;
    std::string login_id;
    std::optional<Instant> revoked_at;
};

/// A grant as the yearly review shows it.
struct ReviewedGrant {
    GrantRecord record;
    std::string person;
    OrganizationRef home;
    std::string account_state;
    Instant created_at;
    std::optional<Instant> confirmed_at;
    std::string confirmed_by;
    std::optional<Instant> last_signed_in_at;
};

enum class ReviewWhich { due, ends_soon, all };

struct ReviewFilter {
    ReviewWhich which = ReviewWhich::due;
    std::optional<std::string> role;
    std::string who = {};  // a key of search_key(): the beginning of an ID, a name or a kana; empty: everybody
    std::int64_t after_id = 0;
    int limit = 50;
    Instant reviewed_before;  // due: neither given nor confirmed since
    Instant ends_before;      // ends soon
    Instant now;
};

class GrantStore {
public:
    /// Errors: conflict (already_exists: the same role at the same organization, not revoked).
    Result<GrantId> insert(db::Transaction& tx, AccountId account, const std::string& account_path, const Grant& grant,
                           std::optional<AccountId> by, Instant now) const;
    /// Of accounts that are new, so that none can have the role already.
    Result<void> insert_many(db::Transaction& tx, const std::vector<GrantRecord>& grants, std::optional<AccountId> by,
                             Instant now) const;
    /// Neither revoked nor ended before `now`.
    Result<std::vector<Grant>> standing(db::Transaction& tx, AccountId account, Instant now) const;
    /// Of many accounts by one query.
    Result<std::map<AccountId, std::vector<Grant>>> standing(db::Transaction& tx,
                                                             const std::vector<std::int64_t>& accounts,
                                                             Instant now) const;
    Result<std::vector<GrantRecord>> list(db::Transaction& tx, AccountId account) const;
    Result<std::optional<GrantRecord>> find(db::Transaction& tx, GrantId id) const;
    /// Not revoked, not ended; of accounts that are not closed.
    Result<std::vector<ReviewedGrant>> review(db::Transaction& tx, const ReviewFilter& filter) const;
    Result<std::int64_t> count_due(db::Transaction& tx, Instant reviewed_before, Instant now) const;
    /// False: revoked or ended meanwhile.
    Result<bool> confirm(db::Transaction& tx, GrantId id, const std::string& by, Instant now) const;
    /// False: it had been revoked before.
    Result<bool> revoke(db::Transaction& tx, GrantId id, Instant now) const;
};

}  // namespace madoguchi::directory
