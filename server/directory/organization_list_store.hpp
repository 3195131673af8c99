// SQL of the console's lists of organizations: in the order of the syllabary, keyset paging, search by ranges of text.
#pragma once

#include "db/database.hpp"
#include "directory/authorization.hpp"
#include "directory/organization.hpp"

namespace madoguchi::directory {

struct OrganizationQuestion {
    std::string word;  // as typed; empty: no search
    std::optional<OrganizationKind> kind;
    std::optional<std::string> state;  // "active", "closed"
    std::optional<OrganizationId> parent;
    OrganizationId after;  // the last row of the page before
    int limit = 50;
};

struct ListedOrganization {
    Organization organization;
    std::string sort_key;
    std::string parent_name;      // empty: outside the jurisdiction
    std::int64_t accounts = 0;    // pending or active
    std::int64_t facilities = 0;  // organizations directly below
};

class OrganizationListStore {
public:
    Result<std::vector<ListedOrganization>> list(db::Transaction& tx, const OrganizationQuestion& question) const;
    Result<std::vector<ListedOrganization>> search(db::Transaction& tx, const OrganizationQuestion& question) const;
    /// Those above `path` that the jurisdiction shows, from the top.
    Result<std::vector<OrganizationRef>> above(db::Transaction& tx, const std::string& path) const;
    /// Others with the same name or telephone number.
    Result<std::vector<ListedOrganization>> alike(db::Transaction& tx, OrganizationId except, const std::string& name,
                                                  const std::string& phone) const;
};

}  // namespace madoguchi::directory
