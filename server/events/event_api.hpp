// /api/v1/events: the feed.
#pragma once

#include "directory/guard.hpp"
#include "events/event_service.hpp"
#include "http/route_table.hpp"

namespace madoguchi::events {

/// `source`: the origin of this service, as events name it.
void add_event_api(http::RouteTable& routes, const EventService& service, const directory::Guard& guard,
                   const std::string& source);

}  // namespace madoguchi::events
