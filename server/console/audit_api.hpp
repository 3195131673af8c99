// /api/v1/audit: reading and verifying the log, for those who may.
#pragma once

#include "audit/audit_service.hpp"
#include "directory/guard.hpp"
#include "http/route_table.hpp"

namespace madoguchi::console {

void add_audit_api(http::RouteTable& routes, const audit::AuditService& audit, const directory::Guard& guard);

}  // namespace madoguchi::console
