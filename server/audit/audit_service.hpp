// The audit log (S21): append in the transaction of the act, seal into a chain behind it, verify the whole.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>

#include "audit/audit_store.hpp"
#include "base/actor.hpp"
#include "crypto/signing.hpp"

namespace madoguchi::audit {

/// The path of what belongs to no organization, as a sign-in with an ID that doesn't exist. Under no organization's
/// path, and within Jurisdiction::everything(), so that the sealer and the ministry see it.
inline constexpr std::string_view kNobodysPath = "0.";

/// What an act did, or tried to do, to whom. `before` and `after` never hold a secret.
struct Entry {
    std::string action;  // "account.issue", "sign_in.password" ...
    std::string organization_path;
    std::string target_kind;  // "account", "organization", "grant", "request", "session"
    std::int64_t target_id = 0;
    std::string target_name;
    std::string reason = {};
    nlohmann::json before = nullptr;
    nlohmann::json after = nullptr;
};

struct Verification {
    std::int64_t checked = 0;
    Head head;
    std::vector<Problem> problems;
};

class AuditService {
public:
    AuditService(db::Database& database, DigestKeys digest_keys, const crypto::SigningKey& signing_key,
                 std::filesystem::path head_file);

    Result<void> append(db::Transaction& tx, const Actor& actor, const Entry& entry, Instant now) const;

    /// The same for many acts of one kind, in one statement: 40,000 rows in a batch must not take a minute.
    Result<void> append_many(db::Transaction& tx, const Actor& actor, const std::vector<Entry>& entries,
                             Instant now) const;

    /// Runs `work` in a transaction; when it is refused, a row of its own says so.
    template <class F>
    std::invoke_result_t<F, db::Transaction&> audited(const Actor& actor, const Entry& attempt, Instant now,
                                                      F&& work) const {
        auto result = database_.transact(actor, std::forward<F>(work));
        if (!result) {
            refused(actor, attempt, result.error(), now);
        }
        return result;
    }
    /// A refused attempt. Its own transaction: the act's was rolled back. Failures of the system are no refusals.
    void refused(const Actor& actor, const Entry& attempt, const Error& error, Instant now) const;

    Result<std::vector<AuditEvent>> list(const Actor& actor, const EventFilter& filter) const;
    Result<std::optional<AuditEvent>> find(const Actor& actor, std::int64_t id) const;
    /// An act that changes nothing else, as a look-up or an export: its row in a transaction of its own.
    Result<void> note(const Actor& actor, const Entry& entry, Instant now) const;

    /// What the actor did, and what was done to their account, newest first; 0: from the newest.
    Result<std::vector<AuditEvent>> own(const Actor& actor, std::int64_t before_id, int limit) const;

    /// What was done to one target ("account", "organization"), newest first; 0: from the newest.
    Result<std::vector<AuditEvent>> history(const Actor& actor, const std::string& target_kind, std::int64_t target,
                                            std::int64_t before_id, int limit) const;

    /// Links rows that were committed since, up to a few thousand; returns how many. Called about once a second.
    /// Errors: internal (audit_head_differs: rows were cut or rewritten; the kept head stays as it is).
    Result<int> seal_new(Instant now);
    Result<Verification> verify(Instant now) const;

private:
    Result<void> keep_head(const Head& head, Instant now) const;
    Result<std::optional<Head>> kept_head(std::vector<Problem>& problems) const;
    /// Does the log still hold the row that the kept head names?
    Result<bool> holds(db::Transaction& tx, const std::optional<Head>& kept) const;
    AuditEvent event_of(const Actor& actor, const Entry& entry, std::string outcome, Instant now) const;

    db::Database& database_;
    DigestKeys digest_keys_;
    const crypto::SigningKey& signing_key_;
    std::filesystem::path head_file_;
    AuditStore store_;
    Result<std::int64_t> count_unsealed(Instant before) const;

    std::int64_t sealed_up_to_ = 0;  // rows up to here are sealed, but for those that commit late
    std::int64_t swept_up_to_ = 0;   // and those of before this process started, which are looked through once
};

}  // namespace madoguchi::audit
