// /api/v1/webhooks
#pragma once

#include "directory/guard.hpp"
#include "events/webhook_service.hpp"
#include "http/route_table.hpp"

namespace madoguchi::events {

void add_webhook_api(http::RouteTable& routes, WebhookService& service, const directory::Guard& guard);

}  // namespace madoguchi::events
