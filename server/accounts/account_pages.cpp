#include "accounts/account_pages.hpp"

#include <algorithm>

#include "accounts/handover_pages.hpp"
#include "base/file_limits.hpp"
#include "base/limits.hpp"
#include "http/json_reader.hpp"
#include "http/percent.hpp"

namespace madoguchi::accounts {

using directory::Permission;
using http::Method;
using http::Response;

void AccountPages::add_pages() {
    const auto add = [&](Method method, std::string pattern,
                         Page (AccountPages::*handler)(const Request&, const Principal&)) {
        console_.page(method, std::move(pattern),
                      [this, handler](const Request& request, const Principal& principal) -> Page {
                          if (!directory::browses_directory(principal, request.now)) {
                              return failure(ErrorKind::forbidden, "forbidden");
                          }
                          return (this->*handler)(request, principal);
                      });
    };
    add(Method::get, "/accounts", &AccountPages::list);
    add(Method::get, "/accounts.xlsx", &AccountPages::as_xlsx);
    add(Method::get, "/accounts.csv", &AccountPages::as_csv);
    add(Method::get, "/accounts/{account}", &AccountPages::account);
    add(Method::get, "/accounts/{account}/name", &AccountPages::ask_name);
    add(Method::post, "/accounts/{account}/name", &AccountPages::rename);
    add(Method::get, "/accounts/{account}/{act}", &AccountPages::ask);
    add(Method::post, "/accounts/{account}/{act}", &AccountPages::act);
}

std::string AccountPages::action_text(const Request& request, const std::string& action) const {
    const std::string id = "activity." + action;
    return console_.writer().texts().has(id) ? console_.text(request, id)
                                             : console_.text(request, "activity.other", {{"action", action}});
}

void AccountPages::show_second_steps(render::View& page, const Request& request, const Changed& shown) const {
    for (const auto& step : shown.second_steps) {
        auto& row = page.add("SECOND_STEP");
        row.set("SECOND_STEP_LABEL",
                console_.text(request, "second_step_label." + step.kind, {{"number", step.masked_phone}}));
        if (step.is_default) {
            row.show("SECOND_STEP_DEFAULT");
        }
        if (step.disabled) {
            row.show("SECOND_STEP_DISABLED");
        }
        if (step.last_used_at) {
            row.add("SECOND_STEP_USED").set("SECOND_STEP_USED_AT", format_japanese_date_time(*step.last_used_at));
        }
    }
    if (shown.second_steps.empty()) {
        page.show("NO_SECOND_STEP");
    }
}

void AccountPages::show_facts(render::View& page, const Request& request, const Changed& shown) const {
    const auto& account = shown.account;
    const auto at = account.login_id.find('@');
    page.set("ACCOUNT_ID", std::to_string(account.id.value)).set("ACCOUNT_PERSON", person(account));
    page.set("LOGIN_NAME", short_login_id(account.login_id))
        .set("LOGIN_DOMAIN", at == std::string::npos ? "" : account.login_id.substr(at));
    page.set("ORGANIZATION_ID", std::to_string(account.organization.id.value));
    page.set("ACCOUNT_ORGANIZATION", account.organization.name);
    page.set("ORGANIZATION_KIND",
             console_.text(request, "organization_kind." + std::string(directory::to_text(account.organization.kind))));
    page.set("STATE_TONE", tone_of(account.state));
    page.set("STATE_NAME", console_.text(request, "account_state." + std::string(to_text(account.state))));
    if (!account.family_kana.empty() || !account.given_kana.empty()) {
        page.add("KANA").set("ACCOUNT_KANA", account.family_kana + " " + account.given_kana);
    }
    for (const auto& grant : account.grants) {
        auto& row = page.add("GRANT");
        row.set("ROLE_NAME", console_.text(request, "role." + std::string(directory::to_text(grant.role))));
        row.set("GRANT_FROM", format_japanese_date_time(grant.from).substr(0, 10));
        if (grant.until) {
            row.add("GRANT_UNTIL").set("GRANT_UNTIL_DATE", format_japanese_date_time(*grant.until).substr(0, 10));
        } else {
            row.show("GRANT_OPEN_ENDED");
        }
        if (grant.organization.id != account.organization.id) {
            row.add("GRANT_ELSEWHERE").set("GRANT_ORGANIZATION", grant.organization.name);
        }
    }
    if (account.grants.empty()) {
        page.show("NO_GRANT");
    }
    show_second_steps(page, request, shown);
    if (account.last_signed_in_at) {
        page.add("LAST_SIGN_IN").set("LAST_SIGN_IN_AT", format_japanese_date_time(*account.last_signed_in_at));
    } else {
        page.show("NEVER_SIGNED_IN");
    }
    if (account.initial_expires_at) {
        page.add(*account.initial_expires_at > request.now ? "INITIAL_UNTIL" : "INITIAL_LAPSED")
            .set("ACCOUNT_INITIAL_UNTIL", format_japanese_date_time(*account.initial_expires_at));
    }
    page.set("ACCOUNT_ISSUED_AT", format_japanese_date_time(account.created_at));
}

void AccountPages::show_acts(render::View& page, const Request& request, const Principal& principal,
                             const Changed& shown) const {
    const Account& account = shown.account;
    const auto acts = AccountService::possible_acts(principal, account, request.now);
    for (const auto act : acts) {
        // Starting a reset is a helpdesk's, on its own screens. Where no second step is registered, the next sign-in
        // asks for one anyway.
        const bool about_second_step = act == AccountAct::reset_second_step || act == AccountAct::access_code;
        if (act == AccountAct::start_reset || (about_second_step && shown.second_steps.empty())) {
            continue;
        }
        std::string name(to_text(act));
        std::ranges::replace(name, '-', '_');
        auto& operation = page.add("OPERATION");
        operation.set("OPERATION_URL",
                      "/accounts/" + std::to_string(account.id.value) + "/" + std::string(to_text(act)));
        operation.set("OPERATION_NAME", console_.text(request, "account_act." + name));
        operation.set("OPERATION_TEXT", console_.text(request, "account_act." + name + "_text"));
        const bool hard = act == AccountAct::suspend || act == AccountAct::close;
        const bool first = act == AccountAct::reset_password;
        operation.set("OPERATION_LOOK", hard ? "button--danger" : first ? "button--primary" : "");
    }
    const bool issues = directory::may(principal, Permission::issue_account, account.organization, request.now) ||
                        directory::may(principal, Permission::reset_account, account.organization, request.now);
    if (account.state == AccountState::pending && !account.has_password && console_.serves("/letters") &&
        directory::may(principal, Permission::issue_account, account.organization, request.now)) {
        page.add("TO_LETTER")
            .set("LETTER_URL", "/letters/" + std::to_string(account.id.value))
            .set("LINK_URL", "/letters/" + std::to_string(account.id.value) + "/link");
    }
    const bool assigns = directory::may(principal, Permission::assign_role, account.organization, request.now);
    if (assigns && account.state != AccountState::closed && console_.serves("/roles/new") &&
        principal.account != account.id) {
        page.add("TO_ROLES").set("ROLES_URL", "/roles/new?account=" + http::percent_encode(account.login_id));
    }
    if (AccountService::may_rename(principal, account, request.now)) {
        page.add("TO_NAME").set("NAME_URL", "/accounts/" + std::to_string(account.id.value) + "/name");
    }
    if (acts.empty()) {
        const bool own = principal.account == account.id;
        const bool closed = account.state == AccountState::closed;
        page.add("NO_OPERATION")
            .set("NO_OPERATION_TEXT", console_.text(request, own      ? "account.no_act_own"
                                                             : closed ? "account.no_act_closed"
                                                             : issues ? "account.no_act_higher"
                                                                      : "account.no_act_role"));
    }
}

// What became of the links to its initial password, for those who send them.
Result<void> AccountPages::show_handover(render::View& page, const Request& request, const Principal& principal,
                                         const Account& account) {
    if (!directory::may(principal, Permission::issue_account, account.organization, request.now)) {
        return {};
    }
    show_links(page, console_, request,
               TRY(handover_.links(principal, account.id, limits::kLinksOfAccount, request.now)));
    return {};
}

Result<void> AccountPages::show_history(render::View& page, const Request& request, const Principal& principal,
                                        const Account& account) {
    if (!directory::may(principal, Permission::read_audit, account.organization, request.now)) {
        return {};
    }
    const auto before = http::parse_identifier(request.query.text("before")).value_or(0);
    auto events = TRY(accounts_.history(principal, account, before, limits::kActivityRows + 1, request.now));
    page.show("HISTORY");
    if (events.size() > static_cast<std::size_t>(limits::kActivityRows)) {
        events.resize(static_cast<std::size_t>(limits::kActivityRows));
        page.add("OLDER").set(
            "OLDER_URL", directory::address_with(request, {{"before", std::to_string(events.back().id)}}) + "#history");
    }
    if (before != 0) {
        page.add("NEWEST").set("NEWEST_URL", directory::address_with(request, {{"before", ""}}) + "#history");
    }
    for (const auto& event : events) {
        auto& row = page.add("EVENT");
        row.set("EVENT_AT", format_japanese_date_time(event.at)).set("EVENT_TIME", format_rfc3339_japan(event.at));
        row.set("EVENT_TEXT", action_text(request, event.action));
        if (event.outcome == "refused") {
            row.show("EVENT_REFUSED");
        }
        if (event.actor_account == account.id.value) {
            row.show("EVENT_BY_OWNER");
        } else {
            row.add("EVENT_BY").set("EVENT_ACTOR", short_login_id(event.actor_name));
        }
        if (!event.reason.empty() && event.outcome != "refused") {
            row.add("EVENT_WHY").set("EVENT_REASON", event.reason);
        }
    }
    if (events.empty()) {
        page.show("NO_EVENT");
    }
    if (console_.serves("/audit")) {
        page.add("TO_AUDIT").set("AUDIT_URL", "/audit?account=" + http::percent_encode(account.login_id));
    }
    return {};
}

void AccountPages::show_done(render::View& page, const Request& request, const Account& account) const {
    const std::string done = request.query.text("done");
    const auto name = person(account);
    if (done == "approval") {
        page.show("INFO_NOTICE").set("NOTICE_TEXT", console_.text(request, "account.done_approval"));
        return;
    }
    if (done == "name") {
        directory::show_toast(page, console_.text(request, "account.done_name", {{"name", name}}));
        return;
    }
    const auto act = account_act(done);
    if (!act || *act == AccountAct::start_reset) {
        return;
    }
    std::string id = "account.done_" + done;
    std::ranges::replace(id, '-', '_');
    if (!console_.writer().texts().has(id)) {
        return;
    }
    const auto text = console_.text(request, id, {{"name", name}});
    // Only what can be taken back offers it, and only as long as nothing else has happened.
    if (*act == AccountAct::suspend && account.state == AccountState::suspended) {
        directory::show_undo(page, text, "/accounts/" + std::to_string(account.id.value) + "/resume",
                             console_.text(request, "account.undo_suspend"));
    } else {
        directory::show_toast(page, text);
    }
}

AccountPages::Page AccountPages::account(const Request& request, const Principal& principal) {
    const auto shown = TRY(
        accounts_.show(directory::browsing(principal), account_key(request.path_parameter("account")), request.now));
    const auto& account = shown.account;
    render::View page = console_.view(request, principal, "accounts");
    directory::add_crumb(page, console_.text(request, "accounts.title"), "/accounts");
    directory::add_crumb(page, account.organization.name,
                         console_.serves("/organizations")
                             ? "/organizations/" + std::to_string(account.organization.id.value)
                             : "/accounts?organization=" + std::to_string(account.organization.id.value));
    show_facts(page, request, shown);
    show_acts(page, request, principal, shown);
    TRY(show_handover(page, request, principal, account));
    TRY(show_history(page, request, principal, account));
    show_done(page, request, account);
    return console_.writer().page(request, "account", page);
}

}  // namespace madoguchi::accounts
