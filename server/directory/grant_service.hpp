// Grants within another room's transaction: given, taken and read, each change with its audit row.
#pragma once

#include "audit/audit_service.hpp"
#include "directory/grant_store.hpp"

namespace madoguchi::directory {

struct GiveRole {
    AccountId account;
    std::string account_path;
    std::string login_id;
    Role role = Role::facility_staff;
    OrganizationRef organization;
    Instant from;
    std::optional<Instant> until;
    std::string reason;
};

class GrantService {
public:
    explicit GrantService(audit::AuditService& audit) : audit_(audit) {}

    /// Errors: conflict (already_exists).
    Result<GrantRecord> give(db::Transaction& tx, const Actor& actor, const GiveRole& command, Instant now) const;
    /// The same role to many new accounts, each at its own organization, in one statement.
    Result<void> give_many(db::Transaction& tx, const Actor& actor, const std::vector<GiveRole>& commands,
                           Instant now) const;
    /// Errors: conflict (already_decided: revoked before).
    Result<void> revoke(db::Transaction& tx, const Actor& actor, const GrantRecord& record, const std::string& reason,
                        Instant now) const;
    /// Somebody looked at it and it is right. False: revoked or ended meanwhile.
    Result<bool> confirm(db::Transaction& tx, const Actor& actor, const GrantRecord& record, Instant now) const;
    Result<std::vector<ReviewedGrant>> review(db::Transaction& tx, const ReviewFilter& filter) const {
        return store_.review(tx, filter);
    }
    Result<std::int64_t> count_due(db::Transaction& tx, Instant reviewed_before, Instant now) const {
        return store_.count_due(tx, reviewed_before, now);
    }
    Result<std::vector<Grant>> standing(db::Transaction& tx, AccountId account, Instant now) const {
        return store_.standing(tx, account, now);
    }
    Result<std::map<AccountId, std::vector<Grant>>> standing(db::Transaction& tx,
                                                             const std::vector<std::int64_t>& accounts,
                                                             Instant now) const {
        return store_.standing(tx, accounts, now);
    }
    Result<std::vector<GrantRecord>> list(db::Transaction& tx, AccountId account) const {
        return store_.list(tx, account);
    }
    Result<std::optional<GrantRecord>> find(db::Transaction& tx, GrantId id) const { return store_.find(tx, id); }

private:
    audit::AuditService& audit_;
    GrantStore store_;
};

}  // namespace madoguchi::directory
