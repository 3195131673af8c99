// SQL of forgotten passwords: only the system's transactions see the rows.
#pragma once

#include <vector>

#include "db/database.hpp"
#include "signin/forgotten_password.hpp"

namespace madoguchi::signin {

class ForgottenStore {
public:
    Result<void> insert(db::Transaction& tx, const Forgotten& forgotten, const std::string& token_digest) const;
    Result<std::optional<Forgotten>> find(db::Transaction& tx, const std::string& token_digest, Instant now) const;
    /// As find, and nobody else takes a step until the transaction ends.
    Result<std::optional<Forgotten>> lock(db::Transaction& tx, const std::string& token_digest, Instant now) const;
    /// One that waits for its message and that no other worker has in hand.
    Result<std::optional<Forgotten>> lock_asked(db::Transaction& tx, Instant now) const;
    Result<void> prove_with(db::Transaction& tx, std::int64_t id, const std::string& phone_digest,
                            const std::string& code_digest, std::optional<Instant> code_expires_at) const;
    /// Counts a proof before it is compared. False: none is left.
    Result<bool> count_proof(db::Transaction& tx, std::int64_t id, int limit) const;
    /// True for exactly one caller.
    Result<bool> finish(db::Transaction& tx, std::int64_t id) const;
    Result<std::int64_t> messages_since(db::Transaction& tx, AccountId account, Instant since) const;
    Result<std::int64_t> forget_old(db::Transaction& tx, Instant expired_before) const;
};

}  // namespace madoguchi::signin
