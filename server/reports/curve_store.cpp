#include "reports/curve_store.hpp"

#include "db/plan.hpp"

namespace madoguchi::reports {
namespace {

// The last version up to that instant, of each organization and day: corrections replace what they correct.
constexpr db::Query kFigures = {"curve.figures", R"(
    with place as (select path from organizations where id = cast(:under as bigint))
    select r.report_date::text as day, r.organization_kind = 'follow_up_center' as follow_up, count(*) as received,
           sum(r.age_0) as age_0, sum(r.age_1_4) as age_1_4, sum(r.age_5_9) as age_5_9, sum(r.age_10) as age_10, sum(r.age_20) as age_20,
           sum(r.age_30) as age_30, sum(r.age_40) as age_40, sum(r.age_50) as age_50, sum(r.age_60_64) as age_60_64,
           sum(r.age_65_69) as age_65_69, sum(r.age_70) as age_70, sum(r.age_80) as age_80, sum(r.age_90) as age_90,
           sum(r.age_unknown) as age_unknown
    from reports r
    where r.report_date between cast(:from as date) and cast(:to as date)
      and (cast(:under as bigint) = 0 or (r.organization_path >= (select path from place) and r.organization_path < (select path || '~' from place)))
      and r.submitted_at <= instant(:as_of)
      and not exists (select 1 from reports n
                      where n.prefecture_code = r.prefecture_code and n.organization_id = r.organization_id
                        and n.report_date = r.report_date and n.version > 1 and n.version > r.version and n.submitted_at <= instant(:as_of))
    group by 1, 2)"};

constexpr db::Query kAdjustments = {"curve.adjustments", R"(
    with place as (select path from organizations where id = cast(:under as bigint))
    select a.adjusted_date::text as day,
           sum(a.age_0) as age_0, sum(a.age_1_4) as age_1_4, sum(a.age_5_9) as age_5_9, sum(a.age_10) as age_10, sum(a.age_20) as age_20,
           sum(a.age_30) as age_30, sum(a.age_40) as age_40, sum(a.age_50) as age_50, sum(a.age_60_64) as age_60_64,
           sum(a.age_65_69) as age_65_69, sum(a.age_70) as age_70, sum(a.age_80) as age_80, sum(a.age_90) as age_90,
           sum(a.age_unknown) as age_unknown
    from report_adjustments a
    where a.adjusted_date between cast(:from as date) and cast(:to as date) and a.submitted_at <= instant(:as_of)
      and (cast(:under as bigint) = 0 or (a.organization_path >= (select path from place) and a.organization_path < (select path || '~' from place)))
    group by 1)"};

constexpr db::Query kReports = {"curve.reports", R"(
    with place as (select path from organizations where id = cast(:under as bigint)),
    counted as (
        select o.id, o.kind, o.path, o.name, r.organization_kind, r.version, r.total,
               r.age_0, r.age_1_4, r.age_5_9, r.age_10, r.age_20, r.age_30, r.age_40, r.age_50, r.age_60_64, r.age_65_69, r.age_70,
               r.age_80, r.age_90, r.age_unknown
        from reports r join organizations o on o.id = r.organization_id
        where r.report_date = cast(:day as date)
          and (cast(:under as bigint) = 0 or (r.organization_path >= (select path from place) and r.organization_path < (select path || '~' from place)))
          and r.submitted_at <= instant(:as_of)
          and not exists (select 1 from reports n
                          where n.prefecture_code = r.prefecture_code and n.organization_id = r.organization_id
                            and n.report_date = r.report_date and n.version > 1 and n.version > r.version and n.submitted_at <= instant(:as_of)))
    select * from counted r
    where cast(:after as bigint) = 0 or (-r.total, r.id) > (select -b.total, b.id from counted b where b.id = cast(:after as bigint))
    order by -r.total, r.id limit :limit)"};

constexpr db::Query kUnits = {"curve.units", R"(
    with counted as (
        select split_part(substr(r.organization_path, length(cast(:path as text)) + 1), '.', 1) as child,
               coalesce(sum(r.total) filter (where r.organization_kind <> 'follow_up_center'), 0) as organizations,
               coalesce(sum(r.total) filter (where r.organization_kind = 'follow_up_center'), 0) as follow_up,
               count(*) as received
        from reports r
        where r.report_date = cast(:day as date)
          and r.organization_path > cast(:path as text) and r.organization_path < cast(:path as text) || '~'
          and r.submitted_at <= instant(:as_of)
          and not exists (select 1 from reports n
                          where n.prefecture_code = r.prefecture_code and n.organization_id = r.organization_id
                            and n.report_date = r.report_date and n.version > 1 and n.version > r.version and n.submitted_at <= instant(:as_of))
        group by 1)
    select u.id, u.kind, u.path, u.name, coalesce(c.organizations, 0) as organizations, coalesce(c.follow_up, 0) as follow_up,
           coalesce(c.received, 0) as received
    from organizations u left join counted c on c.child = u.id::text
    where u.kind in ('prefecture', 'health_center')
      and u.parent_id = (select p.id from organizations p where p.path = cast(:path as text))
    order by coalesce(u.local_government_code, ''), u.sort_key, u.id)"};

AgeBandCounts counts_of(const db::Row& row) {
    AgeBandCounts counts;
    for (std::size_t band = 0; band < kAgeBands; ++band) {
        counts.of.at(band) = row.get<std::int64_t>(kBandNames.at(band));
    }
    return counts;
}

ReportDate day_of(const db::Row& row) {
    return report_date(row.get<std::string>("day")).value();
}

directory::OrganizationRef place_of(const db::Row& row) {
    return {{row.get<std::int64_t>("id")},
            directory::organization_kind(row.get<std::string>("kind")).value(),
            row.get<std::string>("path"),
            row.get<std::string>("name")};
}

}  // namespace

Result<Curve> CurveStore::figures(db::Transaction& tx, const CurveQuestion& question) const {
    TRY(tx.one(db::kPlanForTheseValues));
    Curve out;
    for (const auto& row :
         TRY(tx.many(kFigures, question.under, to_text(question.from), to_text(question.to), question.as_of))) {
        auto& day = out[day_of(row)];
        (row.get<bool>("follow_up") ? day.follow_up : day.organizations) = counts_of(row);
        day.received += row.get<std::int64_t>("received");
    }
    for (const auto& row :
         TRY(tx.many(kAdjustments, question.under, to_text(question.from), to_text(question.to), question.as_of))) {
        out[day_of(row)].adjustments = counts_of(row);
    }
    return out;
}

Result<std::vector<CountedReport>> CurveStore::reports(db::Transaction& tx, const CurveQuestion& question,
                                                       OrganizationId after, int limit) const {
    std::vector<CountedReport> out;
    for (const auto& row :
         TRY(tx.many(kReports, question.under, to_text(question.from), question.as_of, after, limit))) {
        out.push_back({.organization = place_of(row),
                       .kind = row.get<std::string>("organization_kind"),
                       .version = row.get<int>("version"),
                       .counts = counts_of(row),
                       .total = row.get<std::int64_t>("total")});
    }
    return out;
}

Result<std::vector<UnitFigures>> CurveStore::units(db::Transaction& tx, const CurveQuestion& question,
                                                   const std::string& path) const {
    std::vector<UnitFigures> out;
    for (const auto& row : TRY(tx.many(kUnits, path, to_text(question.from), question.as_of))) {
        out.push_back({.organization = place_of(row),
                       .organizations = row.get<std::int64_t>("organizations"),
                       .follow_up = row.get<std::int64_t>("follow_up"),
                       .received = row.get<std::int64_t>("received")});
    }
    return out;
}

}  // namespace madoguchi::reports
