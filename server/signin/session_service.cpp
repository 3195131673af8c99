#include "signin/session_service.hpp"

#include "base/limits.hpp"
#include "base/retention_limits.hpp"
#include "crypto/one_time_secrets.hpp"
#include "http/route_table.hpp"

namespace madoguchi::signin {
namespace {

tl::unexpected<Error> lost() {
    return failure(ErrorKind::unauthenticated, "session_lost");
}

}  // namespace

std::string channel_of(const http::Request& request) {
    return http::RouteTable::kind_below(request.path) == http::RouteKind::page ? "web" : "api";
}

std::string SessionService::digest(const SecretText& token) const {
    return crypto::digest_token(token_key_, "session", token);
}

Result<directory::Principal> SessionService::check(const http::Request& request) {
    const std::string channel = channel_of(request);
    const auto token = channel == "api" ? request.bearer_token() : request.cookie(http::kSessionCookie);
    if (!token || token->size() > 64) {
        return lost();
    }
    const auto token_digest = digest(SecretText(*token));
    const auto session = TRY(store_.check(database_, token_digest));
    if (!session || request.now - session->last_used_at >= limits::kSessionIdle) {
        return lost();
    }
    auto identity = identities_.find(token_digest, session->identity_version);
    if (!identity) {
        identity = TRY(store_.identity(database_, token_digest));
        if (identity) {
            identities_.keep(token_digest, identity);
        }
    }
    if (!identity || identity->principal.channel != channel || request.now >= identity->expires_at) {
        return lost();
    }
    auto principal = identity->principal;
    principal.source = request.source;
    principal.request_id = request.request_id;
    if (request.now - session->last_used_at >= limits::kSessionTouch) {
        TRY(database_.transact(directory::as_oneself(principal),
                               [&](db::Transaction& tx) { return store_.touch(tx, principal.session, request.now); }));
    }
    return principal;
}

Result<void> SessionService::end(const directory::Principal& principal, Instant now) {
    const Actor actor = directory::as_oneself(principal);
    return database_.transact(actor, [&](db::Transaction& tx) -> Result<void> {
        if (TRY(store_.end(tx, principal.session, "sign_out", now)) == 0) {
            return {};
        }
        return audit_.append(tx, actor,
                             {.action = "sign_out",
                              .organization_path = principal.home.path,
                              .target_kind = "account",
                              .target_id = principal.account.value,
                              .target_name = principal.login_id},
                             now);
    });
}

Result<void> SessionService::choose_language(const directory::Principal& principal, Locale locale) {
    return database_.transact(directory::as_oneself(principal), [&](db::Transaction& tx) {
        return credentials_.note_language(tx, principal.account, locale);
    });
}

Result<std::int64_t> SessionService::forget_old(Instant expired_before) {
    return database_.transact(Actor::system(), [&](db::Transaction& tx) {
        return store_.forget_old(tx, expired_before, limits::kForgottenRows);
    });
}

}  // namespace madoguchi::signin
