#include "signin/slowed_pages.hpp"

#include <algorithm>

#include "accounts/account_api.hpp"
#include "base/limits.hpp"
#include "directory/organization_api.hpp"
#include "http/conditional.hpp"
#include "http/json_reader.hpp"

namespace madoguchi::signin {
namespace {

using directory::Principal;
using http::Method;
using http::Request;
using http::Response;

constexpr const char* kPath = "/accounts/slowed";

// A second step that was switched off is bound anew; everything else an unlock forgets.
bool unlock_helps(const Slowed& slowed) {
    return std::ranges::any_of(slowed.reasons, [](const SlowedRow& row) { return row.why != "second_step_disabled"; });
}

void show(render::View& page, const SlowedParts& parts, const Request& request, const Slowed& slowed) {
    const auto& account = slowed.account;
    auto& shown = page.add("SLOWED");
    shown.set("ACCOUNT_ID", std::to_string(account.id.value)).set("ACCOUNT_LOGIN_ID", account.login_id);
    shown.set("ACCOUNT_PERSON", account.family_name + " " + account.given_name);
    shown.set("ACCOUNT_ORGANIZATION", account.organization.name);
    for (const auto& reason : slowed.reasons) {
        auto& why = shown.add("REASON");
        why.set("REASON_TEXT", parts.console.writer().texts().text("slowed.why_" + reason.why, request.locale));
        if (reason.until) {
            // Rounded up: who comes back at the time that is said finds the wait over.
            const Instant over = std::chrono::ceil<std::chrono::minutes>(*reason.until);
            why.add("REASON_UNTIL").set("REASON_UNTIL_AT", format_japanese_date_time(over));
        }
    }
    shown.show(unlock_helps(slowed) ? "CAN_UNLOCK" : "MUST_REGISTER_ANEW");
}

Result<Response> page(const SlowedParts& parts, const Request& request, const Principal& principal) {
    const AccountId after{http::parse_identifier(request.query.text("after")).value_or(0)};
    auto found = TRY(parts.slowed.list(directory::browsing(principal), after, limits::kPageRows + 1, request.now));
    render::View page = parts.console.view(request, principal, "slowed");
    if (found.size() > static_cast<std::size_t>(limits::kPageRows)) {
        found.resize(static_cast<std::size_t>(limits::kPageRows));
        page.add("OLDER").set("OLDER_URL",
                              std::string(kPath) + "?after=" + std::to_string(found.back().account.id.value));
    }
    for (const auto& slowed : found) {
        show(page, parts, request, slowed);
    }
    page.show(found.empty() ? "EMPTY" : "LIST");
    if (request.query.text("done") == "unlocked") {
        page.show("SUCCESS_NOTICE")
            .set("NOTICE_TEXT", parts.console.writer().texts().text("slowed.unlocked", request.locale));
    }
    return parts.console.writer().page(request, "slowed", page);
}

Result<Response> draw_unlock(const SlowedParts& parts, const Request& request, const Principal& principal,
                             const accounts::AccountKey& key, const std::string& reason, const Error* error) {
    const auto found = TRY(parts.accounts.show(directory::browsing(principal), key, request.now));
    const auto& account = found.account;
    render::View page = parts.console.view(request, principal, "slowed");
    page.set("ACCOUNT_ID", std::to_string(account.id.value)).set("ACCOUNT_LOGIN_ID", account.login_id);
    page.set("ACCOUNT_PERSON", account.family_name + " " + account.given_name);
    page.set("ACCOUNT_ORGANIZATION", account.organization.name).set("REASON", reason);
    if (error != nullptr) {
        parts.console.writer().explain(page, request, *error);
    }
    return parts.console.writer().page(request, "slowed_unlock", page, error == nullptr ? 200 : 400);
}

accounts::AccountKey key_of(const Request& request) {
    return AccountId{http::parse_identifier(request.path_parameter("account")).value_or(0)};
}

Result<Response> ask(const SlowedParts& parts, const Request& request, const Principal& principal) {
    return draw_unlock(parts, request, principal, key_of(request), "", nullptr);
}

Result<Response> unlock(const SlowedParts& parts, const Request& request, const Principal& principal) {
    const auto form = TRY(request.form());
    const auto reason = form.text("reason");
    const auto changed = parts.accounts.act(directory::browsing(principal), key_of(request),
                                            accounts::AccountAct::unlock, reason, directory::Mode::real, request.now);
    if (changed) {
        return Response::see_other(std::string(kPath) + "?done=unlocked");
    }
    return changed.error().kind == ErrorKind::invalid
               ? draw_unlock(parts, request, principal, key_of(request), reason, &changed.error())
               : failure(changed.error());
}

Result<Response> list(const SlowedParts& parts, const Request& request) {
    const auto principal = directory::browsing(TRY(parts.guard(request)));
    TRY(http::known_query(request, {"cursor", "limit"}));
    const auto wanted = TRY(directory::page_of(request));
    auto found = TRY(parts.slowed.list(principal, AccountId{wanted.after_id}, wanted.limit + 1, request.now));
    nlohmann::json out = {{"accounts", nlohmann::json::array()}, {"next_cursor", nullptr}};
    if (found.size() > static_cast<std::size_t>(wanted.limit)) {
        found.resize(static_cast<std::size_t>(wanted.limit));
        out["next_cursor"] = std::to_string(found.back().account.id.value);
    }
    for (const auto& slowed : found) {
        nlohmann::json reasons = nlohmann::json::array();
        for (const auto& reason : slowed.reasons) {
            reasons.push_back({{"why", reason.why},
                               {"waits", reason.waits},
                               {"until", reason.until ? nlohmann::json(format_rfc3339_japan(*reason.until))
                                                      : nlohmann::json(nullptr)}});
        }
        const auto& account = slowed.account;
        out["accounts"].push_back({{"id", std::to_string(account.id.value)},
                                   {"login_id", account.login_id},
                                   {"family_name", account.family_name},
                                   {"given_name", account.given_name},
                                   {"organization", directory::to_json(account.organization)},
                                   {"reasons", std::move(reasons)},
                                   {"unlock_helps", unlock_helps(slowed)}});
    }
    return Response::json(200, out);
}

}  // namespace

void add_slowed_pages(http::RouteTable& routes, const SlowedParts& parts) {
    using Handler = Result<Response> (*)(const SlowedParts&, const Request&, const Principal&);
    const auto add = [&](Method method, std::string pattern, Handler handler) {
        parts.console.page(method, std::move(pattern),
                           [parts, handler](const Request& request, const Principal& principal) {
                               return handler(parts, request, principal);
                           });
    };
    add(Method::get, kPath, page);
    add(Method::get, std::string(kPath) + "/{account}", ask);
    add(Method::post, std::string(kPath) + "/{account}", unlock);
    routes.api(Method::get, "/api/v1/accounts/slowed",
               [parts](const Request& request) { return list(parts, request); });
}

}  // namespace madoguchi::signin
