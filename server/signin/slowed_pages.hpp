// /accounts/slowed and GET /api/v1/accounts/slowed: who is slowed down or switched off, why, and the unlock.
#pragma once

#include "directory/guard.hpp"
#include "http/route_table.hpp"
#include "render/page_writer.hpp"
#include "signin/slowed_service.hpp"

namespace madoguchi::signin {

struct SlowedParts {
    SlowedService& slowed;
    accounts::AccountService& accounts;
    directory::Guard guard;
    const render::PageWriter& writer;
};

void add_slowed_pages(http::RouteTable& routes, const SlowedParts& parts);

}  // namespace madoguchi::signin
