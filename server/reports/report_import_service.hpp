// Use cases of reports in files: export, template, import. Nothing is reported before somebody has seen the figures on
// the confirmation; then a worker reports in small transactions, each row by the service that reports single ones: a
// clinic's own as its report, a health centre's for others as a proxy report. A report that is there is never replaced.
#pragma once

#include "directory/file_import_service.hpp"
#include "reports/proxy_report_service.hpp"
#include "reports/report_import_store.hpp"

namespace madoguchi::reports {

using directory::FileImport;
using directory::ImportCounts;
using directory::ImportFilter;
using directory::ImportId;

using ReportImportView = directory::ImportView;

/// What would be reported, or was: all of it in sums, and a page of it.
struct ReportImportFigures {
    struct Line {
        int number = 0;
        std::string code, name;
        ReportFigures figures;
        directory::ImportRowState state = directory::ImportRowState::ready;
        std::vector<directory::FileProblem> problems;
        std::string receipt;
        std::optional<Instant> reported_at;
    };
    AgeBandCounts sum;
    std::int64_t reports = 0, closed = 0, warned = 0;
    std::vector<Line> lines;
    bool more = false;
};

class ReportImportService {
public:
    struct Parts {
        db::Database& database;
        audit::AuditService& audit;
        directory::GrantService& grants;
        DailyReportService& daily;
        ProxyReportService& proxy;
    };
    explicit ReportImportService(Parts parts)
        : parts_(parts), files_(directory::kReportFiles, parts.audit, parts.grants) {}

    /// A health centre's files are for the organizations below it, anybody else's for their own. Errors: forbidden.
    Result<bool> for_others(const Principal& principal, Instant now) const;

    /// Reads the file and says what would become of each row; reports nothing. The whole file or nothing of it.
    /// Errors: invalid (read_sheet(), read_reports()), forbidden.
    Result<ImportId> upload(const Principal& principal, const std::string& file_name, std::string_view bytes,
                            Instant now);
    /// Rows of a script: kept and checked; with `check_only` no more; else those that can't be reported are left out,
    /// or, as `sent` asks, all are reported in this transaction, or none. Errors: forbidden; of all or none: invalid
    /// (each bad row's cell), conflict (already_reported).
    Result<ImportId> begin(const Principal& principal, const directory::SentRows& sent, Instant now);
    /// Errors: not_found (another organization's too), forbidden.
    Result<ReportImportView> show(const Principal& principal, ImportId id, Instant now);
    Result<std::vector<ReportImportView>> list(const Principal& principal, ImportId before, int limit, Instant now);
    Result<std::vector<directory::FileRow>> rows(const Principal& principal, ImportId id, ImportFilter filter,
                                                 int after, int limit, Instant now);
    Result<ReportImportFigures> figures(const Principal& principal, ImportId id, int after, int limit, Instant now);

    /// What somebody typed again for rows that were warned about, by row.
    using RowsAgain = std::map<int, TypedAgain>;
    using RowErrors = std::map<int, std::vector<FieldError>>;
    /// The rows in `again` are right if each of their unusual numbers was typed again; the others are answered, as
    /// confirmed() says, and stay as they are. Errors: not_found, conflict (import_state).
    Result<RowErrors> confirm_rows(const Principal& principal, ImportId id, const RowsAgain& again, Instant now);
    /// Leaves out these rows of those that were warned about. Errors: as confirm_rows.
    Result<void> leave_out(const Principal& principal, ImportId id, const std::vector<int>& numbers, Instant now);
    /// Leaves out every row that can't be reported. Errors: as confirm_rows.
    Result<void> leave_out_bad(const Principal& principal, ImportId id, Instant now);
    /// `version` is what the confirmation showed. Errors: not_found, conflict (import_state, batch_changed), invalid
    /// (import_nothing_to_make, report_file_not_looked_at).
    Result<void> confirm(const Principal& principal, ImportId id, int version, Instant now);
    Result<void> drop(const Principal& principal, ImportId id, Instant now);

    /// Reports the next rows of a file that nobody else works on. False: there is none. Called by the worker.
    Result<bool> work(Instant now);

    struct Range {
        ReportDate from, to;
        Instant as_of;
    };
    /// All of the jurisdiction, whole or refused, and a row of the log. Errors: invalid (days_reversed, days_too_many,
    /// list_too_long), forbidden.
    Result<std::vector<ExportedReport>> exported(const Principal& principal, const Range& range, Instant now);
    /// Organizations without a report of that day.
    Result<std::vector<ReportPlace>> unreported(const Principal& principal, ReportDate date, Instant now);

private:
    struct Viewer {
        Actor actor;
        OrganizationId own;  // 0: for others
    };
    Result<Viewer> viewer(const Principal& principal, Instant now) const;
    template <class F>
    auto with_import(const Principal& principal, ImportId id, bool locked, Instant now, F&& use)
        -> std::invoke_result_t<F&, db::Transaction&, const Viewer&, const FileImport&>;
    Result<ReportSurroundings> surroundings(db::Transaction& tx, const Viewer& viewer,
                                            const std::vector<ReportRow>& rows, Instant now) const;
    Result<void> report_whole(db::Transaction& tx, const Principal& principal, const Viewer& who, ImportId id,
                              Instant now) const;
    Result<directory::FileRow> report_row(db::Transaction& tx, const FileImport& one, const Principal& principal,
                                          directory::FileRow row, Instant now) const;

    Parts parts_;
    directory::FileImportService files_;
    ReportImportStore store_;
};

}  // namespace madoguchi::reports
