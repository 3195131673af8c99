// Routes, forms and where they lead; what the pages show stands in sign_in_page_views.cpp.
#include "signin/sign_in_pages.hpp"

#include "base/japanese_text.hpp"
#include "base/limits.hpp"
#include "http/json_reader.hpp"

namespace madoguchi::signin {
namespace {

using http::Method;
using http::Request;
using http::Response;

Step step_of(const Request& request, const http::Fields& form) {
    return {SecretText(request.cookie(http::kFlowCookie).value_or("")), form.find("step")};
}

bool asks_second_step(FlowState state) {
    return state == FlowState::code || state == FlowState::passkey;
}

bool may_be_the_last_try(const Error& error) {
    return error.kind == ErrorKind::invalid || error.kind == ErrorKind::too_many;
}

// No further code is taken in this sign-in: a page that says "enter it again" would be untrue.
Error after_the_last_try() {
    return {.kind = ErrorKind::too_many,
            .message_id = "too_many_tries",
            .retry_after = std::chrono::seconds(limits::kSecondStepSlowWait)};
}

http::Cookie gone(std::string_view name) {
    return {std::string(name), "", std::chrono::seconds(0)};
}

}  // namespace

void SignInPages::add_to(http::RouteTable& routes, Note before_sign_out) {
    before_sign_out_ = std::move(before_sign_out);
    const auto add = [&](Method method, const char* pattern, Page (SignInPages::*handler)(const Request&)) {
        routes.page(method, pattern, [this, handler](const Request& request) { return (this->*handler)(request); });
    };
    add(Method::get, "/sign-in", &SignInPages::sign_in);
    add(Method::post, "/sign-in", &SignInPages::enter_id);
    add(Method::get, "/sign-in/password", &SignInPages::password);
    add(Method::post, "/sign-in/password", &SignInPages::enter_password);
    add(Method::get, "/sign-in/second-step", &SignInPages::second_step);
    add(Method::post, "/sign-in/second-step", &SignInPages::choose_second_step);
    add(Method::post, "/sign-in/second-step/confirm", &SignInPages::confirm_number);
    add(Method::get, "/sign-in/authenticator", &SignInPages::authenticator);
    add(Method::post, "/sign-in/authenticator", &SignInPages::register_authenticator);
    add(Method::get, "/sign-in/passkey", &SignInPages::passkey);
    add(Method::post, "/sign-in/passkey", &SignInPages::enter_passkey);
    add(Method::get, "/sign-in/passkey/new", &SignInPages::new_passkey);
    add(Method::post, "/sign-in/passkey/new", &SignInPages::enter_new_passkey);
    add(Method::get, "/sign-in/code", &SignInPages::code);
    add(Method::post, "/sign-in/code", &SignInPages::enter_code);
    add(Method::post, "/sign-in/code/again", &SignInPages::code_again);
    add(Method::get, "/sign-in/code/status", &SignInPages::code_status);
    add(Method::get, "/sign-in/recovery", &SignInPages::spare_code);
    add(Method::post, "/sign-in/recovery", &SignInPages::enter_spare_code);
    add(Method::get, "/sign-in/methods", &SignInPages::methods);
    add(Method::post, "/sign-in/methods", &SignInPages::choose_method);
    add(Method::get, "/sign-in/new-password", &SignInPages::new_password);
    add(Method::post, "/sign-in/new-password", &SignInPages::enter_new_password);
    add(Method::get, "/sign-in/done", &SignInPages::done);
    add(Method::get, "/sign-out", &SignInPages::sign_out);
    add(Method::post, "/sign-out", &SignInPages::sign_out_now);
}

Result<FlowView> SignInPages::flow(const Request& request) {
    const auto token = request.cookie(http::kFlowCookie);
    if (!token) {
        return failure(ErrorKind::unauthenticated, "flow_lost");
    }
    return service_.view(SecretText(*token), request.now);
}

// A page of the flow: drawn where the flow stands on it; a back button or a typed address leads to where it does stand.
SignInPages::Page SignInPages::show(const Request& request, std::initializer_list<FlowState> states) {
    const auto view = flow(request);
    if (!view) {
        if (view.error().kind != ErrorKind::unauthenticated) {
            return failure(view.error());
        }
        return Response::see_other("/sign-in").with_cookie(gone(http::kFlowCookie));
    }
    if (std::ranges::find(states, view->flow.state) == states.end()) {
        return Response::see_other(std::string(path_of(view->flow.state)));
    }
    return draw(request, *view);
}

Response SignInPages::go_on(const Stepped& stepped) const {
    const bool goes_back = stepped.state == FlowState::signed_in && !stepped.next.empty();
    Response response = Response::see_other(goes_back ? stepped.next : std::string(path_of(stepped.state)));
    if (goes_back) {
        response.with_cookie(gone(http::kFlowCookie));
    }
    if (!stepped.flow_token.empty()) {
        response.with_cookie({std::string(http::kFlowCookie), stepped.flow_token.reveal()});
    }
    if (!stepped.session_token.empty()) {
        response.with_cookie({std::string(http::kSessionCookie), stepped.session_token.reveal()});
        if (!goes_back) {
            response.with_cookie(gone(http::kFlowCookie));
        }
    }
    return response;
}

Response SignInPages::go_on_after_registration(const Stepped& stepped) const {
    Response response = go_on(stepped);
    if (stepped.state != FlowState::signed_in || !stepped.next.empty()) {
        return response;
    }
    Response done = Response::see_other("/sign-in/done");
    done.cookies = response.cookies;
    return done;
}

SignInPages::Page SignInPages::refuse(const Request& request, const Error& error, const http::Fields* typed) {
    const bool whole_page = error.message_id == "stale_step" || error.message_id == "flow_lost" ||
                            error.kind == ErrorKind::unavailable || error.kind == ErrorKind::internal;
    if (whole_page) {
        return failure(error);
    }
    const auto view = flow(request);
    if (!view) {
        return failure(error);
    }
    if (view->tries_left == 0 && may_be_the_last_try(error)) {
        return failure(after_the_last_try());
    }
    const bool chose_a_way = typed != nullptr && typed->find("country");  // the choice's own form
    return draw(request, *view, &error, typed, chose_a_way ? choice_of(*view) : std::nullopt);
}

std::optional<FlowState> SignInPages::choice_of(const FlowView& view) {
    const FlowState state = view.flow.state;
    const bool registers = state == FlowState::register_method || state == FlowState::register_code ||
                           state == FlowState::register_totp || state == FlowState::register_passkey;
    return registers ? std::optional(FlowState::register_method) : std::nullopt;
}

// --- the ID and the password ---

SignInPages::Page SignInPages::sign_in(const Request& request) {
    const auto principal = sessions_.check(request);
    if (principal) {
        return Response::see_other("/");
    }
    if (principal.error().kind != ErrorKind::unauthenticated) {
        return failure(principal.error());  // nobody could look: the session is not over
    }
    render::View page;
    page.set("LOGIN_ID", "");
    Response response = writer_.page(request, "sign_in", [&] {
        if (request.cookie(http::kSessionCookie)) {
            page.show("SESSION_ENDED");
        }
        return page;
    }());
    if (request.cookie(http::kSessionCookie)) {
        response.with_cookie(gone(http::kSessionCookie));
    }
    return response;
}

SignInPages::Page SignInPages::enter_id(const Request& request) {
    const auto form = TRY(request.form());
    const auto started = form.text("way") == "passkey" ? service_.start_passkey(client_of(request))
                                                       : service_.start(form.text("login_id"), client_of(request));
    if (!started) {
        if (started.error().kind != ErrorKind::invalid) {
            return failure(started.error());
        }
        render::View page;
        page.set("LOGIN_ID", form.text("login_id"));
        writer_.explain(page, request, started.error());
        return writer_.page(request, "sign_in", page, 400);
    }
    return go_on(*started);
}

SignInPages::Page SignInPages::password(const Request& request) {
    return show(request, {FlowState::password});
}

SignInPages::Page SignInPages::enter_password(const Request& request) {
    const auto form = TRY(request.form());
    const std::string password = form.text("password");
    const bool impossible = password.empty() || password.size() > limits::kPasswordMaximumBytes;
    if (impossible) {
        const Error error{.kind = ErrorKind::invalid,
                          .message_id = "invalid_fields",
                          .fields = {{"password",
                                      password.empty() ? "required" : "too_long",
                                      {{"maximum", std::to_string(limits::kPasswordMaximumCodePoints)}}}}};
        return refuse(request, error);
    }
    const auto stepped = service_.password(step_of(request, form), SecretText(password), client_of(request));
    if (!stepped) {
        return refuse(request, stepped.error());
    }
    return go_on(*stepped);
}

// --- registering a second step ---

SignInPages::Page SignInPages::second_step(const Request& request) {
    // "Correct the number" and "use the phone instead" come back from a later step of the registration. Looking changes
    // nothing: the code that was sent is good until another choice is made.
    const auto view = flow(request);
    if (view && choice_of(*view)) {
        return draw(request, *view, nullptr, nullptr, choice_of(*view));
    }
    return show(request, {FlowState::register_method});
}

SignInPages::Page SignInPages::choose_second_step(const Request& request) {
    const auto form = TRY(request.form());
    if (form.text("edit") == "1") {
        const auto view = flow(request);
        if (!view) {
            return failure(view.error());
        }
        return draw(request, *view, nullptr, &form, choice_of(*view));
    }
    const auto kind = method_kind(form.text("method"));
    if (!kind) {
        return refuse(request, invalid_field("method", "choice_required").value(), &form);
    }
    const auto step = step_of(request, form);
    if (*kind == MethodKind::totp) {
        const auto stepped = service_.register_application(step, client_of(request));
        return stepped ? Page(go_on(*stepped)) : refuse(request, stepped.error(), &form);
    }
    if (*kind == MethodKind::passkey) {
        const auto stepped = service_.register_passkey(step, client_of(request));
        return stepped ? Page(go_on(*stepped)) : refuse(request, stepped.error(), &form);
    }
    const auto number =
        phones_.parse(form.text("phone"), form.text("country").empty() ? "JP" : form.text("country"),
                      *kind == MethodKind::sms ? gateway::PhonePurpose::sms : gateway::PhonePurpose::voice);
    if (!number) {
        return refuse(request, number.error(), &form);
    }
    if (form.text("read_back") == fold_digits(number->national).value_or("-")) {
        const auto stepped = service_.register_phone(step, *kind, *number, client_of(request));
        return stepped ? Page(go_on(*stepped)) : refuse(request, stepped.error(), &form);
    }
    const auto view = flow(request);
    if (!view || (step.step && *step.step != view->flow.step())) {
        return failure(view ? Error{.kind = ErrorKind::conflict, .message_id = "stale_step"} : view.error());
    }
    render::View page;
    page.set("NUMBER", number->national).set("PHONE", form.text("phone")).set("COUNTRY", number->country);
    page.set("METHOD", to_text(*kind)).set("STEP", view->flow.step()).set("BACK", "/sign-in/second-step");
    page.show(*kind == MethodKind::sms ? "BY_SMS" : "BY_VOICE");
    page.show(number->country != "JP"                      ? "NUMBER_ABROAD"
              : number->kind == gateway::PhoneKind::mobile ? "NUMBER_MOBILE"
              : number->kind == gateway::PhoneKind::ip     ? "NUMBER_IP"
                                                           : "NUMBER_FIXED");
    if (view->flow.by_initial_password) {
        page.show("PASSWORD_STEP");
    }
    show_who(page, request, view->flow);
    return writer_.page(request, "confirm_number", page);
}

SignInPages::Page SignInPages::confirm_number(const Request& request) {
    const auto form = TRY(request.form());
    const auto kind = method_kind(form.text("method"));
    if (!kind || !by_phone(*kind)) {
        return failure(ErrorKind::invalid, "malformed");
    }
    const auto number =
        phones_.parse(form.text("phone"), form.text("country"),
                      *kind == MethodKind::sms ? gateway::PhonePurpose::sms : gateway::PhonePurpose::voice);
    if (!number) {
        return refuse(request, number.error(), &form);
    }
    const auto stepped = service_.register_phone(step_of(request, form), *kind, *number, client_of(request));
    return stepped ? Page(go_on(*stepped)) : refuse(request, stepped.error(), &form);
}

SignInPages::Page SignInPages::authenticator(const Request& request) {
    return show(request, {FlowState::register_totp});
}

SignInPages::Page SignInPages::register_authenticator(const Request& request) {
    return enter_code(request);
}

// --- codes ---

SignInPages::Page SignInPages::code(const Request& request) {
    const auto view = flow(request);
    if (view && view->flow.state == FlowState::code) {
        const auto method = std::ranges::find(view->methods, view->flow.method, &SecondStep::id);
        if (method != view->methods.end() && method->disabled) {
            return Response::see_other("/sign-in/recovery");  // all are switched off: a kept code is the way in
        }
    }
    return show(request, {FlowState::code, FlowState::register_code});
}

SignInPages::Page SignInPages::enter_code(const Request& request) {
    const auto form = TRY(request.form());
    const auto before = flow(request);
    const auto stepped = service_.code(step_of(request, form), form.text("code"), client_of(request));
    if (!stepped) {
        return refuse(request, stepped.error());
    }
    const bool registered = before && before->flow.registering();
    return registered ? go_on_after_registration(*stepped) : go_on(*stepped);
}

SignInPages::Page SignInPages::code_again(const Request& request) {
    const auto form = TRY(request.form());
    const auto kind = method_kind(form.text("by"));
    if (!kind || !by_phone(*kind)) {
        return failure(ErrorKind::invalid, "malformed");
    }
    const auto stepped = service_.send_again(step_of(request, form), *kind, client_of(request));
    return stepped ? Page(go_on(*stepped)) : refuse(request, stepped.error());
}

// --- a code that stands for the second step ---

SignInPages::Page SignInPages::spare_code(const Request& request) {
    const auto view = flow(request);
    if (!view || !asks_second_step(view->flow.state)) {
        return show(request, {});
    }
    render::View page;
    page.set("STEP", view->flow.step());
    if (view->flow.purpose != FlowPurpose::sign_in) {
        page.show("TO_SECURITY");
    }
    show_who(page, request, view->flow);
    return writer_.page(request, "recovery", page);
}

SignInPages::Page SignInPages::enter_spare_code(const Request& request) {
    const auto form = TRY(request.form());
    const auto stepped = service_.spare_code(step_of(request, form), form.text("code"), client_of(request));
    return stepped ? Page(go_on(*stepped)) : refuse_spare_code(request, stepped.error());
}

SignInPages::Page SignInPages::refuse_spare_code(const Request& request, const Error& error) {
    const auto view = flow(request);
    if (!view || !asks_second_step(view->flow.state) || !may_be_the_last_try(error)) {
        return failure(error);
    }
    if (view->tries_left == 0) {
        return failure(after_the_last_try());
    }
    render::View page;
    page.set("STEP", view->flow.step());
    if (view->flow.purpose != FlowPurpose::sign_in) {
        page.show("TO_SECURITY");
    }
    writer_.explain(page, request, error);
    show_who(page, request, view->flow);
    auto response = writer_.page(request, "recovery", page, error.kind == ErrorKind::invalid ? 400 : 429);
    if (error.retry_after) {
        response.with_header("Retry-After", std::to_string(error.retry_after->count()));
    }
    return response;
}

SignInPages::Page SignInPages::methods(const Request& request) {
    const auto view = flow(request);
    if (!view || (view->flow.state != FlowState::code && view->flow.state != FlowState::passkey)) {
        return show(request, {});
    }
    render::View page;
    page.set("STEP", view->flow.step());
    page.show(view->flow.purpose == FlowPurpose::sign_in ? "CAN_MAKE_DEFAULT" : "TO_SECURITY");
    page.show(view->flow.state == FlowState::passkey ? "FROM_PASSKEY" : "FROM_CODE");
    for (const auto& method : view->methods) {
        if (method.disabled) {
            continue;
        }
        // A mobile number is two ways in one: SMS and voice.
        const bool both = method.phone_mobile && by_phone(method.kind);
        for (const MethodKind kind :
             both ? std::vector{MethodKind::sms, MethodKind::voice} : std::vector{method.kind}) {
            auto& shown = page.add("METHOD");
            shown.set("METHOD_ID", std::to_string(method.id.value) + "-" + std::string(to_text(kind)));
            shown.set("METHOD_LABEL", method_label(request, kind, shown_name(method)));
            shown.show(kind == MethodKind::sms       ? "METHOD_SMS"
                       : kind == MethodKind::voice   ? "METHOD_VOICE"
                       : kind == MethodKind::passkey ? "METHOD_PASSKEY"
                                                     : "METHOD_TOTP");
            if (method.is_default && method.kind == kind) {
                shown.show("METHOD_DEFAULT");
            }
            if (method.id == view->flow.method && view->flow.kind == kind) {
                shown.show("METHOD_SELECTED");
            }
        }
    }
    show_who(page, request, view->flow);
    return writer_.page(request, "methods", page);
}

SignInPages::Page SignInPages::choose_method(const Request& request) {
    const auto form = TRY(request.form());
    const std::string chosen = form.text("method_id");  // "12-voice"
    const auto dash = chosen.find('-');
    const auto id = http::parse_identifier(std::string_view(chosen).substr(0, dash)).value_or(0);
    const auto kind = dash == std::string::npos ? std::nullopt : method_kind(std::string_view(chosen).substr(dash + 1));
    const auto stepped = service_.choose_method(step_of(request, form), SecondStepId{id}, kind,
                                                form.text("make_default") == "1", client_of(request));
    return stepped ? Page(go_on(*stepped)) : refuse(request, stepped.error());
}

// --- the new password, and the end ---

SignInPages::Page SignInPages::new_password(const Request& request) {
    return show(request, {FlowState::new_password});
}

SignInPages::Page SignInPages::enter_new_password(const Request& request) {
    const auto form = TRY(request.form());
    const auto stepped = service_.new_password(step_of(request, form), SecretText(form.text("current_password")),
                                               SecretText(form.text("new_password")),
                                               SecretText(form.text("new_password_again")), client_of(request));
    return stepped ? Page(go_on(*stepped)) : refuse(request, stepped.error());
}

SignInPages::Page SignInPages::sign_out(const Request& request) {
    const auto principal = sessions_.check(request);
    if (!principal) {
        if (principal.error().kind != ErrorKind::unauthenticated) {
            return failure(principal.error());
        }
        return Response::see_other("/sign-in");
    }
    render::View page;
    page.show("CONFIRM");
    before_sign_out_(request, *principal, page);
    if (!page.shows("DRAFT_WAITING")) {
        page.show("NO_DRAFT");
    }
    return writer_.page(request, "sign_out", page);
}

SignInPages::Page SignInPages::sign_out_now(const Request& request) {
    const auto principal = sessions_.check(request);
    if (principal) {
        TRY(sessions_.end(*principal, request.now));
    } else if (principal.error().kind != ErrorKind::unauthenticated) {
        return failure(principal.error());  // "signed out" would be a lie: the session lives on
    }
    render::View page;
    page.show("DONE").set("BACK", "/sign-in");
    return writer_.page(request, "sign_out", page)
        .with_cookie(gone(http::kSessionCookie))
        .with_cookie(gone(http::kFlowCookie));
}

}  // namespace madoguchi::signin
