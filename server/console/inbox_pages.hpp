// The development inbox: where messages arrive while no gateway is configured. Not there in production mode.
#pragma once

#include "http/route_table.hpp"
#include "messages/message_service.hpp"
#include "render/page_writer.hpp"

namespace madoguchi::console {

void add_inbox_pages(http::RouteTable& routes, const messages::MessageService& messages,
                     const render::PageWriter& writer);

}  // namespace madoguchi::console
