// /api/v1/audit: reading and verifying the log, for those who may.
#pragma once

#include "console/audit_reading_service.hpp"
#include "directory/guard.hpp"
#include "http/route_table.hpp"

namespace madoguchi::console {

void add_audit_api(http::RouteTable& routes, const AuditReadingService& audit, const directory::Guard& guard);

}  // namespace madoguchi::console
