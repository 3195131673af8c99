#include "tokens/token_api.hpp"

#include "accounts/account_api.hpp"
#include "directory/organization_api.hpp"
#include "http/conditional.hpp"
#include "http/json_reader.hpp"
#include "http/json_values.hpp"

namespace madoguchi::tokens {
namespace {

using directory::Guard;
using http::Request;
using http::Response;

nlohmann::json to_json(const ApiToken& token, Instant now) {
    auto scopes = nlohmann::json::array();
    for (const Scope scope : token.scopes) {
        scopes.push_back(to_text(scope));
    }
    return {{"id", std::to_string(token.id.value)},
            {"name", token.name},
            {"hint", token.hint},
            {"state", to_text(state_of(token, now))},
            {"scopes", scopes},
            {"sources", token.sources},
            {"organization", directory::to_json(token.organization)},
            {"made_by", {{"id", std::to_string(token.maker.value)}, {"login_id", token.maker_name}}},
            {"created_at", format_rfc3339_japan(token.created_at)},
            {"expires_at", format_rfc3339_japan(token.expires_at)},
            {"last_used_at", http::optional_time(token.last_used_at)},
            {"last_used_source",
             token.last_used_source.empty() ? nlohmann::json(nullptr) : nlohmann::json(token.last_used_source)},
            {"revoked_at", http::optional_time(token.revoked_at)}};
}

Result<Response> make(TokenService& service, const Guard& guard, const Request& request) {
    const auto principal = TRY(guard(request));
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    MakeToken command;
    command.name = reader.text("name");
    command.organization = reader.id<OrganizationId>("organization_id");
    for (const auto& name : reader.texts("scopes")) {
        if (const auto one = scope(name)) {
            command.scopes.push_back(*one);
        } else {
            reader.errors().add("scopes", "unknown_value");
        }
    }
    command.expires_at =
        reader.errors().take(accounts::parse_instant(reader.text("expires_at"), "expires_at")).value_or(Instant());
    command.sources = reader.texts("sources");
    TRY(reader.finish());
    const auto made = TRY(service.make(principal, command, request.now));
    auto out = to_json(made.token, request.now);
    out["token"] = made.secret.reveal();
    return Response::json(201, out).with_header("Location", "/api/v1/tokens/" + std::to_string(made.token.id.value));
}

Result<Response> list(TokenService& service, const Guard& guard, const Request& request) {
    const auto principal = TRY(guard(request));
    TRY(http::known_query(request, {"cursor", "limit"}));
    const auto page = TRY(directory::page_of(request));
    auto found = TRY(service.list(principal, {.before_id = page.after_id, .limit = page.limit + 1}, request.now));
    nlohmann::json out = {{"tokens", nlohmann::json::array()}, {"next_cursor", nullptr}};
    if (found.size() > static_cast<std::size_t>(page.limit)) {
        found.resize(static_cast<std::size_t>(page.limit));
        out["next_cursor"] = std::to_string(found.back().id.value);
    }
    for (const auto& token : found) {
        out["tokens"].push_back(to_json(token, request.now));
    }
    return Response::json(200, out);
}

Result<TokenId> wanted(const Request& request) {
    const auto id = http::parse_identifier(request.path_parameter("id"));
    if (!id) {
        return failure(ErrorKind::not_found, "not_found");
    }
    return TokenId{*id};
}

}  // namespace

void add_token_api(http::RouteTable& routes, TokenService& service, const Guard& guard) {
    using http::Method;
    routes.api(Method::post, "/api/v1/tokens",
               [&service, guard](const Request& request) { return make(service, guard, request); });
    routes.api(Method::get, "/api/v1/tokens",
               [&service, guard](const Request& request) { return list(service, guard, request); });
    routes.api(Method::get, "/api/v1/tokens/{id}", [&service, guard](const Request& request) -> Result<Response> {
        const auto principal = TRY(guard(request));
        TRY(http::known_query(request, {}));
        return Response::json(200,
                              to_json(TRY(service.show(principal, TRY(wanted(request)), request.now)), request.now));
    });
    routes.api(Method::post, "/api/v1/tokens/{id}/revoke",
               [&service, guard](const Request& request) -> Result<Response> {
                   const auto principal = TRY(guard(request));
                   return Response::json(
                       200, to_json(TRY(service.revoke(principal, TRY(wanted(request)), request.now)), request.now));
               });
}

}  // namespace madoguchi::tokens
