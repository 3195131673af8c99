// The console's pages of this room: what waits for a decision (/requests), applications of clinics (/applications),
// roles and their yearly review (/roles), accounts that nobody uses (/dormant).
#pragma once

#include "accounts/application_service.hpp"
#include "accounts/dormancy_service.hpp"
#include "accounts/request_service.hpp"
#include "directory/console_pages.hpp"

namespace madoguchi::accounts {

void add_request_pages(directory::Console& console, RequestService& requests, AccountService& accounts);
void add_dormancy_pages(directory::Console& console, DormancyService& dormancy, AccountService& accounts);
void add_role_pages(directory::Console& console, RoleService& roles);
void add_application_pages(directory::Console& console, ApplicationService& applications);

/// "2026/12/02"
std::string shown_date(Instant instant);
/// An ID without the domain, as lists show it: every ID of this service has the same.
std::string short_login_id(std::string_view login_id);
/// What a handler answers where a form was refused: 400, 429 with Retry-After, 403 or 409. Other errors pass through.
bool is_refusal(const Error& error);
http::Response refused_page(const directory::Console& console, const http::Request& request,
                            std::string_view template_name, render::View page, const Error& error);
/// The name of a role, or of another id in the catalogs.
std::string role_name(const directory::Console& console, const http::Request& request, directory::Role role);

}  // namespace madoguchi::accounts
