#include "accounts/desk_pages.hpp"
#include "base/limits.hpp"
#include "http/json_reader.hpp"

namespace madoguchi::accounts {
namespace {

using directory::Console;
using http::Method;
using http::Response;
using HttpRequest = http::Request;

constexpr const char* kPath = "/requests";

struct Parts {
    Console& console;
    RequestService& requests;
    AccountService& accounts;
};

/// "second_reset" stands for two things: filed by somebody who lost a phone, and an act that waits for a second person.
std::string kind_text(const Console& console, const HttpRequest& request, const Request& one) {
    if (one.kind == RequestKind::role_grant) {
        const auto role = directory::role(one.summary.value("role", ""));
        return console.text(request, "requests.kind_role",
                            {{"role", role ? role_name(console, request, *role) : std::string()}});
    }
    const auto act = one.summary.value("act", "");
    return console.text(request,
                        act.empty() ? "request_kind." + std::string(to_text(one.kind)) : "requests.act_" + act);
}

std::string requester(const Console& console, const HttpRequest& request, const Request& one) {
    return one.requested_by ? one.requested_by_name : console.text(request, "requests.from_public");
}

void show_state(render::View& view, const Console& console, const HttpRequest& request, const Request& one) {
    const std::string state(to_text(one.state));
    view.set("REQUEST_STATE", console.text(request, "requests.state_" + state));
    view.show(one.state == RequestState::open       ? "STATE_OPEN"
              : one.state == RequestState::approved ? "STATE_APPROVED"
                                                    : "STATE_OTHER");
}

Result<Response> list(const Parts& parts, const HttpRequest& request, const directory::Principal& principal) {
    const bool done = request.query.text("state") == "done";
    const auto place = directory::place_of(request);
    RequestFilter filter{.state = done ? "done" : "open",
                         .after_id = place.after,
                         .limit = limits::kPageRows + 1,
                         .now = request.now,
                         .order = done ? RequestOrder::newest_first : RequestOrder::oldest_first};
    auto found = TRY(parts.requests.list(principal, filter, request.now));
    std::int64_t next = 0;
    if (found.size() > static_cast<std::size_t>(limits::kPageRows)) {
        found.resize(static_cast<std::size_t>(limits::kPageRows));
        next = found.back().id.value;
    }
    render::View page = parts.console.view(request, principal, "requests");
    page.show(done ? "SHOWS_DONE" : "SHOWS_OPEN");
    for (const auto& one : found) {
        auto& row = page.add("REQUEST");
        row.set("REQUEST_ID", std::to_string(one.id.value)).set("REQUEST_KIND", kind_text(parts.console, request, one));
        row.set("REQUEST_LOGIN_ID", one.login_id).show(one.login_id.empty() ? "WITHOUT_ACCOUNT" : "WITH_ACCOUNT");
        row.set("REQUEST_BY", requester(parts.console, request, one));
        row.set("REQUEST_AT", format_japanese_date_time(one.requested_at));
        row.set("REQUEST_EXPIRES", shown_date(one.expires_at));
        show_state(row, parts.console, request, one);
        if (one.requested_by && one.requested_by == principal.account) {
            row.show("REQUEST_OWN");
        }
        if (one.decided_at) {
            row.add("DECIDED")
                .set("DECIDED_AT", format_japanese_date_time(*one.decided_at))
                .set("DECIDED_BY", one.decided_by_name);
        }
    }
    page.show(found.empty() ? "EMPTY" : "LIST");
    const auto said = request.query.text("done");
    if (said == "approved" || said == "declined" || said == "passed_on") {
        directory::show_toast(page, parts.console.text(request, "requests.done_" + said));
    }
    directory::show_pager(page, request, place, next);
    return parts.console.writer().page(request, "requests", page);
}

void show_grant(render::View& page, const nlohmann::json& summary) {
    auto& grant = page.add("GRANT");
    grant.set("GRANT_ORGANIZATION", summary.value("organization", ""));
    if (summary.contains("from")) {
        grant.add("GRANT_FROM").set("FROM_DATE", shown_date(from_microseconds(summary.at("from").get<std::int64_t>())));
    }
    if (summary.contains("until")) {
        grant.add("GRANT_UNTIL")
            .set("UNTIL_DATE", shown_date(from_microseconds(summary.at("until").get<std::int64_t>())));
    } else {
        grant.show("GRANT_OPEN_ENDED");
    }
}

/// Why it can't be decided by this person; empty: it can.
std::string obstacle(const Request& one, const directory::Principal& principal) {
    if (one.state != RequestState::open) {
        return "decided";
    }
    if (one.requested_by && one.requested_by == principal.account) {
        return "own";
    }
    return one.account && one.account == principal.account ? "self" : "";
}

Result<render::View> view_of(const Parts& parts, const HttpRequest& request, const directory::Principal& principal,
                             const Request& one) {
    render::View page = parts.console.view(request, principal, "requests");
    directory::add_crumb(page, parts.console.text(request, "requests.title"), kPath);
    // Not REQUEST_ID: that is the HTTP request's, which the frame fills in.
    page.set("APPROVAL_ID", std::to_string(one.id.value)).set("REQUEST_KIND", kind_text(parts.console, request, one));
    page.set("REQUEST_BY", requester(parts.console, request, one));
    page.set("REQUEST_AT", format_japanese_date_time(one.requested_at));
    page.set("REQUEST_EXPIRES", shown_date(one.expires_at));
    page.set("ASKED_LOGIN_ID", one.summary.value("login_id", one.login_id));
    show_state(page, parts.console, request, one);
    if (const auto reason = one.summary.value("reason", std::string()); !reason.empty()) {
        page.add("ASKED_REASON").set("ASKED_WHY", reason);
    }
    if (one.kind == RequestKind::role_grant) {
        show_grant(page, one.summary);
    }
    if (const auto contact = parts.requests.contact(one)) {
        auto& shown = page.add("CONTACT");
        shown.set("CONTACT_ORGANIZATION", contact->organization_name).set("CONTACT_PERSON", contact->name);
        shown.set("CONTACT_PHONE", contact->phone);
        if (!contact->note.empty()) {
            shown.add("CONTACT_NOTE").set("NOTE", contact->note);
        }
    }
    const auto account = one.account ? parts.accounts.show(principal, AccountKey(one.account), request.now)
                                     : failure(ErrorKind::not_found, "not_found");
    if (account) {
        auto& shown = page.add("ACCOUNT");
        shown.set("ACCOUNT_ID", std::to_string(one.account.value)).set("ACCOUNT_LOGIN_ID", account->account.login_id);
        shown.set("ACCOUNT_PERSON", account->account.family_name + " " + account->account.given_name);
        shown.set("ACCOUNT_ORGANIZATION", account->account.organization.name);
        shown.set("ACCOUNT_STATE_TEXT",
                  parts.console.text(request, "account_state." + std::string(to_text(account->account.state))));
    } else {
        page.show("NO_ACCOUNT");
    }
    if (one.decided_at) {
        page.add("DECIDED")
            .set("DECIDED_AT", format_japanese_date_time(*one.decided_at))
            .set("DECIDED_BY", one.decided_by_name)
            .set("DECIDED_WHY", one.reason);
    }
    const auto why = obstacle(one, principal);
    if (why.empty()) {
        page.show("CAN_DECIDE");
    } else if (why != "decided") {
        page.add("CANNOT_DECIDE").set("CANNOT_WHY", parts.console.text(request, "requests.cannot_" + why));
    }
    return page;
}

RequestId id_of(const HttpRequest& request) {
    return {http::parse_identifier(request.path_parameter("id")).value_or(0)};
}

Result<Response> show(const Parts& parts, const HttpRequest& request, const directory::Principal& principal) {
    const auto one = TRY(parts.requests.show(principal, id_of(request), request.now));
    return parts.console.writer().page(request, "request", TRY(view_of(parts, request, principal, one)));
}

/// What is handed over is shown once, on the answer to the press itself: it stands at no address.
Result<Response> handed_over(const Parts& parts, const HttpRequest& request, const directory::Principal& principal,
                             const Decided& decided) {
    render::View page = parts.console.view(request, principal, "requests");
    directory::add_crumb(page, parts.console.text(request, "requests.title"), kPath);
    page.set("REQUEST_KIND", kind_text(parts.console, request, decided.request));
    page.set("ACCOUNT_LOGIN_ID", decided.request.login_id).set("BACK", kPath);
    const auto& code = decided.initial_password ? *decided.initial_password : *decided.access_code;
    auto& shown = page.add(decided.initial_password ? "INITIAL_PASSWORD" : "ACCESS_CODE");
    shown.set("SECRET", code.shown.reveal()).set("SECRET_UNTIL", format_japanese_date_time(code.expires_at));
    return parts.console.writer().page(request, "request_done", page);
}

Result<Response> decide(const Parts& parts, const HttpRequest& request, const directory::Principal& principal) {
    const auto form = TRY(request.form());
    const auto decision = form.text("decision");
    if (decision != "approve" && decision != "decline") {
        return failure(ErrorKind::invalid, "malformed_request");
    }
    const auto id = id_of(request);
    const auto decided =
        parts.requests.decide(principal, id, decision == "approve" ? Decision::approve : Decision::decline,
                              form.text("reason"), Mode::real, request.now);
    if (!decided) {
        if (!is_refusal(decided.error())) {
            return failure(decided.error());
        }
        const auto one = TRY(parts.requests.show(principal, id, request.now));
        auto page = TRY(view_of(parts, request, principal, one));
        page.set("REASON", form.text("reason"));
        return refused_page(parts.console, request, "request", page, decided.error());
    }
    if (decided->initial_password || decided->access_code) {
        return handed_over(parts, request, principal, *decided);
    }
    const char* done = decided->approval ? "passed_on" : decision == "approve" ? "approved" : "declined";
    return Response::see_other(std::string(kPath) + "?done=" + done);
}

}  // namespace

void add_request_pages(Console& console, RequestService& requests, AccountService& accounts) {
    const Parts parts{console, requests, accounts};
    using Handler = Result<Response> (*)(const Parts&, const HttpRequest&, const directory::Principal&);
    const auto add = [&](Method method, std::string pattern, Handler handler) {
        console.page(method, std::move(pattern),
                     [parts, handler](const HttpRequest& request, const directory::Principal& principal) {
                         return handler(parts, request, principal);
                     });
    };
    add(Method::get, kPath, list);
    add(Method::get, std::string(kPath) + "/{id}", show);
    add(Method::post, std::string(kPath) + "/{id}", decide);
    console.count("requests", [&requests](const directory::Principal& principal, Instant now) {
        return requests.count_open(principal, now);
    });
}

}  // namespace madoguchi::accounts
