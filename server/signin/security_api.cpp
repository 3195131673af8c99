#include "signin/security_api.hpp"

#include "base/limits.hpp"
#include "directory/organization_api.hpp"
#include "http/conditional.hpp"
#include "http/json_reader.hpp"
#include "http/json_values.hpp"
#include "signin/browser_name.hpp"

namespace madoguchi::signin {
namespace {

using directory::Principal;
using http::Method;
using http::Request;
using http::Response;

nlohmann::json to_json(const SecondStep& step) {
    return {{"id", std::to_string(step.id.value)},
            {"kind", to_text(step.kind)},
            {"label", step.phone_masked},
            {"name", step.label},
            {"default", step.is_default},
            {"disabled", step.disabled},
            {"registered_at", format_rfc3339_japan(step.registered_at)},
            {"last_used_at", http::optional_time(step.last_used_at)}};
}

nlohmann::json to_json(const OwnSession& session, const Principal& principal) {
    return {{"id", std::to_string(session.id.value)},
            {"channel", session.channel},
            {"source", session.source},
            {"browser", browser_name(session.user_agent)},
            {"started_at", format_rfc3339_japan(session.created_at)},
            {"last_used_at", format_rfc3339_japan(session.last_used_at)},
            {"current", session.id == principal.session}};
}

Result<Response> show(const SecurityApiParts& parts, const Request& request, const Principal& principal) {
    TRY(http::known_query(request, {}));
    const auto view = TRY(parts.security.view(principal, request.now));
    nlohmann::json out = {
        {"second_steps", nlohmann::json::array()},
        {"recovery_codes",
         {{"left", view.recovery_codes.left}, {"made_at", http::optional_time(view.recovery_codes.made_at)}}},
        {"confirmed_until", http::optional_time(view.confirmed_until)}};
    for (const auto& method : view.methods) {
        out["second_steps"].push_back(to_json(method));
    }
    return Response::json(200, out);
}

Result<Response> sessions(const SecurityApiParts& parts, const Request& request, const Principal& principal) {
    TRY(http::known_query(request, {"cursor", "limit"}));
    const auto view = TRY(parts.security.view(principal, request.now));
    nlohmann::json out = {{"sessions", nlohmann::json::array()}, {"next_cursor", nullptr}};
    for (const auto& session : view.sessions) {
        out["sessions"].push_back(to_json(session, principal));
    }
    return Response::json(200, out);
}

Result<Response> activity(const SecurityApiParts& parts, const Request& request, const Principal& principal) {
    TRY(http::known_query(request, {"cursor", "limit"}));
    const auto page = TRY(directory::page_of(request));
    auto events = TRY(parts.security.activity(principal, page.after_id, page.limit + 1));
    nlohmann::json out = {{"events", nlohmann::json::array()}, {"next_cursor", nullptr}};
    if (events.size() > static_cast<std::size_t>(page.limit)) {
        events.resize(static_cast<std::size_t>(page.limit));
        out["next_cursor"] = std::to_string(events.back().id);
    }
    for (const auto& event : events) {
        out["events"].push_back(
            {{"id", std::to_string(event.id)},
             {"at", format_rfc3339_japan(event.at)},
             {"action", event.action},
             {"outcome", event.outcome},
             {"target", event.target_name},
             {"own", event.actor_account == principal.account.value},
             {"source", event.actor_account == principal.account.value || event.actor_account == 0 ? event.source
                                                                                                   : std::string()}});
    }
    return Response::json(200, out);
}

Result<Response> confirm(const SecurityApiParts& parts, const Request& request, const Principal& principal) {
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    const SecretText password(reader.text("password"));
    if (password.reveal().size() > limits::kPasswordMaximumBytes) {
        reader.errors().add("password", "too_long", {{"maximum", std::to_string(limits::kPasswordMaximumCodePoints)}});
    }
    TRY(reader.finish());
    const auto stepped = TRY(parts.sign_in.confirm(principal, password, "/security", client_of(request)));
    nlohmann::json methods = nlohmann::json::array();
    for (const auto& method : stepped.methods) {
        if (!method.disabled) {
            methods.push_back({{"id", std::to_string(method.id.value)},
                               {"kind", to_text(method.kind)},
                               {"label", method.phone_masked}});
        }
    }
    return Response::json(200, {{"flow", stepped.flow_token.reveal()},
                                {"state", "second_step"},
                                {"methods", std::move(methods)},
                                {"expires_at", format_rfc3339_japan(request.now + limits::kConfirmFlowLife)}});
}

Result<Response> change_method(const SecurityApiParts& parts, const Request& request, const Principal& principal) {
    const std::string act = request.path_parameter("act");
    const SecondStepId id{http::parse_identifier(request.path_parameter("id")).value_or(0)};
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    const std::string name = act == "rename" ? reader.text("name") : std::string();
    TRY(reader.finish());
    if (act == "rename") {
        TRY(parts.security.rename(principal, id, name, request.now));
    } else if (act == "default") {
        TRY(parts.security.make_default(principal, id, request.now));
    } else if (act == "remove") {
        TRY(parts.security.remove(principal, id, request.now));
    } else {
        return failure(ErrorKind::not_found, "not_found");
    }
    return show(parts, request, principal);
}

Result<Response> make_recovery_codes(const SecurityApiParts& parts, const Request& request,
                                     const Principal& principal) {
    nlohmann::json codes = nlohmann::json::array();
    for (const auto& code : TRY(parts.recovery_codes.make(principal, request.now))) {
        codes.push_back(code.reveal());
    }
    return Response::json(201, {{"recovery_codes", std::move(codes)}});
}

Result<Response> end_session(const SecurityApiParts& parts, const Request& request, const Principal& principal) {
    const SessionId id{http::parse_identifier(request.path_parameter("id")).value_or(0)};
    TRY(parts.security.end_session(principal, id, request.now));
    return Response::empty(204);
}

Result<Response> end_other_sessions(const SecurityApiParts& parts, const Request& request, const Principal& principal) {
    const auto ended = TRY(parts.security.end_other_sessions(principal, request.now));
    return Response::json(200, {{"ended", ended}});
}

}  // namespace

void add_security_api(http::RouteTable& routes, const SecurityApiParts& parts) {
    using Handler = Result<Response> (*)(const SecurityApiParts&, const Request&, const Principal&);
    const auto add = [&](Method method, const char* pattern, Handler handler) {
        routes.api(method, pattern, [parts, handler](const Request& request) -> Result<Response> {
            return handler(parts, request, TRY(parts.guard(request)));
        });
    };
    add(Method::get, "/api/v1/me/security", show);
    add(Method::get, "/api/v1/me/sessions", sessions);
    add(Method::get, "/api/v1/me/activity", activity);
    add(Method::post, "/api/v1/me/confirm", confirm);
    add(Method::post, "/api/v1/me/second-steps/{id}/{act}", change_method);
    add(Method::post, "/api/v1/me/recovery-codes", make_recovery_codes);
    add(Method::post, "/api/v1/me/sessions/end-others", end_other_sessions);
    add(Method::post, "/api/v1/me/sessions/{id}/end", end_session);
}

}  // namespace madoguchi::signin
