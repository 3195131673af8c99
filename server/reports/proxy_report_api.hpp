// /api/v1/received-reports: what reached a health centre on paper or by telephone, typed for whom it is of; and
// /api/v1/unusual-reports: figures that it looks at twice.
#pragma once

#include "directory/guard.hpp"
#include "http/route_table.hpp"
#include "render/texts.hpp"
#include "reports/proxy_report_service.hpp"

namespace madoguchi::reports {

struct ProxyReportApiParts {
    ProxyReportService& proxy;
    const render::Texts& texts;
    directory::Guard guard;
};

void add_proxy_report_api(http::RouteTable& routes, const ProxyReportApiParts& parts);

}  // namespace madoguchi::reports
