// /api/v1/organization-imports: many organizations at once, a result for each.
#pragma once

#include <functional>

#include "directory/guard.hpp"
#include "directory/organization_import_service.hpp"
#include "http/route_table.hpp"
#include "render/texts.hpp"

namespace madoguchi::directory {

struct OrganizationImportApiParts {
    OrganizationImportService& imports;
    const render::Texts& texts;
    Guard guard;
    std::function<void()> confirmed;  // wakes the worker
};

void add_organization_import_api(http::RouteTable& routes, const OrganizationImportApiParts& parts);

}  // namespace madoguchi::directory
