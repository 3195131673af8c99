#include "reports/report_import_store.hpp"

namespace madoguchi::reports {
namespace {

constexpr db::Query kPlaces = {"report_file.places", R"(
    select id, kind, path, name, coalesce(institution_code, '') as code, state = 'active' as open from organizations
    where institution_code = any (cast(:codes as text[])) or id = any (cast(:ids as bigint[]))
    order by state = 'active', id)"};

constexpr db::Query kReported = {"report_file.reported", R"(
    select distinct on (r.organization_id, r.report_date) r.*, o.name as organization_name, us(r.opened_at) as opened,
           us(r.submitted_at) as submitted, us(r.deadline_at) as deadline, us(r.received_at) as received
    from organizations o join reports r on r.prefecture_code = coalesce(o.prefecture_code, 0) and r.organization_id = o.id
    where o.id = any (cast(:organizations as bigint[])) and r.report_date between cast(:from as date) and cast(:to as date)
    order by r.organization_id, r.report_date, r.version desc)"};

constexpr db::Query kReportedOn = {"report_file.reported_on", R"(
    select distinct on (r.organization_id, r.report_date) r.*, o.name as organization_name, us(r.opened_at) as opened,
           us(r.submitted_at) as submitted, us(r.deadline_at) as deadline, us(r.received_at) as received
    from unnest(cast(:organizations as bigint[]), cast(:dates as text[])) as asked (organization_id, report_date)
    join organizations o on o.id = asked.organization_id
    join reports r on r.prefecture_code = coalesce(o.prefecture_code, 0) and r.organization_id = o.id
                  and r.report_date = cast(asked.report_date as date)
    order by r.organization_id, r.report_date, r.version desc)"};

constexpr db::Query kExported = {"report_file.exported", R"(
    select distinct on (r.report_date, r.organization_id) r.*, o.name as organization_name, coalesce(o.institution_code, '') as code,
           us(r.opened_at) as opened, us(r.submitted_at) as submitted, us(r.deadline_at) as deadline, us(r.received_at) as received
    from reports r join organizations o on o.id = r.organization_id
    where r.report_date between cast(:from as date) and cast(:to as date) and r.submitted_at <= instant(:as_of)
      and (r.report_date, r.organization_id) > (cast(:after_date as date), cast(:after as bigint))
    order by r.report_date, r.organization_id, r.version desc
    limit :limit)"};

constexpr db::Query kUnreported = {"report_file.unreported", R"(
    select o.id, o.kind, o.path, o.name, coalesce(o.institution_code, '') as code, true as open
    from organizations o
    where o.state = 'active'
      and case when cast(:only as bigint) = 0 then o.kind in ('facility', 'follow_up_center') else o.id = :only end
      and not exists (select 1 from reports r where r.prefecture_code = coalesce(o.prefecture_code, 0) and r.organization_id = o.id
                        and r.report_date = cast(:date as date))
    order by o.institution_code nulls last, o.id limit :limit)"};

std::vector<ReportPlace> places_of(const std::vector<db::Row>& rows) {
    std::vector<ReportPlace> out;
    out.reserve(rows.size());
    for (const auto& row : rows) {
        out.push_back({{{row.get<std::int64_t>("id")},
                        directory::organization_kind(row.get<std::string>("kind")).value(),
                        row.get<std::string>("path"),
                        row.get<std::string>("name")},
                       row.get<std::string>("code"),
                       row.get<bool>("open")});
    }
    return out;
}

}  // namespace

Result<std::vector<ReportPlace>> ReportImportStore::places(db::Transaction& tx, const std::vector<std::string>& codes,
                                                           const std::vector<std::int64_t>& ids) const {
    return places_of(TRY(tx.many(kPlaces, codes, ids)));
}

Result<std::vector<Report>> ReportImportStore::reported(db::Transaction& tx,
                                                        const std::vector<std::int64_t>& organizations, ReportDate from,
                                                        ReportDate to) const {
    std::vector<Report> out;
    for (const auto& row : TRY(tx.many(kReported, organizations, to_text(from), to_text(to)))) {
        out.push_back(report_of(row));
    }
    return out;
}

Result<std::vector<Report>> ReportImportStore::reported_on(db::Transaction& tx,
                                                           const std::vector<std::int64_t>& organizations,
                                                           const std::vector<std::string>& dates) const {
    std::vector<Report> out;
    for (const auto& row : TRY(tx.many(kReportedOn, organizations, dates))) {
        out.push_back(report_of(row));
    }
    return out;
}

Result<std::vector<ExportedReport>> ReportImportStore::exported(db::Transaction& tx, ReportDate from, ReportDate to,
                                                                Instant as_of, const Position& after, int limit) const {
    std::vector<ExportedReport> out;
    for (const auto& row :
         TRY(tx.many(kExported, to_text(from), to_text(to), as_of, to_text(after.date), after.organization, limit))) {
        out.push_back({row.get<std::string>("code"), report_of(row)});
    }
    return out;
}

Result<std::vector<ReportPlace>> ReportImportStore::unreported(db::Transaction& tx, ReportDate date,
                                                               OrganizationId only, int limit) const {
    return places_of(TRY(tx.many(kUnreported, only, to_text(date), limit)));
}

}  // namespace madoguchi::reports
