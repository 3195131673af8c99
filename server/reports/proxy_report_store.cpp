#include "reports/proxy_report_store.hpp"

#include <algorithm>

namespace madoguchi::reports {
namespace {

constexpr db::Query kInsert = {"received.insert", R"(
    insert into received_reports (prefecture_code, organization_id, organization_path, report_date, received_by, received_at,
                                  received_note, proxy_organization_id, proxy_organization_name, registered_at, registered_by,
                                  registered_by_name)
    select coalesce(o.prefecture_code, 0), o.id, o.path, cast(:date as date), cast(:by as text), instant(:received_at),
           cast(:note as text), cast(:proxy as bigint), cast(:proxy_name as text), instant(:now), cast(:account as bigint),
           cast(:account_name as text)
    from organizations o where o.id = :organization
    on conflict do nothing
    returning id)"};

constexpr db::Query kFind = {"received.find", R"(
    select d.*, o.name as organization_name, o.phone as organization_phone, us(d.received_at) as received,
           us(d.registered_at) as registered, us(d.finished_at) as finished, r.receipt_number
    from received_reports d join organizations o on o.id = d.organization_id
    left join reports r on r.prefecture_code = d.prefecture_code and r.id = d.report_id
    where d.id = :id)"};

constexpr db::Query kLock = {"received.lock", R"(
    select d.*, o.name as organization_name, o.phone as organization_phone, us(d.received_at) as received,
           us(d.registered_at) as registered, us(d.finished_at) as finished, r.receipt_number
    from received_reports d join organizations o on o.id = d.organization_id
    left join reports r on r.prefecture_code = d.prefecture_code and r.id = d.report_id
    where d.id = :id for update of d)"};

constexpr db::Query kFindWaiting = {"received.find_waiting", R"(
    select d.*, o.name as organization_name, o.phone as organization_phone, us(d.received_at) as received,
           us(d.registered_at) as registered, us(d.finished_at) as finished, cast(null as text) as receipt_number
    from received_reports d join organizations o on o.id = d.organization_id
    where d.prefecture_code = coalesce(o.prefecture_code, 0) and d.organization_id = :organization
      and d.report_date = cast(:date as date) and d.state = 'waiting')"};

constexpr db::Query kWaiting = {"received.waiting", R"(
    select d.*, o.name as organization_name, o.phone as organization_phone, us(d.received_at) as received,
           us(d.registered_at) as registered, us(d.finished_at) as finished, cast(null as text) as receipt_number
    from received_reports d join organizations o on o.id = d.organization_id
    where d.state = 'waiting' order by d.received_at, d.id limit :limit)"};

constexpr db::Query kFinished = {"received.finished", R"(
    select d.*, o.name as organization_name, o.phone as organization_phone, us(d.received_at) as received,
           us(d.registered_at) as registered, us(d.finished_at) as finished, r.receipt_number
    from received_reports d join organizations o on o.id = d.organization_id
    left join reports r on r.prefecture_code = d.prefecture_code and r.id = d.report_id
    where d.finished_at >= instant(:since) order by d.finished_at desc limit :limit)"};

constexpr db::Query kCountWaiting = {"received.count_waiting", R"(
    select count(*) as waiting from received_reports where state = 'waiting')"};

constexpr db::Query kSave = {"received.save", R"(
    update received_reports set typed = cast(:typed as jsonb), version = version + 1
    where id = :id and version = :version and state = 'waiting')"};

constexpr db::Query kFinish = {"received.finish", R"(
    update received_reports set state = :state, reason = :reason, report_id = cast(:report as bigint), finished_at = instant(:now),
                                finished_by = :account, finished_by_name = :account_name
    where id = :id and state = 'waiting')"};

// A version that was corrected counts no more, so nobody needs to look at it.
constexpr db::Query kUnusual = {"report.unusual", R"(
    select r.*, o.name as organization_name, us(r.opened_at) as opened, us(r.submitted_at) as submitted, us(r.deadline_at) as deadline,
           us(r.received_at) as received
    from reports r join organizations o on o.id = r.organization_id
    where r.warnings <> '[]' and r.review_state <> 'seen'
      and not exists (select 1 from reports later where later.prefecture_code = r.prefecture_code
                      and later.organization_id = r.organization_id and later.report_date = r.report_date and later.version > r.version)
    order by r.id desc limit :limit)"};

constexpr db::Query kCountUnusual = {"report.count_unusual", R"(
    select count(*) as waiting from reports r
    where r.warnings <> '[]' and r.review_state <> 'seen'
      and not exists (select 1 from reports later where later.prefecture_code = r.prefecture_code
                      and later.organization_id = r.organization_id and later.report_date = r.report_date and later.version > r.version))"};

constexpr db::Query kFindReport = {"report.find_unusual", R"(
    select r.*, o.name as organization_name, us(r.opened_at) as opened, us(r.submitted_at) as submitted, us(r.deadline_at) as deadline,
           us(r.received_at) as received
    from reports r join organizations o on o.id = r.organization_id
    where r.id = :id and r.warnings <> '[]')"};

constexpr db::Query kReview = {"report.review", R"(
    update reports set review_state = :state, review_note = :note, reviewed_at = instant(:now), reviewed_by = :account,
                       reviewed_by_name = :account_name
    where id = :id and review_state <> 'seen')"};

ReceivedReport received_of(const db::Row& row) {
    const auto typed = row.get<std::optional<std::string>>("typed");
    return {.id = row.get<std::int64_t>("id"),
            .organization = row.get<OrganizationId>("organization_id"),
            .organization_name = row.get<std::string>("organization_name"),
            .organization_path = row.get<std::string>("organization_path"),
            .phone = row.get<std::optional<std::string>>("organization_phone").value_or(""),
            .date = report_date(row.get<std::string>("report_date")).value_or(ReportDate{}),
            .proxy = {.organization = row.get<OrganizationId>("proxy_organization_id"),
                      .organization_name = row.get<std::string>("proxy_organization_name"),
                      .by = received_by(row.get<std::string>("received_by")).value_or(ReceivedBy::other),
                      .received_at = row.get<Instant>("received"),
                      .note = row.get<std::string>("received_note")},
            .registered_at = row.get<Instant>("registered"),
            .registered_by_name = row.get<std::string>("registered_by_name"),
            .version = row.get<int>("version"),
            .typed = typed ? std::optional(typed_from(nlohmann::json::parse(*typed))) : std::nullopt,
            .state = received_state(row.get<std::string>("state")).value_or(ReceivedState::waiting),
            .reason = row.get<std::string>("reason"),
            .finished_at = row.get<std::optional<Instant>>("finished"),
            .finished_by_name = row.get<std::string>("finished_by_name"),
            .receipt = row.get<std::optional<std::string>>("receipt_number").value_or("")};
}

std::vector<ReceivedReport> all_of(const std::vector<db::Row>& rows) {
    std::vector<ReceivedReport> out;
    std::ranges::transform(rows, std::back_inserter(out), received_of);
    return out;
}

std::optional<ReceivedReport> maybe(const std::optional<db::Row>& row) {
    return row ? std::optional(received_of(*row)) : std::nullopt;
}

}  // namespace

Result<std::optional<std::int64_t>> ProxyReportStore::insert(db::Transaction& tx, const ReceivedReport& received,
                                                             AccountId by) const {
    const auto& proxy = received.proxy;
    const auto row = TRY(tx.maybe_one(kInsert, to_text(received.date), to_text(proxy.by), proxy.received_at, proxy.note,
                                      proxy.organization, proxy.organization_name, received.registered_at, by,
                                      received.registered_by_name, received.organization));
    return row ? std::optional(row->get<std::int64_t>("id")) : std::nullopt;
}

Result<std::optional<ReceivedReport>> ProxyReportStore::find(db::Transaction& tx, std::int64_t id) const {
    return maybe(TRY(tx.maybe_one(kFind, id)));
}

Result<std::optional<ReceivedReport>> ProxyReportStore::lock(db::Transaction& tx, std::int64_t id) const {
    return maybe(TRY(tx.maybe_one(kLock, id)));
}

Result<std::optional<ReceivedReport>> ProxyReportStore::find_waiting(db::Transaction& tx, OrganizationId organization,
                                                                     ReportDate date) const {
    return maybe(TRY(tx.maybe_one(kFindWaiting, organization, to_text(date))));
}

Result<std::vector<ReceivedReport>> ProxyReportStore::waiting(db::Transaction& tx, int limit) const {
    return all_of(TRY(tx.many(kWaiting, limit)));
}

Result<std::vector<ReceivedReport>> ProxyReportStore::finished_since(db::Transaction& tx, Instant since,
                                                                     int limit) const {
    return all_of(TRY(tx.many(kFinished, since, limit)));
}

Result<std::int64_t> ProxyReportStore::count_waiting(db::Transaction& tx) const {
    return TRY(tx.one(kCountWaiting)).get<std::int64_t>("waiting");
}

Result<bool> ProxyReportStore::save(db::Transaction& tx, std::int64_t id, int version, const Typed& typed) const {
    return TRY(tx.execute(kSave, to_json(typed).dump(), id, version)) == 1;
}

Result<bool> ProxyReportStore::finish(db::Transaction& tx, std::int64_t id, const End& end, AccountId by,
                                      const std::string& by_name, Instant now) const {
    return TRY(tx.execute(kFinish, to_text(end.state), end.reason, end.report, now, by, by_name, id)) == 1;
}

Result<std::vector<Report>> ProxyReportStore::unusual(db::Transaction& tx, int limit) const {
    std::vector<Report> out;
    std::ranges::transform(TRY(tx.many(kUnusual, limit)), std::back_inserter(out), report_of);
    return out;
}

Result<std::int64_t> ProxyReportStore::count_unusual(db::Transaction& tx) const {
    return TRY(tx.one(kCountUnusual)).get<std::int64_t>("waiting");
}

Result<std::optional<Report>> ProxyReportStore::find_report(db::Transaction& tx, std::int64_t id) const {
    const auto row = TRY(tx.maybe_one(kFindReport, id));
    return row ? std::optional(report_of(*row)) : std::nullopt;
}

Result<bool> ProxyReportStore::review(db::Transaction& tx, std::int64_t id, const Review& review, AccountId by,
                                      const std::string& by_name, Instant now) const {
    return TRY(tx.execute(kReview, review.state, review.note, now, by, by_name, id)) == 1;
}

}  // namespace madoguchi::reports
