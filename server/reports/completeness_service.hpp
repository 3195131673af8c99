// Use cases of completeness: who has reported and who has not. Within the jurisdictions of the grants that see reports
// of others; what one's own organization reported stands on its own history.
#pragma once

#include "audit/audit_service.hpp"
#include "reports/completeness_store.hpp"
#include "reports/daily_report_store.hpp"

namespace madoguchi::reports {

struct CompletenessRow {
    OrganizationStanding standing;
    std::map<ReportDate, DayMark> marks;        // of the days asked for
    std::map<ReportDate, std::int64_t> totals;  // of the days reported
    Silence silence;
    int expected = 0;  // within the days asked for, and those reported unasked; today's only when it was reported
    int received = 0;
    int on_time = 0;
};

struct Completeness {
    Tally today;
    std::vector<CompletenessRow> rows;
    bool more = false;
    std::map<ReportDate, DayTotal> days;
    std::vector<UnitTally> units;                    // below the place, where it has prefectures or centres
    std::vector<directory::OrganizationRef> places;  // from the top of the jurisdiction to the place looked at
    bool expected_today = true;                      // of the configured schedule
};

/// One organization over the last four weeks.
struct OrganizationDays {
    CompletenessRow row;
    std::vector<Report> reports;  // every version, newest day first, newest version first
};

/// The same person with the grants alone that see others' reports.
directory::Principal overseeing(const directory::Principal& principal);
/// Does somebody see others' reports?
bool oversees(const directory::Principal& principal, Instant now);
/// The patterns that the store's queries take. `schedules`: those in use.
std::vector<SchedulePattern> patterns_of(const std::vector<Schedule>& schedules, const Schedule& usual,
                                         const ReportPolicy& policy, Instant now);

class CompletenessService {
public:
    struct Parts {
        db::Database& database;
        audit::AuditService& audit;
        ReportPolicy policy = {};
        Schedule usual = {};
    };
    explicit CompletenessService(Parts parts) : parts_(std::move(parts)) {}

    const ReportPolicy& policy() const { return parts_.policy; }
    const Schedule& usual() const { return parts_.usual; }

    /// `question.to` is today. Errors: forbidden, not_found (the place lies outside).
    Result<Completeness> show(const directory::Principal& principal, const CompletenessQuestion& question, Instant now);
    /// Rows alone, for files. Errors: as show.
    Result<Completeness> rows(const directory::Principal& principal, const CompletenessQuestion& question, Instant now);
    /// Organizations that were silent on the last day that is due.
    Result<std::int64_t> count_silent(const directory::Principal& principal, Instant now);
    /// Errors: forbidden, not_found.
    Result<OrganizationDays> organization(const directory::Principal& principal, OrganizationId organization,
                                          Instant now);
    /// That somebody took a file with them.
    Result<void> note_export(const directory::Principal& principal, const std::string& what, std::size_t rows,
                             Instant now);
    /// Expected and received by day, of `under` (0: the whole jurisdiction).
    Result<std::map<ReportDate, DayTotal>> days(const directory::Principal& principal, OrganizationId under,
                                                ReportDate from, ReportDate to, Instant now);
    /// As whom to look: the one whose jurisdiction holds the place, or all. Errors: forbidden, not_found.
    Result<std::vector<Actor>> lookers(const directory::Principal& principal, OrganizationId under, Instant now) const;

private:
    CompletenessRow row_of(OrganizationStanding standing, const std::map<ReportDate, DayFacts>& facts, ReportDate from,
                           ReportDate to, Instant now) const;
    Result<std::vector<CompletenessRow>> rows_of(db::Transaction& tx, std::vector<OrganizationStanding> standings,
                                                 ReportDate from, ReportDate to, Instant now) const;
    Result<std::optional<OrganizationStanding>> cursor(const std::vector<Actor>& actors,
                                                       const CompletenessQuestion& question, Instant now) const;
    Result<bool> collect(db::Transaction& tx, const CompletenessQuestion& question,
                         const std::optional<OrganizationStanding>& after, Instant now, Completeness& out) const;
    Result<void> add_days(db::Transaction& tx, const CompletenessQuestion& question,
                          const std::vector<StandingCount>& counts, std::map<ReportDate, DayTotal>& out) const;
    /// Today's figures, the days, and the way down to the place with what lies below it.
    Result<void> count(db::Transaction& tx, const Actor& actor, const CompletenessQuestion& question, bool with_places,
                       Instant now, Completeness& out) const;
    Result<std::vector<SchedulePattern>> patterns(db::Transaction& tx, Instant now) const;

    Parts parts_;
    CompletenessStore store_;
    DailyReportStore reports_;
};

}  // namespace madoguchi::reports
