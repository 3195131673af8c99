// API tokens over the API: for who is signed in; a token itself asks for none.
#pragma once

#include "directory/guard.hpp"
#include "http/route_table.hpp"
#include "tokens/token_service.hpp"

namespace madoguchi::tokens {

void add_token_api(http::RouteTable& routes, TokenService& service, const directory::Guard& guard);

}  // namespace madoguchi::tokens
