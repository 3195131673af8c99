#include "signin/session_service.hpp"

#include "base/limits.hpp"
#include "crypto/one_time_secrets.hpp"

namespace madoguchi::signin {
namespace {

tl::unexpected<Error> lost() {
    return failure(ErrorKind::unauthenticated, "session_lost");
}

}  // namespace

std::string channel_of(const http::Request& request) {
    return request.path.starts_with("/api/") ? "api" : "web";
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
    auto identity = TRY(store_.identity(database_, digest(SecretText(*token))));
    const bool alive = identity && identity->principal.channel == channel && request.now < identity->expires_at &&
                       request.now - identity->last_used_at < limits::kSessionIdle;
    if (!alive) {
        return lost();
    }
    auto& principal = identity->principal;
    principal.source = request.source;
    principal.request_id = request.request_id;
    if (request.now - identity->last_used_at >= limits::kSessionTouch) {
        TRY(database_.transact(directory::as_oneself(principal),
                               [&](db::Transaction& tx) { return store_.touch(tx, principal.session, request.now); }));
    }
    return std::move(principal);
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

}  // namespace madoguchi::signin
