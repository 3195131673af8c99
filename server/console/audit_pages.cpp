#include "console/audit_pages.hpp"

#include <algorithm>
#include <set>

#include "accounts/account_api.hpp"
#include "accounts/desk_pages.hpp"
#include "base/desk_limits.hpp"
#include "base/japanese_text.hpp"
#include "http/json_reader.hpp"
#include "http/percent.hpp"

namespace madoguchi::console {
namespace {

using audit::AuditEvent;
using directory::Console;
using directory::Principal;
using http::Method;
using http::Request;
using http::Response;

constexpr const char* kPath = "/audit";
constexpr const char* kActionTexts = "activity.";

struct Parts {
    Console& console;
    const AuditReadingService& audit;
};

std::string action_text(const Console& console, const Request& request, const std::string& action) {
    const std::string id = kActionTexts + action;
    return console.writer().texts().has(id) ? console.text(request, id)
                                            : console.text(request, "activity.other", {{"action", action}});
}

/// Actions that have a name, in the order of their ids: what belongs together stands together.
void add_actions(render::View& page, const Console& console, const Request& request, const std::string& chosen) {
    directory::add_option(page, "action", "", console.text(request, "list.all"), chosen);
    const std::set<std::string, std::less<>> sentences = {"refused", "by_administrator", "from", "none", "other"};
    const std::string prefix = kActionTexts;
    for (const auto& [id, sentence] : console.writer().texts().catalog(request.locale)) {
        if (id.starts_with(prefix) && !sentences.contains(id.substr(prefix.size()))) {
            directory::add_option(page, "action", id.substr(prefix.size()), sentence, chosen);
        }
    }
}

/// A day as typed, 2026/12/02 or 2026-12-02.
Result<std::optional<Instant>> day_of(const Request& request, const char* field) {
    std::string typed = fold_width(request.query.text(field));
    if (typed.empty()) {
        return std::optional<Instant>();
    }
    std::ranges::replace(typed, '/', '-');
    return std::optional(TRY(accounts::parse_instant(typed, field)));
}

Result<audit::EventFilter> filter_of(const Request& request) {
    audit::EventFilter filter;
    if (const auto account = fold_login_id(request.query.text("account")); !account.empty()) {
        filter.account = account;
    }
    if (const auto action = request.query.text("action"); !action.empty()) {
        filter.action = action;
    }
    if (const auto id = fold_width(request.query.text("request")); !id.empty()) {
        filter.request_id = id;
    }
    if (const auto outcome = request.query.text("outcome"); outcome == "done" || outcome == "refused") {
        filter.outcome = outcome;
    }
    filter.since = TRY(day_of(request, "since"));
    if (const auto until = TRY(day_of(request, "until"))) {
        filter.until = *until + std::chrono::days(1);  // that day included
    }
    return filter;
}

render::View list_view(const Parts& parts, const Request& request, const Principal& principal) {
    render::View page = parts.console.view(request, principal, "audit");
    const auto typed = [&](const char* field) { return request.query.text(field); };
    page.set("ACCOUNT", typed("account")).set("SINCE", typed("since")).set("UNTIL", typed("until"));
    page.set("REQUEST", typed("request"));
    add_actions(page, parts.console, request, typed("action"));
    directory::add_option(page, "outcome", "", parts.console.text(request, "list.all"), typed("outcome"));
    for (const char* outcome : {"done", "refused"}) {
        directory::add_option(page, "outcome", outcome,
                              parts.console.text(request, std::string("audit.outcome_") + outcome), typed("outcome"));
    }
    for (const auto& [field, id] :
         {std::pair("account", "audit.chip_account"), std::pair("request", "audit.chip_request")}) {
        if (!typed(field).empty()) {
            directory::add_chip(page, parts.console.text(request, id, {{"value", typed(field)}}),
                                directory::first_page_with(request, {{field, ""}}));
        }
    }
    page.show(parts.audit.sees_only_own(principal, request.now) ? "ONLY_OWN" : "WHOLE");
    if (parts.audit.may_verify(principal, request.now)) {
        page.show("CAN_VERIFY");
    }
    const auto here = directory::first_page_with(request, {});
    const auto query = here.find('?');
    page.set("EXPORT_URL", std::string("/audit/export") + (query == std::string::npos ? "" : here.substr(query)));
    return page;
}

void fill(render::View& view, const Parts& parts, const Request& request, const AuditEvent& event) {
    view.set("EVENT_ID", std::to_string(event.id)).set("EVENT_AT", format_japanese_date_time(event.at));
    view.set("EVENT_ACTION", action_text(parts.console, request, event.action));
    const bool nobody = event.actor_name == "system" || event.actor_name == "anonymous";
    view.set("EVENT_ACTOR", nobody ? parts.console.text(request, "audit.actor_" + event.actor_name) : event.actor_name);
    view.set("EVENT_TARGET", event.target_name).set("EVENT_SOURCE", event.source);
    if (event.outcome == "refused") {
        view.show("EVENT_REFUSED");
    }
    if (!event.reason.empty()) {
        view.add("EVENT_REASON").set("REASON_TEXT", event.reason);
    }
}

Result<Response> list(const Parts& parts, const Request& request, const Principal& principal) {
    render::View page = list_view(parts, request, principal);
    auto filter = filter_of(request);
    if (!filter) {
        parts.console.writer().explain(page, request, filter.error());
        return parts.console.writer().page(request, "audit", page, 400);
    }
    const auto place = directory::place_of(request);
    filter->before_id = place.after;
    filter->limit = limits::kAuditRows + 1;
    auto events = TRY(parts.audit.list(principal, *filter, request.now));
    std::int64_t next = 0;
    if (events.size() > static_cast<std::size_t>(limits::kAuditRows)) {
        events.resize(static_cast<std::size_t>(limits::kAuditRows));
        next = events.back().id;
    }
    for (const auto& event : events) {
        auto& row = page.add("EVENT");
        fill(row, parts, request, event);
        if (event.actor_account != 0) {
            row.set("EVENT_ACTOR", accounts::short_login_id(event.actor_name));
        }
        if (event.target_kind == "account") {
            row.set("EVENT_TARGET", accounts::short_login_id(event.target_name));
        }
    }
    page.show(events.empty() ? "EMPTY" : "LIST");
    directory::show_pager(page, request, place, next);
    return parts.console.writer().page(request, "audit", page);
}

std::string shown(const nlohmann::json& object, const std::string& key) {
    if (!object.contains(key) || object.at(key).is_null()) {
        return "";
    }
    const auto& value = object.at(key);
    return value.is_string() ? value.get<std::string>() : value.dump();
}

void show_changes(render::View& page, const Parts& parts, const Request& request, const AuditEvent& event) {
    const auto parsed = [](const std::string& text) {
        auto json = nlohmann::json::parse(text, nullptr, false);
        return json.is_object() ? json : nlohmann::json::object();
    };
    const auto before = parsed(event.before);
    const auto after = parsed(event.after);
    std::set<std::string> keys;
    for (const auto& side : {before, after}) {
        for (const auto& [key, value] : side.items()) {
            keys.insert(key);
        }
    }
    if (keys.empty()) {
        return;
    }
    page.show("CHANGES");
    const auto& texts = parts.console.writer().texts();
    for (const auto& key : keys) {
        auto& row = page.add("CHANGE");
        row.set("CHANGE_WHAT",
                texts.has("audit_field." + key) ? parts.console.text(request, "audit_field." + key) : key);
        row.set("CHANGE_BEFORE", shown(before, key)).set("CHANGE_AFTER", shown(after, key));
        if (shown(before, key) != shown(after, key)) {
            row.show("CHANGED");
        }
    }
}

Result<Response> show(const Parts& parts, const Request& request, const Principal& principal) {
    const auto id = http::parse_identifier(request.path_parameter("id")).value_or(0);
    const auto event = TRY(parts.audit.show(principal, id, request.now));
    render::View page = parts.console.view(request, principal, "audit");
    directory::add_crumb(page, parts.console.text(request, "audit.title"), kPath);
    fill(page, parts, request, event);
    page.set("EVENT_AT", format_rfc3339_japan(event.at)).set("EVENT_CHANNEL", event.channel);
    page.set("EVENT_ACTION_ID", event.action).set("EVENT_REQUEST_ID", event.request_id);
    page.set("EVENT_TARGET_KIND", event.target_kind).set("EVENT_DIGEST", event.digest);
    const auto follow = [](const char* field, const std::string& value) {
        return std::string(kPath) + "?" + field + "=" + http::percent_encode(value);
    };
    if (event.actor_account != 0) {
        page.add("FOLLOW_ACTOR").set("FOLLOW_URL", follow("account", event.actor_name));
    }
    if (event.target_kind == "account" && !event.target_name.empty()) {
        page.add("FOLLOW_TARGET").set("FOLLOW_URL", follow("account", event.target_name));
    }
    if (!event.request_id.empty()) {
        page.add("FOLLOW_REQUEST").set("FOLLOW_URL", follow("request", event.request_id));
    }
    show_changes(page, parts, request, event);
    return parts.console.writer().page(request, "audit_event", page);
}

Result<Response> exported(const Parts& parts, const Request& request, const Principal& principal) {
    const auto filter = TRY(filter_of(request));
    const auto events = TRY(parts.audit.exported(principal, filter, limits::kAuditExportRows, request.now));
    std::string body = "\xEF\xBB\xBF";  // so that spreadsheets read it as UTF-8
    body += csv_line({"id", "at", "actor", "channel", "source", "request_id", "action", "outcome", "target_kind",
                      "target_id", "target", "reason", "before", "after", "digest"});
    for (const auto& event : events) {
        body += csv_line({std::to_string(event.id), format_rfc3339_japan(event.at), event.actor_name, event.channel,
                          event.source, event.request_id, event.action, event.outcome, event.target_kind,
                          std::to_string(event.target_id), event.target_name, event.reason, event.before, event.after,
                          event.digest});
    }
    auto day = format_japanese_date_time(request.now).substr(0, 10);
    std::erase(day, '/');
    Response response{.status = 200, .content_type = "text/csv; charset=utf-8", .body = std::move(body)};
    response.with_header("Content-Disposition", "attachment; filename=\"audit-" + day + ".csv\"");
    return response;
}

Result<Response> ask_verification(const Parts& parts, const Request& request, const Principal& principal) {
    if (!parts.audit.may_verify(principal, request.now)) {
        return failure(ErrorKind::forbidden, "forbidden");
    }
    render::View page = parts.console.view(request, principal, "audit");
    directory::add_crumb(page, parts.console.text(request, "audit.title"), kPath);
    return parts.console.writer().page(request, "audit_verification", page);
}

Result<Response> verification(const Parts& parts, const Request& request, const Principal& principal) {
    const auto verified = TRY(parts.audit.verify(principal, request.now));
    render::View page = parts.console.view(request, principal, "audit");
    directory::add_crumb(page, parts.console.text(request, "audit.title"), kPath);
    auto& result = page.add("RESULT");
    result.set("CHECKED", std::to_string(verified.checked)).set("VERIFIED_AT", format_japanese_date_time(request.now));
    result.set("HEAD_POSITION", std::to_string(verified.head.position)).set("HEAD_HASH", verified.head.hash);
    page.show(verified.problems.empty() ? "WHOLE_CHAIN" : "BROKEN_CHAIN");
    for (const auto& problem : verified.problems) {
        page.add("PROBLEM")
            .set("PROBLEM_POSITION", std::to_string(problem.position))
            .set("PROBLEM_TEXT", parts.console.text(request, "audit.problem_" + problem.problem));
    }
    page.set("BACK", "/audit/verification");
    return parts.console.writer().page(request, "audit_verification", page);
}

}  // namespace

std::string csv_line(const std::vector<std::string>& cells) {
    std::string line;
    for (const auto& cell : cells) {
        line += line.empty() ? "" : ",";
        // A cell that begins so is calculated by spreadsheets (OWASP, CSV injection).
        const bool live = !cell.empty() && std::string_view("=+-@\t\r").find(cell.front()) != std::string_view::npos;
        std::string text = live ? "'" + cell : cell;
        for (std::size_t at = 0; (at = text.find('"', at)) != std::string::npos; at += 2) {
            text.insert(at, 1, '"');
        }
        line += '"' + text + '"';
    }
    return line + "\r\n";
}

void add_audit_pages(Console& console, const AuditReadingService& audit) {
    const Parts parts{console, audit};
    using Handler = Result<Response> (*)(const Parts&, const Request&, const Principal&);
    const auto add = [&](Method method, std::string pattern, Handler handler) {
        console.page(method, std::move(pattern), [parts, handler](const Request& request, const Principal& principal) {
            return handler(parts, request, principal);
        });
    };
    add(Method::get, kPath, list);
    add(Method::get, "/audit/export", exported);
    add(Method::get, "/audit/verification", ask_verification);
    add(Method::post, "/audit/verification", verification);
    add(Method::get, "/audit/{id}", show);
}

}  // namespace madoguchi::console
