// Rules of the audit chain (S21). Pure: what is digested, what is linked, what verification finds.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.hpp"
#include "base/time.hpp"
#include "crypto/keys.hpp"

namespace madoguchi::audit {

/// One row as stored. `before` and `after` are JSON texts without secrets, or empty.
struct AuditEvent {
    std::int64_t id = 0;
    Instant at;
    std::int64_t actor_account = 0;
    std::string actor_name;
    std::string channel;
    std::string source;
    std::string request_id;
    std::string action;
    std::string outcome;
    std::string organization_path;
    std::string target_kind;
    std::int64_t target_id = 0;
    std::string target_name;
    std::string reason;
    std::string before;
    std::string after;
    std::string digest;
};

/// HMAC-SHA256 over every column but the id, each with its length, so that no two rows read alike. Hex.
std::string event_digest(const AuditEvent& event, const SecretText& key);

/// The keys that prove rows: the last one digests new rows, which name it ("k1:HEX"); all verify. Rows from before keys
/// had names are the one's called crypto::kUnnamedAuditKey.
class DigestKeys {
public:
    /// Not empty.
    explicit DigestKeys(std::vector<crypto::EnvelopeKey> keys) : keys_(std::move(keys)) {}
    /// As stored.
    std::string digest(const AuditEvent& event) const;
    bool proves(const AuditEvent& event) const;

private:
    std::vector<crypto::EnvelopeKey> keys_;
};

/// SHA-256 over the previous hash, the position, the event's id and its digest. Hex.
std::string seal_hash(std::string_view previous_hash, std::int64_t position, std::int64_t event_id,
                      std::string_view digest);

struct Head {
    std::int64_t position = 0;
    std::string hash;
    std::int64_t event_id = 0;  // of the row at its end; 0: not known
};

struct Problem {
    std::int64_t position = 0;
    std::string problem;  // "changed", "missing_event", "gap", "broken_link", "cut", "head_differs", "head_signature",
                          // "head_missing", "unsealed"
};

/// Walks sealed rows in order; feed() each, then read the head and the problems.
class ChainVerifier {
public:
    explicit ChainVerifier(DigestKeys keys) : keys_(std::move(keys)) {}
    /// `event` is null where the sealed row has gone.
    void feed(std::int64_t position, std::int64_t event_id, const std::string& hash, const AuditEvent* event);
    /// Compares with a head that was signed and kept outside the database.
    void compare_head(const Head& kept);
    const Head& head() const { return head_; }
    std::int64_t checked() const { return checked_; }
    const std::vector<Problem>& problems() const { return problems_; }
    void add_problem(Problem problem) { problems_.push_back(std::move(problem)); }

    /// Expect the hash at this position to be the kept head's.
    void expect(const Head& kept) { kept_ = kept; }

private:
    DigestKeys keys_;
    Head head_;
    Head kept_;
    bool kept_seen_ = false;
    std::int64_t checked_ = 0;
    std::vector<Problem> problems_;
};

}  // namespace madoguchi::audit
