// /api/v1/accounts, /api/v1/grants, /api/v1/requests, /api/v1/applications
#pragma once

#include "accounts/application_service.hpp"
#include "accounts/request_service.hpp"
#include "directory/guard.hpp"
#include "http/route_table.hpp"

namespace madoguchi::accounts {

void add_account_api(http::RouteTable& routes, AccountService& service, const directory::Guard& guard);
void add_role_api(http::RouteTable& routes, RoleService& service, const directory::Guard& guard);
void add_request_api(http::RouteTable& routes, RequestService& service, const directory::Guard& guard);
void add_application_api(http::RouteTable& routes, ApplicationService& service, const directory::Guard& guard);

nlohmann::json to_json(const Account& account, const std::vector<SecondStepSummary>& second_steps, Instant now);
nlohmann::json to_json(const directory::Grant& grant, Instant now, std::optional<Instant> revoked_at = std::nullopt);
/// "2026-12-01" (midnight in Japan) or RFC 3339. Errors: invalid (date_format).
Result<Instant> parse_instant(const std::string& text, const std::string& field);

}  // namespace madoguchi::accounts
