// /api/v1/me/...: one's own second steps, sessions, activity and recovery codes, for programs.
#pragma once

#include "directory/guard.hpp"
#include "http/route_table.hpp"
#include "signin/recovery_code_service.hpp"
#include "signin/sign_in_service.hpp"

namespace madoguchi::signin {

struct SecurityApiParts {
    SecurityService& security;
    RecoveryCodeService& recovery_codes;
    SignInService& sign_in;
    directory::Guard guard;
};

void add_security_api(http::RouteTable& routes, const SecurityApiParts& parts);

}  // namespace madoguchi::signin
