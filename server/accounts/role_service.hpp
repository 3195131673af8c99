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

    /// The grant that a first person asked for, approved by the second one.
    Result<directory::GrantRecord> grant_approved(db::Transaction& tx, const Principal& principal, const Actor& actor,
                                                  const Request& request, Instant now);

private:
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
