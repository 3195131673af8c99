#include "signin/sign_in_api.hpp"

#include "base/limits.hpp"
#include "directory/organization_api.hpp"
#include "http/json_reader.hpp"

namespace madoguchi::signin {
namespace {

using http::Request;
using http::Response;

std::string mask(const SecondStep& step) {
    return by_phone(step.kind) ? step.phone_masked : std::string();
}

Result<Response> sign_in(SignInService& service, const Request& request) {
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    const auto login_id = reader.text("login_id");
    const SecretText password(reader.text("password"));
    if (password.reveal().size() > limits::kPasswordMaximumBytes) {
        reader.errors().add("password", "too_long", {{"maximum", std::to_string(limits::kPasswordMaximumCodePoints)}});
    }
    if (login_id.size() > limits::kLoginIdBytes) {
        reader.errors().add("login_id", "too_long", {{"maximum", std::to_string(limits::kLoginIdBytes)}});
    }
    TRY(reader.finish());
    const auto stepped = TRY(service.password_by_api(login_id, password, client_of(request)));
    nlohmann::json methods = nlohmann::json::array();
    std::string chosen;
    for (const auto& method : stepped.methods) {
        // Passkeys are the browser's.
        if (!method.disabled && method.kind != MethodKind::passkey) {
            const auto id = std::to_string(method.id.value);
            methods.push_back({{"id", id}, {"kind", to_text(method.kind)}, {"label", mask(method)}});
            chosen = chosen.empty() ? id : chosen;
        }
    }
    return Response::json(200, {{"flow", stepped.flow_token.reveal()},
                                {"state", "second_step"},
                                {"default_method_id", chosen},
                                {"methods", std::move(methods)},
                                {"expires_at", format_rfc3339_japan(request.now + limits::kFlowLife)}});
}

Result<Response> challenge(SignInService& service, const Request& request) {
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    const SecretText token(reader.text("flow"));
    const auto method = reader.id<SecondStepId>("method_id");
    TRY(reader.finish());
    TRY(service.choose_method({token, std::nullopt}, method, std::nullopt, false, client_of(request)));
    const auto view = TRY(service.view(token, request.now));
    const bool sent = view.flow.kind && by_phone(*view.flow.kind);
    nlohmann::json out = {{"sent_to", sent ? nlohmann::json(view.phone) : nlohmann::json(nullptr)},
                          {"expires_at", nullptr}};
    if (sent && view.flow.code_expires_at) {
        out["expires_at"] = format_rfc3339_japan(*view.flow.code_expires_at);
    }
    return Response::json(sent ? 202 : 200, out);
}

Result<Response> second_step(SignInService& service, const Request& request) {
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    const SecretText token(reader.text("flow"));
    const auto code = reader.text("code");
    TRY(reader.finish());
    const auto stepped = TRY(service.code({token, std::nullopt}, code, client_of(request)));
    if (stepped.state != FlowState::signed_in) {
        return failure(ErrorKind::conflict, "first_sign_in_required");
    }
    return Response::json(200, {{"token", stepped.session_token.reveal()},
                                {"expires_at", format_rfc3339_japan(stepped.session_expires_at)},
                                {"account", {{"id", std::to_string(stepped.account.value)}}}});
}

nlohmann::json grant_json(const directory::Grant& grant) {
    nlohmann::json out = {{"id", std::to_string(grant.id.value)},
                          {"role", directory::to_text(grant.role)},
                          {"organization", directory::to_json(grant.organization)},
                          {"from", format_rfc3339_japan(grant.from)},
                          {"until", nullptr}};
    if (grant.until) {
        out["until"] = format_rfc3339_japan(*grant.until);
    }
    return out;
}

Result<Response> me(SessionService& sessions, const Request& request) {
    const auto principal = TRY(sessions.check(request));
    nlohmann::json out = {
        {"account",
         {{"id", std::to_string(principal.account.value)}, {"login_id", principal.login_id}, {"name", principal.name}}},
        {"organization", directory::to_json(principal.home)},
        {"grants", nlohmann::json::array()},
        {"permissions", nlohmann::json::array()}};
    for (const auto& grant : principal.grants) {
        if (grant.active(request.now)) {
            out["grants"].push_back(grant_json(grant));
        }
    }
    for (const auto permission : directory::permissions(principal, request.now)) {
        out["permissions"].push_back(directory::to_text(permission));
    }
    return Response::json(200, out);
}

}  // namespace

void add_sign_in_api(http::RouteTable& routes, SignInService& service, SessionService& sessions) {
    using http::Method;
    routes.api(Method::post, "/api/v1/sign-in",
               [&service](const Request& request) { return sign_in(service, request); });
    routes.api(Method::post, "/api/v1/sign-in/challenge",
               [&service](const Request& request) { return challenge(service, request); });
    routes.api(Method::post, "/api/v1/sign-in/second-step",
               [&service](const Request& request) { return second_step(service, request); });
    routes.api(Method::post, "/api/v1/sign-out", [&sessions](const Request& request) -> Result<Response> {
        const auto principal = TRY(sessions.check(request));
        TRY(sessions.end(principal, request.now));
        return Response::empty(204);
    });
    routes.api(Method::get, "/api/v1/me", [&sessions](const Request& request) { return me(sessions, request); });
}

}  // namespace madoguchi::signin
