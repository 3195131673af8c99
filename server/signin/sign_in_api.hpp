// /api/v1/sign-in, /sign-out and /me
#pragma once

#include "http/route_table.hpp"
#include "signin/sign_in_service.hpp"

namespace madoguchi::signin {

void add_sign_in_api(http::RouteTable& routes, SignInService& service, SessionService& sessions);

}  // namespace madoguchi::signin
