// The public pages of an application: a clinic without an ID fills in a form, sees it read back with the likely health
// centre, proves its telephone by a code, and later looks up what became of it. They say the same whatever the
// directory holds (S12).
#pragma once

#include "accounts/application_service.hpp"
#include "http/route_table.hpp"
#include "render/page_writer.hpp"
#include "signin/throttle_service.hpp"

namespace madoguchi::console {

struct ApplyParts {
    accounts::ApplicationService& applications;
    signin::ThrottleService& throttles;
    const render::PageWriter& writer;
};

void add_apply_pages(http::RouteTable& routes, const ApplyParts& parts);

}  // namespace madoguchi::console
