// /helpdesk: find an account, tell the caller from a stranger by comparison alone, then unlock or send a reset to the
// registered channel. Masked throughout: no password, no code, no whole number is on any of these pages.
#pragma once

#include "accounts/helpdesk_service.hpp"
#include "directory/console_pages.hpp"
#include "signin/slowed_service.hpp"
#include "signin/throttle_service.hpp"

namespace madoguchi::console {

struct HelpdeskParts {
    directory::Console& console;
    accounts::HelpdeskService& helpdesk;
    signin::SlowedService& slowed;
    signin::ThrottleService& throttles;
};

void add_helpdesk_pages(const HelpdeskParts& parts);

}  // namespace madoguchi::console
