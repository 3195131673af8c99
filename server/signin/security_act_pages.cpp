// The password's own page, and what is asked before a second step goes or a session ends.
#include "base/limits.hpp"
#include "http/json_reader.hpp"
#include "signin/browser_name.hpp"
#include "signin/security_pages.hpp"

namespace madoguchi::signin {

using http::Request;
using http::Response;

void SecurityPages::show_session(render::View& view, const Request& request, const OwnSession& session) const {
    const std::string browser = session.channel == "api" ? std::string() : browser_name(session.user_agent);
    view.set("SESSION_ID", std::to_string(session.id.value)).set("SESSION_SOURCE", session.source);
    view.set("SESSION_BROWSER",
             !browser.empty() ? browser
                              : writer_.texts().text(session.channel == "api" ? "security.session_command_line"
                                                                              : "security.session_unknown_browser",
                                                     request.locale));
    view.set("SESSION_STARTED_AT", format_japanese_date_time(session.created_at));
}

// --- the password ---

SecurityPages::Page SecurityPages::password(const Request& request, const Principal& principal) {
    return writer_.page(request, "change_password", page_of(principal));
}

SecurityPages::Page SecurityPages::change_password(const Request& request, const Principal& principal) {
    const auto form = TRY(request.form());
    const PasswordChange typed{SecretText(form.text("current_password")), SecretText(form.text("new_password")),
                               SecretText(form.text("new_password_again"))};
    const auto changed = sign_in_.change_password(principal, typed, client_of(request));
    if (changed) {
        return Response::see_other("/security?done=password_changed")
            .with_cookie({std::string(http::kSessionCookie), changed->session_token.reveal()});
    }
    const Error& error = changed.error();
    if (error.kind != ErrorKind::invalid && error.kind != ErrorKind::too_many) {
        return failure(error);
    }
    render::View page = page_of(principal);
    writer_.explain(page, request, error);
    auto response = writer_.page(request, "change_password", page, security_status(error));
    if (error.retry_after) {
        response.with_header("Retry-After", std::to_string(error.retry_after->count()));
    }
    return response;
}

// --- asked before ---

SecurityPages::Page SecurityPages::ask_to_remove(const Request& request, const Principal& principal) {
    const SecondStepId id{http::parse_identifier(request.path_parameter("id")).value_or(0)};
    const auto method = TRY(security_.method(principal, id));
    if (const auto confirmed = security_.confirmed(principal, request.now); !confirmed) {
        const bool asks = confirmed.error().message_id == "confirmation_needed";
        return asks ? Page(ask_to_confirm(request.path)) : failure(confirmed.error());
    }
    render::View page = page_of(principal);
    page.set("METHOD_ID", std::to_string(id.value)).set("METHOD_LABEL", label_of(request, method));
    return writer_.page(request, "security_method_remove", page);
}

SecurityPages::Page SecurityPages::ask_to_end(const Request& request, const Principal& principal) {
    const SessionId id{http::parse_identifier(request.path_parameter("id")).value_or(0)};
    const auto view = TRY(security_.view(principal, request.now));
    const auto session = std::ranges::find(view.sessions, id, &OwnSession::id);
    if (session == view.sessions.end() || id == principal.session) {
        return Response::see_other("/security");  // it has ended by itself; one's own ends by signing out
    }
    render::View page = page_of(principal);
    show_session(page, request, *session);
    page.show("ONE_SESSION");
    return writer_.page(request, "security_session_end", page);
}

SecurityPages::Page SecurityPages::ask_to_end_others(const Request& request, const Principal& principal) {
    render::View page = page_of(principal);
    page.show("ALL_OTHERS");
    return writer_.page(request, "security_session_end", page);
}

}  // namespace madoguchi::signin
