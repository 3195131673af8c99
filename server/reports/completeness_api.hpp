// /api/v1/completeness and what belongs to it: organizations by day, the weekdays on which one reports, messages to one
// whose report is missing.
#pragma once

#include "directory/guard.hpp"
#include "http/route_table.hpp"
#include "reports/completeness_service.hpp"
#include "reports/missing_report_service.hpp"
#include "reports/report_schedule_service.hpp"

namespace madoguchi::reports {

struct CompletenessApiParts {
    CompletenessService& completeness;
    ReportScheduleService& schedules;
    MissingReportService& missing;
    directory::Guard guard;
};

/// The parts' services outlive the routes.
void add_completeness_api(http::RouteTable& routes, const CompletenessApiParts& parts);

}  // namespace madoguchi::reports
