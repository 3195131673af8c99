// Use cases of the daily report: draft, report once a day, adjust, correct, look back. One's own organization's, unless
// a function says otherwise.
#pragma once

#include "audit/audit_service.hpp"
#include "directory/authorization.hpp"
#include "reports/daily_report_store.hpp"

namespace madoguchi::reports {

using directory::OrganizationRef;
using directory::Principal;

enum class Mode { real, dry_run };

/// When and for which organization a form was opened, sealed so that the day can't be chosen later.
struct Opening {
    OrganizationId organization;
    Instant at;
    std::string sealed;  // what the form carries

    ReportDate date() const { return date_at(at); }
};

/// The form of one day.
struct Entry {
    OrganizationRef place;
    Opening opening;
    Draft draft;                    // version 0: nothing was typed yet
    std::optional<Report> report;   // the day is done
    std::optional<PastDay> before;  // the last day that had figures
    std::vector<Draft> unsent;      // of other days that can still be sent
};

/// A form that was read: either its figures or, in `error`, what can't be read; and what is worth a second look.
struct Read {
    AgeBandCounts counts;
    std::optional<Adjustment> adjustment;
    std::vector<Warning> warnings;
    std::optional<Error> error;
    std::optional<Error> unconfirmed;  // of the warnings; nothing: each was typed again
};

struct SaveDraft {
    Opening opening;
    int seen_version = 0;
    Typed typed;
};

/// Figures that come whole, as by the API.
struct SubmitReport {
    ReportDate date;
    ReportKind kind = ReportKind::figures;
    AgeBandCounts counts;
    std::optional<Adjustment> adjustment;
    std::string key;
};

struct CorrectReport {
    OrganizationId organization;
    ReportDate date;
    int seen_version = 0;
    ReportKind kind = ReportKind::figures;
    AgeBandCounts counts;
    std::string reason;
    std::optional<ProxyEntry> proxy = std::nullopt;  // the correction came on paper
};

/// A day of the history: nothing in `versions` where no report was made.
struct Day {
    ReportDate date;
    std::vector<Report> versions;               // newest first
    std::vector<BookedAdjustment> adjustments;  // booked with this day, of earlier ones
    std::optional<Draft> draft;                 // not sent
};

class DailyReportService {
public:
    struct Parts {
        db::Database& database;
        audit::AuditService& audit;
        SecretText token_key;
        ReportPolicy policy = {};
    };
    explicit DailyReportService(Parts parts) : parts_(std::move(parts)) {}

    const ReportPolicy& policy() const { return parts_.policy; }
    /// The organization for which somebody reports. Errors: forbidden.
    Result<OrganizationRef> place_of(const Principal& principal, Instant now) const;

    /// The form of today, or of an earlier day whose draft can still be sent. Errors: forbidden, not_found (no draft).
    Result<Entry> entry(const Principal& principal, std::optional<ReportDate> date, Instant now);
    /// Errors: conflict (report_too_late: not a form of ours, or too old).
    Result<Opening> opening(const std::string& sealed, Instant now) const;
    /// Errors: conflict (already_reported, draft_changed, report_too_late), forbidden, not_found (another
    /// organization's form).
    Result<Draft> save(const Principal& principal, const SaveDraft& command, Instant now);
    /// What stands in a form, read and compared with the organization's last four weeks.
    Result<Read> read(const Principal& principal, ReportDate date, const Typed& typed, Instant now);

    /// Would the adjustment in `typed` be accepted with the report of `date`? Errors: invalid (as check_adjustment).
    Result<void> check_adjustment(const Principal& principal, ReportDate date, const Typed& typed, Instant now);

    /// Reports what the draft of that version says. The same person pressing twice gets the same receipt. Errors:
    /// conflict (already_reported, draft_changed, report_too_late), invalid (as read).
    Result<Report> submit_draft(const Principal& principal, ReportDate date, int seen_version, Instant now);
    /// The same key with the same figures gets the same receipt. Errors: conflict (already_reported,
    /// idempotency_key_reused, report_too_late), invalid, forbidden.
    Result<Report> submit(const Principal& principal, const SubmitReport& command, ReportChannel channel, Mode mode,
                          Instant now);
    /// 0件 or 休診 by one press on an open form; an adjustment that waits in its draft goes with it. Errors: conflict
    /// (already_reported, draft_changed, report_too_late), invalid, not_found (another organization's form).
    Result<Report> submit_nothing(const Principal& principal, const Opening& opening, int seen_version, ReportKind kind,
                                  Instant now);
    /// A new version, by the organization or somebody above it. Errors: forbidden, not_found, invalid, conflict
    /// (changed_meanwhile).
    Result<Report> correct(const Principal& principal, const CorrectReport& command, Instant now);
    /// Whether `correct` would let this principal. Errors: as correct.
    Result<Report> correctable(const Principal& principal, OrganizationId organization, ReportDate date, Instant now);

    Result<std::optional<Report>> find(const Principal& principal, ReportDate date, Instant now);
    /// Errors: not_found.
    Result<Report> receipt(const Principal& principal, const std::string& number, Instant now);
    /// The last seven days, newest first, none before the first report.
    Result<std::vector<Day>> week(const Principal& principal, Instant now);
    /// Another organization's, for who may see its reports. Errors: not_found, forbidden.
    Result<Day> day_of(const Principal& principal, OrganizationId organization, ReportDate date, Instant now);
    /// Errors: not_found.
    Result<Day> day(const Principal& principal, ReportDate date, Instant now);

    /// Own drafts that were not sent and still can be, oldest first.
    Result<std::vector<Draft>> unsent(const Principal& principal, Instant now);
    /// Everybody's within the jurisdiction of whoever may report on their behalf.
    Result<std::vector<Draft>> waiting_below(const Principal& principal, Instant now);
    Result<std::int64_t> count_waiting_below(const Principal& principal, Instant now);
    Result<void> forget_old(Instant now);

    // Within a transaction of proxy_report_service.cpp or report_import_service.cpp, which have asked who may.
    /// One's own organization's report, as submit. Errors: as submit.
    Result<Report> submit_within(db::Transaction& tx, const Principal& principal, const SubmitReport& command,
                                 ReportChannel channel, Instant now) const;
    /// What is unusual about figures that come whole.
    Result<std::vector<Warning>> warnings_within(db::Transaction& tx, OrganizationId organization, ReportDate date,
                                                 const AgeBandCounts& counts) const;
    Result<Read> read_within(db::Transaction& tx, OrganizationId organization, ReportDate date,
                             const Typed& typed) const;
    /// Its deadline is filled in. Errors: conflict (already_reported).
    Result<Report> report_within(db::Transaction& tx, const Actor& actor, Report report,
                                 const std::optional<Adjustment>& adjustment) const;
    /// The last day before `date` that had figures.
    Result<std::optional<PastDay>> day_before(db::Transaction& tx, OrganizationId organization, ReportDate date) const;
    /// Whether `principal` may correct the report now. Errors: as correct.
    Result<Report> correctable_within(db::Transaction& tx, const Principal& principal, OrganizationId organization,
                                      ReportDate date, Instant now) const;

private:
    Result<Actor> actor_for(const Principal& principal, Instant now) const;
    Opening open(OrganizationId organization, Instant at) const;
    /// What a report of `date` is compared with.
    Result<std::vector<PastDay>> past(db::Transaction& tx, OrganizationId organization, ReportDate date) const;
    Result<void> check_within(db::Transaction& tx, OrganizationId organization, ReportDate date,
                              const Adjustment& adjustment, const std::vector<PastDay>& days) const;
    Result<Report> winner(db::Transaction& tx, const Report& ours) const;
    Result<std::vector<Actor>> correctors(const Principal& principal, Instant now) const;

    Parts parts_;
    DailyReportStore store_;
};

/// Reported figures with their adjustments; nothing was reported: what was adjusted alone.
AgeBandCounts adjusted(const std::vector<PastDay>& days, const std::vector<BookedAdjustment>& adjustments,
                       ReportDate date);
/// The refusal of a second report: who was first, when, with which number.
Error already_reported(const Report& report);
nlohmann::json to_json(const std::vector<Warning>& warnings);
/// As they were told to who reported; what this program does not know is left out.
std::vector<Warning> warnings_from(const nlohmann::json& stored);
/// The earliest day for which a draft can still be sent.
ReportDate first_sendable(Instant now);

}  // namespace madoguchi::reports
