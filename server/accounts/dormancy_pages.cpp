#include "accounts/desk_pages.hpp"
#include "base/desk_limits.hpp"
#include "base/limits.hpp"
#include "http/json_reader.hpp"

namespace madoguchi::accounts {
namespace {

using directory::Console;
using directory::Principal;
using http::Method;
using http::Response;
using HttpRequest = http::Request;

constexpr const char* kPath = "/dormant";

struct Parts {
    Console& console;
    DormancyService& dormancy;
    AccountService& accounts;
};

bool may_change(const Principal& principal, const DormantAccount& one, Instant now) {
    return directory::may(principal, directory::Permission::issue_account, one.organization, now) &&
           one.account != principal.account;
}

void fill(render::View& view, const Parts& parts, const HttpRequest& request, const DormantAccount& one) {
    view.set("ACCOUNT_ID", std::to_string(one.account.value)).set("ACCOUNT_LOGIN_ID", short_login_id(one.login_id));
    view.set("ACCOUNT_PERSON", one.person).set("ACCOUNT_ORGANIZATION", one.organization.name);
    view.set("WHY", parts.console.text(request, "dormant.why_" + std::string(to_text(one.why))));
    view.set("ISSUED_AT", shown_date(one.issued_at));
    if (one.last_signed_in_at) {
        view.add("USED").set("USED_AT", format_japanese_date_time(*one.last_signed_in_at));
    } else {
        view.show("NEVER_USED");
    }
    if (one.suspended_at) {
        view.add("SUSPENDED").set("SUSPENDED_AT", shown_date(*one.suspended_at));
        if (one.account_state != AccountState::suspended) {
            view.show("RESUMED");
        }
    } else if (one.kept_until) {
        view.add("KEPT").set("KEPT_UNTIL", shown_date(*one.kept_until)).set("KEPT_BY", one.kept_by);
    } else if (one.suspend_at) {
        view.add("WARNED").set("SUSPEND_AT", shown_date(*one.suspend_at));
    } else {
        view.show("LISTED_ONLY");
    }
}

render::View list_view(const Parts& parts, const HttpRequest& request, const Principal& principal) {
    render::View page = parts.console.view(request, principal, "dormant");
    const auto& policy = parts.dormancy.policy();
    page.set("NEVER_DAYS", std::to_string(policy.never_days)).set("UNUSED_DAYS", std::to_string(policy.unused_days));
    page.set("WARNING_DAYS", std::to_string(policy.warning_days));
    page.show(policy.suspend == SuspendUnused::yes ? "POLICY_SUSPENDS" : "POLICY_LISTS");
    const auto chosen = dormancy_state(request.query.text("state")).value_or(DormancyState::warned);
    for (const auto state : {DormancyState::warned, DormancyState::suspended, DormancyState::kept}) {
        const std::string name(to_text(state));
        auto& segment = page.add("SEGMENT");
        segment.set("SEGMENT_URL", directory::first_page_with(request, {{"state", name}}));
        segment.set("SEGMENT_NAME", parts.console.text(request, "dormant.state_" + name));
        if (state == chosen) {
            segment.show("SEGMENT_CURRENT");
        }
    }
    const auto why = request.query.text("why");
    directory::add_option(page, "why", "", parts.console.text(request, "list.all"), why);
    for (const char* name : {"never_signed_in", "unused"}) {
        directory::add_option(page, "why", name, parts.console.text(request, std::string("dormant.why_") + name), why);
    }
    page.set("STATE", to_text(chosen));
    const auto done = request.query.text("done");
    if (done == "kept" || done == "suspended" || done == "resumed") {
        directory::show_toast(page, parts.console.text(request, "dormant.done_" + done));
    }
    return page;
}

Result<Response> list(const Parts& parts, const HttpRequest& request, const Principal& principal) {
    const auto place = directory::place_of(request);
    const auto why = request.query.text("why");
    DormancyFilter filter{.state = dormancy_state(request.query.text("state")).value_or(DormancyState::warned),
                          .after = {place.after},
                          .limit = limits::kPageRows + 1};
    if (why == "never_signed_in" || why == "unused") {
        filter.why = why;
    }
    auto found = TRY(parts.dormancy.list(principal, filter, request.now));
    std::int64_t next = 0;
    if (found.size() > static_cast<std::size_t>(limits::kPageRows)) {
        found.resize(static_cast<std::size_t>(limits::kPageRows));
        next = found.back().account.value;
    }
    render::View page = list_view(parts, request, principal);
    for (const auto& one : found) {
        auto& row = page.add("DORMANT");
        fill(row, parts, request, one);
        if (!may_change(principal, one, request.now)) {
            continue;
        }
        if (!one.suspended_at) {
            row.show("CAN_SUSPEND");
            if (!one.kept_until) {
                row.show("CAN_KEEP");
            }
        } else if (one.account_state == AccountState::suspended) {
            row.show("CAN_RESUME");
        }
    }
    page.show(found.empty() ? "EMPTY" : "LIST");
    directory::show_pager(page, request, place, next);
    return parts.console.writer().page(request, "dormant", page);
}

struct Act {
    std::string name;
    std::optional<DormancyAct> decision;  // nothing: resume
};

std::optional<Act> act_of(const HttpRequest& request) {
    const auto name = request.path_parameter("act");
    if (name == "keep" || name == "suspend") {
        return Act{name, name == "keep" ? DormancyAct::keep : DormancyAct::suspend};
    }
    return name == "resume" ? std::optional(Act{name, std::nullopt}) : std::nullopt;
}

AccountId account_of(const HttpRequest& request) {
    return {http::parse_identifier(request.path_parameter("account")).value_or(0)};
}

Result<render::View> act_view(const Parts& parts, const HttpRequest& request, const Principal& principal,
                              const Act& act) {
    const auto one = TRY(parts.dormancy.show(principal, account_of(request), request.now));
    render::View page = parts.console.view(request, principal, "dormant");
    directory::add_crumb(page, parts.console.text(request, "dormant.title"), kPath);
    fill(page, parts, request, one);
    page.set("KEPT_DAYS", std::to_string(std::chrono::duration_cast<std::chrono::days>(limits::kDormantKept).count()));
    page.set("ACT", act.name);
    page.show(act.name == "keep" ? "ACT_KEEP" : act.name == "suspend" ? "ACT_SUSPEND" : "ACT_RESUME");
    return page;
}

Result<Response> ask(const Parts& parts, const HttpRequest& request, const Principal& principal) {
    const auto act = act_of(request);
    if (!act) {
        return failure(ErrorKind::not_found, "not_found");
    }
    return parts.console.writer().page(request, "dormant_act", TRY(act_view(parts, request, principal, *act)));
}

Result<void> carry_out(const Parts& parts, const HttpRequest& request, const Principal& principal, const Act& act,
                       const std::string& reason) {
    const auto account = account_of(request);
    if (act.decision) {
        return parts.dormancy.decide(principal, account, *act.decision, reason, request.now);
    }
    TRY(parts.accounts.act(principal, AccountKey(account), AccountAct::resume, reason, Mode::real, request.now));
    return {};
}

Result<Response> act(const Parts& parts, const HttpRequest& request, const Principal& principal) {
    const auto act = act_of(request);
    if (!act) {
        return failure(ErrorKind::not_found, "not_found");
    }
    const auto form = TRY(request.form());
    if (const auto done = carry_out(parts, request, principal, *act, form.text("reason")); !done) {
        if (!is_refusal(done.error())) {
            return failure(done.error());
        }
        auto page = TRY(act_view(parts, request, principal, *act));
        page.set("REASON", form.text("reason"));
        return refused_page(parts.console, request, "dormant_act", page, done.error());
    }
    const char* done = act->name == "keep" ? "kept" : act->name == "suspend" ? "suspended" : "resumed";
    return Response::see_other(std::string(kPath) + "?done=" + done);
}

}  // namespace

void add_dormancy_pages(Console& console, DormancyService& dormancy, AccountService& accounts) {
    const Parts parts{console, dormancy, accounts};
    using Handler = Result<Response> (*)(const Parts&, const HttpRequest&, const Principal&);
    const auto add = [&](Method method, std::string pattern, Handler handler) {
        console.page(method, std::move(pattern),
                     [parts, handler](const HttpRequest& request, const Principal& principal) {
                         return handler(parts, request, principal);
                     });
    };
    add(Method::get, kPath, list);
    add(Method::get, std::string(kPath) + "/{account}/{act}", ask);
    add(Method::post, std::string(kPath) + "/{account}/{act}", act);
    console.count("dormant", [&dormancy](const Principal& principal, Instant now) {
        return dormancy.count_warned(principal, now);
    });
}

}  // namespace madoguchi::accounts
