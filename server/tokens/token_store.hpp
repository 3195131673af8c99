// SQL of API tokens.
#pragma once

#include "db/database.hpp"
#include "directory/authorization.hpp"
#include "tokens/api_token.hpp"

namespace madoguchi::tokens {

struct ApiToken {
    TokenId id;
    std::string hint;
    std::string name;
    AccountId maker;
    std::string maker_path;
    std::string maker_name;
    bool maker_may = false;  // signs in as usual, and no reset since
    directory::OrganizationRef organization;
    std::vector<Scope> scopes;
    std::vector<std::string> sources;
    Instant created_at;
    Instant expires_at;
    std::optional<Instant> last_used_at;
    std::string last_used_source;
    std::optional<Instant> revoked_at;
    std::string revoked_by;
};

/// maker_gone: the maker's account was suspended or closed, or its password reset.
enum class TokenState { active, expired, revoked, maker_gone };
std::string_view to_text(TokenState state);
TokenState state_of(const ApiToken& token, Instant now);

struct NewToken {
    std::string digest;
    std::string hint;
    std::string name;
    AccountId maker;
    std::string maker_path;
    std::string maker_name;
    directory::OrganizationRef organization;
    std::vector<Scope> scopes;
    std::vector<std::string> sources;
    Instant expires_at;
};

/// What a request with a token is told: for whom it acts, and what is left of their rights.
struct TokenIdentity {
    directory::Principal principal;
    std::vector<SourceRange> sources;
    Instant expires_at;
    std::optional<Instant> last_used_at;
};

/// Newest first.
struct TokenFilter {
    std::int64_t before_id = 0;  // 0: from the newest
    int limit = 50;
};

class TokenStore {
public:
    /// One prepared read. Nothing for a token that was revoked, or whose maker may not act any more.
    Result<std::optional<TokenIdentity>> identity(db::Database& database, const std::string& digest) const;
    /// Errors: conflict (already_exists: the maker's living token of that name).
    Result<TokenId> insert(db::Transaction& tx, const NewToken& token, Instant now) const;
    Result<std::int64_t> count_living(db::Transaction& tx, AccountId maker, Instant now) const;
    Result<std::vector<ApiToken>> list(db::Transaction& tx, const TokenFilter& filter) const;
    Result<std::optional<ApiToken>> find(db::Transaction& tx, TokenId id) const;
    /// How many rows: 0 where it was revoked before.
    Result<std::int64_t> revoke(db::Transaction& tx, TokenId id, const std::string& by_name, Instant now) const;
    Result<void> touch(db::Transaction& tx, TokenId id, const std::string& source, Instant now) const;
};

}  // namespace madoguchi::tokens
