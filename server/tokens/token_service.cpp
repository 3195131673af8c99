#include "tokens/token_service.hpp"

#include <algorithm>

#include "base/field_errors.hpp"
#include "base/japanese_text.hpp"
#include "base/token_limits.hpp"
#include "crypto/one_time_secrets.hpp"

namespace madoguchi::tokens {
namespace {

using directory::Permission;

constexpr std::string_view kPurpose = "api_token";
constexpr auto kPermission = Permission::assign_role;

tl::unexpected<Error> not_valid(std::string detail) {
    return failure(ErrorKind::unauthenticated, "token_not_valid", std::move(detail));
}

audit::Entry entry_for(const std::string& action, const std::string& path, TokenId id, const std::string& name) {
    return {.action = action,
            .organization_path = path,
            .target_kind = "token",
            .target_id = id.value,
            .target_name = name};
}

nlohmann::json summary(const ApiToken& token) {
    auto scopes = nlohmann::json::array();
    for (const Scope scope : token.scopes) {
        scopes.push_back(to_text(scope));
    }
    return {{"hint", token.hint},       {"organization", token.organization.name},
            {"scopes", scopes},         {"expires_at", format_rfc3339_japan(token.expires_at)},
            {"sources", token.sources}, {"made_by", token.maker_name}};
}

// A token asks for none, revokes none and looks at none: who holds one may not make it outlive its maker's attention.
Result<void> by_a_person(const Principal& principal) {
    if (principal.limits) {
        return failure(ErrorKind::forbidden, "token_makes_no_token");
    }
    return {};
}

Actor acting_below(const Principal& principal, const std::string& path) {
    Actor actor = directory::as_oneself(principal);
    actor.jurisdiction = Jurisdiction(path);
    return actor;
}

std::string checked_name(const std::string& typed, FieldErrors& errors) {
    auto name = fold_width(typed);
    if (name.empty()) {
        errors.add("name", "required");
    } else if (code_points(name) > limits::kTokenNameCodePoints) {
        errors.add("name", "too_long", {{"maximum", std::to_string(limits::kTokenNameCodePoints)}});
    }
    return name;
}

std::vector<std::string> checked_sources(const std::vector<std::string>& typed, FieldErrors& errors) {
    std::vector<std::string> out;
    for (const auto& one : typed) {
        const auto range = errors.take(SourceRange::parse(fold_width(one)));
        if (range && std::ranges::find(out, range->text()) == out.end()) {
            out.push_back(range->text());
        }
    }
    if (out.size() > limits::kTokenSources) {
        errors.add("sources", "too_many_sources", {{"maximum", std::to_string(limits::kTokenSources)}});
    }
    return out;
}

}  // namespace

// --- at every request ---

bool TokenService::carried_by(const http::Request& request) {
    const auto bearer = request.bearer_token();
    return bearer && is_token(*bearer);
}

Result<Principal> TokenService::check(const http::Request& request) {
    const auto bearer = request.bearer_token();
    if (!bearer || !is_token(*bearer)) {
        return not_valid("not a token");
    }
    const auto digest = crypto::digest_token(parts_.token_key, kPurpose, SecretText(*bearer));
    auto identity = TRY(store_.identity(parts_.database, digest));
    if (!identity) {
        return not_valid("unknown, revoked, or its maker may not act");
    }
    auto& principal = identity->principal;
    if (identity->expires_at <= request.now) {
        return not_valid("expired: token " + std::to_string(principal.limits->token.value));
    }
    if (!may_come_from(identity->sources, request.source)) {
        return failure(ErrorKind::forbidden, "token_source",
                       "token " + std::to_string(principal.limits->token.value) + " from " + request.source);
    }
    principal.source = request.source;
    principal.request_id = request.request_id;
    if (!identity->last_used_at || request.now - *identity->last_used_at >= limits::kTokenTouch) {
        TRY(parts_.database.transact(acting_below(principal, principal.limits->path), [&](db::Transaction& tx) {
            return store_.touch(tx, principal.limits->token, request.source, request.now);
        }));
    }
    return std::move(principal);
}

// --- by administrators ---

std::vector<Scope> TokenService::scopes_for(const Principal& principal, Instant now) {
    const auto held = directory::permissions(principal, now);
    std::vector<Scope> out;
    std::ranges::copy_if(kScopes, std::back_inserter(out), [&](Scope scope) {
        // read_directory stands in several scopes and tells nothing about the others.
        return std::ranges::any_of(permissions_of(scope), [&](Permission permission) {
            const bool tells = permission != Permission::read_directory || scope == Scope::directory_read;
            return tells && std::ranges::find(held, permission) != held.end();
        });
    });
    return out;
}

Result<NewToken> TokenService::checked(const Principal& principal, const MakeToken& command, Instant now) const {
    FieldErrors errors;
    NewToken token;
    token.name = checked_name(command.name, errors);
    token.sources = checked_sources(command.sources, errors);
    const auto possible = scopes_for(principal, now);
    for (const Scope scope : kScopes) {
        if (std::ranges::find(command.scopes, scope) == command.scopes.end()) {
            continue;
        }
        if (std::ranges::find(possible, scope) == possible.end()) {
            errors.add("scopes", "scope_not_held", {{"scope", std::string(to_text(scope))}});
        }
        token.scopes.push_back(scope);
    }
    if (command.scopes.empty()) {
        errors.add("scopes", "choose_one");
    }
    if (command.expires_at <= now) {
        errors.add("expires_at", "in_the_past");
    } else if (command.expires_at > now + limits::kTokenLongestLife) {
        errors.add("expires_at", "token_too_long",
                   {{"maximum", std::to_string(std::chrono::days(limits::kTokenLongestLife).count())}});
    }
    TRY(std::move(errors).result());
    token.expires_at = command.expires_at;
    token.maker = principal.account;
    token.maker_path = principal.home.path;
    token.maker_name = principal.login_id;
    return token;
}

Result<MadeToken> TokenService::insert(db::Transaction& tx, const Principal& principal, const Actor& actor,
                                       NewToken token, Instant now) {
    if (TRY(store_.count_living(tx, principal.account, now)) >= limits::kTokensOfOneMaker) {
        return failure(Error{.kind = ErrorKind::conflict,
                             .message_id = "too_many_tokens",
                             .values = {{"maximum", std::to_string(limits::kTokensOfOneMaker)}}});
    }
    const SecretText secret(std::string(kTokenPrefix) + parts_.entropy.token().reveal());
    token.digest = crypto::digest_token(parts_.token_key, kPurpose, secret);
    token.hint = hint_of(secret.reveal());
    const auto id = store_.insert(tx, token, now);
    if (!id) {
        return id.error().message_id == "already_exists" ? failure(ErrorKind::conflict, "token_name_taken")
                                                         : failure(id.error());
    }
    const auto made = TRY(store_.find(tx, *id));
    if (!made) {
        return failure(ErrorKind::internal, "internal", "a token that was just made is hidden");
    }
    auto entry = entry_for("token.make", token.organization.path, *id, token.name);
    entry.after = summary(*made);
    TRY(parts_.audit.append(tx, actor, entry, now));
    TRY(parts_.tell(tx, principal, token.name, now));
    return MadeToken{*made, secret};
}

Result<void> TokenService::may_make(const Principal& principal, Instant now) {
    TRY(by_a_person(principal));
    TRY(directory::acting(principal, kPermission, now));
    return parts_.database.transact(directory::as_oneself(principal),
                                    [&](db::Transaction& tx) { return parts_.confirmed(tx, principal, now); });
}

Result<MadeToken> TokenService::make(const Principal& principal, const MakeToken& command, Instant now) {
    TRY(may_make(principal, now));
    auto token = TRY(checked(principal, command, now));
    const auto found = parts_.organizations.show(principal, command.organization, now);
    if (!found) {
        return found.error().kind == ErrorKind::not_found ? invalid_field("organization_id", "not_found")
                                                          : failure(found.error());
    }
    token.organization = directory::ref(*found);
    // The maker's phones stand elsewhere than the token acts; who may was asked before, and the log keeps the name.
    const Actor actor = acting_below(principal, Jurisdiction::everything().setting());
    const auto attempt = entry_for("token.make", token.organization.path, {}, token.name);
    return parts_.audit.audited(actor, attempt, now, [&](db::Transaction& tx) -> Result<MadeToken> {
        if (!directory::may(principal, kPermission, token.organization, now)) {
            return failure(ErrorKind::forbidden, "forbidden", "no administrator of the token's organization");
        }
        return insert(tx, principal, actor, token, now);
    });
}

Result<std::vector<ApiToken>> TokenService::list(const Principal& principal, const TokenFilter& filter, Instant now) {
    TRY(by_a_person(principal));
    std::vector<ApiToken> out;
    for (const Actor& actor : TRY(directory::acting(principal, kPermission, now))) {
        auto some = TRY(parts_.database.transact(actor, [&](db::Transaction& tx) { return store_.list(tx, filter); }));
        std::ranges::move(some, std::back_inserter(out));
    }
    // Two grants may reach the same token: where it acts, and where its maker stands.
    std::ranges::sort(out, std::greater(), &ApiToken::id);
    const auto same = [](const ApiToken& left, const ApiToken& right) { return left.id == right.id; };
    out.erase(std::unique(out.begin(), out.end(), same), out.end());
    out.resize(std::min(out.size(), static_cast<std::size_t>(filter.limit)));
    return out;
}

Result<ApiToken> TokenService::show(const Principal& principal, TokenId id, Instant now) {
    TRY(by_a_person(principal));
    for (const Actor& actor : TRY(directory::acting(principal, kPermission, now))) {
        if (auto found =
                TRY(parts_.database.transact(actor, [&](db::Transaction& tx) { return store_.find(tx, id); }))) {
            return std::move(*found);
        }
    }
    return failure(ErrorKind::not_found, "not_found");
}

bool TokenService::may_revoke(const Principal& principal, const ApiToken& token, Instant now) {
    const auto actors = directory::acting(principal, kPermission, now);
    return token.maker == principal.account || (actors && std::ranges::any_of(*actors, [&](const Actor& actor) {
                                                    return actor.jurisdiction.contains(token.maker_path);
                                                }));
}

Result<ApiToken> TokenService::revoke(const Principal& principal, TokenId id, Instant now) {
    auto token = TRY(show(principal, id, now));
    const Actor actor = acting_below(principal, token.organization.path);
    auto entry = entry_for("token.revoke", token.organization.path, id, token.name);
    entry.before = summary(token);
    return parts_.audit.audited(actor, entry, now, [&](db::Transaction& tx) -> Result<ApiToken> {
        if (!may_revoke(principal, token, now)) {
            return failure(ErrorKind::forbidden, "higher_role");
        }
        if (TRY(store_.revoke(tx, id, principal.login_id, now)) == 0) {
            return failure(ErrorKind::conflict, "token_revoked_already");
        }
        TRY(parts_.audit.append(tx, actor, entry, now));
        token.revoked_at = now;
        token.revoked_by = principal.login_id;
        return token;
    });
}

}  // namespace madoguchi::tokens
