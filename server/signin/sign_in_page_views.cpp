// What the pages of signing in show. Variables and sections of each template: templates/README.md.
#include "base/limits.hpp"
#include "crypto/totp.hpp"
#include "render/qr_code.hpp"
#include "signin/sign_in_pages.hpp"

namespace madoguchi::signin {
namespace {

int status_of(const Error& error) {
    switch (error.kind) {
        case ErrorKind::unauthenticated:
            return 401;
        case ErrorKind::forbidden:
            return 403;
        case ErrorKind::conflict:
            return 409;
        case ErrorKind::too_many:
            return 429;
        default:
            return 400;
    }
}

// What the waiting page tells: a message that is not handed over after a while takes longer than it should.
std::string message_state(const FlowView& view, Instant now) {
    using messages::MessageState;
    if (!view.message) {
        return "";
    }
    switch (view.message->state) {
        case MessageState::queued:
        case MessageState::sending:
            if (view.message->stuck) {
                return "stuck";
            }
            return view.flow.sent_at && now - *view.flow.sent_at >= limits::kMessageDelayShown ? "delayed" : "queued";
        case MessageState::sent:
            return view.flow.kind == MethodKind::voice ? "ringing" : "sent";
        case MessageState::expired:
            return "failed";
        default:
            return std::string(messages::to_text(view.message->state));
    }
}

std::string page_name(FlowState state) {
    switch (state) {
        case FlowState::password:
            return "password";
        case FlowState::register_method:
            return "register_second_step";
        case FlowState::register_totp:
            return "register_authenticator";
        case FlowState::register_passkey:
            return "register_passkey";
        case FlowState::passkey:
        case FlowState::passkey_alone:
            return "passkey";
        case FlowState::register_code:
        case FlowState::code:
            return "code";
        default:
            return "new_password";
    }
}

}  // namespace

std::string SignInPages::method_label(const http::Request& request, MethodKind kind, const std::string& name) const {
    return second_step_label(writer_.texts(), request.locale, kind, name);
}

http::Response SignInPages::draw(const http::Request& request, const FlowView& view, const Error* error,
                                 const http::Fields* typed, std::optional<FlowState> as) const {
    const FlowState state = as.value_or(view.flow.state);
    render::View page;
    page.set("LOGIN_ID", view.flow.login_id).set("STEP", view.flow.step()).set("BACK", path_of(state));
    if (view.flow.by_initial_password) {
        page.show("PASSWORD_STEP");
    }
    page.show(view.flow.purpose == FlowPurpose::sign_in ? "FOR_SIGN_IN" : "TO_SECURITY");
    show_who(page, request, view.flow);
    page.set("TRIES_LEFT", std::to_string(view.tries_left));
    if (view.tries_left <= limits::kTriesLeftShown) {
        page.show("TRIES");
    }
    switch (state) {
        case FlowState::register_method:
            draw_register(page, view, request, typed);
            break;
        case FlowState::register_totp:
            draw_authenticator(page, view);
            break;
        case FlowState::register_passkey:
            draw_register_passkey(page, view, request, typed);
            break;
        case FlowState::passkey:
        case FlowState::passkey_alone:
            draw_passkey(page, view);
            if (error == nullptr) {
                page.show("STARTS_BY_ITSELF");
            }
            break;
        case FlowState::register_code:
        case FlowState::code:
            draw_code(page, view, request);
            break;
        case FlowState::new_password:
            draw_new_password(page, view, request);
            break;
        default:
            break;
    }
    if (error != nullptr) {
        writer_.explain(page, request, *error);
    }
    auto response = writer_.page(request, page_name(state), page, error == nullptr ? 200 : status_of(*error));
    if (error != nullptr && error->retry_after) {
        response.with_header("Retry-After", std::to_string(error->retry_after->count()));
    }
    return response;
}

void SignInPages::show_who(render::View& page, const http::Request& request, const Flow& flow) const {
    if (flow.purpose == FlowPurpose::sign_in) {
        return;
    }
    if (const auto principal = sessions_.check(request)) {
        page.set("ACCOUNT_NAME", principal->name).set("ORGANIZATION_NAME", principal->home.name).show("SIGNED_IN");
    }
}

void SignInPages::draw_register(render::View& page, const FlowView& view, const http::Request& request,
                                const http::Fields* typed) const {
    // Whoever comes back from a passkey wants something else; and where no script runs, its choice can't be seen.
    const bool back_from_passkey = view.flow.kind == MethodKind::passkey;
    const auto chosen = back_from_passkey ? MethodKind::sms : view.flow.kind.value_or(MethodKind::sms);
    const std::string method = typed != nullptr ? typed->text("method") : std::string(to_text(chosen));
    page.show(method == "voice"     ? "METHOD_VOICE"
              : method == "totp"    ? "METHOD_TOTP"
              : method == "passkey" ? "METHOD_PASSKEY"
                                    : "METHOD_SMS");
    page.set("PHONE", typed != nullptr ? typed->text("phone") : std::string());
    if (typed == nullptr && !view.phone.empty()) {
        if (const auto number = phones_.parse(view.phone, "JP", gateway::PhonePurpose::voice)) {
            page.set("PHONE", number->national);
        }
    }
    for (const auto& country : phones_.allowed_countries()) {
        auto& shown = page.add("COUNTRY");
        shown.set("COUNTRY_CODE", country);
        shown.set("COUNTRY_NAME", writer_.texts().text("country." + country, request.locale));
        shown.set("COUNTRY_CALLING_CODE", phones_.calling_code(country));
        if (country == (typed != nullptr ? typed->text("country") : "JP")) {
            shown.show("COUNTRY_SELECTED");
        }
    }
}

void SignInPages::draw_authenticator(render::View& page, const FlowView& view) const {
    const auto qr = render::qr_code(crypto::totp_provisioning_uri(view.seed, issuer_, view.flow.login_id).reveal());
    page.set("QR_SIZE", std::to_string(qr.size)).set("QR_PATH", qr.path).set("KEY", crypto::totp_seed_text(view.seed));
}

void SignInPages::draw_code(render::View& page, const FlowView& view, const http::Request& request) const {
    const auto kind = view.flow.kind.value_or(MethodKind::totp);
    page.show(kind == MethodKind::sms ? "BY_SMS" : kind == MethodKind::voice ? "BY_VOICE" : "BY_TOTP");
    std::string phone = view.phone;
    if (view.flow.registering()) {
        page.show("REGISTERING").show("CAN_TOTP");
        if (const auto number = phones_.parse(view.phone, "JP", gateway::PhonePurpose::voice)) {
            phone = number->national;
        }
    } else {
        page.show("OTHER_METHODS");  // a recovery code is one, whatever is registered
    }
    page.set("SENT_TO", phone);
    if (kind == MethodKind::totp) {
        page.set("MESSAGE_STATE", "");
        return;
    }
    if (view.flow.phone_mobile) {
        page.show("CAN_SMS");
    }
    page.show("CAN_VOICE");
    page.set("MESSAGE_STATE", message_state(view, request.now));
    if (view.flow.sent_at && view.flow.code_expires_at) {
        page.set("SENT_AT", format_japanese_time(*view.flow.sent_at));
        page.set("EXPIRES_AT", format_japanese_time(*view.flow.code_expires_at));
    }
    if (!view.flow.message) {
        // The password was right, but a cap (S9) kept the message back: say so, and offer the other ways.
        writer_.explain(page, request,
                        Error{.kind = ErrorKind::too_many,
                              .message_id = "phone_too_many_messages",
                              .retry_after = std::chrono::hours(1)});
    }
}

void SignInPages::draw_new_password(render::View& page, const FlowView& view, const http::Request& request) const {
    page.show(view.flow.by_initial_password ? "INITIAL" : "EXPIRED");
    const auto kind = view.flow.kind.value_or(MethodKind::totp);
    page.show(kind == MethodKind::passkey ? "PASSKEY_STEP" : "CODE_STEP");
    std::string phone = view.phone;
    if (kind == MethodKind::passkey) {
        const auto used = std::ranges::find(view.methods, view.flow.method, &SecondStep::id);
        phone = used == view.methods.end() ? view.passkey_name : used->label;
    }
    if (view.flow.registering()) {
        page.show("REGISTERED");
        if (const auto number = phones_.parse(view.phone, "JP", gateway::PhonePurpose::voice)) {
            phone = number->national;
        }
    }
    page.set("METHOD_LABEL", method_label(request, kind, phone));
}

SignInPages::Page SignInPages::code_status(const http::Request& request) {
    const auto view = flow(request);
    if (!view) {
        if (view.error().kind != ErrorKind::unauthenticated) {
            return failure(view.error());
        }
        return http::Response::json(401, {{"state", "ended"}});
    }
    return http::Response::json(200, {{"state", message_state(*view, request.now)}});
}

SignInPages::Page SignInPages::done(const http::Request& request) {
    const auto principal = sessions_.check(request);
    if (!principal) {
        if (principal.error().kind != ErrorKind::unauthenticated) {
            return failure(principal.error());
        }
        return http::Response::see_other("/sign-in");
    }
    const auto methods = TRY(service_.methods(principal->account));
    const auto chosen = std::ranges::find(methods, true, &SecondStep::is_default);
    if (chosen == methods.end()) {
        return http::Response::see_other("/");
    }
    render::View page;
    page.show(chosen->kind == MethodKind::passkey ? "PASSKEY_STEP" : "CODE_STEP");
    page.set("METHOD_LABEL", method_label(request, chosen->kind, shown_name(*chosen))).set("CONTINUE_URL", "/");
    return writer_.page(request, "second_step_done", page);
}

}  // namespace madoguchi::signin
