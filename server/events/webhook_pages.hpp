// /webhooks: what leaves the house, where to, and what did not arrive.
#pragma once

#include <functional>

#include "directory/console_pages.hpp"
#include "events/webhook_service.hpp"

namespace madoguchi::events {

/// Where somebody proves who they are and comes back: the address of the page that asked.
using AskToConfirm = std::function<http::Response(const std::string& back)>;

void add_webhook_pages(directory::Console& console, WebhookService& webhooks, AskToConfirm ask_to_confirm);

}  // namespace madoguchi::events
