// Use cases of proxy entry: a health centre registers what came by fax, telephone or letter, types it for the
// organization that it is of, and ticks it off; and its look at figures that were unusual. All ask for report_proxy;
// what is outside the jurisdiction is not_found.
#pragma once

#include "directory/organization_service.hpp"
#include "reports/daily_report_service.hpp"
#include "reports/proxy_report_store.hpp"

namespace madoguchi::reports {

struct RegisterReceived {
    OrganizationId organization;
    ReceivedDetails details;
};

/// Figures of an organization that a health centre reads in from a file.
struct FiguresForOthers {
    OrganizationId organization;
    ReportDate date;
    ReportKind kind = ReportKind::figures;
    AgeBandCounts counts;
    Instant received_at;  // when the file was read in
    std::string note;
    std::string key;
};

/// One to be typed, with what stands beside it.
struct ReceivedForm {
    ReceivedReport received;
    std::optional<Report> reported;  // the organization was first, or this one was typed: what counts
    std::optional<PastDay> before;   // the last day that had figures
    bool may_correct = false;        // by the operator's policy
};

class ProxyReportService {
public:
    struct Parts {
        db::Database& database;
        audit::AuditService& audit;
        directory::OrganizationService& organizations;
        DailyReportService& reports;
    };
    explicit ProxyReportService(Parts parts) : parts_(parts) {}

    /// An organization whose report may be typed. Errors: not_found, invalid (organization: proxy_kind, proxy_closed).
    Result<directory::Organization> place(const Principal& principal, OrganizationId organization, Instant now);
    /// Its number. Errors: as place; conflict (received_already: one of that day waits; values id, who, at).
    Result<std::int64_t> receive(const Principal& principal, const RegisterReceived& command, Instant now);
    Result<std::vector<ReceivedReport>> waiting(const Principal& principal, Instant now);
    Result<std::vector<ReceivedReport>> finished_today(const Principal& principal, Instant now);
    Result<std::int64_t> count_waiting(const Principal& principal, Instant now);

    Result<ReceivedForm> form(const Principal& principal, std::int64_t id, Instant now);
    /// The new version. Errors: conflict (received_changed: somebody else typed or finished it).
    Result<int> save(const Principal& principal, std::int64_t id, int seen_version, const Typed& typed, Instant now);
    /// What stands in its fields, compared with the organization's last four weeks.
    Result<Read> read(const Principal& principal, std::int64_t id, Instant now);
    /// Reports what was typed, or, with a kind, 0件 or 休診. Pressed twice: the same report. Errors: conflict
    /// (already_reported: nothing is overwritten; received_changed), invalid (as read).
    Result<Report> submit(const Principal& principal, std::int64_t id, int seen_version, std::optional<ReportKind> kind,
                          Instant now);
    /// The same for a row of a file, within the transaction of report_import_service.cpp. Errors: not_found (outside
    /// the jurisdiction), invalid (organization: proxy_kind, proxy_closed), conflict (already_reported).
    Result<Report> submit_within(db::Transaction& tx, const Principal& principal, const FiguresForOthers& figures,
                                 Instant now) const;
    /// A further version of what the organization reported itself, where the policy lets one. Errors: as
    /// DailyReportService::correct.
    Result<Report> correct(const Principal& principal, std::int64_t id, int seen_version, int seen_report,
                           const std::string& reason, Instant now);
    /// Without a report: same, kept, dropped. Errors: invalid (reason), conflict (received_changed).
    Result<void> finish(const Principal& principal, std::int64_t id, ReceivedState state, const std::string& reason,
                        Instant now);

    // --- review ---

    Result<std::vector<Report>> unusual(const Principal& principal, Instant now);
    Result<std::int64_t> count_unusual(const Principal& principal, Instant now);
    struct ToReview {
        Report report;
        std::string phone;
        std::optional<PastDay> before;
        bool may_correct = false;
    };
    Result<ToReview> to_review(const Principal& principal, std::int64_t report, Instant now);
    /// seen: it leaves the list. asked: it stays there, and the organization sees the question. It counts all the
    /// same. Errors: invalid (note), conflict (changed_meanwhile).
    Result<void> review(const Principal& principal, std::int64_t report, const ProxyReportStore::Review& review,
                        Instant now);

private:
    Result<OrganizationRef> target(db::Transaction& tx, const Principal& principal, OrganizationId organization,
                                   Instant now) const;
    Result<ReceivedReport> wanted(db::Transaction& tx, std::int64_t id) const;
    Result<Report> submit_typed(db::Transaction& tx, const Actor& actor, const Principal& principal,
                                const ReceivedReport& received, std::optional<ReportKind> kind, Instant now) const;

    Parts parts_;
    ProxyReportStore store_;
    DailyReportStore reports_;
};

}  // namespace madoguchi::reports
