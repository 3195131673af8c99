// The public page of a one-time link. Opening the address shows a page with one button and changes nothing, because
// what scans links in messages opens them too; pressing the button makes the initial password and shows it, once.
// The token leaves the address bar at the first request: it stands in a cookie of this browser from then on, so that
// neither history, nor the referrer, nor the language switch carries it.
#pragma once

#include "accounts/handover_service.hpp"
#include "http/route_table.hpp"
#include "render/page_writer.hpp"
#include "signin/throttle_service.hpp"

namespace madoguchi::console {

struct HandoverOpeningParts {
    accounts::HandoverService& handover;
    signin::ThrottleService& throttles;
    const render::PageWriter& writer;
};

void add_handover_opening_pages(http::RouteTable& routes, const HandoverOpeningParts& parts);

}  // namespace madoguchi::console
