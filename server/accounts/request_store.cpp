#include "accounts/request_store.hpp"

namespace madoguchi::accounts {
namespace {

constexpr db::Query kInsert = {"request.insert", R"(
    insert into requests (kind, organization_path, account_id, requested_by, requested_by_name, summary, contact_sealed, requested_at, expires_at)
    values (:kind, :path, nullif(cast(:account as bigint), 0), nullif(cast(:by as bigint), 0), :by_name, cast(:summary as jsonb),
            nullif(:contact, ''), instant(:now), instant(:expires_at))
    returning id)"};

constexpr db::Query kFindOpen = {"request.find_open", R"(
    select id from requests
    where kind = :kind and account_id = :account and state = 'open' and requested_at >= instant(:since) and requested_by is not null
    order by id limit 1)"};

constexpr db::Query kCountPublic = {"request.count_public", R"(
    select count(*) as filed from requests
    where kind = :kind and account_id = :account and state = 'open' and requested_at >= instant(:since) and requested_by is null)"};

constexpr db::Query kLock = {"request.lock", R"(
    select r.id, r.kind, r.state, r.organization_path, coalesce(r.account_id, 0) as account_id, coalesce(a.login_id, '') as login_id,
           coalesce(r.requested_by, 0) as requested_by, r.requested_by_name, r.summary::text as summary,
           coalesce(r.contact_sealed, '') as contact_sealed, us(r.requested_at) as requested_at, us(r.expires_at) as expires_at,
           coalesce(r.decided_by_name, '') as decided_by_name, us(r.decided_at) as decided_at, r.reason
    from requests r left join accounts a on a.id = r.account_id where r.id = :id for update of r)"};

constexpr db::Query kList = {"request.list", R"(
    select r.id, r.kind, case when r.state = 'open' and r.expires_at <= instant(:now) then 'expired' else r.state end as state,
           r.organization_path, coalesce(r.account_id, 0) as account_id, coalesce(a.login_id, '') as login_id,
           coalesce(r.requested_by, 0) as requested_by, r.requested_by_name, r.summary::text as summary,
           coalesce(r.contact_sealed, '') as contact_sealed, us(r.requested_at) as requested_at, us(r.expires_at) as expires_at,
           coalesce(r.decided_by_name, '') as decided_by_name, us(r.decided_at) as decided_at, r.reason
    from requests r left join accounts a on a.id = r.account_id
    where r.id > :after
      and (cast(:state as text) is null
           or (r.state = 'open' and r.expires_at > instant(:now2)) = (cast(:state2 as text) = 'open'))
    order by r.id limit :limit)"};

constexpr db::Query kListNewest = {"request.list_newest", R"(
    select r.id, r.kind, case when r.state = 'open' and r.expires_at <= instant(:now) then 'expired' else r.state end as state,
           r.organization_path, coalesce(r.account_id, 0) as account_id, coalesce(a.login_id, '') as login_id,
           coalesce(r.requested_by, 0) as requested_by, r.requested_by_name, r.summary::text as summary,
           coalesce(r.contact_sealed, '') as contact_sealed, us(r.requested_at) as requested_at, us(r.expires_at) as expires_at,
           coalesce(r.decided_by_name, '') as decided_by_name, us(r.decided_at) as decided_at, r.reason
    from requests r left join accounts a on a.id = r.account_id
    where (cast(:after as bigint) = 0 or r.id < :after2)
      and (cast(:state as text) is null
           or (r.state = 'open' and r.expires_at > instant(:now2)) = (cast(:state2 as text) = 'open'))
    order by r.id desc limit :limit)"};

constexpr db::Query kFind = {"request.find", R"(
    select r.id, r.kind, case when r.state = 'open' and r.expires_at <= instant(:now) then 'expired' else r.state end as state,
           r.organization_path, coalesce(r.account_id, 0) as account_id, coalesce(a.login_id, '') as login_id,
           coalesce(r.requested_by, 0) as requested_by, r.requested_by_name, r.summary::text as summary,
           coalesce(r.contact_sealed, '') as contact_sealed, us(r.requested_at) as requested_at, us(r.expires_at) as expires_at,
           coalesce(r.decided_by_name, '') as decided_by_name, us(r.decided_at) as decided_at, r.reason
    from requests r left join accounts a on a.id = r.account_id
    where r.id = :id)"};

constexpr db::Query kCountOpen = {"request.count_open", R"(
    select count(*) as open from requests where state = 'open' and expires_at > instant(:now))"};

constexpr db::Query kDecide = {"request.decide", R"(
    update requests set state = :state, decided_by = :by, decided_by_name = :by_name, decided_at = instant(:now), reason = :reason
    where id = :id and state = 'open')"};

Request to_request(const db::Row& row) {
    return {.id = {row.get<std::int64_t>("id")},
            .kind = request_kind(row.get<std::string>("kind")),
            .state = request_state(row.get<std::string>("state")),
            .organization_path = row.get<std::string>("organization_path"),
            .account = {row.get<std::int64_t>("account_id")},
            .login_id = row.get<std::string>("login_id"),
            .requested_by = {row.get<std::int64_t>("requested_by")},
            .requested_by_name = row.get<std::string>("requested_by_name"),
            .summary = nlohmann::json::parse(row.get<std::string>("summary")),
            .contact_sealed = row.get<std::string>("contact_sealed"),
            .requested_at = row.get<Instant>("requested_at"),
            .expires_at = row.get<Instant>("expires_at"),
            .decided_by_name = row.get<std::string>("decided_by_name"),
            .decided_at = row.get<std::optional<Instant>>("decided_at"),
            .reason = row.get<std::string>("reason")};
}

}  // namespace

Result<RequestId> RequestStore::insert(db::Transaction& tx, const Request& request) const {
    const auto row = TRY(tx.one(kInsert, to_text(request.kind), request.organization_path, request.account,
                                request.requested_by, request.requested_by_name, request.summary.dump(),
                                request.contact_sealed, request.requested_at, request.expires_at));
    return RequestId{row.get<std::int64_t>("id")};
}

Result<std::optional<RequestId>> RequestStore::find_open(db::Transaction& tx, RequestKind kind, AccountId account,
                                                         Instant since) const {
    const auto row = TRY(tx.maybe_one(kFindOpen, to_text(kind), account, since));
    return row ? std::optional(RequestId{row->get<std::int64_t>("id")}) : std::nullopt;
}

Result<std::int64_t> RequestStore::count_public(db::Transaction& tx, RequestKind kind, AccountId account,
                                                Instant since) const {
    return TRY(tx.one(kCountPublic, to_text(kind), account, since)).get<std::int64_t>("filed");
}

Result<std::optional<Request>> RequestStore::lock(db::Transaction& tx, RequestId id) const {
    const auto row = TRY(tx.maybe_one(kLock, id));
    return row ? std::optional(to_request(*row)) : std::nullopt;
}

Result<std::vector<Request>> RequestStore::list(db::Transaction& tx, const RequestFilter& filter) const {
    const bool newest = filter.order == RequestOrder::newest_first;
    const auto rows =
        newest ? TRY(tx.many(kListNewest, filter.now, filter.after_id, filter.after_id, filter.state, filter.now,
                             filter.state, filter.limit))
               : TRY(tx.many(kList, filter.now, filter.after_id, filter.state, filter.now, filter.state, filter.limit));
    std::vector<Request> out;
    out.reserve(rows.size());
    for (const auto& row : rows) {
        out.push_back(to_request(row));
    }
    return out;
}

Result<std::optional<Request>> RequestStore::find(db::Transaction& tx, RequestId id, Instant now) const {
    const auto row = TRY(tx.maybe_one(kFind, now, id));
    return row ? std::optional(to_request(*row)) : std::nullopt;
}

Result<std::int64_t> RequestStore::count_open(db::Transaction& tx, Instant now) const {
    return TRY(tx.one(kCountOpen, now)).get<std::int64_t>("open");
}

Result<bool> RequestStore::decide(db::Transaction& tx, RequestId id, RequestState state, AccountId by,
                                  const std::string& by_name, const std::string& reason, Instant now) const {
    return TRY(tx.execute(kDecide, to_text(state), by, by_name, now, reason, id)) == 1;
}

}  // namespace madoguchi::accounts
