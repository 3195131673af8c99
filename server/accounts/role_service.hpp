// Use cases on roles: give, take, list. Giving an administrator's role waits for a second person (S18).
#pragma once

#include "accounts/account_service.hpp"

namespace madoguchi::accounts {

struct GrantRole {
    AccountKey account;
    OrganizationId organization;
    directory::Role role = directory::Role::facility_staff;
    std::optional<Instant> from;  // nothing: now
    std::optional<Instant> until;
    std::string reason;
};

/// Either is filled.
struct GrantOutcome {
    std::optional<directory::GrantRecord> grant;
    std::optional<RequestId> approval;
};

class RoleService {
public:
    RoleService(db::Database& database, audit::AuditService& audit, directory::OrganizationService& organizations,
                directory::GrantService& grants, AccountService& accounts)
        : database_(database), audit_(audit), organizations_(organizations), grants_(grants), accounts_(accounts) {}

    /// Errors: invalid (fields), not_found, forbidden (own_account, higher_role), conflict (already_exists).
    Result<GrantOutcome> grant(const Principal& principal, const GrantRole& command, Mode mode, Instant now);
    Result<directory::GrantRecord> revoke(const Principal& principal, GrantId id, const std::string& reason, Mode mode,
                                          Instant now);
    Result<std::vector<directory::GrantRecord>> list(const Principal& principal, const AccountKey& account,
                                                     Instant now);

    /// As grant and revoke, inside another service's transaction. An administrator's role is refused: forbidden
    /// (second_person_needed).
    Result<void> grant_inside(db::Transaction& tx, const Principal& principal, const Actor& actor,
                              const GrantRole& command, Instant now);
    Result<void> revoke_inside(db::Transaction& tx, const Principal& principal, const Actor& actor, GrantId id,
                               const std::string& reason, Instant now);

    /// Who holds what within the jurisdiction, by id. Errors: forbidden.
    Result<std::vector<directory::ReviewedGrant>> review(const Principal& principal, directory::ReviewFilter filter,
                                                         Instant now);
    Result<directory::ReviewedGrant> reviewed(const Principal& principal, GrantId id, Instant now);
    Result<std::int64_t> count_due(const Principal& principal, Instant now);
    /// Looked at and right; those that may not be confirmed (one's own, a higher role's, gone) are passed over. How
    /// many were.
    Result<int> confirm(const Principal& principal, const std::vector<GrantId>& ids, Instant now);

    /// The organization of an account, where its roles mostly stand. Errors: not_found, forbidden.
    Result<OrganizationId> home_of(const Principal& principal, const AccountKey& account, Instant now);

    /// The grant that a first person asked for, approved by the second one.
    Result<directory::GrantRecord> grant_approved(db::Transaction& tx, const Principal& principal, const Actor& actor,
                                                  const Request& request, Instant now);

    /// May `principal` confirm or revoke it?
    static bool may_change(const Principal& principal, const directory::ReviewedGrant& grant, Instant now);

private:
    Result<bool> confirm_one(db::Transaction& tx, const Principal& principal, const Actor& actor, GrantId id,
                             Instant now);
    Result<directory::GrantRecord> revoke_within(db::Transaction& tx, const Principal& principal, const Actor& actor,
                                                 GrantId id, const std::string& reason, Instant now);
    Result<GrantOutcome> grant_within(db::Transaction& tx, const Principal& principal, const Actor& actor,
                                      const GrantRole& command, const std::string& reason, Instant now);
    Result<GrantOutcome> file_approval(db::Transaction& tx, const Actor& actor, const Account& account,
                                       const directory::GiveRole& give, Instant now);

    db::Database& database_;
    audit::AuditService& audit_;
    directory::OrganizationService& organizations_;
    directory::GrantService& grants_;
    AccountService& accounts_;
    RequestStore requests_;
};

}  // namespace madoguchi::accounts
