// /search: the one box. Organizations and accounts of the viewer's jurisdiction; a full ID or code leads straight
// there.
#pragma once

#include "accounts/account_list_service.hpp"
#include "directory/console_pages.hpp"
#include "directory/organization_list_service.hpp"

namespace madoguchi::console {

struct SearchParts {
    accounts::AccountListService& accounts;
    directory::OrganizationListService& organizations;
    const directory::Console& console;
};

/// The parts' references outlive the pages.
void add_search_pages(directory::Console& console, const SearchParts& parts);

}  // namespace madoguchi::console
