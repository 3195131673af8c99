#include "reports/report_import_pages.hpp"

#include "base/field_errors.hpp"
#include "base/japanese_date.hpp"
#include "directory/file_pages.hpp"
#include "http/json_reader.hpp"
#include "reports/instant_text.hpp"
#include "reports/report_views_pages.hpp"

namespace madoguchi::reports {
namespace {

using Rows = std::vector<std::vector<std::string>>;

std::vector<std::string> as_row(const ReportCells& cells) {
    return {cells.begin(), cells.end()};
}

/// A day in any of the forms that a file may hold too.
ReportDate day_in(const http::Request& request, const std::string& field, ReportDate otherwise, FieldErrors& errors) {
    const auto typed = request.query.text(field);
    if (typed.empty()) {
        return otherwise;
    }
    if (const auto date = report_date(typed)) {
        return *date;
    }
    const auto day = errors.take(parse_japanese_day(typed, field));
    return day ? date_at(*day) : otherwise;
}

std::vector<spreadsheet::WrittenColumn> columns(const std::vector<std::string>& headings) {
    constexpr double kNarrow = 8, kUsual = 16, kWide = 32;
    std::vector<spreadsheet::WrittenColumn> out;
    for (std::size_t i = 0; i < headings.size(); ++i) {
        const bool is_figure = i >= report_column::kBands && i <= report_column::kKind;
        out.push_back({headings[i], is_figure ? kNarrow : i == report_column::kName ? kWide : kUsual});
    }
    return out;
}

}  // namespace

std::vector<std::string> ReportImportPages::headings(const Request& request, bool exported) const {
    std::vector<std::string> out;
    for (std::size_t column = 0; column < kReportColumns; ++column) {
        out.emplace_back(report_heading(column));
    }
    if (exported) {
        for (const auto* id : {"way", "receipt", "submitted_at", "version", "marks"}) {
            out.push_back(text(request, "report_file." + std::string(id)));
        }
    }
    return out;
}

Result<Rows> ReportImportPages::template_rows(const Request& request, const Principal& principal) {
    FieldErrors errors;
    const auto date = day_in(request, "date", date_at(request.now), errors);
    TRY(std::move(errors).result());
    Rows out;
    for (const auto& place : TRY(service_.unreported(principal, date, request.now))) {
        out.push_back(as_row(template_cells(place.code, place.organization.name, place.organization.id, date)));
    }
    return out;
}

ReportImportPages::Page ReportImportPages::template_xlsx(const Request& request, const Principal& principal) {
    auto rows = TRY(template_rows(request, principal));
    spreadsheet::WrittenSheet data{
        .name = text(request, "report.title"), .columns = columns(headings(request, false)), .rows = std::move(rows)};
    spreadsheet::WrittenSheet help{.name = text(request, "batch_file.help_sheet"), .columns = {}, .rows = {}};
    for (int i = 1; i <= 6; ++i) {
        help.rows.push_back({text(request, "report_file.help_" + std::to_string(i))});
    }
    return directory::as_workbook({data, help}, "madoguchi-reports-template.xlsx", request.now);
}

ReportImportPages::Page ReportImportPages::template_csv(const Request& request, const Principal& principal) {
    return directory::as_table(console_, request, headings(request, false), TRY(template_rows(request, principal)),
                               "madoguchi-reports-template.csv");
}

Result<Rows> ReportImportPages::export_rows(const Request& request, const Principal& principal) {
    FieldErrors errors;
    const auto to = day_in(request, "to", date_at(request.now), errors);
    const auto from = day_in(request, "from", days_before(to, 6), errors);
    auto as_of = request.now;
    if (const auto typed = request.query.text("as_of"); !typed.empty()) {
        const auto read = instant_from(typed);
        if (!read || *read > request.now) {
            errors.add("as_of", read ? "instant_in_future" : "instant_form");
        }
        as_of = read.value_or(request.now);
    }
    TRY(std::move(errors).result());
    Rows out;
    for (const auto& [code, report] : TRY(service_.exported(principal, {from, to, as_of}, request.now))) {
        auto row = as_row(report_cells(code, report.organization_name, report.organization,
                                       {report.date, report.kind, report.counts}));
        row.push_back(text(request, "report_file.way_" + report.channel));
        row.push_back(report.receipt);
        row.push_back(format_rfc3339_japan(report.submitted_at));
        row.push_back(std::to_string(report.version));
        std::string marks;
        const auto mark = [&](bool is, const char* id) {
            if (is) {
                marks += (marks.empty() ? "" : "、") + text(request, "day_mark." + std::string(id));
            }
        };
        mark(report.proxy.has_value(), "proxy");
        mark(report.version > 1, "corrected");
        mark(report.late, "late");
        row.push_back(std::move(marks));
        out.push_back(std::move(row));
    }
    return out;
}

ReportImportPages::Page ReportImportPages::export_xlsx(const Request& request, const Principal& principal) {
    auto rows = TRY(export_rows(request, principal));
    return directory::as_workbook(
        {{.name = text(request, "report.title"), .columns = columns(headings(request, true)), .rows = std::move(rows)}},
        "madoguchi-reports.xlsx", request.now);
}

ReportImportPages::Page ReportImportPages::export_csv(const Request& request, const Principal& principal) {
    return directory::as_table(console_, request, headings(request, true), TRY(export_rows(request, principal)),
                               "madoguchi-reports.csv");
}

// The rows as they came, each with what became of it.
ReportImportPages::Page ReportImportPages::result_file(const Request& request, const Principal& principal) {
    const ImportId id{http::parse_identifier(request.path_parameter("id")).value_or(0)};
    auto titles = headings(request, false);
    for (const auto* title : {"batch_file.row", "batch_file.state", "batch_file.reason", "report_file.receipt",
                              "report_file.submitted_at"}) {
        titles.push_back(text(request, title));
    }
    spreadsheet::WrittenSheet sheet{
        .name = text(request, "batch_file.result_sheet"), .columns = columns(titles), .rows = {}};
    for (const auto& row : TRY(service_.rows(principal, id, ImportFilter::all, 0, 0, request.now))) {
        auto cells = as_row(report_row(row).cells);
        cells.push_back(std::to_string(row.number));
        cells.push_back(text(request, "report_import_row_state." + std::string(to_text(row.state))));
        std::string reasons;
        for (const auto& problem : row.problems) {
            reasons += (reasons.empty() ? "" : " ") + reason_text(request, problem);
        }
        cells.push_back(std::move(reasons));
        cells.push_back(row.outcome);
        cells.push_back(row.finished_at ? format_rfc3339_japan(*row.finished_at) : "");
        sheet.rows.push_back(std::move(cells));
    }
    return directory::as_workbook({sheet}, "madoguchi-reports-" + std::to_string(id.value) + ".xlsx", request.now);
}

}  // namespace madoguchi::reports
