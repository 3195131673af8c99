#include "console/audit_api.hpp"

#include "accounts/account_api.hpp"
#include "directory/organization_api.hpp"

namespace madoguchi::console {
namespace {

using directory::Permission;
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
    if (const auto since = request.query.find("since")) {
        filter.since = TRY(accounts::parse_instant(*since, "since"));
    }
    if (const auto until = request.query.find("until")) {
        filter.until = TRY(accounts::parse_instant(*until, "until"));
    }
    return filter;
}

// The ministry's path has one part: "1.".
bool is_top(const Actor& actor) {
    const std::string& path = actor.jurisdiction.setting();
    return !path.empty() && path.find('.') == path.size() - 1;
}

Result<Response> list(const audit::AuditService& audit, const directory::Guard& guard, const Request& request) {
    const auto principal = TRY(guard(request));
    const auto page = TRY(directory::page_of(request));
    auto filter = TRY(filter_of(request, page));
    // Who may read no log but their own actions sees those, wherever they were done.
    std::vector<Actor> actors;
    if (auto whole = directory::acting(principal, Permission::read_audit, request.now)) {
        actors = std::move(*whole);
        for (Actor& actor : actors) {
            if (is_top(actor)) {
                actor.jurisdiction = Jurisdiction::everything();  // and what belongs to nobody: audit::kNobodysPath
            }
        }
    } else {
        actors = TRY(directory::acting(principal, Permission::read_own_audit, request.now));
        filter.actor_account = principal.account.value;
    }
    std::vector<audit::AuditEvent> events;
    for (const Actor& actor : actors) {
        auto some = TRY(audit.list(actor, filter));
        std::ranges::move(some, std::back_inserter(events));
    }
    std::ranges::sort(events, std::ranges::greater(), &audit::AuditEvent::id);
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

Result<Response> verification(const audit::AuditService& audit, const directory::Guard& guard, const Request& request) {
    const auto principal = TRY(guard(request));
    // It reads the whole country's log, every row of it: for those who see the whole.
    const auto actors = TRY(directory::acting(principal, Permission::read_audit, request.now));
    if (!is_top(actors.front())) {
        return failure(ErrorKind::forbidden, "forbidden",
                       "verification is for the ministry's administrators and auditors");
    }
    const auto verified = TRY(audit.verify(request.now));
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

void add_audit_api(http::RouteTable& routes, const audit::AuditService& audit, const directory::Guard& guard) {
    routes.api(http::Method::get, "/api/v1/audit",
               [&audit, guard](const Request& request) { return list(audit, guard, request); });
    routes.api(http::Method::get, "/api/v1/audit/verification",
               [&audit, guard](const Request& request) { return verification(audit, guard, request); });
}

}  // namespace madoguchi::console
