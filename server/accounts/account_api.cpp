#include "accounts/account_api.hpp"

#include "base/japanese_text.hpp"
#include "directory/organization_api.hpp"
#include "http/conditional.hpp"
#include "http/json_reader.hpp"
#include "http/json_values.hpp"

namespace madoguchi::accounts {
namespace {

using directory::Guard;
using http::Request;
using http::Response;

nlohmann::json to_json(const Changed& changed, Instant now) {
    nlohmann::json out = {{"account", accounts::to_json(changed.account, changed.second_steps, now)}};
    if (changed.initial_password) {
        out["initial_password"] = changed.initial_password->shown.reveal();
        out["initial_password_expires_at"] = format_rfc3339_japan(changed.initial_password->expires_at);
    }
    if (changed.access_code) {
        out["access_code"] = changed.access_code->shown.reveal();
        out["access_code_expires_at"] = format_rfc3339_japan(changed.access_code->expires_at);
    }
    if (!changed.reset_code_sent_to.empty()) {
        out["reset_code_sent_to"] = changed.reset_code_sent_to;
    }
    if (changed.approval) {
        out["approval_request_id"] = std::to_string(changed.approval->value);
    }
    return out;
}

std::string tag_of(const Changed& shown) {
    return http::entity_tag("account " + std::to_string(shown.account.id.value) + " " +
                            to_text(seen_of(shown.account, shown.second_steps)));
}

Result<Response> issue(AccountService& service, const Guard& guard, const Request& request) {
    const auto principal = TRY(guard(request));
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    IssueAccount command;
    command.organization = reader.id<OrganizationId>("organization_id");
    command.login_id = reader.optional_text("login_id").value_or("");
    command.names = {reader.text("family_name"), reader.optional_text("given_name").value_or(""),
                     reader.optional_text("family_kana").value_or(""), reader.optional_text("given_kana").value_or("")};
    if (const auto name = reader.optional_text("role")) {
        command.role = directory::role(*name);
        if (!command.role) {
            reader.errors().add("role", "unknown_value");
        }
    }
    const auto handover = reader.optional_text("handover").value_or("at_once");
    if (handover != "at_once" && handover != "by_letter") {
        reader.errors().add("handover", "unknown_value");
    }
    command.handover = handover == "by_letter" ? Handover::by_letter : Handover::at_once;
    const auto mode = reader.flag("dry_run") ? Mode::dry_run : Mode::real;
    TRY(reader.finish());
    const auto issued = TRY(service.issue(principal, command, mode, request.now));
    if (mode == Mode::dry_run) {
        return Response::json(200, to_json(issued, request.now));
    }
    return Response::json(201, to_json(issued, request.now))
        .with_header("ETag", tag_of(issued))
        .with_header("Location", "/api/v1/accounts/" + std::to_string(issued.account.id.value));
}

Result<Response> show(AccountService& service, const Guard& guard, const Request& request) {
    const auto principal = TRY(guard(request));
    TRY(http::known_query(request, {}));
    const auto shown = TRY(service.show(principal, account_key(request.path_parameter("account")), request.now));
    return Response::json(200, to_json(shown.account, shown.second_steps, request.now))
        .with_header("ETag", tag_of(shown));
}

// RFC 7396: what is not named stays as it is.
Result<Response> rename(AccountService& service, const Guard& guard, const Request& request) {
    const auto principal = TRY(guard(request));
    const auto current = TRY(service.show(principal, account_key(request.path_parameter("account")), request.now));
    TRY(http::require_match(request, tag_of(current)));
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    const auto& account = current.account;
    const Names names{reader.optional_text("family_name").value_or(account.family_name),
                      reader.optional_text("given_name").value_or(account.given_name),
                      reader.optional_text("family_kana").value_or(account.family_kana),
                      reader.optional_text("given_kana").value_or(account.given_kana)};
    TRY(reader.finish());
    const auto renamed =
        TRY(service.rename(principal, account.id, names, request.now, seen_of(account, current.second_steps)));
    return Response::json(200, to_json(renamed.account, renamed.second_steps, request.now))
        .with_header("ETag", tag_of(renamed));
}

Result<Response> history(AccountService& service, const Guard& guard, const Request& request) {
    const auto principal = TRY(guard(request));
    TRY(http::known_query(request, {"cursor", "limit"}));
    const auto page = TRY(directory::page_of(request));
    const auto shown = TRY(service.show(principal, account_key(request.path_parameter("account")), request.now));
    auto events = TRY(service.history(principal, shown.account, page.after_id, page.limit + 1, request.now));
    nlohmann::json out = {{"events", nlohmann::json::array()}, {"next_cursor", nullptr}};
    if (events.size() > static_cast<std::size_t>(page.limit)) {
        events.resize(static_cast<std::size_t>(page.limit));
        out["next_cursor"] = std::to_string(events.back().id);
    }
    for (const auto& event : events) {
        out["events"].push_back({{"id", std::to_string(event.id)},
                                 {"at", format_rfc3339_japan(event.at)},
                                 {"action", event.action},
                                 {"outcome", event.outcome},
                                 {"actor", event.actor_name},
                                 {"channel", event.channel},
                                 {"reason", event.reason},
                                 {"request_id", event.request_id}});
    }
    return Response::json(200, out);
}

Result<Response> list(AccountService& service, const Guard& guard, const Request& request) {
    const auto principal = TRY(guard(request));
    TRY(http::known_query(request, {"cursor", "limit", "q", "state", "organization_id"}));
    const auto page = TRY(directory::page_of(request));
    AccountFilter filter{.after_id = page.after_id, .limit = page.limit + 1};
    if (const auto text = request.query.find("q")) {
        filter.search = search_key(*text);
    }
    if (const auto state = request.query.find("state")) {
        if (!account_state(*state)) {
            return invalid_field("state", "unknown_value");
        }
        filter.state = *state;
    }
    if (const auto organization = request.query.find("organization_id")) {
        const auto id = http::parse_identifier(*organization);
        if (!id) {
            return invalid_field("organization_id", "field_not_identifier");
        }
        filter.organization = OrganizationId{*id};
    }
    auto found = TRY(service.list(principal, filter, request.now));
    nlohmann::json out = {{"accounts", nlohmann::json::array()}, {"next_cursor", nullptr}};
    if (found.size() > static_cast<std::size_t>(page.limit)) {
        found.resize(static_cast<std::size_t>(page.limit));
        out["next_cursor"] = std::to_string(found.back().id.value);
    }
    for (const auto& account : found) {
        out["accounts"].push_back(accounts::to_json(account, {}, request.now));
    }
    return Response::json(200, out);
}

Result<Response> act(AccountService& service, const Guard& guard, const Request& request) {
    // Who answers callers acts after telling them from strangers: /helpdesk/cases.
    const auto principal = directory::browsing(TRY(guard(request)));
    const auto which = account_act(request.path_parameter("act"));
    if (!which || *which == AccountAct::start_reset) {
        return failure(ErrorKind::not_found, "not_found");
    }
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    const auto reason = reader.text("reason");
    const auto mode = reader.flag("dry_run") ? Mode::dry_run : Mode::real;
    TRY(reader.finish());
    const auto key = account_key(request.path_parameter("account"));
    std::optional<SeenAccount> seen;
    if (request.header("if-match")) {
        const auto current = TRY(service.show(principal, key, request.now));
        TRY(http::match_if_asked(request, tag_of(current)));
        seen = seen_of(current.account, current.second_steps);
    }
    const auto changed = TRY(service.act(principal, key, *which, reason, mode, request.now, seen));
    return Response::json(changed.approval ? 202 : 200, to_json(changed, request.now))
        .with_header("ETag", tag_of(changed));
}

}  // namespace

nlohmann::json to_json(const directory::Grant& grant, Instant now, std::optional<Instant> revoked_at) {
    // A grant that ended by itself is also closed when the same role is given anew.
    const bool ended_first = revoked_at && grant.until && *grant.until <= *revoked_at;
    const char* state = revoked_at && !ended_first           ? "revoked"
                        : now < grant.from                   ? "future"
                        : grant.until && *grant.until <= now ? "ended"
                                                             : "active";
    return {{"id", std::to_string(grant.id.value)},
            {"organization", directory::to_json(grant.organization)},
            {"role", directory::to_text(grant.role)},
            {"from", format_rfc3339_japan(grant.from)},
            {"until", http::optional_time(grant.until)},
            {"revoked_at", http::optional_time(revoked_at)},
            {"state", state}};
}

nlohmann::json to_json(const Account& account, const std::vector<SecondStepSummary>& second_steps, Instant now) {
    nlohmann::json out = {{"id", std::to_string(account.id.value)},
                          {"login_id", account.login_id},
                          {"family_name", account.family_name},
                          {"given_name", account.given_name},
                          {"family_kana", account.family_kana},
                          {"given_kana", account.given_kana},
                          {"state", to_text(account.state)},
                          {"organization", directory::to_json(account.organization)},
                          {"grants", nlohmann::json::array()},
                          {"second_steps", nlohmann::json::array()},
                          {"initial_password_expires_at", http::optional_time(account.initial_expires_at)},
                          {"last_signed_in_at", http::optional_time(account.last_signed_in_at)},
                          {"created_at", format_rfc3339_japan(account.created_at)}};
    for (const auto& grant : account.grants) {
        out["grants"].push_back(to_json(grant, now));
    }
    for (const auto& step : second_steps) {
        out["second_steps"].push_back({{"id", std::to_string(step.id.value)},
                                       {"kind", step.kind},
                                       {"label", step.masked_phone},
                                       {"default", step.is_default},
                                       {"disabled", step.disabled},
                                       {"registered_at", format_rfc3339_japan(step.registered_at)},
                                       {"last_used_at", http::optional_time(step.last_used_at)}});
    }
    return out;
}

void add_account_api(http::RouteTable& routes, AccountService& service, const Guard& guard) {
    routes.api(http::Method::post, "/api/v1/accounts",
               [&service, guard](const http::Request& request) { return issue(service, guard, request); });
    routes.api(http::Method::get, "/api/v1/accounts",
               [&service, guard](const http::Request& request) { return list(service, guard, request); });
    routes.api(http::Method::get, "/api/v1/accounts/{account}",
               [&service, guard](const http::Request& request) { return show(service, guard, request); });
    routes.api(http::Method::patch, "/api/v1/accounts/{account}",
               [&service, guard](const http::Request& request) { return rename(service, guard, request); });
    routes.api(http::Method::get, "/api/v1/accounts/{account}/history",
               [&service, guard](const http::Request& request) { return history(service, guard, request); });
    routes.api(http::Method::post, "/api/v1/accounts/{account}/{act}",
               [&service, guard](const http::Request& request) { return act(service, guard, request); });
}

}  // namespace madoguchi::accounts
