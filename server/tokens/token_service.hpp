// Use cases on API tokens: made by an administrator for a named script, checked at every request, revoked at once.
#pragma once

#include <functional>

#include "audit/audit_service.hpp"
#include "base/entropy.hpp"
#include "base/secret.hpp"
#include "directory/organization_service.hpp"
#include "http/request.hpp"
#include "tokens/token_store.hpp"

namespace madoguchi::tokens {

using directory::Principal;

struct MakeToken {
    std::string name;
    OrganizationId organization;
    std::vector<Scope> scopes;
    Instant expires_at;
    std::vector<std::string> sources;  // as typed, one range each
};

struct MadeToken {
    ApiToken token;
    SecretText secret;  // shown once
};

class TokenService {
public:
    struct Parts {
        db::Database& database;
        audit::AuditService& audit;
        directory::OrganizationService& organizations;
        Entropy& entropy;
        SecretText token_key;
        /// Was it proven just now who asks? As for a change of second steps (S10).
        std::function<Result<void>(db::Transaction&, const Principal&, Instant)> confirmed;
        /// Tells the maker's registered phones that a token was made in their name.
        std::function<Result<void>(db::Transaction&, const Principal&, const std::string& name, Instant)> tell;
    };
    explicit TokenService(Parts parts) : parts_(std::move(parts)) {}

    /// Does this request carry a token, rather than a session?
    static bool carried_by(const http::Request& request);
    /// The maker, narrowed to the token's scopes and jurisdiction. Errors: unauthenticated (token_not_valid), forbidden
    /// (token_source), unavailable.
    Result<Principal> check(const http::Request& request);

    /// For a page that asks before it is drawn. Errors: forbidden (no administrator; confirmation_needed).
    Result<void> may_make(const Principal& principal, Instant now);
    /// Errors: invalid (each field), forbidden (no administrator; a token asks; confirmation_needed), not_found
    /// (organization), conflict (token_name_taken), too_many (too_many_tokens).
    Result<MadeToken> make(const Principal& principal, const MakeToken& command, Instant now);
    /// One's own and, for administrators, all of their jurisdiction, newest first.
    Result<std::vector<ApiToken>> list(const Principal& principal, const TokenFilter& filter, Instant now);
    Result<ApiToken> show(const Principal& principal, TokenId id, Instant now);
    /// Errors: not_found, forbidden, conflict (token_revoked_already).
    Result<ApiToken> revoke(const Principal& principal, TokenId id, Instant now);

    /// The scopes that somebody with these grants can give away.
    static std::vector<Scope> scopes_for(const Principal& principal, Instant now);
    static bool may_revoke(const Principal& principal, const ApiToken& token, Instant now);

private:
    Result<NewToken> checked(const Principal& principal, const MakeToken& command, Instant now) const;
    Result<MadeToken> insert(db::Transaction& tx, const Principal& principal, const Actor& actor, NewToken token,
                             Instant now);

    Parts parts_;
    TokenStore store_;
};

}  // namespace madoguchi::tokens
