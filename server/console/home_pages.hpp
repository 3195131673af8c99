// The home page: what this role may do, and nothing else.
#pragma once

#include "accounts/request_service.hpp"
#include "http/route_table.hpp"
#include "render/page_writer.hpp"
#include "reports/daily_report_service.hpp"
#include "signin/sign_in_service.hpp"

namespace madoguchi::console {

struct HomeParts {
    signin::SignInService& sign_in;
    signin::SessionService& sessions;
    accounts::RequestService& requests;
    directory::OrganizationService& organizations;
    reports::DailyReportService& reports;
    const render::PageWriter& writer;
};

void add_home_pages(http::RouteTable& routes, const HomeParts& parts);

}  // namespace madoguchi::console
