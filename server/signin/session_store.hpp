// SQL of sessions.
#pragma once

#include "db/database.hpp"
#include "signin/identity_cache.hpp"

namespace madoguchi::signin {

struct NewSession {
    std::string token_digest;
    AccountId account;
    std::string organization_path;
    std::string channel;
    std::string source;
    std::string user_agent;
    Instant expires_at;
};

/// What is read at every request.
struct SessionCheck {
    std::int64_t identity_version = 0;
    Instant last_used_at;
};

struct PreviousSignIn {
    Instant at;
    std::string source;
};

class SessionStore {
public:
    Result<SessionId> insert(db::Transaction& tx, const NewSession& session, Instant now) const;
    /// The hot path: one held prepared statement that reads one row. Nothing for ended sessions.
    Result<std::optional<SessionCheck>> check(db::Database& database, const std::string& token_digest) const;
    /// Null for ended sessions and for accounts and organizations that may no longer sign in.
    Result<std::shared_ptr<const Identity>> identity(db::Database& database, const std::string& token_digest) const;
    Result<std::optional<PreviousSignIn>> previous(db::Transaction& tx, AccountId account, SessionId current) const;
    Result<void> touch(db::Transaction& tx, SessionId id, Instant now) const;
    Result<std::int64_t> end(db::Transaction& tx, SessionId id, const std::string& reason, Instant now) const;
    Result<std::int64_t> forget_old(db::Transaction& tx, Instant expired_before, int limit) const;
    Result<std::int64_t> end_all(db::Transaction& tx, AccountId account, const std::string& reason, Instant now) const;
};

}  // namespace madoguchi::signin
