// /api/v1/helpdesk: a caller is told from a stranger by comparison alone, then unlocked or sent a reset, as on the
// helpdesk's pages and under the same limits.
#pragma once

#include "console/helpdesk_pages.hpp"
#include "directory/guard.hpp"

namespace madoguchi::console {

struct HelpdeskApiParts {
    accounts::HelpdeskService& helpdesk;
    signin::ThrottleService& throttles;
    directory::Guard guard;
};

void add_helpdesk_api(http::RouteTable& routes, const HelpdeskApiParts& parts);

}  // namespace madoguchi::console
