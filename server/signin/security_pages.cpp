#include "signin/security_pages.hpp"

#include <array>

#include "base/limits.hpp"
#include "http/json_reader.hpp"
#include "http/percent.hpp"

namespace madoguchi::signin {
namespace {

using http::Method;
using http::Request;
using http::Response;

constexpr std::string_view kHome = "/security";
// What a page says when it is opened after an act: /security?done=renamed.
constexpr std::array<std::string_view, 9> kDone = {"added",     "renamed",       "default_changed",
                                                   "removed",   "session_ended", "sessions_ended",
                                                   "confirmed", "codes_made",    "password_changed"};

bool needs_confirmation(const Error& error) {
    return error.message_id == "confirmation_needed";
}

Response done(std::string_view what) {
    return Response::see_other(std::string(kHome) + "?done=" + std::string(what));
}

}  // namespace

int security_status(const Error& error) {
    return error.kind == ErrorKind::too_many ? 429 : error.kind == ErrorKind::conflict ? 409 : 400;
}

std::string confirmed_path(std::string_view wanted) {
    const bool ours = wanted == kHome || wanted.starts_with("/security/") || wanted == "/tokens/new" ||
                      wanted.starts_with("/webhooks/");
    const bool plain = wanted.size() < 200 && std::ranges::all_of(wanted, [](char c) {
                           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '/' || c == '-';
                       });
    return std::string(ours && plain ? wanted : kHome);
}

Response ask_to_confirm(std::string_view next) {
    return Response::see_other("/security/confirm?next=" + http::percent_encode(confirmed_path(next)));
}

void SecurityPages::add_to(http::RouteTable& routes) {
    const auto add = [&](Method method, const char* pattern, SignedInHandler handler) {
        routes.page(method, pattern, [this, handler](const Request& request) -> Page {
            const auto principal = sessions_.check(request);
            if (!principal) {
                if (principal.error().kind == ErrorKind::unauthenticated) {
                    return Response::see_other("/sign-in");
                }
                return failure(principal.error());
            }
            return (this->*handler)(request, *principal);
        });
    };
    add(Method::get, "/security", &SecurityPages::overview);
    add(Method::get, "/security/activity", &SecurityPages::activity);
    add(Method::get, "/security/confirm", &SecurityPages::confirm);
    add(Method::post, "/security/confirm", &SecurityPages::enter_password);
    add(Method::get, "/security/methods/new", &SecurityPages::new_method);
    add(Method::post, "/security/methods", &SecurityPages::add_method);
    add(Method::get, "/security/methods/{id}", &SecurityPages::method);
    add(Method::get, "/security/methods/{id}/remove", &SecurityPages::ask_to_remove);
    add(Method::post, "/security/methods/{id}/{act}", &SecurityPages::change_method);
    add(Method::get, "/security/recovery-codes", &SecurityPages::recovery_codes);
    add(Method::post, "/security/recovery-codes", &SecurityPages::make_recovery_codes);
    add(Method::get, "/security/password", &SecurityPages::password);
    add(Method::post, "/security/password", &SecurityPages::change_password);
    add(Method::get, "/security/sessions/end-others", &SecurityPages::ask_to_end_others);
    add(Method::get, "/security/sessions/{id}/end", &SecurityPages::ask_to_end);
    add(Method::post, "/security/sessions/end-others", &SecurityPages::end_other_sessions);
    add(Method::post, "/security/sessions/{id}/end", &SecurityPages::end_session);
}

render::View SecurityPages::page_of(const Principal& principal) const {
    render::View page;
    page.set("ACCOUNT_NAME", principal.name).set("ORGANIZATION_NAME", principal.home.name).show("SIGNED_IN");
    page.set("LOGIN_ID", principal.login_id);
    return page;
}

std::string SecurityPages::label_of(const Request& request, const SecondStep& method) const {
    return second_step_label(writer_.texts(), request.locale, method.kind, shown_name(method));
}

// --- the page itself ---

SecurityPages::Page SecurityPages::overview(const Request& request, const Principal& principal) {
    const auto view = TRY(security_.view(principal, request.now));
    render::View page = page_of(principal);
    const std::string what = request.query.text("done");
    if (std::ranges::find(kDone, what) != kDone.end()) {
        page.show("SUCCESS_NOTICE").set("NOTICE_TEXT", writer_.texts().text("security.done_" + what, request.locale));
    }
    show_methods(page, request, view);
    show_recovery_codes(page, view);
    show_sessions(page, request, principal, view);
    show_events(page, request, principal, view.recent);
    return writer_.page(request, "security", page);
}

void SecurityPages::show_methods(render::View& page, const Request& request, const SecurityView& view) const {
    for (const auto& method : view.methods) {
        auto& shown = page.add("METHOD");
        shown.set("METHOD_ID", std::to_string(method.id.value)).set("METHOD_LABEL", label_of(request, method));
        shown.set("METHOD_REGISTERED_AT", format_japanese_date_time(method.registered_at));
        if (!method.label.empty() && method.kind != MethodKind::passkey) {
            shown.add("METHOD_NAMED").set("METHOD_NAME", method.label);
        }
        if (method.is_default) {
            shown.show("METHOD_DEFAULT");
        }
        if (method.disabled) {
            shown.show("METHOD_DISABLED");
        }
        if (method.last_used_at) {
            shown.add("METHOD_USED").set("METHOD_LAST_USED_AT", format_japanese_date_time(*method.last_used_at));
        } else {
            shown.show("METHOD_UNUSED");
        }
    }
}

void SecurityPages::show_sessions(render::View& page, const Request& request, const Principal& principal,
                                  const SecurityView& view) const {
    for (const auto& session : view.sessions) {
        auto& shown = page.add("SESSION");
        show_session(shown, request, session);
        shown.set("SESSION_USED_AT", format_japanese_date_time(session.last_used_at));
        shown.show(session.id == principal.session ? "SESSION_CURRENT" : "SESSION_OTHER");
        if (session.id != principal.session) {
            show_session(page.add("SESSION_DIALOG"), request, session);
        }
    }
    if (view.sessions.size() > 1) {
        page.show("OTHER_SESSIONS");
    }
}

void SecurityPages::show_events(render::View& page, const Request& request, const Principal& principal,
                                const std::vector<audit::AuditEvent>& events) const {
    const auto& texts = writer_.texts();
    for (const auto& event : events) {
        auto& shown = page.add("EVENT");
        const std::string id = "activity." + event.action;
        shown.set("EVENT_AT", format_japanese_date_time(event.at));
        shown.set("EVENT_TEXT", texts.has(id)
                                    ? texts.text(id, request.locale)
                                    : texts.text("activity.other", request.locale, {{"action", event.action}}));
        shown.show(event.outcome == "refused" ? "EVENT_REFUSED" : "EVENT_DONE");
        const bool by_somebody_else = event.actor_account != 0 && event.actor_account != principal.account.value;
        if (by_somebody_else) {
            shown.show("EVENT_BY_ADMINISTRATOR");
        } else if (!event.source.empty()) {
            shown.add("EVENT_FROM").set("EVENT_SOURCE", event.source);
        }
        const bool about_another = event.target_kind == "account" && event.target_id != principal.account.value;
        if (about_another && !event.target_name.empty()) {
            shown.add("EVENT_ABOUT").set("EVENT_TARGET", event.target_name);
        }
    }
    if (events.empty()) {
        page.show("NO_EVENT");
    }
}

SecurityPages::Page SecurityPages::activity(const Request& request, const Principal& principal) {
    const auto before = http::parse_identifier(request.query.text("before")).value_or(0);
    auto events = TRY(security_.activity(principal, before, limits::kActivityRows + 1));
    render::View page = page_of(principal);
    if (events.size() > static_cast<std::size_t>(limits::kActivityRows)) {
        events.resize(static_cast<std::size_t>(limits::kActivityRows));
        page.add("OLDER").set("OLDER_URL", "/security/activity?before=" + std::to_string(events.back().id));
    }
    if (before != 0) {
        page.show("NEWEST");
    }
    show_events(page, request, principal, events);
    return writer_.page(request, "security_activity", page);
}

// --- confirm it's you ---

Response SecurityPages::draw_confirm(const Request& request, const Principal& principal, const std::string& next,
                                     const Error* error) const {
    render::View page = page_of(principal);
    page.set("NEXT", next).set("BACK", "/security/confirm?next=" + http::percent_encode(next));
    if (error == nullptr) {
        return writer_.page(request, "confirm_identity", page);
    }
    writer_.explain(page, request, *error);
    auto response = writer_.page(request, "confirm_identity", page, security_status(*error));
    if (error->retry_after) {
        response.with_header("Retry-After", std::to_string(error->retry_after->count()));
    }
    return response;
}

SecurityPages::Page SecurityPages::confirm(const Request& request, const Principal& principal) {
    return draw_confirm(request, principal, confirmed_path(request.query.text("next")), nullptr);
}

SecurityPages::Page SecurityPages::enter_password(const Request& request, const Principal& principal) {
    const auto form = TRY(request.form());
    const std::string next = confirmed_path(form.text("next"));
    const std::string password = form.text("password");
    if (password.empty() || password.size() > limits::kPasswordMaximumBytes) {
        const auto error = invalid_field("password", password.empty() ? "required" : "too_long",
                                         {{"maximum", std::to_string(limits::kPasswordMaximumCodePoints)}});
        return draw_confirm(request, principal, next, &error.value());
    }
    const auto stepped = sign_in_.confirm(principal, SecretText(password), next, client_of(request));
    if (!stepped) {
        const bool here = stepped.error().kind == ErrorKind::invalid || stepped.error().kind == ErrorKind::too_many;
        return here ? Page(draw_confirm(request, principal, next, &stepped.error())) : failure(stepped.error());
    }
    return Response::see_other(std::string(path_of(stepped->state)))
        .with_cookie({std::string(http::kFlowCookie), stepped->flow_token.reveal()});
}

// --- second steps ---

SecurityPages::Page SecurityPages::new_method(const Request& request, const Principal& principal) {
    if (const auto confirmed = security_.confirmed(principal, request.now); !confirmed) {
        return needs_confirmation(confirmed.error()) ? Page(ask_to_confirm(request.path)) : failure(confirmed.error());
    }
    return writer_.page(request, "security_new_method", page_of(principal));
}

SecurityPages::Page SecurityPages::add_method(const Request& request, const Principal& principal) {
    const auto form = TRY(request.form());
    auto stepped = sign_in_.add_method(principal, "/security?done=added", client_of(request));
    if (stepped && form.text("kind") == to_text(MethodKind::passkey)) {
        const auto chosen = TRY(sign_in_.register_passkey({stepped->flow_token, std::nullopt}, client_of(request)));
        stepped->state = chosen.state;
    }
    if (!stepped) {
        return needs_confirmation(stepped.error()) ? Page(ask_to_confirm("/security/methods/new"))
                                                   : failure(stepped.error());
    }
    return Response::see_other(std::string(path_of(stepped->state)))
        .with_cookie({std::string(http::kFlowCookie), stepped->flow_token.reveal()});
}

Response SecurityPages::draw_method(const Request& request, const Principal& principal, const SecondStep& method,
                                    const std::string& label, const Error* error) const {
    const std::string path = "/security/methods/" + std::to_string(method.id.value);
    render::View page = page_of(principal);
    page.set("METHOD_ID", std::to_string(method.id.value)).set("METHOD_LABEL", label_of(request, method));
    page.set("LABEL", label).set("BACK", path);
    page.show(method.is_default ? "METHOD_DEFAULT" : "METHOD_NOT_DEFAULT");
    if (method.disabled) {
        page.show("METHOD_DISABLED");
    }
    if (error != nullptr) {
        writer_.explain(page, request, *error);
    }
    return writer_.page(request, "security_method", page, error == nullptr ? 200 : security_status(*error));
}

SecurityPages::Page SecurityPages::method(const Request& request, const Principal& principal) {
    const auto id = http::parse_identifier(request.path_parameter("id"));
    const auto method = TRY(security_.method(principal, SecondStepId{id.value_or(0)}));
    if (const auto confirmed = security_.confirmed(principal, request.now); !confirmed) {
        return needs_confirmation(confirmed.error()) ? Page(ask_to_confirm(request.path)) : failure(confirmed.error());
    }
    return draw_method(request, principal, method, method.label, nullptr);
}

SecurityPages::Page SecurityPages::change_method(const Request& request, const Principal& principal) {
    const auto form = TRY(request.form());
    const SecondStepId id{http::parse_identifier(request.path_parameter("id")).value_or(0)};
    const std::string act = request.path_parameter("act");
    const auto method = TRY(security_.method(principal, id));
    const auto changed = act == "rename"    ? security_.rename(principal, id, form.text("label"), request.now)
                         : act == "default" ? security_.make_default(principal, id, request.now)
                         : act == "remove"  ? security_.remove(principal, id, request.now)
                                            : Result<void>(failure(ErrorKind::not_found, "not_found"));
    if (changed) {
        return done(act == "rename" ? "renamed" : act == "default" ? "default_changed" : "removed");
    }
    if (needs_confirmation(changed.error())) {
        return ask_to_confirm("/security/methods/" + std::to_string(id.value));
    }
    const bool here = changed.error().kind == ErrorKind::invalid || changed.error().kind == ErrorKind::conflict;
    return here ? Page(draw_method(request, principal, method, form.find("label").value_or(method.label),
                                   &changed.error()))
                : failure(changed.error());
}

// --- recovery codes ---

void SecurityPages::show_recovery_codes(render::View& page, const SecurityView& view) const {
    const auto& codes = view.recovery_codes;
    if (!codes.made_at) {
        page.show("NO_RECOVERY_CODES");
        return;
    }
    page.add("RECOVERY_CODES")
        .set("CODES_LEFT", std::to_string(codes.left))
        .set("CODES_MADE_AT", format_japanese_date_time(*codes.made_at));
    if (codes.left <= limits::kRecoveryCodesFew) {
        page.add("FEW_RECOVERY_CODES").set("CODES_LEFT", std::to_string(codes.left));
    }
}

SecurityPages::Page SecurityPages::recovery_codes(const Request& request, const Principal& principal) {
    if (const auto confirmed = security_.confirmed(principal, request.now); !confirmed) {
        return needs_confirmation(confirmed.error()) ? Page(ask_to_confirm(request.path)) : failure(confirmed.error());
    }
    const auto view = TRY(security_.view(principal, request.now));
    render::View page = page_of(principal);
    page.show("FORM").set("SEEN", RecoveryCodeService::seen_of(view.recovery_codes));
    show_recovery_codes(page, view);
    if (request.query.text("done") == "shown" && view.recovery_codes.made_at) {
        page.add("SHOWN_ALREADY").set("MADE_AT", format_japanese_date_time(*view.recovery_codes.made_at));
    }
    return writer_.page(request, "recovery_codes", page);
}

SecurityPages::Page SecurityPages::make_recovery_codes(const Request& request, const Principal& principal) {
    const auto form = TRY(request.form());
    const auto codes = recovery_codes_.make(principal, request.now, form.text("seen"));
    if (!codes && codes.error().message_id == "codes_shown_already") {
        return Response::see_other("/security/recovery-codes?done=shown");  // the page of the codes was loaded again
    }
    if (!codes) {
        return needs_confirmation(codes.error()) ? Page(ask_to_confirm("/security/recovery-codes"))
                                                 : failure(codes.error());
    }
    render::View page = page_of(principal);
    page.set("BACK", "/security/recovery-codes").set("MADE_AT", format_japanese_date_time(request.now));
    auto& shown = page.add("CODES");
    for (const auto& code : *codes) {
        shown.add("CODE").set("CODE_TEXT", code.reveal());
    }
    return writer_.page(request, "recovery_codes", page);
}

// --- sessions ---

SecurityPages::Page SecurityPages::end_session(const Request& request, const Principal& principal) {
    const SessionId id{http::parse_identifier(request.path_parameter("id")).value_or(0)};
    const auto ended = security_.end_session(principal, id, request.now);
    if (!ended && ended.error().kind != ErrorKind::not_found) {
        return failure(ended.error());
    }
    // Gone already is as good: a second press, or it ended by itself.
    return done("session_ended");
}

SecurityPages::Page SecurityPages::end_other_sessions(const Request& request, const Principal& principal) {
    TRY(security_.end_other_sessions(principal, request.now));
    return done("sessions_ended");
}

}  // namespace madoguchi::signin
