// /api/v1/accounts/unused: accounts that nobody uses, and what is decided about them.
#pragma once

#include "accounts/dormancy_service.hpp"
#include "directory/guard.hpp"
#include "http/route_table.hpp"

namespace madoguchi::accounts {

void add_dormancy_api(http::RouteTable& routes, DormancyService& dormancy, const directory::Guard& guard);

}  // namespace madoguchi::accounts
