// Pages for people who are not in: help, the reset request, the language switch.
#pragma once

#include "accounts/request_service.hpp"
#include "http/route_table.hpp"
#include "render/page_writer.hpp"
#include "signin/session_service.hpp"
#include "signin/throttle_service.hpp"

namespace madoguchi::console {

struct HelpParts {
    accounts::RequestService& requests;
    signin::SessionService& sessions;
    signin::ThrottleService& throttles;
    const render::PageWriter& writer;
};

void add_help_pages(http::RouteTable& routes, const HelpParts& parts);

}  // namespace madoguchi::console
