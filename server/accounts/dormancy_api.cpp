#include "accounts/dormancy_api.hpp"

#include "directory/organization_api.hpp"
#include "http/conditional.hpp"
#include "http/json_reader.hpp"
#include "http/json_values.hpp"

namespace madoguchi::accounts {
namespace {

using directory::Guard;
using http::Response;
using HttpRequest = http::Request;

nlohmann::json to_json(const DormantAccount& one) {
    return {{"account_id", std::to_string(one.account.value)},
            {"login_id", one.login_id},
            {"person", one.person},
            {"organization", directory::to_json(one.organization)},
            {"account_state", to_text(one.account_state)},
            {"state", to_text(one.state())},
            {"why", to_text(one.why)},
            {"issued_at", format_rfc3339_japan(one.issued_at)},
            {"last_signed_in_at", http::optional_time(one.last_signed_in_at)},
            {"listed_at", format_rfc3339_japan(one.listed_at)},
            {"suspend_at", http::optional_time(one.suspend_at)},
            {"suspended_at", http::optional_time(one.suspended_at)},
            {"kept_until", http::optional_time(one.kept_until)},
            {"kept_by", one.kept_by}};
}

Result<Response> list(DormancyService& dormancy, const Guard& guard, const HttpRequest& request) {
    const auto principal = TRY(guard(request));
    TRY(http::known_query(request, {"cursor", "limit", "state", "why"}));
    const auto page = TRY(directory::page_of(request));
    DormancyFilter filter{.why = request.query.find("why"), .after = {page.after_id}, .limit = page.limit + 1};
    if (filter.why && *filter.why != "never_signed_in" && *filter.why != "unused") {
        return invalid_field("why", "unknown_value");
    }
    if (const auto named = request.query.find("state")) {
        const auto state = dormancy_state(*named);
        if (!state) {
            return invalid_field("state", "unknown_value");
        }
        filter.state = *state;
    }
    auto found = TRY(dormancy.list(principal, filter, request.now));
    nlohmann::json out = {{"accounts", nlohmann::json::array()}, {"next_cursor", nullptr}};
    if (found.size() > static_cast<std::size_t>(page.limit)) {
        found.resize(static_cast<std::size_t>(page.limit));
        out["next_cursor"] = std::to_string(found.back().account.value);
    }
    for (const auto& one : found) {
        out["accounts"].push_back(to_json(one));
    }
    return Response::json(200, out);
}

Result<Response> decide(DormancyService& dormancy, const Guard& guard, DormancyAct act, const HttpRequest& request) {
    const auto principal = TRY(guard(request));
    const auto id = http::parse_identifier(request.path_parameter("id"));
    if (!id) {
        return failure(ErrorKind::not_found, "not_found");
    }
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    const auto reason = reader.text("reason");
    TRY(reader.finish());
    const AccountId account{*id};
    TRY(dormancy.decide(principal, account, act, reason, request.now));
    return Response::json(200, to_json(TRY(dormancy.show(principal, account, request.now))));
}

}  // namespace

void add_dormancy_api(http::RouteTable& routes, DormancyService& dormancy, const Guard& guard) {
    using http::Method;
    const std::string path = "/api/v1/accounts/unused";
    routes.api(Method::get, path,
               [&dormancy, guard](const HttpRequest& request) { return list(dormancy, guard, request); });
    routes.api(Method::post, path + "/{id}/keep", [&dormancy, guard](const HttpRequest& request) {
        return decide(dormancy, guard, DormancyAct::keep, request);
    });
    routes.api(Method::post, path + "/{id}/suspend", [&dormancy, guard](const HttpRequest& request) {
        return decide(dormancy, guard, DormancyAct::suspend, request);
    });
}

}  // namespace madoguchi::accounts
