// Use cases on organizations. Outside one's jurisdiction an organization is as one that does not exist (S16).
#pragma once

#include "audit/audit_service.hpp"
#include "directory/organization_store.hpp"

namespace madoguchi::directory {

enum class Mode { real, dry_run };

struct CreatedOrganization {
    Organization organization;
    std::vector<std::string> warnings;
};

class OrganizationService {
public:
    OrganizationService(db::Database& database, audit::AuditService& audit) : database_(database), audit_(audit) {}

    /// Errors: invalid (each field), not_found (parent), forbidden, conflict (already_exists).
    Result<CreatedOrganization> create(const Principal& principal, const CreateOrganization& command, Mode mode,
                                       Instant now);
    Result<Organization> show(const Principal& principal, OrganizationId id, Instant now);
    Result<std::vector<Organization>> list(const Principal& principal, const OrganizationFilter& filter, Instant now);

    /// The ministry, made on the first call: the top of the tree.
    Result<Organization> ensure_ministry(db::Transaction& tx, const std::string& name, Instant now);
    /// Is there any below the ministry?
    Result<bool> any() const;
    /// Within a transaction of another room; not_found where the jurisdiction hides it.
    Result<Organization> get(db::Transaction& tx, OrganizationId id) const;
    Result<std::optional<Organization>> contact_above(const std::string& path) const;

private:
    db::Database& database_;
    audit::AuditService& audit_;
    OrganizationStore store_;
};

OrganizationRef ref(const Organization& organization);

}  // namespace madoguchi::directory
