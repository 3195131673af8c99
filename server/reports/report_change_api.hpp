// What belongs to daily reports over the API beside reporting: corrections, drafts that wait, reports of a whole
// jurisdiction.
#pragma once

#include "directory/guard.hpp"
#include "http/route_table.hpp"
#include "reports/report_import_service.hpp"

namespace madoguchi::reports {

struct ReportChangeApiParts {
    DailyReportService& daily;
    ReportImportService& files;
    directory::Guard guard;
};

void add_report_change_api(http::RouteTable& routes, const ReportChangeApiParts& parts);

}  // namespace madoguchi::reports
