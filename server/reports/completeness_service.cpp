#include "reports/completeness_service.hpp"

#include <algorithm>

#include "base/completeness_limits.hpp"
#include "reports/daily_report_service.hpp"

namespace madoguchi::reports {
namespace {

using directory::OrganizationKind;
using directory::Permission;
using directory::Principal;

tl::unexpected<Error> hidden() {
    return failure(ErrorKind::not_found, "not_found");
}

bool comes_before(const CompletenessRow& left, const CompletenessRow& right) {
    const auto key = [](const CompletenessRow& row) {
        const auto& standing = row.standing;
        return std::make_tuple(standing.concern, !standing.last_date, standing.last_date.value_or(ReportDate{}),
                               standing.sort_key, standing.organization.id.value);
    };
    return key(left) < key(right);
}

bool looks_further_down(OrganizationKind kind) {
    return kind == OrganizationKind::ministry || kind == OrganizationKind::prefecture;
}

// Nobody expects a health centre's own report unless it has said so.
bool is_asked(const OrganizationStanding& standing) {
    return standing.schedule || standing.organization.kind != OrganizationKind::health_center;
}

// Nobody expects a report from before there was anybody to write it.
ReportDate expected_since(const OrganizationStanding& standing) {
    return std::min(date_at(standing.created_at), standing.first_date.value_or(date_at(standing.created_at)));
}

void keep_one_page(const CompletenessQuestion& question, Completeness& out) {
    std::sort(out.rows.begin(), out.rows.end(), comes_before);
    if (out.rows.size() > static_cast<std::size_t>(question.limit)) {
        out.rows.resize(static_cast<std::size_t>(question.limit));
        out.more = true;
    }
}

}  // namespace

Principal overseeing(const Principal& principal) {
    Principal out = principal;
    std::erase_if(out.grants, [](const directory::Grant& grant) {
        return directory::reach(grant.role, Permission::see_reports) != directory::Reach::subtree;
    });
    return out;
}

bool oversees(const Principal& principal, Instant now) {
    return std::any_of(principal.grants.begin(), principal.grants.end(), [&](const directory::Grant& grant) {
        return grant.active(now) && directory::reach(grant.role, Permission::see_reports) == directory::Reach::subtree;
    });
}

std::vector<SchedulePattern> patterns_of(const std::vector<Schedule>& schedules, const Schedule& usual,
                                         const ReportPolicy& policy, Instant now) {
    const ReportDate today = date_at(now);
    ReportDate last = today;
    while (deadline_of(last, policy) >= now) {
        last = days_before(last, 1);
    }
    const auto pattern = [&](const Schedule& schedule, int weekdays, bool on_holidays) {
        return SchedulePattern{.weekdays = weekdays,
                               .on_holidays = on_holidays,
                               .last_due = last_expected(schedule, last).value_or(ReportDate{}),
                               .expected_today = is_expected(schedule, today)};
    };
    std::vector<SchedulePattern> out = {
        pattern(usual, SchedulePattern::kUsual, false),
        {.weekdays = SchedulePattern::kUnasked, .on_holidays = false, .last_due = {}, .expected_today = false}};
    for (const auto& schedule : schedules) {
        out.push_back(pattern(schedule, schedule.weekdays(), schedule.on_holidays));
    }
    return out;
}

Result<std::vector<SchedulePattern>> CompletenessService::patterns(db::Transaction& tx, Instant now) const {
    return patterns_of(TRY(store_.schedules(tx)), parts_.usual, parts_.policy, now);
}

Result<std::vector<Actor>> CompletenessService::lookers(const Principal& principal, OrganizationId under,
                                                        Instant now) const {
    const auto actors = TRY(directory::acting(overseeing(principal), Permission::see_reports, now));
    if (!under) {
        return actors;
    }
    for (const Actor& actor : actors) {
        const auto place =
            TRY(parts_.database.transact(actor, [&](db::Transaction& tx) { return store_.find_place(tx, under); }));
        if (place) {
            return std::vector<Actor>{actor};
        }
    }
    return hidden();
}

CompletenessRow CompletenessService::row_of(OrganizationStanding standing, const std::map<ReportDate, DayFacts>& facts,
                                            ReportDate from, ReportDate to, Instant now) const {
    CompletenessRow out{.standing = std::move(standing)};
    const Schedule schedule = out.standing.schedule.value_or(parts_.usual);
    const bool asked = is_asked(out.standing);
    const ReportDate since = expected_since(out.standing);
    std::map<ReportDate, DayMark> all;
    for (ReportDate date = std::min(from, days_before(to, limits::kReportUsualDays)); date <= to;
         date = days_before(date, -1)) {
        const auto known = facts.find(date);
        const DayFacts day = known == facts.end() ? DayFacts{} : known->second;
        const bool expected = asked && date >= since && is_expected(schedule, date);
        const auto mark = mark_of(day, expected, date, deadline_of(date, parts_.policy), now);
        all[date] = mark;
        if (date < from) {
            continue;
        }
        const bool still_due = !day.reported && deadline_of(date, parts_.policy) >= now;
        out.expected += (expected && !still_due) || day.reported ? 1 : 0;
        out.received += day.reported ? 1 : 0;
        out.on_time += day.reported && !day.late ? 1 : 0;
        if (day.reported) {
            out.totals[date] = day.total;
        }
    }
    out.silence = silence_of(all);
    out.marks.insert(all.lower_bound(from), all.end());
    return out;
}

Result<std::vector<CompletenessRow>> CompletenessService::rows_of(db::Transaction& tx,
                                                                  std::vector<OrganizationStanding> standings,
                                                                  ReportDate from, ReportDate to, Instant now) const {
    std::vector<std::int64_t> ids;
    std::transform(standings.begin(), standings.end(), std::back_inserter(ids),
                   [](const OrganizationStanding& standing) { return standing.organization.id.value; });
    const auto days = TRY(store_.days(tx, ids, std::min(from, days_before(to, limits::kReportUsualDays)), to));
    std::vector<CompletenessRow> out;
    out.reserve(standings.size());
    for (auto& standing : standings) {
        const auto known = days.find(standing.organization.id);
        const auto facts = known == days.end() ? std::map<ReportDate, DayFacts>{} : known->second;
        out.push_back(row_of(std::move(standing), facts, from, to, now));
    }
    return out;
}

// The row that a page goes on after; somebody else's is none.
Result<std::optional<OrganizationStanding>> CompletenessService::cursor(const std::vector<Actor>& actors,
                                                                        const CompletenessQuestion& question,
                                                                        Instant now) const {
    if (!question.after) {
        return std::nullopt;
    }
    for (const Actor& actor : actors) {
        auto found = TRY(
            parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<std::optional<OrganizationStanding>> {
                const auto known = TRY(patterns(tx, now));
                return store_.find(tx, question.after, question.to, known, first_sendable(now));
            }));
        if (found) {
            return found;
        }
    }
    return std::nullopt;
}

// True: there are more rows than were asked for.
Result<bool> CompletenessService::collect(db::Transaction& tx, const CompletenessQuestion& question,
                                          const std::optional<OrganizationStanding>& after, Instant now,
                                          Completeness& out) const {
    auto question_and_one = question;
    ++question_and_one.limit;
    const auto known = TRY(patterns(tx, now));
    auto found = TRY(store_.list(tx, question_and_one, known, after, first_sendable(now)));
    const bool more = found.size() > static_cast<std::size_t>(question.limit);
    auto rows = TRY(rows_of(tx, std::move(found), question.from, question.to, now));
    std::move(rows.begin(), rows.end(), std::back_inserter(out.rows));
    return more;
}

Result<void> CompletenessService::add_days(db::Transaction& tx, const CompletenessQuestion& question,
                                           const std::vector<StandingCount>& counts,
                                           std::map<ReportDate, DayTotal>& out) const {
    const auto [from, to] = std::pair(question.from, question.to);
    for (ReportDate date = from; date <= to; date = days_before(date, -1)) {
        out.try_emplace(date);
    }
    for (const auto& count : counts) {
        const Schedule schedule = count.schedule.value_or(parts_.usual);
        for (ReportDate date = count.since; count.asked > 0 && date <= to; date = days_before(date, -1)) {
            out[date].expected += is_expected(schedule, date) ? count.asked : 0;
        }
    }
    for (const auto& count : TRY(store_.received(tx, question.under, from, to))) {
        auto& day = out[count.date];
        day.received += count.received;
        day.on_time += count.on_time;
        const bool counted = count.asked && is_expected(count.schedule.value_or(parts_.usual), count.date);
        day.expected += counted ? 0 : count.received;
    }
    return {};
}

Result<void> CompletenessService::count(db::Transaction& tx, const Actor& actor, const CompletenessQuestion& question,
                                        bool with_places, Instant now, Completeness& out) const {
    const auto top = TRY(store_.find_place(tx, actor.organization));
    const auto place = question.under ? TRY(store_.find_place(tx, question.under)) : top;
    const bool known = with_places && top && place;
    const bool has_units = known && looks_further_down(place->kind);
    const auto counts = TRY(store_.counts(tx, question, has_units ? place->path : "", TRY(patterns(tx, now))));
    out.today += TRY(store_.waiting(tx, question));
    for (const auto& one : counts) {
        out.today += one.tally();
    }
    TRY(add_days(tx, question, counts, out.days));
    if (known) {
        out.places = TRY(store_.places_between(tx, top->path, place->path));
    }
    if (has_units) {
        out.units = TRY(store_.units(tx, place->path, question.to));
    }
    for (auto& unit : out.units) {
        for (const auto& one : counts) {
            unit.tally += one.unit == unit.organization.id ? one.tally() : Tally();
        }
    }
    return {};
}

Result<Completeness> CompletenessService::show(const Principal& principal, const CompletenessQuestion& question,
                                               Instant now) {
    Completeness out;
    const auto actors = TRY(lookers(principal, question.under, now));
    const auto after = TRY(cursor(actors, question, now));
    for (const Actor& actor : actors) {
        TRY(parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<void> {
            out.more = TRY(collect(tx, question, after, now, out)) || out.more;
            return count(tx, actor, question, actors.size() == 1, now, out);
        }));
    }
    out.expected_today = is_expected(parts_.usual, question.to);
    keep_one_page(question, out);
    return out;
}

Result<Completeness> CompletenessService::rows(const Principal& principal, const CompletenessQuestion& question,
                                               Instant now) {
    Completeness out;
    const auto actors = TRY(lookers(principal, question.under, now));
    const auto after = TRY(cursor(actors, question, now));
    for (const Actor& actor : actors) {
        TRY(parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<void> {
            out.more = TRY(collect(tx, question, after, now, out)) || out.more;
            return {};
        }));
    }
    keep_one_page(question, out);
    return out;
}

Result<std::int64_t> CompletenessService::count_silent(const Principal& principal, Instant now) {
    const ReportDate today = date_at(now);
    std::int64_t silent = 0;
    for (const Actor& actor : TRY(lookers(principal, {}, now))) {
        TRY(parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<void> {
            const auto known = TRY(patterns(tx, now));
            for (const auto& one : TRY(store_.counts(tx, {.from = today, .to = today}, "", known))) {
                silent += one.silent;
            }
            return {};
        }));
    }
    return silent;
}

Result<std::map<ReportDate, DayTotal>> CompletenessService::days(const Principal& principal, OrganizationId under,
                                                                 ReportDate from, ReportDate to, Instant now) {
    std::map<ReportDate, DayTotal> out;
    for (const Actor& actor : TRY(lookers(principal, under, now))) {
        TRY(parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<void> {
            const CompletenessQuestion question{.from = from, .to = to, .under = under};
            return add_days(tx, question, TRY(store_.counts(tx, question, "", TRY(patterns(tx, now)))), out);
        }));
    }
    return out;
}

Result<OrganizationDays> CompletenessService::organization(const Principal& principal, OrganizationId organization,
                                                           Instant now) {
    const ReportDate today = date_at(now);
    const ReportDate from = days_before(today, limits::kCompletenessDaysMaximum - 1);
    const auto actors = TRY(lookers(principal, organization, now));
    return parts_.database.transact(actors.front(), [&](db::Transaction& tx) -> Result<OrganizationDays> {
        const auto known = TRY(patterns(tx, now));
        auto standing = TRY(store_.find(tx, organization, today, known, first_sendable(now)));
        if (!standing) {
            return hidden();
        }
        auto rows = TRY(rows_of(tx, {std::move(*standing)}, from, today, now));
        auto reports = TRY(reports_.list(tx, organization, from, today));
        return OrganizationDays{.row = std::move(rows.front()), .reports = std::move(reports)};
    });
}

Result<void> CompletenessService::note_export(const Principal& principal, const std::string& what, std::size_t rows,
                                              Instant now) {
    const auto actors = TRY(directory::acting(overseeing(principal), Permission::see_reports, now));
    return parts_.audit.note(actors.front(),
                             {.action = "report.export",
                              .organization_path = actors.front().jurisdiction.setting(),
                              .target_kind = "organization",
                              .target_id = actors.front().organization.value,
                              .target_name = principal.home.name,
                              .reason = {},
                              .before = nullptr,
                              .after = {{"what", what}, {"rows", rows}}},
                             now);
}

}  // namespace madoguchi::reports
