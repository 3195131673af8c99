#include "reports/report_schedule_store.hpp"

#include "reports/completeness_store.hpp"

namespace madoguchi::reports {
namespace {

constexpr db::Query kFind = {"report_schedule.find",
                             "select weekdays::integer as weekdays, on_holidays, version from report_schedules where "
                             "organization_id = :id"};

// Whoever saw another version changes nothing; whoever saw none inserts, and the second of two such finds the first
// one's.
constexpr db::Query kInsert = {"report_schedule.insert", R"(
    insert into report_schedules (organization_id, organization_path, weekdays, on_holidays, changed_at, changed_by)
    select o.id, o.path, cast(:weekdays as smallint), cast(:holidays as boolean), instant(:now), cast(:by as bigint)
    from organizations o where o.id = :id
    on conflict do nothing)"};

constexpr db::Query kUpdate = {"report_schedule.update", R"(
    update report_schedules set weekdays = cast(:weekdays as smallint), on_holidays = cast(:holidays as boolean),
                                changed_at = instant(:now), changed_by = cast(:by as bigint), version = version + 1
    where organization_id = :id and version = :seen)"};

}  // namespace

Result<StoredSchedule> ReportScheduleStore::find(db::Transaction& tx, OrganizationId organization,
                                                 const Schedule& usual) const {
    const auto row = TRY(tx.maybe_one(kFind, organization));
    return row ? StoredSchedule{schedule_of(*row).value(), row->get<int>("version")} : StoredSchedule{usual, 0};
}

Result<bool> ReportScheduleStore::save(db::Transaction& tx, OrganizationId organization, const Schedule& schedule,
                                       int seen_version, AccountId by, Instant now) const {
    const auto changed =
        seen_version == 0
            ? TRY(tx.execute(kInsert, schedule.weekdays(), schedule.on_holidays, now, by, organization))
            : TRY(tx.execute(kUpdate, schedule.weekdays(), schedule.on_holidays, now, by, organization, seen_version));
    return changed == 1;
}

}  // namespace madoguchi::reports
