#include "signin/sign_in_api.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "base/limits.hpp"
#include "directory/organization_api.hpp"
#include "http/conditional.hpp"
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

// Written straight to text: this is the answer that scripts and pages ask for most.
class JsonText {
public:
    JsonText& open_object(std::string_view name = {}) { return key(name), writer_.StartObject(), *this; }
    JsonText& close_object() { return writer_.EndObject(), *this; }
    JsonText& open_array(std::string_view name) { return key(name), writer_.StartArray(), *this; }
    JsonText& close_array() { return writer_.EndArray(), *this; }
    JsonText& text(std::string_view value) { return writer_.String(value.data(), length(value)), *this; }
    JsonText& text(std::string_view name, std::string_view value) { return key(name).text(value); }
    JsonText& null(std::string_view name) { return key(name), writer_.Null(), *this; }
    std::string take() const { return {buffer_.GetString(), buffer_.GetSize()}; }

private:
    static rapidjson::SizeType length(std::string_view text) { return static_cast<rapidjson::SizeType>(text.size()); }
    JsonText& key(std::string_view name) {
        if (!name.empty()) {
            writer_.Key(name.data(), length(name));
        }
        return *this;
    }

    rapidjson::StringBuffer buffer_;
    rapidjson::Writer<rapidjson::StringBuffer> writer_{buffer_};
};

void write(JsonText& out, const directory::OrganizationRef& organization) {
    out.open_object("organization")
        .text("id", std::to_string(organization.id.value))
        .text("name", organization.name)
        .text("kind", directory::to_text(organization.kind))
        .close_object();
}

void write(JsonText& out, const directory::Grant& grant) {
    out.open_object().text("id", std::to_string(grant.id.value)).text("role", directory::to_text(grant.role));
    write(out, grant.organization);
    out.text("from", format_rfc3339_japan(grant.from));
    grant.until ? out.text("until", format_rfc3339_japan(*grant.until)) : out.null("until");
    out.close_object();
}

Result<Response> me(const directory::Guard& guard, const Request& request) {
    const auto principal = TRY(guard(request));
    TRY(http::known_query(request, {}));
    JsonText out;
    out.open_object().open_object("account");
    out.text("id", std::to_string(principal.account.value)).text("login_id", principal.login_id);
    out.text("name", principal.name).close_object();
    write(out, principal.home);
    out.open_array("grants");
    for (const auto& grant : principal.grants) {
        if (grant.active(request.now)) {
            write(out, grant);
        }
    }
    out.close_array().open_array("permissions");
    for (const auto permission : directory::permissions(principal, request.now)) {
        out.text(directory::to_text(permission));
    }
    out.close_array();
    if (principal.limits) {
        out.open_object("token").text("id", std::to_string(principal.limits->token.value));
        out.text("name", principal.limits->name).close_object();
    }
    out.close_object();
    return Response{200, "application/json", out.take()};
}

}  // namespace

void add_sign_in_api(http::RouteTable& routes, SignInService& service, SessionService& sessions,
                     const directory::Guard& guard) {
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
    routes.api(Method::get, "/api/v1/me", [guard](const Request& request) { return me(guard, request); });
}

}  // namespace madoguchi::signin
