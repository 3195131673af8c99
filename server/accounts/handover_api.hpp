// Initial passwords by one-time links over the API: the contact of an organization, links to one account or to a batch.
// What a link opens is never part of an answer.
#pragma once

#include "accounts/handover_service.hpp"
#include "directory/guard.hpp"
#include "http/route_table.hpp"

namespace madoguchi::accounts {

void add_handover_api(http::RouteTable& routes, HandoverService& handover, const directory::Guard& guard);

}  // namespace madoguchi::accounts
