// /api/v1/sign-in, /sign-out and /me
#pragma once

#include "directory/guard.hpp"
#include "http/route_table.hpp"
#include "signin/sign_in_service.hpp"

namespace madoguchi::signin {

/// `guard`: who asks for /me, which a script with a token does too.
void add_sign_in_api(http::RouteTable& routes, SignInService& service, SessionService& sessions,
                     const directory::Guard& guard);

}  // namespace madoguchi::signin
