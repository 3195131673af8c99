// /api/v1/organizations
#pragma once

#include <nlohmann/json.hpp>

#include "directory/guard.hpp"
#include "directory/organization_service.hpp"
#include "http/route_table.hpp"

namespace madoguchi::directory {

void add_organization_api(http::RouteTable& routes, OrganizationService& service, const Guard& guard);

nlohmann::json to_json(const OrganizationRef& organization);
nlohmann::json to_json(const Organization& organization, const std::vector<std::string>& warnings = {});

/// `limit` and `cursor` of a list. Errors: invalid (limit, cursor).
struct Page {
    std::int64_t after_id = 0;
    int limit = 50;
};
Result<Page> page_of(const http::Request& request);

}  // namespace madoguchi::directory
