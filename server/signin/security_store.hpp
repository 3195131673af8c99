// SQL of what somebody looks after on their own security page: sessions, and when one was confirmed.
#pragma once

#include <vector>

#include "db/database.hpp"

namespace madoguchi::signin {

struct OwnSession {
    SessionId id;
    std::string channel;
    std::string source;
    std::string user_agent;
    Instant created_at;
    Instant last_used_at;
    std::optional<Instant> confirmed_at;
};

class SecurityStore {
public:
    /// Those that still open something at `now`, newest first.
    Result<std::vector<OwnSession>> sessions(db::Transaction& tx, AccountId account, Instant now) const;
    /// When the session's owner last proved who they are; nothing for an ended session. Nobody else confirms or ends it
    /// until the transaction ends.
    Result<std::optional<Instant>> lock_confirmed_at(db::Transaction& tx, SessionId session, AccountId account,
                                                     Instant now) const;
    /// A new token too (S14). When the session ends at the latest; nothing: it is over.
    Result<std::optional<Instant>> confirm(db::Transaction& tx, SessionId session, AccountId account,
                                           const std::string& token_digest, Instant now) const;
    /// A new token only (S14): the password was changed. As confirm().
    Result<std::optional<Instant>> rotate(db::Transaction& tx, SessionId session, AccountId account,
                                          const std::string& token_digest, Instant now) const;
    /// Did a sign-in of this account from `source` succeed since then (S13)?
    Result<bool> signed_in_from(db::Transaction& tx, AccountId account, const std::string& source, Instant since) const;
    /// False: it had ended, or is somebody else's.
    Result<bool> end(db::Transaction& tx, SessionId session, AccountId account, Instant now) const;
    Result<std::int64_t> end_others(db::Transaction& tx, SessionId kept, AccountId account, Instant now) const;
};

}  // namespace madoguchi::signin
