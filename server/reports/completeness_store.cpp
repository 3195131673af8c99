#include "reports/completeness_store.hpp"

#include <algorithm>
#include <charconv>

#include "base/japanese_text.hpp"
#include "db/plan.hpp"

namespace madoguchi::reports {
namespace {

constexpr std::array<std::string_view, kShown.size()> kShownNames = {"all", "silent", "draft", "never"};

constexpr db::Query kSchedules = {"completeness.schedules",
                                  "select distinct weekdays::integer as weekdays, on_holidays from report_schedules"};

constexpr db::Query kList = {"completeness.list", R"(
    with due as (
        select * from unnest(cast(:weekdays as integer[]), cast(:holidays as boolean[]), cast(:last_dues as date[]), cast(:todays as boolean[]))
            as d (weekdays, on_holidays, last_due, today)),
    waiting as (
        select distinct organization_id from report_drafts
        where submitted_at is null and report_date >= cast(:drafts_from as date)),
    papers as (
        select organization_id, max(report_date) as last_date from received_reports where state = 'waiting' group by organization_id),
    ranked as (
        select o.id, o.kind, o.path, o.name, o.sort_key, o.phone, s.first_date, s.last_date, w.weekdays::integer as weekdays, w.on_holidays,
               us(o.created_at) as created_at, wd.organization_id is not null as draft_waits, us(r.reminded_at) as reminded_at,
               case when greatest(s.last_date, p.last_date) < d.last_due then 0 when wd.organization_id is not null then 1
                    when s.last_date is null then 3 else 2 end as concern
        from organizations o
             left join report_standings s on s.organization_id = o.id
             left join report_schedules w on w.organization_id = o.id
             left join report_reminders r on r.organization_id = o.id and r.reminded_on = cast(:today as date)
             left join waiting wd on wd.organization_id = o.id
             left join papers p on p.organization_id = o.id
             join due d on d.weekdays = coalesce(w.weekdays::integer, case when o.kind = 'health_center' then -2 else -1 end)
                       and d.on_holidays = coalesce(w.on_holidays, false)
        where o.state = 'active' and (o.kind in ('facility', 'follow_up_center') or s.last_date is not null or w.organization_id is not null)
          and o.path >= cast(:from_path as text) and o.path < cast(:below_path as text)
          and (cast(:word as text) is null or exists (select 1 from organization_terms t
                                                      where t.organization_id = o.id and t.term >= :word and t.term < :above))
          and case cast(:shown as text)
                when 'silent' then coalesce(greatest(s.last_date, p.last_date), '-infinity') < d.last_due
                              and least((o.created_at at time zone 'Asia/Tokyo')::date, s.first_date) <= d.last_due
                when 'never' then s.last_date is null
                when 'draft' then wd.organization_id is not null
                else true end)
    select id, kind, path, name, sort_key, phone, first_date::text as first_date, last_date::text as last_date, weekdays, on_holidays,
           created_at, draft_waits, reminded_at, concern
    from ranked
    where cast(:after as bigint) = 0
       or (concern, coalesce(last_date, 'infinity'), sort_key, id) >
          (cast(:after_concern as integer), coalesce(cast(:after_date as date), 'infinity'), cast(:after_key as text), cast(:after as bigint))
    order by concern, coalesce(last_date, 'infinity'), sort_key, id limit :limit)"};

constexpr db::Query kFind = {"completeness.find", R"(
    with due as (
        select * from unnest(cast(:weekdays as integer[]), cast(:holidays as boolean[]), cast(:last_dues as date[]), cast(:todays as boolean[]))
            as d (weekdays, on_holidays, last_due, today)),
    waiting as (
        select distinct organization_id from report_drafts
        where submitted_at is null and report_date >= cast(:drafts_from as date)),
    papers as (
        select organization_id, max(report_date) as last_date from received_reports where state = 'waiting' group by organization_id),
    ranked as (
        select o.id, o.kind, o.path, o.name, o.sort_key, o.phone, s.first_date, s.last_date, w.weekdays::integer as weekdays, w.on_holidays,
               us(o.created_at) as created_at, wd.organization_id is not null as draft_waits, us(r.reminded_at) as reminded_at,
               case when greatest(s.last_date, p.last_date) < d.last_due then 0 when wd.organization_id is not null then 1
                    when s.last_date is null then 3 else 2 end as concern
        from organizations o
             left join report_standings s on s.organization_id = o.id
             left join report_schedules w on w.organization_id = o.id
             left join report_reminders r on r.organization_id = o.id and r.reminded_on = cast(:today as date)
             left join waiting wd on wd.organization_id = o.id
             left join papers p on p.organization_id = o.id
             join due d on d.weekdays = coalesce(w.weekdays::integer, case when o.kind = 'health_center' then -2 else -1 end)
                       and d.on_holidays = coalesce(w.on_holidays, false)
        where o.id = :id and o.state = 'active' and o.kind in ('facility', 'follow_up_center', 'health_center'))
    select id, kind, path, name, sort_key, phone, first_date::text as first_date, last_date::text as last_date, weekdays, on_holidays,
           created_at, draft_waits, reminded_at, concern
    from ranked)"};

// One walk through the organizations for all that is counted of them: by the unit below `path` that they lie in, by
// schedule, and by the day since which they are asked.
constexpr db::Query kCounts = {"completeness.counts", R"(
    with due as (
        select * from unnest(cast(:weekdays as integer[]), cast(:holidays as boolean[]), cast(:last_dues as date[]), cast(:todays as boolean[]))
            as d (weekdays, on_holidays, last_due, today)),
    papers as (
        select organization_id, max(report_date) as last_date from received_reports where state = 'waiting' group by organization_id),
    standing as (
        select split_part(substr(o.path, length(cast(:path as text)) + 1), '.', 1) as unit, w.weekdays::integer as weekdays, w.on_holidays,
               d.last_due, d.today, s.last_date, p.last_date as on_paper,
               o.kind in ('facility', 'follow_up_center') or w.organization_id is not null as asked,
               least((o.created_at at time zone 'Asia/Tokyo')::date, s.first_date) as since
        from organizations o
             left join report_standings s on s.organization_id = o.id
             left join papers p on p.organization_id = o.id
             left join report_schedules w on w.organization_id = o.id
             join due d on d.weekdays = coalesce(w.weekdays::integer, case when o.kind = 'health_center' then -2 else -1 end)
                       and d.on_holidays = coalesce(w.on_holidays, false)
        where o.state = 'active' and (o.kind in ('facility', 'follow_up_center') or s.last_date is not null or w.organization_id is not null)
          and o.path >= cast(:from_path as text) and o.path < cast(:below_path as text))
    select unit, weekdays, on_holidays, greatest(since, cast(:from as date))::text as since,
           count(*) filter (where asked) as asked,
           count(*) filter (where today or last_date >= cast(:today as date)) as expected,
           count(*) filter (where last_date >= cast(:today as date)) as received,
           count(*) filter (where coalesce(greatest(last_date, on_paper), '-infinity') < last_due and since <= last_due) as silent
    from standing group by 1, 2, 3, 4)"};

constexpr db::Query kWaiting = {"completeness.waiting", R"(
    with place as (select path from organizations where id = cast(:under as bigint))
    select (select count(*) from report_drafts r
            where r.submitted_at is null and r.report_date = cast(:today as date)
              and (cast(:under as bigint) = 0 or (r.organization_path >= (select path from place) and r.organization_path < (select path || '~' from place)))) as drafts,
           (select count(*) from received_reports r
            where r.state = 'waiting' and r.report_date = cast(:today as date)
              and (cast(:under as bigint) = 0 or (r.organization_path >= (select path from place) and r.organization_path < (select path || '~' from place)))) as waiting)"};

constexpr db::Query kUnits = {"completeness.units", R"(
    with drafts as (
        select split_part(substr(r.organization_path, length(cast(:path as text)) + 1), '.', 1) as child, count(*) as drafts
        from report_drafts r
        where r.submitted_at is null and r.report_date = cast(:today as date)
          and r.organization_path > cast(:path as text) and r.organization_path < cast(:path as text) || '~'
        group by 1),
    papers as (
        select split_part(substr(r.organization_path, length(cast(:path as text)) + 1), '.', 1) as child, count(*) as waiting
        from received_reports r
        where r.state = 'waiting' and r.report_date = cast(:today as date)
          and r.organization_path > cast(:path as text) and r.organization_path < cast(:path as text) || '~'
        group by 1)
    select u.id, u.kind, u.path, u.name, coalesce(r.drafts, 0) as drafts, coalesce(p.waiting, 0) as waiting
    from organizations u left join drafts r on r.child = u.id::text left join papers p on p.child = u.id::text
    where u.kind in ('prefecture', 'health_center') and u.state = 'active'
      and u.parent_id = (select p.id from organizations p where p.path = cast(:path as text))
    order by coalesce(u.local_government_code, ''), u.sort_key, u.id)"};

constexpr db::Query kFindPlace = {"completeness.find_place",
                                  "select id, kind, path, name from organizations where id = :id"};

constexpr db::Query kPlacesBetween = {"completeness.places_between", R"(
    select id, kind, path, name from organizations
    where id = any (cast(string_to_array(rtrim(:path, '.'), '.') as bigint[])) and starts_with(path, :top)
    order by length(path))"};

// One sum a day of the month: to look at each organization's days one by one takes five times as long.
constexpr db::Query kReceived = {"completeness.received", R"(
    with months as (
        select m.month, w.weekdays::integer as weekdays, w.on_holidays,
               o.state = 'active' and (o.kind in ('facility', 'follow_up_center') or w.organization_id is not null) as asked,
               m.received, m.received & ~m.late as on_time
        from report_months m join organizations o on o.id = m.organization_id
             left join report_schedules w on w.organization_id = m.organization_id
        where m.month between date_trunc('month', cast(:from as date))::date and cast(:to as date)
          and m.organization_path >= cast(:from_path as text) and m.organization_path < cast(:below_path as text)),
    counted as (
        select month, weekdays, on_holidays, asked, array[
           sum(received & 1), sum(received >> 1 & 1), sum(received >> 2 & 1), sum(received >> 3 & 1), sum(received >> 4 & 1), sum(received >> 5 & 1),
           sum(received >> 6 & 1), sum(received >> 7 & 1), sum(received >> 8 & 1), sum(received >> 9 & 1), sum(received >> 10 & 1),
           sum(received >> 11 & 1), sum(received >> 12 & 1), sum(received >> 13 & 1), sum(received >> 14 & 1), sum(received >> 15 & 1),
           sum(received >> 16 & 1), sum(received >> 17 & 1), sum(received >> 18 & 1), sum(received >> 19 & 1), sum(received >> 20 & 1),
           sum(received >> 21 & 1), sum(received >> 22 & 1), sum(received >> 23 & 1), sum(received >> 24 & 1), sum(received >> 25 & 1),
           sum(received >> 26 & 1), sum(received >> 27 & 1), sum(received >> 28 & 1), sum(received >> 29 & 1), sum(received >> 30 & 1)] as received, array[
           sum(on_time & 1), sum(on_time >> 1 & 1), sum(on_time >> 2 & 1), sum(on_time >> 3 & 1), sum(on_time >> 4 & 1), sum(on_time >> 5 & 1),
           sum(on_time >> 6 & 1), sum(on_time >> 7 & 1), sum(on_time >> 8 & 1), sum(on_time >> 9 & 1), sum(on_time >> 10 & 1),
           sum(on_time >> 11 & 1), sum(on_time >> 12 & 1), sum(on_time >> 13 & 1), sum(on_time >> 14 & 1), sum(on_time >> 15 & 1),
           sum(on_time >> 16 & 1), sum(on_time >> 17 & 1), sum(on_time >> 18 & 1), sum(on_time >> 19 & 1), sum(on_time >> 20 & 1),
           sum(on_time >> 21 & 1), sum(on_time >> 22 & 1), sum(on_time >> 23 & 1), sum(on_time >> 24 & 1), sum(on_time >> 25 & 1),
           sum(on_time >> 26 & 1), sum(on_time >> 27 & 1), sum(on_time >> 28 & 1), sum(on_time >> 29 & 1), sum(on_time >> 30 & 1)] as on_time
        from months group by month, weekdays, on_holidays, asked)
    select (c.month + cast(d.place - 1 as integer))::text as day, c.weekdays, c.on_holidays, c.asked, d.received, d.on_time
    from counted c cross join unnest(c.received, c.on_time) with ordinality as d (received, on_time, place)
    where d.received > 0 and c.month + cast(d.place - 1 as integer) between cast(:from as date) and cast(:to as date))"};

// Late is who reported late; a correction comes when it comes. One organization after the other (`offset 0` keeps it
// so): planned as a join, fifty of them have the whole table read.
constexpr db::Query kDays = {"completeness.days", R"(
    select r.organization_id, r.report_date::text as day, max(r.version) as version,
           (array_agg(r.kind order by r.version desc))[1] as kind, (array_agg(r.total order by r.version desc))[1] as total,
           bool_or(r.late and r.version = 1) as late, bool_or(r.proxy_organization_id is not null and r.version = 1) as by_proxy
    from (select coalesce(prefecture_code, 0) as prefecture_code, id from organizations where id = any (cast(:ids as bigint[])) offset 0) o
         cross join lateral (
             select * from reports
             where prefecture_code = o.prefecture_code and organization_id = o.id
               and report_date between cast(:from as date) and cast(:to as date) offset 0) r
    group by r.organization_id, r.report_date)"};

constexpr db::Query kDrafts = {"completeness.drafts", R"(
    select r.organization_id, r.report_date::text as day
    from organizations o join report_drafts r on r.prefecture_code = coalesce(o.prefecture_code, 0) and r.organization_id = o.id
    where o.id = any (cast(:ids as bigint[])) and r.report_date between cast(:from as date) and cast(:to as date) and r.submitted_at is null)"};

constexpr db::Query kOnPaper = {"completeness.on_paper", R"(
    select r.organization_id, r.report_date::text as day
    from organizations o join received_reports r on r.prefecture_code = coalesce(o.prefecture_code, 0) and r.organization_id = o.id
    where o.id = any (cast(:ids as bigint[])) and r.report_date between cast(:from as date) and cast(:to as date) and r.state = 'waiting')"};

struct PatternArrays {
    std::vector<std::int64_t> weekdays;
    std::vector<std::string> holidays;
    std::vector<std::string> last_dues;
    std::vector<std::string> todays;
};

PatternArrays arrays_of(const std::vector<SchedulePattern>& patterns) {
    PatternArrays out;
    for (const auto& pattern : patterns) {
        out.weekdays.push_back(pattern.weekdays);
        out.holidays.emplace_back(pattern.on_holidays ? "t" : "f");
        out.last_dues.push_back(to_text(pattern.last_due));
        out.todays.emplace_back(pattern.expected_today ? "t" : "f");
    }
    return out;
}

std::optional<ReportDate> maybe_day(const db::Row& row, std::string_view column) {
    const auto text = row.get<std::optional<std::string>>(column);
    return text ? report_date(*text) : std::nullopt;
}

ReportDate day_of(const db::Row& row, std::string_view column) {
    return report_date(row.get<std::string>(column)).value();
}

OrganizationStanding standing_of(const db::Row& row) {
    return {.organization = place_of(row),
            .sort_key = row.get<std::string>("sort_key"),
            .phone = row.get<std::string>("phone"),
            .concern = static_cast<Concern>(row.get<int>("concern")),
            .first_date = maybe_day(row, "first_date"),
            .last_date = maybe_day(row, "last_date"),
            .schedule = schedule_of(row),
            .draft_waits = row.get<bool>("draft_waits"),
            .created_at = row.get<Instant>("created_at"),
            .reminded_at = row.get<std::optional<Instant>>("reminded_at")};
}

StandingCount count_of(const db::Row& row) {
    StandingCount out{.unit = {},
                      .schedule = schedule_of(row),
                      .since = day_of(row, "since"),
                      .asked = row.get<std::int64_t>("asked"),
                      .expected = row.get<std::int64_t>("expected"),
                      .received = row.get<std::int64_t>("received"),
                      .silent = row.get<std::int64_t>("silent")};
    const auto unit = row.get<std::string>("unit");
    std::from_chars(unit.data(), unit.data() + unit.size(), out.unit.value);
    return out;
}

}  // namespace

std::string_view to_text(Shown shown) {
    return kShownNames.at(static_cast<std::size_t>(shown));
}
std::optional<Shown> shown(std::string_view text) {
    const auto found = std::find(kShownNames.begin(), kShownNames.end(), text);
    return found == kShownNames.end() ? std::nullopt : std::optional(static_cast<Shown>(found - kShownNames.begin()));
}

std::optional<Schedule> schedule_of(const db::Row& row) {
    const auto weekdays = row.get<std::optional<std::int64_t>>("weekdays");
    return weekdays ? std::optional(Schedule::of(static_cast<int>(*weekdays), row.get<bool>("on_holidays")))
                    : std::nullopt;
}

directory::OrganizationRef place_of(const db::Row& row) {
    return {{row.get<std::int64_t>("id")},
            directory::organization_kind(row.get<std::string>("kind")).value(),
            row.get<std::string>("path"),
            row.get<std::string>("name")};
}

Tally& Tally::operator+=(const Tally& other) {
    expected += other.expected;
    received += other.received;
    drafts += other.drafts;
    waiting += other.waiting;
    silent += other.silent;
    return *this;
}

// As bare values, so that an index finds a prefecture's or a centre's part; what lies outside the jurisdiction is
// empty.
Result<CompletenessStore::Part> CompletenessStore::part_of_country(db::Transaction& tx, OrganizationId under) const {
    if (!under) {
        return Part{"", "~"};
    }
    const auto place = TRY(find_place(tx, under));
    return place ? Part{place->path, place->path + "~"} : Part{};
}

Result<std::vector<Schedule>> CompletenessStore::schedules(db::Transaction& tx) const {
    std::vector<Schedule> out;
    for (const auto& row : TRY(tx.many(kSchedules))) {
        out.push_back(schedule_of(row).value());
    }
    return out;
}

Result<std::vector<OrganizationStanding>> CompletenessStore::list(db::Transaction& tx,
                                                                  const CompletenessQuestion& question,
                                                                  const std::vector<SchedulePattern>& patterns,
                                                                  const std::optional<OrganizationStanding>& after,
                                                                  ReportDate drafts_from) const {
    TRY(tx.one(db::kPlanForTheseValues));
    const auto part = TRY(part_of_country(tx, question.under));
    const auto arrays = arrays_of(patterns);
    const auto key = search_key(question.word);
    const auto word = key.empty() ? std::nullopt : std::optional(key);
    const auto last = after && after->last_date ? std::optional(to_text(*after->last_date)) : std::nullopt;
    std::vector<OrganizationStanding> out;
    // U+10FFFF, the last character there is: above every text that begins with the key.
    for (const auto& row : TRY(tx.many(
             kList, arrays.weekdays, arrays.holidays, arrays.last_dues, arrays.todays, to_text(drafts_from),
             to_text(question.to), part.from, part.below, word, key + "\xF4\x8F\xBF\xBF", to_text(question.shown),
             after ? after->organization.id : OrganizationId{}, after ? static_cast<int>(after->concern) : 0, last,
             after ? after->sort_key : std::string(), question.limit))) {
        out.push_back(standing_of(row));
    }
    return out;
}

Result<std::optional<OrganizationStanding>> CompletenessStore::find(db::Transaction& tx, OrganizationId organization,
                                                                    ReportDate today,
                                                                    const std::vector<SchedulePattern>& patterns,
                                                                    ReportDate drafts_from) const {
    const auto arrays = arrays_of(patterns);
    const auto row = TRY(tx.maybe_one(kFind, arrays.weekdays, arrays.holidays, arrays.last_dues, arrays.todays,
                                      to_text(drafts_from), to_text(today), organization));
    return row ? std::optional(standing_of(*row)) : std::nullopt;
}

Result<std::vector<StandingCount>> CompletenessStore::counts(db::Transaction& tx, const CompletenessQuestion& question,
                                                             const std::string& path,
                                                             const std::vector<SchedulePattern>& patterns) const {
    TRY(tx.one(db::kPlanForTheseValues));
    const auto part = TRY(part_of_country(tx, question.under));
    const auto arrays = arrays_of(patterns);
    std::vector<StandingCount> out;
    for (const auto& row : TRY(tx.many(kCounts, arrays.weekdays, arrays.holidays, arrays.last_dues, arrays.todays, path,
                                       part.from, part.below, to_text(question.from), to_text(question.to)))) {
        out.push_back(count_of(row));
    }
    return out;
}

Result<Tally> CompletenessStore::waiting(db::Transaction& tx, const CompletenessQuestion& question) const {
    const auto row = TRY(tx.one(kWaiting, question.under, to_text(question.to)));
    return Tally{.drafts = row.get<std::int64_t>("drafts"), .waiting = row.get<std::int64_t>("waiting")};
}

Result<std::vector<UnitTally>> CompletenessStore::units(db::Transaction& tx, const std::string& path,
                                                        ReportDate today) const {
    std::vector<UnitTally> out;
    for (const auto& row : TRY(tx.many(kUnits, path, to_text(today)))) {
        out.push_back(
            {place_of(row), {.drafts = row.get<std::int64_t>("drafts"), .waiting = row.get<std::int64_t>("waiting")}});
    }
    return out;
}

Result<std::optional<directory::OrganizationRef>> CompletenessStore::find_place(db::Transaction& tx,
                                                                                OrganizationId place) const {
    const auto row = TRY(tx.maybe_one(kFindPlace, place));
    return row ? std::optional(place_of(*row)) : std::nullopt;
}

Result<std::vector<directory::OrganizationRef>> CompletenessStore::places_between(db::Transaction& tx,
                                                                                  const std::string& top,
                                                                                  const std::string& path) const {
    std::vector<directory::OrganizationRef> out;
    for (const auto& row : TRY(tx.many(kPlacesBetween, path, top))) {
        out.push_back(place_of(row));
    }
    return out;
}

Result<std::vector<ReceivedCount>> CompletenessStore::received(db::Transaction& tx, OrganizationId under,
                                                               ReportDate from, ReportDate to) const {
    TRY(tx.one(db::kPlanForTheseValues));
    const auto part = TRY(part_of_country(tx, under));
    std::vector<ReceivedCount> out;
    for (const auto& row : TRY(tx.many(kReceived, to_text(from), to_text(to), part.from, part.below))) {
        out.push_back({.date = day_of(row, "day"),
                       .schedule = schedule_of(row),
                       .asked = row.get<bool>("asked"),
                       .received = row.get<std::int64_t>("received"),
                       .on_time = row.get<std::int64_t>("on_time")});
    }
    return out;
}

Result<CompletenessStore::Days> CompletenessStore::days(db::Transaction& tx,
                                                        const std::vector<std::int64_t>& organizations, ReportDate from,
                                                        ReportDate to) const {
    Days out;
    for (const auto& row : TRY(tx.many(kDays, organizations, to_text(from), to_text(to)))) {
        auto& facts = out[OrganizationId{row.get<std::int64_t>("organization_id")}][day_of(row, "day")];
        facts.reported = report_kind(row.get<std::string>("kind"));
        facts.total = row.get<std::int64_t>("total");
        facts.late = row.get<bool>("late");
        facts.corrected = row.get<int>("version") > 1;
        facts.by_proxy = row.get<bool>("by_proxy");
    }
    for (const auto& row : TRY(tx.many(kDrafts, organizations, to_text(from), to_text(to)))) {
        out[OrganizationId{row.get<std::int64_t>("organization_id")}][day_of(row, "day")].draft = true;
    }
    for (const auto& row : TRY(tx.many(kOnPaper, organizations, to_text(from), to_text(to)))) {
        out[OrganizationId{row.get<std::int64_t>("organization_id")}][day_of(row, "day")].on_paper = true;
    }
    return out;
}

}  // namespace madoguchi::reports
