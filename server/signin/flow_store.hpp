// SQL of sign-in flows: only the system's transactions see them.
#pragma once

#include "db/database.hpp"
#include "signin/sign_in_flow.hpp"

namespace madoguchi::signin {

class FlowStore {
public:
    Result<std::int64_t> insert(db::Transaction& tx, const Flow& flow, const std::string& token_digest) const;
    Result<std::optional<Flow>> find(db::Transaction& tx, const std::string& token_digest, Instant now) const;
    /// As find, and nobody else takes a step until the transaction ends.
    Result<std::optional<Flow>> lock(db::Transaction& tx, const std::string& token_digest, Instant now) const;
    /// Writes everything that a step may change. False: the flow is no longer in `from`.
    Result<bool> update(db::Transaction& tx, const Flow& flow, FlowState from) const;
    /// A new token, so that one known before the password was right is worth nothing after it (S14).
    Result<void> rotate(db::Transaction& tx, std::int64_t id, const std::string& token_digest) const;
    /// Of a locked flow (S6).
    Result<void> count_wrong(db::Transaction& tx, std::int64_t id) const;
    /// Consumes the code: true for exactly one caller.
    Result<bool> consume_code(db::Transaction& tx, std::int64_t id, const std::string& digest, Instant now) const;
    /// Other sign-ins of the account that checked a password which is gone now (S5). One that is taking a step at this
    /// moment is skipped: it waits for the account, and looks at the password again.
    Result<void> end_others(db::Transaction& tx, const Flow& flow, Instant now) const;
    Result<std::int64_t> forget_old(db::Transaction& tx, Instant expired_before) const;
};

}  // namespace madoguchi::signin
