// SQL of reports in files: one row an organization and day, out and in.
#pragma once

#include "db/database.hpp"
#include "reports/daily_report_store.hpp"
#include "reports/report_file.hpp"

namespace madoguchi::reports {

/// A row of an export.
struct ExportedReport {
    std::string code;
    Report report;
};

class ReportImportStore {
public:
    /// Organizations with these codes or ids, closed ones too; the policies show those of the jurisdiction.
    Result<std::vector<ReportPlace>> places(db::Transaction& tx, const std::vector<std::string>& codes,
                                            const std::vector<std::int64_t>& ids) const;
    /// The versions that count, of these organizations.
    Result<std::vector<Report>> reported(db::Transaction& tx, const std::vector<std::int64_t>& organizations,
                                         ReportDate from, ReportDate to) const;
    /// The same of one organization and day each.
    Result<std::vector<Report>> reported_on(db::Transaction& tx, const std::vector<std::int64_t>& organizations,
                                            const std::vector<std::string>& dates) const;
    /// The versions that counted at `as_of`, of the whole jurisdiction, by day and organization; `after`: the last row
    /// of the portion before.
    struct Position {
        ReportDate date;
        OrganizationId organization;
    };
    Result<std::vector<ExportedReport>> exported(db::Transaction& tx, ReportDate from, ReportDate to, Instant as_of,
                                                 const Position& after, int limit) const;
    /// Open clinics and follow-up centres, or `only` one organization, without a report of the day.
    Result<std::vector<ReportPlace>> unreported(db::Transaction& tx, ReportDate date, OrganizationId only,
                                                int limit) const;
};

}  // namespace madoguchi::reports
