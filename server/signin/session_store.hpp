// SQL of sessions.
#pragma once

#include "db/database.hpp"
#include "directory/authorization.hpp"

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

struct SessionIdentity {
    directory::Principal principal;
    Instant created_at;
    Instant last_used_at;
    Instant expires_at;
};

struct PreviousSignIn {
    Instant at;
    std::string source;
};

class SessionStore {
public:
    Result<SessionId> insert(db::Transaction& tx, const NewSession& session, Instant now) const;
    /// The hot path: one held prepared statement. Nothing for ended sessions and accounts that may no longer sign in.
    Result<std::optional<SessionIdentity>> identity(db::Database& database, const std::string& token_digest) const;
    Result<std::optional<PreviousSignIn>> previous(db::Transaction& tx, AccountId account, SessionId current) const;
    Result<void> touch(db::Transaction& tx, SessionId id, Instant now) const;
    Result<std::int64_t> end(db::Transaction& tx, SessionId id, const std::string& reason, Instant now) const;
    Result<std::int64_t> end_all(db::Transaction& tx, AccountId account, const std::string& reason, Instant now) const;
};

}  // namespace madoguchi::signin
