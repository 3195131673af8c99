// Sessions (S14): checked on every request with one prepared read of one row, idle 30 minutes, at most 12 hours, ended
// at once.
#pragma once

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

    std::string digest(const SecretText& token) const;

private:
    db::Database& database_;
    audit::AuditService& audit_;
    SecretText token_key_;
    SessionStore store_;
    IdentityCache identities_;
};

/// The channel of a request: "api" below /api/, "web" elsewhere.
std::string channel_of(const http::Request& request);

}  // namespace madoguchi::signin
