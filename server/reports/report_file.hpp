// Rules of daily reports in files: columns, what each row says, and which rows may be reported. What was exported here
// imports again: reports that are there already are known, and none is made twice. Pure.
#pragma once

#include <map>

#include "directory/authorization.hpp"
#include "directory/file_import.hpp"
#include "reports/report_warnings.hpp"
#include "spreadsheet/sheet.hpp"

namespace madoguchi::reports {

/// Code, name, day, the fourteen bands, total, kind, id of the organization.
inline constexpr std::size_t kReportColumns = 6 + kAgeBands;
namespace report_column {
inline constexpr std::size_t kCode = 0, kName = 1, kDate = 2, kBands = 3, kTotal = kBands + kAgeBands,
                             kKind = kTotal + 1, kOrganization = kKind + 1;
}
/// As scripts send them.
inline constexpr std::array<std::string_view, kReportColumns> kSentReportFields = {
    "institution_code", "name",   "report_date", "age_0",  "age_1_4",   "age_5_9",        "age_10",
    "age_20",           "age_30", "age_40",      "age_50", "age_60_64", "age_65_69",      "age_70",
    "age_80",           "age_90", "age_unknown", "total",  "kind",      "organization_id"};
inline constexpr std::array<std::string_view, kReportColumns> kReportColumnNames = {
    "code",   "name",   "date",        "age_0",  "age_1_4",   "age_5_9",     "age_10",
    "age_20", "age_30", "age_40",      "age_50", "age_60_64", "age_65_69",   "age_70",
    "age_80", "age_90", "age_unknown", "total",  "kind",      "organization"};
inline constexpr directory::RowFields kReportFields = {kReportColumnNames, kSentReportFields};

using ReportCells = std::array<std::string, kReportColumns>;
/// "code", "age_0" ...: in problems, texts and fields.
std::string_view report_column_name(std::size_t column);
/// The heading in our files: 「医療機関コード」.
std::string_view report_heading(std::size_t column);

using ReportPlaces = std::array<std::optional<std::size_t>, kReportColumns>;
std::string to_text(const ReportPlaces& places);
ReportPlaces report_places(std::string_view text);

struct ReportFile {
    ReportPlaces places;
    std::vector<std::pair<int, ReportCells>> rows;  // the file's row numbers, rising
};
/// Finds the headings within the first rows, in any order. Errors (invalid): report_file_headings{missing},
/// file_heading_twice{heading}, file_no_rows, file_rows{maximum}.
Result<ReportFile> read_reports(const spreadsheet::Sheet& sheet);

/// What a row says, once it can be read.
struct ReportFigures {
    ReportDate date;
    ReportKind kind = ReportKind::figures;
    AgeBandCounts counts;
};
/// A row of our own file: "0件" and 休診 say so.
ReportCells report_cells(const std::string& code, const std::string& name, OrganizationId organization,
                         const ReportFigures& figures);
/// The same without figures, to be filled in.
ReportCells template_cells(const std::string& code, const std::string& name, OrganizationId organization,
                           ReportDate date);

/// Digits of either width, "" where there are none; ids that fit.
std::string code_in(const ReportCells& cells);
OrganizationId organization_in(const ReportCells& cells);
Result<ReportFigures> figures_in(const ReportCells& cells);
std::optional<ReportDate> date_in(const ReportCells& cells);

struct ReportPlace {
    directory::OrganizationRef organization;
    std::string code;
    bool open = true;
};
/// What was reported already.
struct EarlierReport {
    ReportFigures figures;
    std::string receipt, who, at;
};

/// What stands around the rows, as far as the jurisdiction of who imports reaches.
struct ReportSurroundings {
    std::map<std::string, ReportPlace, std::less<>> by_code;
    std::map<OrganizationId, ReportPlace> by_id;
    std::map<OrganizationId, std::map<ReportDate, EarlierReport>> reported;  // four weeks back from the first row
    OrganizationId own;                                                      // whose own report it may be; 0: none
    bool for_others = false;                                                 // a health centre's, for those below it
};

struct ReportRow {
    int number = 0;
    ReportCells cells;
    directory::ImportRowState state = directory::ImportRowState::bad;
    std::vector<directory::FileProblem> problems = {};
    bool accepted = false;
    OrganizationId organization = {};
};
/// The column that a problem's name means.
std::size_t report_column_of(std::string_view name);
/// Numbers of a row that somebody typed again, by column.
using TypedAgain = std::map<std::size_t, std::string>;
/// Is a figure unusual, so that it is typed again? A name that differs is only looked at.
bool asks_again(const directory::FileProblem& problem);
/// Each unusual number of the row typed again. Errors: invalid (by column: count_again_missing,
/// report_file_again_differs, what is no number).
Result<void> confirmed(const ReportRow& row, const TypedAgain& again);
directory::FileRow kept(const ReportRow& row);
ReportRow report_row(const directory::FileRow& kept);

/// Says of every row what is wrong with it and what would become of it.
void check_rows(std::vector<ReportRow>& rows, const ReportSurroundings& around, Instant now);

/// The days for which somebody may report for others: back as far as what came on paper. Errors: invalid
/// (report_in_future, report_file_too_old).
Result<void> may_import_for_others(ReportDate date, Instant now);

}  // namespace madoguchi::reports
