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

class OrganizationStore {
public:
    /// Errors: conflict (already_exists), invalid.
    Result<Organization> insert(db::Transaction& tx, const Organization& organization, const std::string& parent_path,
                                const std::string& search, Instant now) const;
    Result<std::optional<Organization>> find(db::Transaction& tx, OrganizationId id) const;
    Result<std::optional<Organization>> find_ministry(db::Transaction& tx) const;
    Result<std::vector<Organization>> list(db::Transaction& tx, const OrganizationFilter& filter) const;
    /// The nearest one above `path` that has a telephone number.
    Result<std::optional<Organization>> contact_above(db::Transaction& tx, const std::string& path) const;
};

}  // namespace madoguchi::directory
