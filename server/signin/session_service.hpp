// Sessions (S14): checked on every request with one prepared read of one row, idle 30 minutes, at most 12 hours, ended
// at once.
#pragma once

#include "accounts/credential_service.hpp"
#include "audit/audit_service.hpp"
#include "base/secret.hpp"
#include "http/request.hpp"
#include "http/response.hpp"
#include "signin/session_store.hpp"

namespace madoguchi::signin {

class SessionService {
public:
    SessionService(db::Database& database, audit::AuditService& audit, SecretText token_key)
        : database_(database), audit_(audit), token_key_(std::move(token_key)) {}

    /// Who is asking: the session cookie of a page, the bearer token of an API request.
    /// Errors: unauthenticated (session_lost), unavailable.
    Result<directory::Principal> check(const http::Request& request);
    Result<void> end(const directory::Principal& principal, Instant now);
    /// The language that somebody chose while signed in is that of their notices from now on.
    Result<void> choose_language(const directory::Principal& principal, Locale locale);
    /// Deletes sessions whose twelve hours ended before; bounded, so more may be left. How many.
    Result<std::int64_t> forget_old(Instant expired_before);

    std::string digest(const SecretText& token) const;

private:
    db::Database& database_;
    audit::AuditService& audit_;
    SecretText token_key_;
    SessionStore store_;
    accounts::CredentialService credentials_;
    IdentityCache identities_;
};

/// The channel of a request: "api" below /api/, "web" elsewhere.
std::string channel_of(const http::Request& request);

}  // namespace madoguchi::signin
