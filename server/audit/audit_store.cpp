#include "audit/audit_store.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace madoguchi::audit {
namespace {

constexpr db::Query kInsert = {"audit.insert", R"(
    insert into audit_events (at, actor_account, actor_name, channel, source, request_id, action, outcome,
                              organization_path, target_kind, target_id, target_name, reason, before, after, digest)
    values (instant(:at), :actor_account, :actor_name, :channel, :source, :request_id, :action, :outcome,
            :organization_path, :target_kind, :target_id, :target_name, :reason, :before, :after, :digest))"};

constexpr db::Query kInsertMany = {"audit.insert_many", R"(
    insert into audit_events (at, actor_account, actor_name, channel, source, request_id, action, outcome,
                              organization_path, target_kind, target_id, target_name, reason, before, after, digest)
    select instant(:at), cast(:actor_account as bigint), cast(:actor_name as text), cast(:channel as text), cast(:source as text),
           cast(:request_id as text), e.action, e.outcome,
           e.organization_path, e.target_kind, e.target_id, e.target_name, e.reason, e.before, e.after, e.digest
    from unnest(cast(:actions as text[]), cast(:outcomes as text[]), cast(:paths as text[]), cast(:kinds as text[]), cast(:ids as bigint[]),
                cast(:names as text[]), cast(:reasons as text[]), cast(:befores as text[]), cast(:afters as text[]), cast(:digests as text[]))
        with ordinality as e (action, outcome, organization_path, target_kind, target_id, target_name, reason, before, after, digest, place)
    order by e.place)"};

constexpr db::Query kList = {"audit.list", R"(
    select id, us(at) as at, coalesce(actor_account, 0) as actor_account, actor_name, channel, source, request_id, action,
           outcome, organization_path, target_kind, target_id, target_name, reason, before, after, digest
    from audit_events
    where (cast(:before_id as bigint) = 0 or id < :before_id2)
      and (cast(:account as text) is null or actor_name = :account2 or (target_kind = 'account' and target_name = :account3))
      and (cast(:action as text) is null or action = :action2)
      and (cast(:request as text) is null or request_id = :request2)
      and (cast(:outcome as text) is null or outcome = :outcome2)
      and (cast(:actor as bigint) is null or actor_account = :actor2)
      and (cast(:since as bigint) is null or at >= instant(:since2))
      and (cast(:until as bigint) is null or at < instant(:until2))
    order by id desc limit :limit)"};

constexpr db::Query kFind = {"audit.find", R"(
    select id, us(at) as at, coalesce(actor_account, 0) as actor_account, actor_name, channel, source, request_id, action,
           outcome, organization_path, target_kind, target_id, target_name, reason, before, after, digest
    from audit_events where id = :id)"};

// Two walks along an index each, never along the whole log.
constexpr db::Query kOwn = {"audit.own", R"(
    select id, us(at) as at, coalesce(actor_account, 0) as actor_account, actor_name, channel, source, request_id, action,
           outcome, organization_path, target_kind, target_id, target_name, reason, before, after, digest
    from audit_events
    where id in (
        (select id from audit_events where actor_account = :actor and (cast(:before1 as bigint) = 0 or id < :before2) order by id desc limit :limit1)
        union
        (select id from audit_events where target_kind = 'account' and target_id = :target
            and (cast(:before3 as bigint) = 0 or id < :before4) order by id desc limit :limit2))
    order by id desc limit :limit3)"};

constexpr db::Query kHistory = {"audit.history", R"(
    select id, us(at) as at, coalesce(actor_account, 0) as actor_account, actor_name, channel, source, request_id, action,
           outcome, organization_path, target_kind, target_id, target_name, reason, before, after, digest
    from history_of(:kind, :target, :before, :limit))"};

constexpr db::Query kLock = {"audit.lock_sealing", "select pg_try_advisory_xact_lock(7238461) as locked"};

constexpr db::Query kHead = {"audit.head",
                             "select position, hash, event_id from audit_seals order by position desc limit 1"};

constexpr db::Query kUnsealed = {"audit.unsealed", R"(
    select e.id, e.digest from audit_events e
    where e.id > :above and e.id <= :up_to and not exists (
        select 1 from audit_seals s where s.event_id = e.id and s.event_id > :above and s.event_id <= :up_to)
    order by e.id limit :limit)"};

constexpr db::Query kLastId = {"audit.last_id", "select coalesce(max(id), 0) as id from audit_events"};

constexpr db::Query kSeal = {"audit.seal", R"(
    insert into audit_seals (position, event_id, hash)
    select :first + n - 1, event_id, hash
    from unnest(cast(:events as bigint[]), cast(:hashes as text[])) with ordinality as sealed (event_id, hash, n))"};

constexpr db::Query kSealedAfter = {"audit.sealed_after", R"(
    select s.position, s.event_id, s.hash, e.id, us(e.at) as at, coalesce(e.actor_account, 0) as actor_account, e.actor_name,
           e.channel, e.source, e.request_id, e.action, e.outcome, e.organization_path, e.target_kind, e.target_id,
           e.target_name, e.reason, e.before, e.after, e.digest
    from audit_seals s left join audit_events e on e.id = s.event_id
    where s.position > :position order by s.position limit :limit)"};

constexpr db::Query kCountUnsealed = {"audit.count_unsealed", R"(
    select count(*) as unsealed from audit_events e
    where e.id > :above and e.id <= :up_to and e.at < instant(:before)
      and not exists (select 1 from audit_seals s where s.event_id = e.id))"};

AuditEvent to_event(const db::Row& row) {
    return {.id = row.get<std::int64_t>("id"),
            .at = row.get<Instant>("at"),
            .actor_account = row.get<std::int64_t>("actor_account"),
            .actor_name = row.get<std::string>("actor_name"),
            .channel = row.get<std::string>("channel"),
            .source = row.get<std::string>("source"),
            .request_id = row.get<std::string>("request_id"),
            .action = row.get<std::string>("action"),
            .outcome = row.get<std::string>("outcome"),
            .organization_path = row.get<std::string>("organization_path"),
            .target_kind = row.get<std::string>("target_kind"),
            .target_id = row.get<std::int64_t>("target_id"),
            .target_name = row.get<std::string>("target_name"),
            .reason = row.get<std::string>("reason"),
            .before = row.get<std::string>("before"),
            .after = row.get<std::string>("after"),
            .digest = row.get<std::string>("digest")};
}

}  // namespace

Result<void> AuditStore::insert(db::Transaction& tx, const AuditEvent& event) const {
    const std::optional<std::int64_t> actor =
        event.actor_account == 0 ? std::nullopt : std::optional(event.actor_account);
    TRY(tx.execute(kInsert, event.at, actor, event.actor_name, event.channel, event.source, event.request_id,
                   event.action, event.outcome, event.organization_path, event.target_kind, event.target_id,
                   event.target_name, event.reason, event.before, event.after, event.digest));
    return {};
}

Result<void> AuditStore::insert_many(db::Transaction& tx, const std::vector<AuditEvent>& events) const {
    if (events.empty()) {
        return {};
    }
    std::vector<std::int64_t> ids;
    std::vector<std::string> actions, outcomes, paths, kinds, names, reasons, befores, afters, digests;
    for (const auto& event : events) {
        ids.push_back(event.target_id);
        actions.push_back(event.action);
        outcomes.push_back(event.outcome);
        paths.push_back(event.organization_path);
        kinds.push_back(event.target_kind);
        names.push_back(event.target_name);
        reasons.push_back(event.reason);
        befores.push_back(event.before);
        afters.push_back(event.after);
        digests.push_back(event.digest);
    }
    const auto& one = events.front();
    const std::optional<std::int64_t> actor = one.actor_account == 0 ? std::nullopt : std::optional(one.actor_account);
    TRY(tx.execute(kInsertMany, one.at, actor, one.actor_name, one.channel, one.source, one.request_id, actions,
                   outcomes, paths, kinds, ids, names, reasons, befores, afters, digests));
    return {};
}

Result<std::vector<AuditEvent>> AuditStore::list(db::Transaction& tx, const EventFilter& filter) const {
    const auto rows = TRY(tx.many(kList, filter.before_id, filter.before_id, filter.account, filter.account,
                                  filter.account, filter.action, filter.action, filter.request_id, filter.request_id,
                                  filter.outcome, filter.outcome, filter.actor_account, filter.actor_account,
                                  filter.since, filter.since, filter.until, filter.until, filter.limit));
    std::vector<AuditEvent> out;
    out.reserve(rows.size());
    for (const auto& row : rows) {
        out.push_back(to_event(row));
    }
    return out;
}

Result<std::optional<AuditEvent>> AuditStore::find(db::Transaction& tx, std::int64_t id) const {
    const auto row = TRY(tx.maybe_one(kFind, id));
    return row ? std::optional(to_event(*row)) : std::nullopt;
}

Result<std::vector<AuditEvent>> AuditStore::own(db::Transaction& tx, std::int64_t account, std::int64_t before_id,
                                                int limit) const {
    const auto rows =
        TRY(tx.many(kOwn, account, before_id, before_id, limit, account, before_id, before_id, limit, limit));
    std::vector<AuditEvent> out;
    out.reserve(rows.size());
    for (const auto& row : rows) {
        out.push_back(to_event(row));
    }
    return out;
}

Result<std::vector<AuditEvent>> AuditStore::history(db::Transaction& tx, const std::string& target_kind,
                                                    std::int64_t target, std::int64_t before_id, int limit) const {
    std::vector<AuditEvent> out;
    for (const auto& row : TRY(tx.many(kHistory, target_kind, target, before_id, limit))) {
        out.push_back(to_event(row));
    }
    return out;
}

Result<bool> AuditStore::try_lock_sealing(db::Transaction& tx) const {
    return TRY(tx.one(kLock)).get<bool>("locked");
}

Result<Head> AuditStore::head(db::Transaction& tx) const {
    const auto row = TRY(tx.maybe_one(kHead));
    if (!row) {
        return Head{};
    }
    return Head{row->get<std::int64_t>("position"), row->get<std::string>("hash"), row->get<std::int64_t>("event_id")};
}

Result<std::vector<std::pair<std::int64_t, std::string>>> AuditStore::unsealed(db::Transaction& tx, const IdRange& ids,
                                                                               int limit) const {
    const auto rows = TRY(tx.many(kUnsealed, ids.above, ids.up_to, limit));
    std::vector<std::pair<std::int64_t, std::string>> out;
    out.reserve(rows.size());
    for (const auto& row : rows) {
        out.emplace_back(row.get<std::int64_t>("id"), row.get<std::string>("digest"));
    }
    return out;
}

Result<void> AuditStore::seal(db::Transaction& tx, std::int64_t first_position,
                              const std::vector<std::int64_t>& event_ids,
                              const std::vector<std::string>& hashes) const {
    TRY(tx.execute(kSeal, first_position, fmt::format("{{{}}}", fmt::join(event_ids, ",")),
                   fmt::format("{{{}}}", fmt::join(hashes, ","))));
    return {};
}

Result<std::vector<SealedEvent>> AuditStore::sealed_after(db::Transaction& tx, std::int64_t position, int limit) const {
    const auto rows = TRY(tx.many(kSealedAfter, position, limit));
    std::vector<SealedEvent> out;
    out.reserve(rows.size());
    for (const auto& row : rows) {
        SealedEvent sealed{.position = row.get<std::int64_t>("position"),
                           .event_id = row.get<std::int64_t>("event_id"),
                           .hash = row.get<std::string>("hash"),
                           .event = std::nullopt};
        if (row.get<std::optional<std::int64_t>>("id")) {
            sealed.event = to_event(row);
        }
        out.push_back(std::move(sealed));
    }
    return out;
}

Result<std::int64_t> AuditStore::last_id(db::Transaction& tx) const {
    return TRY(tx.one(kLastId)).get<std::int64_t>("id");
}

Result<std::int64_t> AuditStore::count_unsealed(db::Transaction& tx, const IdRange& ids, Instant before) const {
    return TRY(tx.one(kCountUnsealed, ids.above, ids.up_to, before)).get<std::int64_t>("unsealed");
}

}  // namespace madoguchi::audit
