// GET /api/v1/daily-figures: figures by day for the national level, as they were known at an instant. Its form stands
// in README.md.
#pragma once

#include "directory/guard.hpp"
#include "http/route_table.hpp"
#include "reports/curve_service.hpp"

namespace madoguchi::reports {

/// The service outlives the routes.
void add_curve_api(http::RouteTable& routes, CurveService& service, const directory::Guard& guard);

}  // namespace madoguchi::reports
