// /accounts/slowed and GET /api/v1/accounts/slowed: who is slowed down or switched off, why, and the unlock.
#pragma once

#include "directory/console_pages.hpp"
#include "signin/slowed_service.hpp"

namespace madoguchi::signin {

struct SlowedParts {
    SlowedService& slowed;
    accounts::AccountService& accounts;
    directory::Guard guard;
    directory::Console& console;
};

void add_slowed_pages(http::RouteTable& routes, const SlowedParts& parts);

}  // namespace madoguchi::signin
