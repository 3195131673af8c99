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

    /// organization_change_service.cpp. All: errors not_found, forbidden, invalid (reason), conflict.
    /// As typed anew; kind and parent stay. Conflict: changed_meanwhile (it is no longer of `version`), already_exists.
    Result<CreatedOrganization> edit(const Principal& principal, OrganizationId id, const CreateOrganization& command,
                                     int version, Instant now);
    /// Nobody of it signs in any more. Conflict: open_below (organizations still stand below it), closed_already.
    Result<Organization> close(const Principal& principal, OrganizationId id, const std::string& reason, Instant now);
    /// Takes that back. Conflict: already_exists (its code belongs to another one now).
    Result<Organization> reopen(const Principal& principal, OrganizationId id, const std::string& reason, Instant now);
    /// Below another organization of the same kind, with its accounts and their history. Conflict: moved_nowhere.
    Result<Organization> move(const Principal& principal, OrganizationId id, OrganizationId parent,
                              const std::string& reason, Instant now);
    Result<OpenBelow> open_below(const Principal& principal, OrganizationId id, Instant now);

    /// The ministry, made on the first call: the top of the tree.
    Result<Organization> ensure_ministry(db::Transaction& tx, const std::string& name, Instant now);
    /// Is there any below the ministry?
    Result<bool> any() const;
    /// Within a transaction of another room; not_found where the jurisdiction hides it.
    Result<Organization> get(db::Transaction& tx, OrganizationId id) const;
    Result<std::optional<Organization>> contact_above(const std::string& path) const;

private:
    template <class Work>
    Result<Organization> change(const Principal& principal, OrganizationId id, const std::string& action, Instant now,
                                Work&& work);

    db::Database& database_;
    audit::AuditService& audit_;
    OrganizationStore store_;
};

OrganizationRef ref(const Organization& organization);
/// What an organization is searched by: keys of its name and kana, and its codes.
std::string search_text(const Organization& organization);
/// What the audit log keeps of it.
nlohmann::json summary(const Organization& organization);

}  // namespace madoguchi::directory
