// /api/v1/openapi.json, and the same for people at /api/docs: without scripts and without any other host.
#pragma once

#include <nlohmann/json.hpp>

#include "http/route_table.hpp"
#include "render/page_writer.hpp"

namespace madoguchi::api {

/// Keeps a reference to `writer`, and the document.
void add_openapi_pages(http::RouteTable& routes, const nlohmann::ordered_json& document,
                       const render::PageWriter& writer);

}  // namespace madoguchi::api
