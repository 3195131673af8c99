// SQL of reports, adjustments and drafts. What a report changes around it (the days its organization has reported, a
// draft that is none any more), the trigger report_came does. The policies show a transaction only what lies within its
// jurisdiction.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <vector>

#include "db/database.hpp"
#include "reports/daily_report.hpp"
#include "reports/received_report.hpp"
#include "reports/report_warnings.hpp"

namespace madoguchi::reports {

/// One version of one day's report.
struct Report {
    std::int64_t id = 0;
    OrganizationId organization;
    std::string organization_name;
    std::string organization_path;
    ReportDate date;
    int version = 1;
    ReportKind kind = ReportKind::figures;
    AgeBandCounts counts;
    std::string reason;
    AccountId account;
    std::string account_name;
    std::string channel;
    Instant opened_at;
    Instant submitted_at;
    Instant deadline_at;
    bool late = false;
    std::string key;
    std::string receipt;
    nlohmann::json warnings = nlohmann::json::array();
    std::optional<ProxyEntry> proxy = std::nullopt;  // somebody else typed it for them
    std::string review_state = "open";               // of the warnings: open, asked, seen
    std::string review_note = {};                    // what the health centre asks
};
/// Whose hand it was: "保田 和子", and "保田 和子（青葉保健所）" where another organization typed it.
std::string reporter_of(const Report& report);
/// A row of reports with organization_name and, in microseconds, opened, submitted, deadline, received.
Report report_of(const db::Row& row);

struct BookedAdjustment {
    ReportDate booked_with;
    Adjustment adjustment;
    std::string account_name;
};

/// What stands in the form, numbers or not.
struct Typed {
    TypedCounts bands;
    TypedCounts again;  // typed a second time, where a figure was warned about
    std::string total_again;
    std::string adjusted_date;  // "": no adjustment
    TypedCounts differences;
    std::string adjustment_reason;
};
/// Every field 0, as the form begins.
Typed nothing_typed();

struct Draft {
    OrganizationId organization;
    std::string organization_name;
    ReportDate date;
    int version = 0;  // 0: not stored yet
    Typed typed = nothing_typed();
    std::int64_t total = 0;
    Instant opened_at;
    Instant saved_at;
    AccountId account;
    std::string account_name;
    std::optional<Instant> submitted_at;
};

class DailyReportStore {
public:
    /// Nothing: a report of this day and version, or with this key, is there already. The id, path, kind of the
    /// organization and the receipt number are filled in.
    Result<std::optional<Report>> insert(db::Transaction& tx, const Report& report) const;
    Result<void> insert_adjustment(db::Transaction& tx, const Report& report, const Adjustment& adjustment) const;

    Result<std::optional<Report>> find_by_key(db::Transaction& tx, OrganizationId organization,
                                              const std::string& key) const;
    Result<std::optional<Report>> find_by_receipt(db::Transaction& tx, OrganizationId organization,
                                                  const std::string& receipt) const;
    /// The version that counts.
    Result<std::optional<Report>> find_latest(db::Transaction& tx, OrganizationId organization, ReportDate date) const;
    /// All versions of the days from `from` to `to`, newest day first, newest version first.
    Result<std::vector<Report>> list(db::Transaction& tx, OrganizationId organization, ReportDate from,
                                     ReportDate to) const;
    /// The same days, each as it counts and no more than a new report is compared with; newest day first.
    Result<std::vector<PastDay>> past_days(db::Transaction& tx, OrganizationId organization, ReportDate from,
                                           ReportDate to) const;
    /// What was adjusted of the days from `from` on, in the order of the days with which it was booked.
    Result<std::vector<BookedAdjustment>> adjustments(db::Transaction& tx, OrganizationId organization,
                                                      ReportDate from) const;
    Result<std::optional<ReportDate>> first_day(db::Transaction& tx, OrganizationId organization) const;

    Result<std::optional<Draft>> find_draft(db::Transaction& tx, OrganizationId organization, ReportDate date) const;
    /// As find_draft, and nobody else changes it until the transaction ends.
    Result<std::optional<Draft>> lock_draft(db::Transaction& tx, OrganizationId organization, ReportDate date) const;
    /// Nothing: it is no longer of `draft.version`, or was sent. The new version otherwise.
    Result<std::optional<int>> save_draft(db::Transaction& tx, const Draft& draft) const;
    /// Of one organization, not sent, of `from` and later, oldest first.
    Result<std::vector<Draft>> own_waiting(db::Transaction& tx, OrganizationId organization, ReportDate from) const;
    /// Drafts that were not sent, within the jurisdiction, of `from` and later, oldest first.
    Result<std::vector<Draft>> waiting_drafts(db::Transaction& tx, ReportDate from, int limit) const;
    Result<std::int64_t> count_waiting(db::Transaction& tx, ReportDate from) const;
    Result<void> forget_drafts(db::Transaction& tx, ReportDate before) const;
};

nlohmann::json to_json(const Typed& typed);
Typed typed_from(const nlohmann::json& json);

}  // namespace madoguchi::reports
