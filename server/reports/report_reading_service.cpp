// What was reported, and what waits: the reading half of DailyReportService.
#include "reports/daily_report_service.hpp"

#include <algorithm>

namespace madoguchi::reports {
namespace {

using directory::Permission;

tl::unexpected<Error> hidden() {
    return failure(ErrorKind::not_found, "not_found");
}

void fill(Day& day, const std::vector<Report>& reports, const std::vector<BookedAdjustment>& adjustments) {
    std::ranges::copy_if(reports, std::back_inserter(day.versions),
                         [&](const Report& report) { return report.date == day.date; });
    std::ranges::copy_if(adjustments, std::back_inserter(day.adjustments),
                         [&](const BookedAdjustment& booked) { return booked.booked_with == day.date; });
}

}  // namespace

Result<std::optional<Report>> DailyReportService::find(const Principal& principal, ReportDate date, Instant now) {
    const Actor actor = TRY(actor_for(principal, now));
    return parts_.database.transact(
        actor, [&](db::Transaction& tx) { return store_.find_latest(tx, actor.organization, date); });
}

Result<Report> DailyReportService::receipt(const Principal& principal, const std::string& number, Instant now) {
    const Actor actor = TRY(actor_for(principal, now));
    auto found = TRY(parts_.database.transact(
        actor, [&](db::Transaction& tx) { return store_.find_by_receipt(tx, actor.organization, number); }));
    return found ? Result<Report>(std::move(*found)) : hidden();
}

Result<std::vector<Day>> DailyReportService::week(const Principal& principal, Instant now) {
    const Actor actor = TRY(actor_for(principal, now));
    const ReportDate today = date_at(now);
    const ReportDate oldest = days_before(today, limits::kReportHistoryDays - 1);
    return parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<std::vector<Day>> {
        const auto reports = TRY(store_.list(tx, actor.organization, oldest, today));
        const auto adjustments =
            TRY(store_.adjustments(tx, actor.organization, days_before(oldest, limits::kReportHistoryDays)));
        const auto first = TRY(store_.first_day(tx, actor.organization));
        const auto drafts = TRY(store_.own_waiting(tx, actor.organization, oldest));
        std::vector<Day> out;
        for (int back = 0; back < limits::kReportHistoryDays; ++back) {
            Day day{.date = days_before(today, back), .versions = {}, .adjustments = {}, .draft = std::nullopt};
            fill(day, reports, adjustments);
            const auto draft = std::ranges::find(drafts, day.date, &Draft::date);
            if (draft != drafts.end() && day.versions.empty()) {
                day.draft = *draft;
            }
            if (back == 0 || day.draft || (first && *first <= day.date)) {
                out.push_back(std::move(day));
            }
        }
        return out;
    });
}

Result<Day> DailyReportService::day(const Principal& principal, ReportDate date, Instant now) {
    const Actor actor = TRY(actor_for(principal, now));
    return parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<Day> {
        Day day{.date = date, .versions = {}, .adjustments = {}, .draft = std::nullopt};
        fill(day, TRY(store_.list(tx, actor.organization, date, date)),
             TRY(store_.adjustments(tx, actor.organization, days_before(date, limits::kReportHistoryDays))));
        if (day.versions.empty()) {
            return hidden();
        }
        return day;
    });
}

Result<Day> DailyReportService::day_of(const Principal& principal, OrganizationId organization, ReportDate date,
                                       Instant now) {
    for (const Actor& actor : TRY(directory::acting(principal, Permission::see_reports, now))) {
        Day day{.date = date, .versions = {}, .adjustments = {}, .draft = std::nullopt};
        TRY(parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<bool> {
            fill(day, TRY(store_.list(tx, organization, date, date)),
                 TRY(store_.adjustments(tx, organization, days_before(date, limits::kReportHistoryDays))));
            return true;
        }));
        if (!day.versions.empty()) {
            return day;
        }
    }
    return hidden();
}

Result<std::vector<Draft>> DailyReportService::unsent(const Principal& principal, Instant now) {
    const Actor actor = TRY(actor_for(principal, now));
    return parts_.database.transact(
        actor, [&](db::Transaction& tx) { return store_.own_waiting(tx, actor.organization, first_sendable(now)); });
}

Result<std::vector<Draft>> DailyReportService::waiting_below(const Principal& principal, Instant now) {
    std::vector<Draft> out;
    for (const Actor& actor : TRY(directory::acting(principal, Permission::report_proxy, now))) {
        auto some = TRY(parts_.database.transact(actor, [&](db::Transaction& tx) {
            return store_.waiting_drafts(tx, first_sendable(now), limits::kDraftsShown);
        }));
        std::ranges::move(some, std::back_inserter(out));
    }
    return out;
}

Result<std::int64_t> DailyReportService::count_waiting_below(const Principal& principal, Instant now) {
    std::int64_t count = 0;
    for (const Actor& actor : TRY(directory::acting(principal, Permission::report_proxy, now))) {
        count += TRY(parts_.database.transact(
            actor, [&](db::Transaction& tx) { return store_.count_waiting(tx, first_sendable(now)); }));
    }
    return count;
}

Result<void> DailyReportService::forget_old(Instant now) {
    return parts_.database.transact(Actor::system(), [&](db::Transaction& tx) {
        return store_.forget_drafts(tx, days_before(date_at(now), limits::kDraftKeptDays));
    });
}

}  // namespace madoguchi::reports
