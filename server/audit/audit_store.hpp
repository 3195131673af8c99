// SQL of the audit log: rows are inserted and read, never changed.
#pragma once

#include <optional>
#include <utility>

#include "audit/audit_chain.hpp"
#include "db/database.hpp"

namespace madoguchi::audit {

struct EventFilter {
    std::optional<std::string> account;  // login ID as actor or target
    std::optional<std::string> action;
    std::optional<std::string> request_id = std::nullopt;
    std::optional<std::string> outcome = std::nullopt;  // "done", "refused"
    std::optional<std::int64_t> actor_account;          // own actions only
    std::optional<Instant> since;
    std::optional<Instant> until;
    std::int64_t before_id = 0;  // 0: from the newest
    int limit = 50;
};

struct SealedEvent {
    std::int64_t position = 0;
    std::int64_t event_id = 0;
    std::string hash;
    std::optional<AuditEvent> event;
};

/// Ids of rows of the log; `up_to` belongs to it.
struct IdRange {
    std::int64_t above = 0;
    std::int64_t up_to = std::numeric_limits<std::int64_t>::max();
};

class AuditStore {
public:
    Result<void> insert(db::Transaction& tx, const AuditEvent& event) const;
    /// Of one actor and moment, in their order.
    Result<void> insert_many(db::Transaction& tx, const std::vector<AuditEvent>& events) const;
    Result<std::vector<AuditEvent>> list(db::Transaction& tx, const EventFilter& filter) const;
    Result<std::optional<AuditEvent>> find(db::Transaction& tx, std::int64_t id) const;

    /// Rows of which this account is the actor or the target, newest first.
    Result<std::vector<AuditEvent>> own(db::Transaction& tx, std::int64_t account, std::int64_t before_id,
                                        int limit) const;

    /// What was done to one target, newest first, wherever it stood then; nothing where it lies outside the
    /// jurisdiction.
    Result<std::vector<AuditEvent>> history(db::Transaction& tx, const std::string& target_kind, std::int64_t target,
                                            std::int64_t before_id, int limit) const;

    /// Only one sealer at a time, over all servers.
    Result<bool> try_lock_sealing(db::Transaction& tx) const;
    Result<Head> head(db::Transaction& tx) const;
    /// (id, digest) of rows not yet sealed, oldest first.
    Result<std::vector<std::pair<std::int64_t, std::string>>> unsealed(db::Transaction& tx, const IdRange& ids,
                                                                       int limit) const;
    Result<void> seal(db::Transaction& tx, std::int64_t first_position, const std::vector<std::int64_t>& event_ids,
                      const std::vector<std::string>& hashes) const;
    Result<std::vector<SealedEvent>> sealed_after(db::Transaction& tx, std::int64_t position, int limit) const;
    /// 0: the log is empty.
    Result<std::int64_t> last_id(db::Transaction& tx) const;
    /// Of rows written before `before`.
    Result<std::int64_t> count_unsealed(db::Transaction& tx, const IdRange& ids, Instant before) const;
};

}  // namespace madoguchi::audit
