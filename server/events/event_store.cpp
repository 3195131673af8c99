#include "events/event_store.hpp"

#include "db/plan.hpp"

namespace madoguchi::events {
namespace {

constexpr db::Query kLock = {"event.lock_ordering", "select pg_try_advisory_xact_lock(7238471) as locked"};

constexpr db::Query kOrder = {"event.order", R"(
    update events e set position = (select coalesce(max(position), 0) from events) + f.place
    from (select id, row_number() over (order by id) as place
          from (select id from events where position is null order by id limit :limit) found) f
    where e.id = f.id)"};

constexpr db::Query kHead = {"event.head", R"(
    select position from events where position is not null order by position desc limit 1)"};

constexpr db::Query kNewest = {"event.newest", "select newest_event() as position"};

constexpr db::Query kRead = {"event.read", R"(
    select position, type, us(occurred_at) as occurred_at, organization_path, subject_kind, subject_id, subject_name,
           coalesce(actor_account, 0) as actor_account, actor_name, before, after
    from events
    where position > cast(:after as bigint) and position <= cast(:up_to as bigint)
      and organization_path >= cast(:from as text) and organization_path < cast(:below as text)
      and type = any (cast(:types as text[]))
    order by position limit :limit)"};

constexpr db::Query kFind = {"event.find", R"(
    select position, type, us(occurred_at) as occurred_at, organization_path, subject_kind, subject_id, subject_name,
           coalesce(actor_account, 0) as actor_account, actor_name, before, after
    from events where position = :position)"};

constexpr db::Query kPathOf = {"event.path_of", "select path from organizations where id = :id"};

}  // namespace

Event to_event(const db::Row& row) {
    return {.position = row.get<std::int64_t>("position"),
            .type = row.get<std::string>("type"),
            .occurred_at = row.get<Instant>("occurred_at"),
            .organization_path = row.get<std::string>("organization_path"),
            .subject_kind = row.get<std::string>("subject_kind"),
            .subject_id = row.get<std::int64_t>("subject_id"),
            .subject_name = row.get<std::string>("subject_name"),
            .actor_account = row.get<std::int64_t>("actor_account"),
            .actor_name = row.get<std::string>("actor_name"),
            .before = row.get<std::string>("before"),
            .after = row.get<std::string>("after")};
}

Result<bool> EventStore::try_lock_ordering(db::Transaction& tx) const {
    return TRY(tx.one(kLock)).get<bool>("locked");
}

Result<std::int64_t> EventStore::order(db::Transaction& tx, int limit) const {
    TRY(tx.one(db::kPlanForTheseValues));  // a plan made for an empty table walks through all events for each one
    return tx.execute(kOrder, limit);
}

Result<std::int64_t> EventStore::head(db::Transaction& tx) const {
    const auto row = TRY(tx.maybe_one(kHead));
    return row ? row->get<std::int64_t>("position") : 0;
}

Result<std::int64_t> EventStore::newest(db::Transaction& tx) const {
    return TRY(tx.one(kNewest)).get<std::int64_t>("position");
}

Result<std::vector<Event>> EventStore::read(db::Transaction& tx, const EventRange& range) const {
    TRY(tx.one(db::kPlanForAPage));  // a clinic's few among the country's, or the country's newest
    std::vector<Event> out;
    for (const auto& row :
         TRY(tx.many(kRead, range.after, range.up_to, range.path, range.path + "~", range.types, range.limit))) {
        out.push_back(to_event(row));
    }
    return out;
}

Result<std::optional<Event>> EventStore::find(db::Transaction& tx, std::int64_t position) const {
    const auto row = TRY(tx.maybe_one(kFind, position));
    return row ? std::optional(to_event(*row)) : std::nullopt;
}

Result<std::optional<std::string>> EventStore::path_of(db::Transaction& tx, OrganizationId id) const {
    const auto row = TRY(tx.maybe_one(kPathOf, id));
    return row ? std::optional(row->get<std::string>("path")) : std::nullopt;
}

}  // namespace madoguchi::events
