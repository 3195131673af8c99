#include "console/audit_api.hpp"

#include "accounts/account_api.hpp"
#include "directory/organization_api.hpp"
#include "http/conditional.hpp"

namespace madoguchi::console {
namespace {

using http::Request;
using http::Response;

nlohmann::json parsed(const std::string& text) {
    return text.empty() ? nlohmann::json(nullptr) : nlohmann::json::parse(text);
}

nlohmann::json to_json(const audit::AuditEvent& event) {
    return {
        {"id", std::to_string(event.id)},
        {"at", format_rfc3339_japan(event.at)},
        {"actor", event.actor_name},
        {"channel", event.channel},
        {"source", event.source},
        {"request_id", event.request_id},
        {"action", event.action},
        {"outcome", event.outcome},
        {"target", {{"kind", event.target_kind}, {"id", std::to_string(event.target_id)}, {"name", event.target_name}}},
        {"reason", event.reason},
        {"before", parsed(event.before)},
        {"after", parsed(event.after)}};
}

Result<audit::EventFilter> filter_of(const Request& request, const directory::Page& page) {
    audit::EventFilter filter{.before_id = page.after_id, .limit = page.limit + 1};
    filter.account = request.query.find("account");
    filter.action = request.query.find("action");
    filter.request_id = request.query.find("request_id");
    if (const auto since = request.query.find("since")) {
        filter.since = TRY(accounts::parse_instant(*since, "since"));
    }
    if (const auto until = request.query.find("until")) {
        filter.until = TRY(accounts::parse_instant(*until, "until"));
    }
    return filter;
}

Result<Response> list(const AuditReadingService& audit, const directory::Guard& guard, const Request& request) {
    const auto principal = TRY(guard(request));
    TRY(http::known_query(request, {"cursor", "limit", "account", "action", "request_id", "since", "until"}));
    const auto page = TRY(directory::page_of(request));
    auto events = TRY(audit.list(principal, TRY(filter_of(request, page)), request.now));
    nlohmann::json out = {{"events", nlohmann::json::array()}, {"next_cursor", nullptr}};
    if (events.size() > static_cast<std::size_t>(page.limit)) {
        events.resize(static_cast<std::size_t>(page.limit));
        out["next_cursor"] = std::to_string(events.back().id);
    }
    for (const auto& event : events) {
        out["events"].push_back(to_json(event));
    }
    return Response::json(200, out);
}

Result<Response> verification(const AuditReadingService& audit, const directory::Guard& guard, const Request& request) {
    const auto principal = TRY(guard(request));
    TRY(http::known_query(request, {}));
    const auto verified = TRY(audit.verify(principal, request.now));
    nlohmann::json out = {{"ok", verified.problems.empty()},
                          {"checked", verified.checked},
                          {"head", {{"position", verified.head.position}, {"hash", verified.head.hash}}},
                          {"problems", nlohmann::json::array()}};
    for (const auto& problem : verified.problems) {
        out["problems"].push_back({{"position", problem.position}, {"problem", problem.problem}});
    }
    return Response::json(200, out);
}

}  // namespace

void add_audit_api(http::RouteTable& routes, const AuditReadingService& audit, const directory::Guard& guard) {
    routes.api(http::Method::get, "/api/v1/audit",
               [&audit, guard](const Request& request) { return list(audit, guard, request); });
    routes.api(http::Method::get, "/api/v1/audit/verification",
               [&audit, guard](const Request& request) { return verification(audit, guard, request); });
}

}  // namespace madoguchi::console
