// The console's lists of organizations within a viewer's jurisdiction.
#pragma once

#include "directory/organization_list_store.hpp"

namespace madoguchi::directory {

class OrganizationListService {
public:
    explicit OrganizationListService(db::Database& database) : database_(database) {}

    struct Page {
        std::vector<ListedOrganization> rows;
        bool more = false;  // further ones follow the last row
    };
    /// Errors: forbidden (who may not read the directory).
    Result<Page> list(const Principal& principal, const OrganizationQuestion& question, Instant now);
    /// Those above it that this person may see, from the top.
    Result<std::vector<OrganizationRef>> above(const Principal& principal, const Organization& organization,
                                               Instant now);
    /// Where this person's tree begins: the organizations of their grants, none inside another.
    std::vector<OrganizationId> tops(const Principal& principal, Instant now) const;
    /// Others within the jurisdiction with the same name or telephone number as what was typed.
    Result<std::vector<ListedOrganization>> alike(const Principal& principal, OrganizationId except,
                                                  const std::string& name, const std::string& phone, Instant now);

private:
    db::Database& database_;
    OrganizationListStore store_;
};

}  // namespace madoguchi::directory
