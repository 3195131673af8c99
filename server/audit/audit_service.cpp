#include "audit/audit_service.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>
#include <algorithm>
#include <fstream>
#include <sstream>

#include "base/audit_limits.hpp"
#include "base/encoding.hpp"
#include "base/limits.hpp"

namespace madoguchi::audit {
namespace {

std::string json_text(const nlohmann::json& value) {
    return value.is_null() ? std::string() : value.dump();
}

std::string signed_part(const Head& head) {
    return fmt::format("madoguchi-audit-head:{}:{}", head.position, head.hash);
}

}  // namespace

AuditService::AuditService(db::Database& database, DigestKeys digest_keys, const crypto::SigningKey& signing_key,
                           std::filesystem::path head_file)
    : database_(database),
      digest_keys_(std::move(digest_keys)),
      signing_key_(signing_key),
      head_file_(std::move(head_file)) {}

AuditEvent AuditService::event_of(const Actor& actor, const Entry& entry, std::string outcome, Instant now) const {
    AuditEvent event{.id = 0,
                     .at = now,
                     .actor_account = actor.account.value,
                     .actor_name = actor.name,
                     .channel = actor.channel,
                     .source = actor.source,
                     .request_id = actor.request_id,
                     .action = entry.action,
                     .outcome = std::move(outcome),
                     .organization_path = entry.organization_path,
                     .target_kind = entry.target_kind,
                     .target_id = entry.target_id,
                     .target_name = entry.target_name,
                     .reason = entry.reason,
                     .before = json_text(entry.before),
                     .after = json_text(entry.after),
                     .digest = {}};
    event.digest = digest_keys_.digest(event);
    return event;
}

Result<void> AuditService::append(db::Transaction& tx, const Actor& actor, const Entry& entry, Instant now) const {
    return store_.insert(tx, event_of(actor, entry, "done", now));
}

Result<void> AuditService::append_many(db::Transaction& tx, const Actor& actor, const std::vector<Entry>& entries,
                                       Instant now) const {
    std::vector<AuditEvent> events;
    events.reserve(entries.size());
    for (const auto& entry : entries) {
        events.push_back(event_of(actor, entry, "done", now));
    }
    return store_.insert_many(tx, events);
}

void AuditService::refused(const Actor& actor, const Entry& attempt, const Error& error, Instant now) const {
    if (error.kind == ErrorKind::unavailable || error.kind == ErrorKind::internal) {
        return;
    }
    Entry entry = attempt;
    entry.after = {{"refused", error.message_id}};
    // A refusal that can't be written leaves the refusal standing: the caller gets its error either way.
    static_cast<void>(database_.transact(actor, [&](db::Transaction& tx) -> Result<void> {
        return store_.insert(tx, event_of(actor, entry, "refused", now));
    }));
}

Result<std::vector<AuditEvent>> AuditService::list(const Actor& actor, const EventFilter& filter) const {
    return database_.transact(actor, [&](db::Transaction& tx) { return store_.list(tx, filter); });
}

Result<std::optional<AuditEvent>> AuditService::find(const Actor& actor, std::int64_t id) const {
    return database_.transact(actor, [&](db::Transaction& tx) { return store_.find(tx, id); });
}

Result<void> AuditService::note(const Actor& actor, const Entry& entry, Instant now) const {
    return database_.transact(actor, [&](db::Transaction& tx) { return append(tx, actor, entry, now); });
}

Result<std::vector<AuditEvent>> AuditService::own(const Actor& actor, std::int64_t before_id, int limit) const {
    return database_.transact(
        actor, [&](db::Transaction& tx) { return store_.own(tx, actor.account.value, before_id, limit); });
}

Result<std::vector<AuditEvent>> AuditService::history(const Actor& actor, const std::string& target_kind,
                                                      std::int64_t target, std::int64_t before_id, int limit) const {
    return database_.transact(
        actor, [&](db::Transaction& tx) { return store_.history(tx, target_kind, target, before_id, limit); });
}

Result<int> AuditService::seal_new(Instant now) {
    Head head;
    bool follows = true;
    std::int64_t highest = 0;
    std::int64_t swept = 0;
    std::vector<Problem> head_problems;
    const auto kept = TRY(kept_head(head_problems));
    const auto work = [&](db::Transaction& tx) -> Result<int> {
        const bool ours = TRY(store_.try_lock_sealing(tx));
        head = TRY(store_.head(tx));
        highest = std::max(sealed_up_to_, head.event_id);
        swept = swept_up_to_;
        if (!ours) {
            return 0;
        }
        follows = head_problems.empty() && TRY(holds(tx, kept));
        auto rows = TRY(store_.unsealed(tx, {.above = highest - limits::kAuditLateRows}, limits::kAuditSealRows));
        if (rows.empty() && swept < highest - limits::kAuditLateRows) {
            const auto end = std::min(swept + limits::kAuditSweptIds, highest);
            rows = TRY(store_.unsealed(tx, {.above = swept, .up_to = end}, limits::kAuditSealRows));
            swept = std::ssize(rows) < limits::kAuditSealRows ? end : swept;
        }
        if (rows.empty()) {
            return 0;
        }
        std::vector<std::int64_t> ids;
        std::vector<std::string> hashes;
        const std::int64_t first = head.position + 1;
        for (const auto& [id, digest] : rows) {
            head = {head.position + 1, seal_hash(head.hash, head.position + 1, id, digest)};
            ids.push_back(id);
            hashes.push_back(head.hash);
            highest = std::max(highest, id);
        }
        TRY(store_.seal(tx, first, ids, hashes));
        return static_cast<int>(rows.size());
    };
    const int sealed = TRY(database_.transact(Actor::system(), work));
    sealed_up_to_ = highest;
    swept_up_to_ = swept;
    if (!follows) {
        // Rows go on being linked, but the kept head stays: it is the evidence that some were cut or rewritten.
        return failure(ErrorKind::internal, "audit_head_differs",
                       "the audit log no longer holds the row that its signed head names");
    }
    // One that lost every race so far keeps the head that it finds, as the one that sealed did.
    const bool first = !kept && head_problems.empty() && head.position > 0;
    if (sealed > 0 || first) {
        TRY(keep_head(head, now));
    }
    return sealed;
}

Result<bool> AuditService::holds(db::Transaction& tx, const std::optional<Head>& kept) const {
    if (!kept || kept->position == 0) {
        return true;
    }
    const auto rows = TRY(store_.sealed_after(tx, kept->position - 1, 1));
    return !rows.empty() && rows[0].position == kept->position && rows[0].hash == kept->hash;
}

Result<void> AuditService::keep_head(const Head& head, Instant now) const {
    const auto signature = TRY(signing_key_.sign(signed_part(head)));
    const nlohmann::json kept = {{"position", head.position},
                                 {"hash", head.hash},
                                 {"at", format_rfc3339_japan(now)},
                                 {"signature", to_hex(signature)}};
    const std::filesystem::path next = head_file_.string() + ".next";
    const int file = ::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const std::string text = kept.dump() + "\n";
    const bool written =
        file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
    if (file >= 0) {
        ::close(file);
    }
    if (!written || ::rename(next.c_str(), head_file_.c_str()) != 0) {
        return failure(ErrorKind::internal, "internal", "the audit head can't be written: " + head_file_.string());
    }
    return {};
}

Result<std::optional<Head>> AuditService::kept_head(std::vector<Problem>& problems) const {
    std::ifstream file(head_file_);
    if (!file) {
        return std::optional<Head>();
    }
    const auto kept = nlohmann::json::parse(file, nullptr, false);
    const bool whole = kept.is_object() && kept.contains("position") && kept["position"].is_number_integer() &&
                       kept.contains("hash") && kept["hash"].is_string() && kept.contains("signature") &&
                       kept["signature"].is_string();
    if (!whole) {
        problems.push_back({0, "head_signature"});
        return std::optional<Head>();
    }
    const Head head{kept["position"].get<std::int64_t>(), kept["hash"].get<std::string>()};
    const auto signature = from_hex(kept["signature"].get<std::string>());
    if (!signature || !crypto::verify_signature(signing_key_.public_key(), signed_part(head), *signature)) {
        problems.push_back({head.position, "head_signature"});
        return std::optional<Head>();
    }
    return std::optional(head);
}

Result<Verification> AuditService::verify(Instant now) const {
    ChainVerifier verifier(digest_keys_);
    std::vector<Problem> head_problems;
    const auto kept = TRY(kept_head(head_problems));
    if (kept) {
        verifier.expect(*kept);
    }
    for (bool more = true; more;) {
        const auto rows = TRY(database_.transact(Actor::system(), [&](db::Transaction& tx) {
            return store_.sealed_after(tx, verifier.head().position, limits::kAuditSealRows);
        }));
        for (const auto& row : rows) {
            verifier.feed(row.position, row.event_id, row.hash, row.event ? &*row.event : nullptr);
        }
        more = !rows.empty();
    }
    if (kept) {
        verifier.compare_head(*kept);
    } else if (head_problems.empty() && verifier.head().position > 0) {
        verifier.add_problem({verifier.head().position, "head_missing"});  // without it a cut end can't be seen
    }
    if (TRY(count_unsealed(now - limits::kAuditSealDelay)) > 0) {
        verifier.add_problem({verifier.head().position + 1, "unsealed"});
    }
    Verification out{verifier.checked(), verifier.head(), verifier.problems()};
    out.problems.insert(out.problems.end(), head_problems.begin(), head_problems.end());
    return out;
}

Result<std::int64_t> AuditService::count_unsealed(Instant before) const {
    const auto last = TRY(database_.transact(Actor::system(), [&](db::Transaction& tx) { return store_.last_id(tx); }));
    std::int64_t found = 0;
    for (std::int64_t above = 0; above < last; above += limits::kAuditSweptIds) {
        found += TRY(database_.transact(Actor::system(), [&](db::Transaction& tx) {
            return store_.count_unsealed(tx, {.above = above, .up_to = above + limits::kAuditSweptIds}, before);
        }));
    }
    return found;
}

}  // namespace madoguchi::audit
