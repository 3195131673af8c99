// Counts of failures, decided in one statement, so that parallel guesses on any server can't pass a limit (S13).
#pragma once

#include <span>
#include <string>

#include "db/database.hpp"

namespace madoguchi::signin {

struct Bucket {
    std::string key;              // a digest
    int limit = 0;                // failures until a wait
    std::string_view about = {};  // "password", "second_step", "forgotten": why somebody is slowed down
    AccountId account = {};       // whose, where the ID is somebody's
};

/// Somebody who has to wait, or whose second step is switched off, as their administrator is told.
struct SlowedRow {
    AccountId account;
    std::string why;               // a bucket's `about`, or "second_step_slow", "second_step_disabled"
    int waits = 0;                 // how often in a row it came to a wait
    std::optional<Instant> until;  // nothing: until a second step is bound anew
};

class ThrottleStore {
public:
    /// Counts one try in each bucket before it is made. Errors: too_many (too_many_tries, retry_after) if one of them
    /// is blocked; then none of them counts.
    Result<void> attempt(db::Transaction& tx, std::span<const Bucket> buckets, Instant now) const;
    /// The try was right: takes it back, and forgets failures and waits of the first bucket, the owner's own.
    Result<void> forgive(db::Transaction& tx, std::span<const Bucket> buckets) const;
    /// The try was never made: takes it back, and leaves waits as they are.
    Result<void> take_back(db::Transaction& tx, std::span<const Bucket> buckets) const;
    /// Which of them are blocked.
    Result<std::vector<std::string>> blocked(db::Transaction& tx, std::span<const Bucket> buckets, Instant now) const;
    /// May a refusal be written into the audit log? Once in a while for each key. True for exactly one caller.
    Result<bool> note(db::Transaction& tx, const std::string& key, Instant now) const;
    /// Within the acting jurisdiction, by account; at most `limit` rows of accounts after `after`.
    Result<std::vector<SlowedRow>> slowed(db::Transaction& tx, AccountId after, int limit, Instant now) const;
    /// Forgets a bucket and those below it ("key" and "key:...").
    Result<void> clear(db::Transaction& tx, const std::string& key) const;
    Result<std::int64_t> forget_old(db::Transaction& tx, Instant idle_since) const;
};

}  // namespace madoguchi::signin
