#include "console/helpdesk_pages.hpp"

#include "accounts/desk_pages.hpp"
#include "base/desk_limits.hpp"
#include "http/json_reader.hpp"

namespace madoguchi::console {
namespace {

using accounts::CallerCheck;
using accounts::CheckState;
using accounts::HelpdeskCaseId;
using accounts::HelpdeskEnd;
using accounts::HelpdeskFound;
using accounts::HelpdeskView;
using directory::Principal;
using http::Method;
using http::Request;
using http::Response;

constexpr const char* kPath = "/helpdesk";

std::string address_of(HelpdeskCaseId id) {
    return std::string(kPath) + "/" + std::to_string(id.value);
}

void show_found(render::View& view, const HelpdeskParts& parts, const Request& request, const HelpdeskFound& found) {
    view.set("FOUND_ID", std::to_string(found.id.value)).set("FOUND_LOGIN_ID", found.login_id);
    view.set("FOUND_PERSON", found.person).set("FOUND_ORGANIZATION", found.organization);
    const std::string state(accounts::to_text(found.state));
    view.set("FOUND_STATE", parts.console.text(request, "account_state." + state));
    view.show(found.state == accounts::AccountState::active      ? "IS_ACTIVE"
              : found.state == accounts::AccountState::suspended ? "IS_SUSPENDED"
                                                                 : "IS_PENDING");
    view.show(found.administrator ? "IS_ADMINISTRATOR" : "CAN_OPEN");
}

render::View frame(const HelpdeskParts& parts, const Request& request, const Principal& principal) {
    return parts.console.view(request, principal, "helpdesk");
}

Result<Response> find(const HelpdeskParts& parts, const Request& request, const Principal& principal) {
    TRY(directory::acting(principal, directory::Permission::start_reset, request.now));
    render::View page = frame(parts, request, principal);
    const auto query = request.query.text("q");
    page.set("Q", query);
    if (request.query.text("done") == "unverified") {
        directory::show_toast(page, parts.console.text(request, "helpdesk.done_unverified"));
    }
    if (!request.query.find("q")) {
        page.show("START");
        return parts.console.writer().page(request, "helpdesk", page);
    }
    auto found =
        parts.throttles.count("helpdesk-find", principal.login_id, limits::kHelpdeskFindsPerOperatorHour, request.now)
            .and_then([&] { return parts.helpdesk.find(principal, query, request.now); });
    if (!found) {
        return accounts::is_refusal(found.error())
                   ? accounts::refused_page(parts.console, request, "helpdesk", page, found.error())
                   : Result<Response>(failure(found.error()));
    }
    const bool more = found->size() > static_cast<std::size_t>(limits::kHelpdeskFound);
    if (more) {
        found->resize(static_cast<std::size_t>(limits::kHelpdeskFound));
        page.add("MORE").set("MAXIMUM", std::to_string(limits::kHelpdeskFound));
    }
    page.set("COUNT", std::to_string(found->size()));
    page.show(found->empty() ? "NOTHING" : "RESULTS");
    for (const auto& one : *found) {
        show_found(page.add("FOUND"), parts, request, one);
    }
    return parts.console.writer().page(request, "helpdesk", page);
}

Result<Response> open(const HelpdeskParts& parts, const Request& request, const Principal& principal) {
    const auto form = TRY(request.form());
    const AccountId account{http::parse_identifier(form.text("account")).value_or(0)};
    return Response::see_other(address_of(TRY(parts.helpdesk.open(principal, account, request.now))));
}

/// Why the account has to wait, if it does: the lock that an unlock would end.
void show_lock(render::View& page, const HelpdeskParts& parts, const Request& request, const Principal& principal,
               AccountId account) {
    const auto slowed = parts.slowed.list(principal, AccountId{account.value - 1}, 1, request.now);
    if (!slowed || slowed->empty() || slowed->front().account.id != account) {
        page.show("NOT_LOCKED");
        return;
    }
    page.show("LOCKED");
    for (const auto& reason : slowed->front().reasons) {
        auto& why = page.add("LOCK_REASON");
        why.set("LOCK_WHY", parts.console.text(request, "slowed.why_" + reason.why));
        if (reason.until) {
            why.add("LOCK_UNTIL").set("LOCK_UNTIL_AT", format_japanese_time(*reason.until));
        }
    }
}

void show_facts(render::View& page, const HelpdeskParts& parts, const Request& request, const HelpdeskView& view) {
    show_found(page, parts, request, view.found);
    page.set("CENTER", view.center);
    for (const auto& grant : view.grants) {
        page.add("ROLE").set("ROLE_NAME", accounts::role_name(parts.console, request, grant.role));
    }
    if (view.grants.empty()) {
        page.show("NO_ROLE");
    }
    std::string phone_end;
    for (const auto& step : view.second_steps) {
        auto& shown = page.add("STEP");
        shown.set("STEP_KIND", parts.console.text(request, "second_step." + step.kind));
        if (!step.masked_phone.empty()) {
            shown.add("STEP_PHONE").set("STEP_END", step.masked_phone);
            phone_end = phone_end.empty() ? step.masked_phone : phone_end;
        }
    }
    if (view.second_steps.empty()) {
        page.show("NO_STEP");
    }
    if (phone_end.empty()) {
        page.show("NO_PHONE");
    } else {
        page.add("PHONE").set("PHONE_END", phone_end);
    }
    if (view.last_signed_in_at) {
        page.add("USED").set("USED_AT", format_japanese_date_time(*view.last_signed_in_at));
    } else {
        page.show("NEVER_USED");
    }
}

void show_check(render::View& page, const std::string& name, const CheckState& state) {
    auto& shown = page.add(name);
    if (state.matched) {
        shown.show("MATCHED");
    } else if (state.used_up()) {
        shown.show("USED_UP");
    } else {
        shown.show("ASKING");
        if (state.tries > 0) {
            shown.add("MISMATCH").set("LEFT", std::to_string(limits::kHelpdeskTries - state.tries));
        }
    }
}

int answers_left(const HelpdeskView& view) {
    return (view.record.person.matched ? 0 : 1) + (view.record.organization.matched ? 0 : 1) +
           (view.record.callback.matched ? 0 : 1);
}

void show_ending(render::View& page, const HelpdeskParts& parts, const Request& request, const HelpdeskView& view) {
    if (!view.record.outcome.empty()) {
        auto& ended = page.add("ENDED");
        ended.set("ENDED_TEXT", parts.console.text(request, "helpdesk.ended_" + view.record.outcome));
        if (view.record.outcome == "start_reset") {
            if (view.record.sent_to.empty()) {
                ended.show("WAITS_FOR_APPROVAL");
            } else {
                ended.add("SENT").set("SENT_END", accounts::number_end(view.record.sent_to));
            }
        }
    } else if (view.over) {
        page.show("TIMED_OUT");
    } else if (view.hopeless) {
        page.show(view.question == accounts::OrganizationQuestion::none || !view.has_number ? "NOT_CHECKABLE"
                                                                                            : "HOPELESS");
    } else if (view.verified) {
        page.show("VERIFIED");
    } else {
        page.add("UNVERIFIED").set("ANSWERS_LEFT", std::to_string(answers_left(view)));
    }
}

Result<render::View> case_view(const HelpdeskParts& parts, const Request& request, const Principal& principal,
                               HelpdeskCaseId id) {
    const auto view = TRY(parts.helpdesk.view(principal, id, request.now));
    render::View page = frame(parts, request, principal);
    page.set("CASE_ID", std::to_string(id.value)).set("BACK", address_of(id));
    page.set("OPENED_AT", format_japanese_time(view.record.opened_at));
    page.set("CASE_UNTIL", format_japanese_time(view.record.expires_at));
    show_facts(page, parts, request, view);
    show_lock(page, parts, request, principal, view.record.account);
    show_ending(page, parts, request, view);
    if (view.record.outcome.empty() && !view.over) {
        page.show("CHECKS");
        show_check(page, "PERSON", view.record.person);
        show_check(page, "CODE", view.record.organization);
        show_check(page, "CALLBACK", view.record.callback);
        page.show(view.question == accounts::OrganizationQuestion::phone ? "ASKS_PHONE" : "ASKS_CODE");
    }
    if (request.query.text("callback") == "other") {
        page.show("NOBODY_ANSWERED");
    }
    return page;
}

HelpdeskCaseId case_of(const Request& request) {
    return {http::parse_identifier(request.path_parameter("case")).value_or(0)};
}

Result<Response> show(const HelpdeskParts& parts, const Request& request, const Principal& principal) {
    return parts.console.writer().page(request, "helpdesk_case",
                                       TRY(case_view(parts, request, principal, case_of(request))));
}

Result<Response> refused(const HelpdeskParts& parts, const Request& request, const Principal& principal,
                         const Error& error) {
    if (!accounts::is_refusal(error)) {
        return failure(error);
    }
    auto page = TRY(case_view(parts, request, principal, case_of(request)));
    return accounts::refused_page(parts.console, request, "helpdesk_case", page, error);
}

Result<Response> check(const HelpdeskParts& parts, const Request& request, const Principal& principal) {
    const auto form = TRY(request.form());
    const auto check = accounts::caller_check(form.text("check"));
    if (!check) {
        return failure(ErrorKind::invalid, "malformed_request");
    }
    const auto id = case_of(request);
    if (*check == CallerCheck::callback) {
        if (form.text("answered") == "other") {
            return Response::see_other(address_of(id) + "?callback=other");
        }
        if (form.text("answered") != "self") {
            const auto error = invalid_field("answered", "choice_required");
            return refused(parts, request, principal, error.value());
        }
    }
    const auto matched = parts.helpdesk.check(principal, id, *check, form.text(accounts::to_text(*check)), request.now);
    return matched ? Result<Response>(Response::see_other(address_of(id)))
                   : refused(parts, request, principal, matched.error());
}

Result<Response> finish(const HelpdeskParts& parts, const Request& request, const Principal& principal) {
    const auto form = TRY(request.form());
    const auto end = accounts::helpdesk_end(form.text("end"));
    if (!end) {
        return failure(ErrorKind::invalid, "malformed_request");
    }
    const auto id = case_of(request);
    const auto finished = parts.helpdesk.finish(principal, id, *end, request.now);
    if (!finished) {
        return refused(parts, request, principal, finished.error());
    }
    return Response::see_other(*end == HelpdeskEnd::unverified ? std::string(kPath) + "?done=unverified"
                                                               : address_of(id));
}

}  // namespace

void add_helpdesk_pages(const HelpdeskParts& parts) {
    using Handler = Result<Response> (*)(const HelpdeskParts&, const Request&, const Principal&);
    const auto add = [&](Method method, std::string pattern, Handler handler) {
        parts.console.page(method, std::move(pattern),
                           [parts, handler](const Request& request, const Principal& principal) {
                               return handler(parts, request, principal);
                           });
    };
    const std::string one = std::string(kPath) + "/{case}";
    add(Method::get, kPath, find);
    add(Method::post, kPath, open);
    add(Method::get, one, show);
    add(Method::post, one + "/check", check);
    add(Method::post, one + "/end", finish);
}

}  // namespace madoguchi::console
