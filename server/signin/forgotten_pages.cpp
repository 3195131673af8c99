#include "signin/forgotten_pages.hpp"

#include "base/limits.hpp"
#include "http/json_reader.hpp"

namespace madoguchi::signin {
namespace {

using http::Method;
using http::Request;
using http::Response;

constexpr const char* kAsk = "/sign-in/forgotten";
constexpr const char* kProof = "/sign-in/forgotten/code";

bool stays(const Error& error) {
    return error.kind == ErrorKind::invalid || error.kind == ErrorKind::too_many;
}

SecretText token_of(const Request& request) {
    return SecretText(request.cookie(http::kFlowCookie).value_or(""));
}

const char* section_of(ForgottenWay way) {
    switch (way) {
        case ForgottenWay::sms:
            return "BY_SMS";
        case ForgottenWay::voice:
            return "BY_VOICE";
        case ForgottenWay::totp:
            return "BY_TOTP";
        case ForgottenWay::recovery:
            break;
    }
    return "BY_RECOVERY";
}

http::Response refused(http::Response response, const Error& error) {
    response.status = error.kind == ErrorKind::invalid ? 400 : 429;
    if (error.retry_after) {
        response.with_header("Retry-After", std::to_string(error.retry_after->count()));
    }
    return response;
}

Result<Response> start_by_api(ForgottenService& service, const Request& request) {
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    const auto login_id = reader.text("login_id");
    const auto way = forgotten_way(reader.text("way"));
    if (!way) {
        reader.errors().add("way", "unknown_value");
    }
    TRY(reader.finish());
    const auto token = TRY(service.start(login_id, *way, client_of(request)));
    return Response::json(202, {{"recovery", token.reveal()},
                                {"expires_at", format_rfc3339_japan(request.now + limits::kForgottenLife)}});
}

Result<Response> prove_by_api(ForgottenService& service, const Request& request) {
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    const SecretText token(reader.text("recovery"));
    const auto code = reader.text("code");
    TRY(reader.finish());
    const auto done = TRY(service.prove(token, code, client_of(request)));
    return Response::json(
        200, {{"reset_code_sent_to", done.sent_to.empty() ? nlohmann::json(nullptr) : nlohmann::json(done.sent_to)}});
}

}  // namespace

void ForgottenPages::add_to(http::RouteTable& routes) {
    const auto add = [&](Method method, const char* pattern, Page (ForgottenPages::*handler)(const Request&)) {
        routes.page(method, pattern, [this, handler](const Request& request) { return (this->*handler)(request); });
    };
    add(Method::get, kAsk, &ForgottenPages::ask);
    add(Method::post, kAsk, &ForgottenPages::start);
    add(Method::get, kProof, &ForgottenPages::proof);
    add(Method::post, kProof, &ForgottenPages::prove);
}

Response ForgottenPages::draw_ask(const Request& request, const std::string& login_id, ForgottenWay way,
                                  const Error* error) const {
    render::View page;
    page.set("LOGIN_ID", login_id).show(section_of(way));
    if (error == nullptr) {
        return writer_.page(request, "forgotten", page);
    }
    writer_.explain(page, request, *error);
    return refused(writer_.page(request, "forgotten", page), *error);
}

ForgottenPages::Page ForgottenPages::ask(const Request& request) {
    return draw_ask(request, "", ForgottenWay::sms, nullptr);
}

ForgottenPages::Page ForgottenPages::start(const Request& request) {
    const auto form = TRY(request.form());
    const auto way = forgotten_way(form.text("way"));
    if (!way) {
        const auto error = invalid_field("way", "choice_required");
        return draw_ask(request, form.text("login_id"), ForgottenWay::sms, &error.value());
    }
    const auto token = service_.start(form.text("login_id"), *way, client_of(request));
    if (!token) {
        return stays(token.error()) ? Page(draw_ask(request, form.text("login_id"), *way, &token.error()))
                                    : failure(token.error());
    }
    return Response::see_other(kProof).with_cookie({std::string(http::kFlowCookie), token->reveal()});
}

Response ForgottenPages::draw_proof(const Request& request, const Forgotten& claimed, const Error* error) const {
    render::View page;
    page.set("LOGIN_ID", claimed.login_key).show(section_of(claimed.way)).show("FORM");
    page.set("EXPIRES_AT", format_japanese_time(claimed.created_at + limits::kCodeLife));
    if (error == nullptr) {
        return writer_.page(request, "forgotten_code", page);
    }
    Error told = *error;
    if (told.message_id == "too_many_tries") {
        told.message_id = "forgotten_too_many";  // no wait brings this recovery back: another one must be begun
    }
    writer_.explain(page, request, told);
    return refused(writer_.page(request, "forgotten_code", page), told);
}

ForgottenPages::Page ForgottenPages::proof(const Request& request) {
    const auto claimed = service_.view(token_of(request), request.now);
    if (!claimed) {
        return claimed.error().kind == ErrorKind::unauthenticated ? Page(Response::see_other(kAsk))
                                                                  : failure(claimed.error());
    }
    return draw_proof(request, *claimed, nullptr);
}

ForgottenPages::Page ForgottenPages::prove(const Request& request) {
    const auto form = TRY(request.form());
    const auto done = service_.prove(token_of(request), form.text("code"), client_of(request));
    if (!done) {
        const auto claimed = service_.view(token_of(request), request.now);
        return claimed && stays(done.error()) ? Page(draw_proof(request, *claimed, &done.error()))
                                              : failure(done.error());
    }
    render::View page;
    page.set("BACK", "/sign-in");
    if (done->sent_to.empty()) {
        page.show("ONLY_ASK");
    } else {
        page.add("SENT").set("SENT_TO", done->sent_to);
    }
    return writer_.page(request, "forgotten_code", page)
        .with_cookie({std::string(http::kFlowCookie), "", std::chrono::seconds(0)});
}

void add_forgotten_api(http::RouteTable& routes, ForgottenService& service) {
    routes.api(Method::post, "/api/v1/password/forgotten",
               [&service](const Request& request) { return start_by_api(service, request); });
    routes.api(Method::post, "/api/v1/password/forgotten/prove",
               [&service](const Request& request) { return prove_by_api(service, request); });
}

}  // namespace madoguchi::signin
