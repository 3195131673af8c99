// SQL of organizations. The policies show a transaction only what lies within its jurisdiction.
#pragma once

#include <optional>
#include <vector>

#include "db/database.hpp"
#include "directory/authorization.hpp"
#include "directory/organization.hpp"

namespace madoguchi::directory {

struct OrganizationFilter {
    std::optional<std::string> kind;
    std::optional<std::string> search;  // a key of search_key()
    std::optional<OrganizationId> parent;
    std::int64_t after_id = 0;
    int limit = 50;
};

/// What still works below an organization, counted up to limits::kCountedRows.
struct OpenBelow {
    std::int64_t organizations = 0;
    std::int64_t accounts = 0;
};

/// A row of the columns that every query of organizations selects.
Organization organization_of(const db::Row& row);

class OrganizationStore {
public:
    /// Errors: conflict (already_exists), invalid.
    Result<Organization> insert(db::Transaction& tx, const Organization& organization, const std::string& parent_path,
                                const std::string& search, Instant now) const;
    Result<std::optional<Organization>> find(db::Transaction& tx, OrganizationId id) const;
    Result<std::optional<Organization>> find_ministry(db::Transaction& tx) const;
    Result<std::vector<Organization>> list(db::Transaction& tx, const OrganizationFilter& filter) const;
    /// As find, and nobody else changes it until the transaction ends.
    Result<std::optional<Organization>> lock(db::Transaction& tx, OrganizationId id) const;
    /// False: it is no longer of `changed.version`, or closed. Errors: conflict (already_exists: the code).
    Result<bool> update(db::Transaction& tx, const Organization& changed, const std::string& search) const;
    /// False: it was not `from`. Errors: conflict (already_exists: the code has been given to another one since).
    Result<bool> set_state(db::Transaction& tx, OrganizationId id, std::string_view from, std::string_view to) const;
    /// With everything below it. The new path, or "": one of the two lies outside the jurisdiction, or it stands there.
    Result<std::string> move(db::Transaction& tx, OrganizationId id, OrganizationId parent) const;
    Result<OpenBelow> open_below(db::Transaction& tx, OrganizationId id) const;

    /// The nearest one above `path` that has a telephone number.
    Result<std::optional<Organization>> contact_above(db::Transaction& tx, const std::string& path) const;
};

}  // namespace madoguchi::directory
