// /api/v1/daily-reports: one's own organization's reports.
#pragma once

#include "directory/guard.hpp"
#include "http/route_table.hpp"
#include "render/texts.hpp"
#include "reports/daily_report_service.hpp"

namespace madoguchi::reports {

/// POST takes an Idempotency-Key; a report of that day by somebody else is answered 409 with its number.
void add_report_api(http::RouteTable& routes, DailyReportService& service, const directory::Guard& guard,
                    const render::Texts& texts);

}  // namespace madoguchi::reports
