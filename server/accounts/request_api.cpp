#include "accounts/account_api.hpp"
#include "directory/organization_api.hpp"
#include "http/conditional.hpp"
#include "http/json_reader.hpp"

namespace madoguchi::accounts {
namespace {

using directory::Guard;
using http::Request;
using http::Response;

nlohmann::json to_json(const RequestService& service, const accounts::Request& request) {
    nlohmann::json out = {{"id", std::to_string(request.id.value)},
                          {"kind", to_text(request.kind)},
                          {"state", to_text(request.state)},
                          {"account", nullptr},
                          {"summary", request.summary},
                          {"requested_by", request.requested_by_name},
                          {"requested_at", format_rfc3339_japan(request.requested_at)},
                          {"expires_at", format_rfc3339_japan(request.expires_at)},
                          {"decided_by", nullptr},
                          {"decided_at", nullptr},
                          {"reason", request.reason},
                          {"contact", nullptr}};
    if (request.account) {
        out["account"] = {{"id", std::to_string(request.account.value)}, {"login_id", request.login_id}};
    }
    if (request.decided_at) {
        out["decided_by"] = request.decided_by_name;
        out["decided_at"] = format_rfc3339_japan(*request.decided_at);
    }
    if (const auto contact = service.contact(request)) {
        out["contact"] = {{"organization_name", contact->organization_name},
                          {"name", contact->name},
                          {"phone", contact->phone},
                          {"note", contact->note}};
    }
    return out;
}

Result<Response> list(RequestService& service, const Guard& guard, const Request& request) {
    const auto principal = TRY(guard(request));
    TRY(http::known_query(request, {"cursor", "limit", "state"}));
    const auto page = TRY(directory::page_of(request));
    const std::string state = request.query.find("state").value_or("open");
    if (state != "open" && state != "done" && state != "all") {
        return invalid_field("state", "unknown_value");
    }
    RequestFilter filter{.after_id = page.after_id, .limit = page.limit + 1, .now = request.now};
    if (state != "all") {
        filter.state = state;
    }
    auto found = TRY(service.list(principal, filter, request.now));
    nlohmann::json out = {{"requests", nlohmann::json::array()}, {"next_cursor", nullptr}};
    if (found.size() > static_cast<std::size_t>(page.limit)) {
        found.resize(static_cast<std::size_t>(page.limit));
        out["next_cursor"] = std::to_string(found.back().id.value);
    }
    for (const auto& one : found) {
        out["requests"].push_back(to_json(service, one));
    }
    return Response::json(200, out);
}

Result<Response> decide(RequestService& service, const Guard& guard, Decision decision, const Request& request) {
    const auto principal = TRY(guard(request));
    const auto id = http::parse_identifier(request.path_parameter("id"));
    if (!id) {
        return failure(ErrorKind::not_found, "not_found");
    }
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    const auto reason = reader.text("reason");
    const auto mode = reader.flag("dry_run") ? Mode::dry_run : Mode::real;
    TRY(reader.finish());
    const auto decided = TRY(service.decide(principal, RequestId{*id}, decision, reason, mode, request.now));
    nlohmann::json out = {{"request", to_json(service, decided.request)}};
    if (decided.initial_password) {
        out["initial_password"] = decided.initial_password->shown.reveal();
        out["initial_password_expires_at"] = format_rfc3339_japan(decided.initial_password->expires_at);
    }
    if (decided.access_code) {
        out["access_code"] = decided.access_code->shown.reveal();
        out["access_code_expires_at"] = format_rfc3339_japan(decided.access_code->expires_at);
    }
    if (decided.approval) {
        out["approval_request_id"] = std::to_string(decided.approval->value);
    }
    return Response::json(decided.approval ? 202 : 200, out);
}

}  // namespace

void add_request_api(http::RouteTable& routes, RequestService& service, const Guard& guard) {
    routes.api(http::Method::get, "/api/v1/requests",
               [&service, guard](const http::Request& request) { return list(service, guard, request); });
    routes.api(http::Method::post, "/api/v1/requests/{id}/approve", [&service, guard](const http::Request& request) {
        return decide(service, guard, Decision::approve, request);
    });
    routes.api(http::Method::post, "/api/v1/requests/{id}/decline", [&service, guard](const http::Request& request) {
        return decide(service, guard, Decision::decline, request);
    });
}

}  // namespace madoguchi::accounts
