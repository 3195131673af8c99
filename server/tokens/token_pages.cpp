#include "tokens/token_pages.hpp"

#include <algorithm>

#include "accounts/desk_pages.hpp"
#include "base/field_errors.hpp"
#include "base/japanese_date.hpp"
#include "base/japanese_text.hpp"
#include "base/limits.hpp"
#include "base/token_limits.hpp"
#include "http/json_reader.hpp"

namespace madoguchi::tokens {
namespace {

using accounts::shown_date;
using directory::Console;
using http::Method;
using http::Request;
using http::Response;

constexpr const char* kPath = "/tokens";

struct Parts {
    Console& console;
    TokenService& tokens;
    AskToConfirm ask_to_confirm;
};

// "accounts:write" is "accounts_write" in the catalogs.
std::string scope_id(Scope scope) {
    std::string id(to_text(scope));
    std::ranges::replace(id, ':', '_');
    return id;
}

std::string scope_text(const Parts& parts, const Request& request, Scope scope, const char* prefix) {
    return parts.console.text(request, prefix + scope_id(scope));
}

void fill(render::View& view, const Parts& parts, const Request& request, const ApiToken& token) {
    const auto state = state_of(token, request.now);
    view.set("TOKEN_ID", std::to_string(token.id.value)).set("TOKEN_NAME", token.name).set("TOKEN_HINT", token.hint);
    view.set("TOKEN_STATE", parts.console.text(request, "token_state." + std::string(to_text(state))));
    view.show(state == TokenState::active ? "STATE_GOOD" : "STATE_OVER");
    view.set("TOKEN_ORGANIZATION", token.organization.name)
        .set("TOKEN_MAKER", accounts::short_login_id(token.maker_name));
    view.set("TOKEN_MADE_AT", shown_date(token.created_at)).set("TOKEN_UNTIL", shown_date(token.expires_at));
    for (const Scope scope : token.scopes) {
        view.add("SCOPE")
            .set("SCOPE_NAME", to_text(scope))
            .set("SCOPE_TEXT", scope_text(parts, request, scope, "token_scope."));
    }
    for (const auto& source : token.sources) {
        view.add("SOURCE").set("SOURCE_RANGE", source);
    }
    if (token.sources.empty()) {
        view.show("ANY_SOURCE");
    }
    if (token.last_used_at) {
        view.add("USED")
            .set("USED_AT", format_japanese_date_time(*token.last_used_at))
            .set("USED_FROM", token.last_used_source);
    } else {
        view.show("NEVER_USED");
    }
    if (token.revoked_at) {
        view.add("REVOKED")
            .set("REVOKED_AT", format_japanese_date_time(*token.revoked_at))
            .set("REVOKED_BY", token.revoked_by);
    }
}

Result<Response> list(const Parts& parts, const Request& request, const Principal& principal) {
    const auto place = directory::place_of(request);
    auto found =
        TRY(parts.tokens.list(principal, {.before_id = place.after, .limit = limits::kPageRows + 1}, request.now));
    std::int64_t next = 0;
    if (found.size() > static_cast<std::size_t>(limits::kPageRows)) {
        found.resize(static_cast<std::size_t>(limits::kPageRows));
        next = found.back().id.value;
    }
    render::View page = parts.console.view(request, principal, "tokens");
    for (const auto& token : found) {
        fill(page.add("TOKEN"), parts, request, token);
    }
    page.show(found.empty() ? "EMPTY" : "LIST");
    directory::show_pager(page, request, place, next);
    if (request.query.text("done") == "revoked") {
        directory::show_toast(page, parts.console.text(request, "tokens.done_revoked"));
    }
    return parts.console.writer().page(request, "tokens", page);
}

// --- making one ---

constexpr const char* kNew = "/tokens/new";

bool asks_who(const Error& error) {
    return error.message_id == "confirmation_needed";
}

std::vector<std::string> chosen_scopes(const http::Fields& typed) {
    std::vector<std::string> out;
    for (const auto& [name, value] : typed.all()) {
        if (name == "scope") {
            out.push_back(value);
        }
    }
    return out;
}

void add_places(render::View& page, const Principal& principal, const http::Fields& typed, Instant now) {
    const auto chosen = typed.text("organization_id");
    std::vector<OrganizationId> shown;
    for (const auto& grant : principal.grants) {
        const bool again = std::ranges::find(shown, grant.organization.id) != shown.end();
        if (directory::gives(principal, grant, directory::Permission::assign_role, now) && !again) {
            directory::add_option(page, "organization_id", std::to_string(grant.organization.id.value),
                                  grant.organization.name, chosen);
            shown.push_back(grant.organization.id);
        }
    }
}

render::View new_view(const Parts& parts, const Request& request, const Principal& principal,
                      const http::Fields& typed) {
    render::View page = parts.console.view(request, principal, "tokens");
    directory::add_crumb(page, parts.console.text(request, "tokens.title"), kPath);
    const auto until = typed.find("expires_at");
    page.set("NAME", typed.text("name")).set("SOURCES", typed.text("sources"));
    page.set("EXPIRES_AT", until ? *until : shown_date(request.now + limits::kTokenUsualLife));
    page.set("ADDRESS_NOW", request.source);
    add_places(page, principal, typed, request.now);
    const auto chosen = chosen_scopes(typed);
    for (const Scope scope : TokenService::scopes_for(principal, request.now)) {
        auto& choice = page.add("SCOPE");
        choice.set("SCOPE_NAME", to_text(scope))
            .set("SCOPE_TEXT", scope_text(parts, request, scope, "token_scope."))
            .set("SCOPE_HELP", scope_text(parts, request, scope, "token_scope_help."));
        if (std::ranges::find(chosen, to_text(scope)) != chosen.end()) {
            choice.show("SCOPE_CHOSEN");
        }
    }
    return page;
}

Result<Response> ask_new(const Parts& parts, const Request& request, const Principal& principal) {
    const auto may = parts.tokens.may_make(principal, request.now);
    if (!may) {
        return asks_who(may.error()) ? Result<Response>(parts.ask_to_confirm(kNew)) : failure(may.error());
    }
    return parts.console.writer().page(request, "token_new", new_view(parts, request, principal, request.query));
}

std::vector<std::string> words_of(const std::string& text) {
    std::vector<std::string> out;
    std::string word;
    for (const char c : fold_width(text) + " ") {
        const bool between = c == ' ' || c == ',' || c == '\n' || c == '\r' || c == '\t';
        if (!between) {
            word += c;
        } else if (!word.empty()) {
            out.push_back(std::move(word));
            word.clear();
        }
    }
    return out;
}

Result<MakeToken> command_of(const http::Fields& form) {
    FieldErrors errors;
    MakeToken command;
    command.name = form.text("name");
    command.organization = {http::parse_identifier(form.text("organization_id")).value_or(0)};
    for (const auto& name : chosen_scopes(form)) {
        if (const auto one = scope(name)) {
            command.scopes.push_back(*one);
        }
    }
    const auto typed_day = fold_width(form.text("expires_at"));
    const auto last_day = typed_day.empty() ? std::nullopt : errors.take(parse_japanese_day(typed_day, "expires_at"));
    if (typed_day.empty()) {
        errors.add("expires_at", "required");
    }
    command.expires_at = last_day.value_or(Instant()) + std::chrono::days(1);
    command.sources = words_of(form.text("sources"));
    TRY(std::move(errors).result());
    return command;
}

Result<Response> make(const Parts& parts, const Request& request, const Principal& principal) {
    const auto form = TRY(request.form());
    const auto made = command_of(form).and_then(
        [&](const MakeToken& command) { return parts.tokens.make(principal, command, request.now); });
    if (made) {
        render::View page = parts.console.view(request, principal, "tokens");
        directory::add_crumb(page, parts.console.text(request, "tokens.title"), kPath);
        fill(page, parts, request, made->token);
        page.set("SECRET", made->secret.reveal());
        return parts.console.writer().page(request, "token_made", page);
    }
    if (asks_who(made.error())) {
        return parts.ask_to_confirm(kNew);
    }
    return accounts::is_refusal(made.error())
               ? accounts::refused_page(parts.console, request, "token_new", new_view(parts, request, principal, form),
                                        made.error())
               : Result<Response>(failure(made.error()));
}

// --- one ---

TokenId wanted(const Request& request) {
    return {http::parse_identifier(request.path_parameter("id")).value_or(0)};
}

Result<render::View> token_view(const Parts& parts, const Request& request, const Principal& principal) {
    const auto token = TRY(parts.tokens.show(principal, wanted(request), request.now));
    render::View page = parts.console.view(request, principal, "tokens");
    directory::add_crumb(page, parts.console.text(request, "tokens.title"), kPath);
    fill(page, parts, request, token);
    if (!token.revoked_at && TokenService::may_revoke(principal, token, request.now)) {
        page.show("CAN_REVOKE");
    }
    return page;
}

Result<Response> show(const Parts& parts, const Request& request, const Principal& principal) {
    return parts.console.writer().page(request, "token", TRY(token_view(parts, request, principal)));
}

Result<Response> ask_revoke(const Parts& parts, const Request& request, const Principal& principal) {
    return parts.console.writer().page(request, "token_revoke", TRY(token_view(parts, request, principal)));
}

Result<Response> revoke(const Parts& parts, const Request& request, const Principal& principal) {
    const auto done = parts.tokens.revoke(principal, wanted(request), request.now);
    if (done) {
        return Response::see_other(std::string(kPath) + "?done=revoked");
    }
    if (!accounts::is_refusal(done.error())) {
        return failure(done.error());
    }
    return accounts::refused_page(parts.console, request, "token", TRY(token_view(parts, request, principal)),
                                  done.error());
}

}  // namespace

void add_token_pages(Console& console, TokenService& tokens, AskToConfirm ask_to_confirm) {
    const Parts parts{console, tokens, std::move(ask_to_confirm)};
    using Handler = Result<Response> (*)(const Parts&, const Request&, const Principal&);
    const auto add = [&](Method method, std::string pattern, Handler handler) {
        console.page(method, std::move(pattern), [parts, handler](const Request& request, const Principal& principal) {
            return handler(parts, request, principal);
        });
    };
    add(Method::get, kPath, list);
    add(Method::get, kNew, ask_new);
    add(Method::post, kNew, make);
    add(Method::get, std::string(kPath) + "/{id}", show);
    add(Method::get, std::string(kPath) + "/{id}/revoke", ask_revoke);
    add(Method::post, std::string(kPath) + "/{id}/revoke", revoke);
}

}  // namespace madoguchi::tokens
