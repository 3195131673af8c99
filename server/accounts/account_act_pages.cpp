#include <algorithm>

#include "accounts/account_pages.hpp"
#include "base/limits.hpp"

namespace madoguchi::accounts {
namespace {

using http::Response;

std::string underscored(AccountAct act) {
    std::string name(to_text(act));
    std::ranges::replace(name, '-', '_');
    return name;
}

std::string address_of(const Account& account) {
    return "/accounts/" + std::to_string(account.id.value);
}

int status_of(const Error& error) {
    switch (error.kind) {
        case ErrorKind::conflict:
            return 409;
        case ErrorKind::too_many:
            return 429;
        default:
            return 400;
    }
}

}  // namespace

AccountPages::Page AccountPages::ask(const Request& request, const Principal& principal) {
    const auto which = account_act(request.path_parameter("act"));
    if (!which || *which == AccountAct::start_reset) {
        return failure(ErrorKind::not_found, "not_found");
    }
    const auto shown = TRY(
        accounts_.show(directory::browsing(principal), account_key(request.path_parameter("account")), request.now));
    const auto possible = AccountService::possible_acts(principal, shown.account, request.now);
    if (std::ranges::find(possible, *which) == possible.end()) {
        return Response::see_other(address_of(shown.account));  // its page says why
    }
    return draw_act(request, principal, shown, *which, "", nullptr, nullptr);
}

AccountPages::Page AccountPages::draw_act(const Request& request, const Principal& principal, const Changed& shown,
                                          AccountAct act, const std::string& reason, const Error* error,
                                          const SeenAccount* saw) {
    const auto name = underscored(act);
    render::View page = console_.view(request, principal, "accounts");
    directory::add_crumb(page, console_.text(request, "accounts.title"), "/accounts");
    directory::add_crumb(page, person(shown.account), address_of(shown.account));
    show_facts(page, request, shown);
    const auto values = render::TextValues{{"name", person(shown.account)}};
    page.set("ACT", to_text(act)).set("REASON", reason);
    page.set("ACT_QUESTION", console_.text(request, "account_act." + name + "_question", values));
    page.set("ACT_NAME", console_.text(request, "account_act." + name + "_button"));
    page.set("ACT_EFFECT", console_.text(request, "account_act." + name + "_effect"));
    page.show(act == AccountAct::suspend || act == AccountAct::close ? "ACT_HARD" : "ACT_USUAL");
    if (AccountService::needs_second_person(shown.account, act, request.now)) {
        page.show("INFO_NOTICE").set("NOTICE_TEXT", console_.text(request, "account_act.needs_second_person"));
    }
    page.set("SEEN", to_text(seen_of(shown.account, shown.second_steps)));
    if (saw != nullptr) {
        show_stale(page, request, principal, shown, *saw);
    } else if (error != nullptr) {
        console_.writer().explain(page, request, *error);
    }
    page.set("BACK", address_of(shown.account) + "/" + std::string(to_text(act)));
    return console_.writer().page(request, "account_act", page, error == nullptr ? 200 : status_of(*error));
}

std::string AccountPages::fact_text(const Request& request, const std::string& fact, const std::string& value) const {
    auto nothing = console_.text(request, "stale.nothing");
    if (value.empty()) {
        return nothing;
    }
    if (fact == "state") {
        return console_.text(request, "account_state." + value);
    }
    if (fact != "roles" && fact != "second_steps") {
        return value;
    }
    const std::string prefix = fact == "roles" ? "role." : "second_step.";
    std::string out;
    for (const auto& part : parts_of(value)) {
        const std::string id = prefix + part.substr(0, part.find('@'));
        if (console_.writer().texts().has(id)) {
            out += (out.empty() ? "" : console_.text(request, "list.separator")) + console_.text(request, id);
        }
        if (part.ends_with('!')) {
            out += console_.text(request, "stale.disabled");
        }
    }
    return out.empty() ? nothing : out;
}

// Who changed it, and both versions side by side; the reason that was typed stays in its field.
void AccountPages::show_stale(render::View& page, const Request& request, const Principal& principal,
                              const Changed& shown, const SeenAccount& saw) {
    auto& stale = page.add("STALE");
    std::string by = console_.text(request, "stale.by_nobody");
    const auto events = accounts_.history(principal, shown.account, 0, limits::kActivityRows, request.now);
    if (events) {
        const auto last = std::ranges::find_if(*events, [&](const audit::AuditEvent& event) {
            return event.outcome == "done" && event.actor_account != principal.account.value &&
                   (event.action.starts_with("account.") || event.action.starts_with("role.") ||
                    event.action.starts_with("second_step."));
        });
        if (last != events->end()) {
            by = console_.text(request, "stale.by",
                               {{"time", format_japanese_time(last->at)},
                                {"name", short_login_id(last->actor_name)},
                                {"act", action_text(request, last->action)}});
        }
    }
    stale.set("STALE_BY", by);
    for (const auto& difference : differences(saw, seen_of(shown.account, shown.second_steps))) {
        auto& row = stale.add("STALE_ROW");
        row.set("STALE_WHAT", console_.text(request, "stale.fact_" + difference.fact));
        row.set("STALE_THEN", fact_text(request, difference.fact, difference.then));
        row.set("STALE_NOW", fact_text(request, difference.fact, difference.now));
    }
}

// Shown once, as the answer to the press itself: no address leads to it.
AccountPages::Page AccountPages::hand_over(const Request& request, const Principal& principal, const Changed& changed,
                                           AccountAct act) {
    const auto& code = act == AccountAct::access_code ? changed.access_code : changed.initial_password;
    render::View page = console_.view(request, principal, "accounts");
    directory::add_crumb(page, console_.text(request, "accounts.title"), "/accounts");
    directory::add_crumb(page, person(changed.account), address_of(changed.account));
    show_facts(page, request, changed);
    page.set("HANDED_CODE", code->shown.reveal());
    page.set("HANDED_UNTIL", format_japanese_date_time(code->expires_at));
    page.set("HANDED_TITLE", console_.text(request, "account_handed." + underscored(act)));
    page.set("HANDED_TEXT", console_.text(request, "account_handed." + underscored(act) + "_text"));
    page.set("BACK", address_of(changed.account));
    return console_.writer().page(request, "account_handed", page);
}

AccountPages::Page AccountPages::act(const Request& request, const Principal& principal) {
    const auto which = account_act(request.path_parameter("act"));
    if (!which || *which == AccountAct::start_reset) {
        return failure(ErrorKind::not_found, "not_found");
    }
    const auto form = TRY(request.form());
    const auto key = account_key(request.path_parameter("account"));
    const auto browsing = directory::browsing(principal);
    const auto saw = seen_account(form.text("seen"));
    const auto reason = form.text("reason");
    const auto changed = accounts_.act(browsing, key, *which, reason, Mode::real, request.now, saw);
    if (!changed) {
        const Error& error = changed.error();
        const bool here =
            error.kind == ErrorKind::invalid || error.kind == ErrorKind::conflict || error.kind == ErrorKind::too_many;
        if (!here) {
            return failure(error);
        }
        const auto shown = TRY(accounts_.show(browsing, key, request.now));
        const bool stale = error.message_id == "changed_meanwhile" && saw;
        return draw_act(request, principal, shown, *which, reason, &error, stale ? &*saw : nullptr);
    }
    if (changed->approval) {
        return Response::see_other(address_of(changed->account) + "?done=approval");
    }
    if (changed->initial_password || changed->access_code) {
        return hand_over(request, principal, *changed, *which);
    }
    return Response::see_other(address_of(changed->account) + "?done=" + std::string(to_text(*which)));
}

}  // namespace madoguchi::accounts
