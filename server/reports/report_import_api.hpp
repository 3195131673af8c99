// /api/v1/report-imports: reports of many organizations or days at once, a result for each.
#pragma once

#include <functional>

#include "directory/guard.hpp"
#include "http/route_table.hpp"
#include "render/texts.hpp"
#include "reports/report_import_service.hpp"

namespace madoguchi::reports {

struct ReportImportApiParts {
    ReportImportService& imports;
    const render::Texts& texts;
    directory::Guard guard;
    std::function<void()> confirmed;  // wakes the worker
};

void add_report_import_api(http::RouteTable& routes, const ReportImportApiParts& parts);

}  // namespace madoguchi::reports
