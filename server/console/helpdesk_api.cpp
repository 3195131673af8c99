#include "console/helpdesk_api.hpp"

#include "accounts/account_api.hpp"
#include "base/desk_limits.hpp"
#include "http/conditional.hpp"
#include "http/json_reader.hpp"
#include "http/json_values.hpp"

namespace madoguchi::console {
namespace {

using accounts::CheckState;
using accounts::HelpdeskCaseId;
using accounts::HelpdeskFound;
using accounts::HelpdeskView;
using http::Request;
using http::Response;

Result<HelpdeskCaseId> wanted(const Request& request) {
    const auto id = http::parse_identifier(request.path_parameter("id"));
    return id ? Result<HelpdeskCaseId>(HelpdeskCaseId{*id}) : failure(ErrorKind::not_found, "not_found");
}

nlohmann::json to_json(const HelpdeskFound& found) {
    return {{"id", std::to_string(found.id.value)},
            {"login_id", found.login_id},
            {"person", found.person},
            {"organization", found.organization},
            {"state", accounts::to_text(found.state)},
            {"administrator", found.administrator}};
}

nlohmann::json to_json(const CheckState& check) {
    return {{"tries", check.tries}, {"matched", check.matched}, {"used_up", check.used_up()}};
}

std::string_view name_of(accounts::OrganizationQuestion question) {
    return question == accounts::OrganizationQuestion::institution_code ? "institution_code"
           : question == accounts::OrganizationQuestion::phone          ? "phone"
                                                                        : "none";
}

nlohmann::json to_json(const HelpdeskView& view) {
    nlohmann::json out = {{"id", std::to_string(view.record.id.value)},
                          {"account", to_json(view.found)},
                          {"health_center", view.center},
                          {"opened_at", format_rfc3339_japan(view.record.opened_at)},
                          {"expires_at", format_rfc3339_japan(view.record.expires_at)},
                          {"last_signed_in_at", http::optional_time(view.last_signed_in_at)},
                          {"checks",
                           {{"person", to_json(view.record.person)},
                            {"organization", to_json(view.record.organization)},
                            {"callback", to_json(view.record.callback)}}},
                          {"organization_question", name_of(view.question)},
                          {"has_number_to_call_back", view.has_number},
                          {"verified", view.verified},
                          {"hopeless", view.hopeless},
                          {"over", view.over},
                          {"outcome", http::optional_text(view.record.outcome)},
                          {"sent_to", http::optional_text(view.record.sent_to)},
                          {"roles", nlohmann::json::array()},
                          {"second_steps", nlohmann::json::array()}};
    for (const auto& grant : view.grants) {
        out["roles"].push_back(directory::to_text(grant.role));
    }
    for (const auto& step : view.second_steps) {
        out["second_steps"].push_back({{"kind", step.kind}, {"phone_end", http::optional_text(step.masked_phone)}});
    }
    return out;
}

Result<Response> find(const HelpdeskApiParts& parts, const Request& request) {
    const auto principal = TRY(parts.guard(request));
    TRY(http::known_query(request, {"q"}));
    TRY(directory::acting(principal, directory::Permission::start_reset, request.now));
    TRY(parts.throttles.count("helpdesk-find", principal.login_id, limits::kHelpdeskFindsPerOperatorHour, request.now));
    auto found = TRY(parts.helpdesk.find(principal, request.query.text("q"), request.now));
    const bool more = found.size() > static_cast<std::size_t>(limits::kHelpdeskFound);
    if (more) {
        found.resize(static_cast<std::size_t>(limits::kHelpdeskFound));
    }
    nlohmann::json out = {{"accounts", nlohmann::json::array()}, {"more", more}};
    for (const auto& one : found) {
        out["accounts"].push_back(to_json(one));
    }
    return Response::json(200, out);
}

Result<Response> open(const HelpdeskApiParts& parts, const Request& request) {
    const auto principal = TRY(parts.guard(request));
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    const auto account = reader.id<AccountId>("account_id");
    TRY(reader.finish());
    const auto id = TRY(parts.helpdesk.open(principal, account, request.now));
    return Response::json(201, to_json(TRY(parts.helpdesk.view(principal, id, request.now))))
        .with_header("Location", "/api/v1/helpdesk/cases/" + std::to_string(id.value));
}

Result<Response> show(const HelpdeskApiParts& parts, const Request& request) {
    const auto principal = TRY(parts.guard(request));
    TRY(http::known_query(request, {}));
    return Response::json(200, to_json(TRY(parts.helpdesk.view(principal, TRY(wanted(request)), request.now))));
}

Result<Response> check(const HelpdeskApiParts& parts, const Request& request) {
    const auto principal = TRY(parts.guard(request));
    const auto id = TRY(wanted(request));
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    const auto which = accounts::caller_check(reader.text("check"));
    if (!which) {
        reader.errors().add("check", "unknown_value");
    }
    const auto said = reader.text("said");
    TRY(reader.finish());
    TRY(parts.helpdesk.check(principal, id, *which, said, request.now));
    return Response::json(200, to_json(TRY(parts.helpdesk.view(principal, id, request.now))));
}

Result<Response> finish(const HelpdeskApiParts& parts, const Request& request) {
    const auto principal = TRY(parts.guard(request));
    const auto id = TRY(wanted(request));
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    const auto end = accounts::helpdesk_end(reader.text("end"));
    if (!end) {
        reader.errors().add("end", "unknown_value");
    }
    TRY(reader.finish());
    return Response::json(200, to_json(TRY(parts.helpdesk.finish(principal, id, *end, request.now))));
}

}  // namespace

void add_helpdesk_api(http::RouteTable& routes, const HelpdeskApiParts& parts) {
    using http::Method;
    using Handler = Result<Response> (*)(const HelpdeskApiParts&, const Request&);
    const auto add = [&](Method method, const char* pattern, Handler handler) {
        routes.api(method, pattern, [parts, handler](const Request& request) { return handler(parts, request); });
    };
    add(Method::get, "/api/v1/helpdesk/accounts", find);
    add(Method::post, "/api/v1/helpdesk/cases", open);
    add(Method::get, "/api/v1/helpdesk/cases/{id}", show);
    add(Method::post, "/api/v1/helpdesk/cases/{id}/checks", check);
    add(Method::post, "/api/v1/helpdesk/cases/{id}/finish", finish);
}

}  // namespace madoguchi::console
