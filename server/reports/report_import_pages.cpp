#include "reports/report_import_pages.hpp"

#include <algorithm>
#include <set>

#include "base/file_limits.hpp"
#include "base/japanese_text.hpp"
#include "base/limits.hpp"
#include "base/report_file_limits.hpp"
#include "http/json_reader.hpp"
#include "http/problem.hpp"
#include "reports/report_views_pages.hpp"
#include "spreadsheet/sheet.hpp"

namespace madoguchi::reports {

using directory::FileRow;
using directory::ImportRowState;
using directory::ImportState;
using http::Method;
using http::Response;

namespace {

constexpr const char* kPath = "/report-import";

ImportId import_id(const http::Request& request) {
    return {http::parse_identifier(request.path_parameter("id")).value_or(0)};
}

std::string address_of(ImportId id) {
    return std::string(kPath) + "/" + std::to_string(id.value);
}

int after_in(const http::Request& request) {
    return static_cast<int>(http::parse_identifier(request.query.text("after")).value_or(0));
}

void set_counts(render::View& page, const ImportCounts& counts) {
    const auto set = [&](std::string_view name, ImportRowState state) { page.set(name, shown_count(counts[state])); };
    set("READY", ImportRowState::ready);
    set("MADE", ImportRowState::made);
    set("BAD", ImportRowState::bad);
    set("WARNED", ImportRowState::warned);
    set("KNOWN", ImportRowState::known);
    set("LEFT_OUT", ImportRowState::left_out);
    set("FAILED", ImportRowState::failed);
    page.set("ROWS", shown_count(counts.total()));
}

std::string_view tone_of(ImportState state) {
    return state == ImportState::checked  ? "is-warning"
           : state == ImportState::making ? "is-info"
           : state == ImportState::done   ? "is-success"
                                          : "is-neutral";
}

std::vector<int> ticked(const http::Fields& form) {
    std::vector<int> out;
    for (const auto& [name, value] : form.all()) {
        if (const auto number = name == "row" ? http::parse_identifier(value) : std::nullopt) {
            out.push_back(static_cast<int>(*number));
        }
    }
    return out;
}

std::string again_name(int row, std::size_t column) {
    return "again-" + std::to_string(row) + "-" + std::string(report_column_name(column));
}

// Rows whose numbers were typed again, and those that were ticked because nothing is to be typed.
ReportImportService::RowsAgain typed_again(const http::Fields& form) {
    constexpr std::string_view kField = "again-";
    ReportImportService::RowsAgain out;
    for (const int row : ticked(form)) {
        out.try_emplace(row);
    }
    for (const auto& [name, value] : form.all()) {
        const auto dash = name.find('-', kField.size());
        if (!name.starts_with(kField) || dash == std::string::npos || fold_width(value).empty()) {
            continue;
        }
        if (const auto row = http::parse_identifier(name.substr(kField.size(), dash - kField.size()))) {
            out[static_cast<int>(*row)][report_column_of(name.substr(dash + 1))] = value;
        }
    }
    return out;
}

bool can_be_shown(const Error& error) {
    return error.kind == ErrorKind::invalid || error.kind == ErrorKind::conflict;
}

}  // namespace

void ReportImportPages::add_pages() {
    using Handler = Page (ReportImportPages::*)(const Request&, const Principal&);
    const auto bound = [this](Handler handler) {
        return [this, handler](const Request& request, const Principal& principal) {
            return (this->*handler)(request, principal);
        };
    };
    const std::string path = kPath;
    const auto add = [&](Method method, const std::string& below, Handler handler) {
        console_.page(method, path + below, bound(handler));
    };
    add(Method::get, "", &ReportImportPages::list);
    console_.upload(path, bound(&ReportImportPages::upload));
    add(Method::get, "/template.xlsx", &ReportImportPages::template_xlsx);
    add(Method::get, "/template.csv", &ReportImportPages::template_csv);
    add(Method::get, "/export.xlsx", &ReportImportPages::export_xlsx);
    add(Method::get, "/export.csv", &ReportImportPages::export_csv);
    add(Method::get, "/{id}", &ReportImportPages::one);
    add(Method::post, "/{id}", &ReportImportPages::decide);
    add(Method::get, "/{id}/confirm", &ReportImportPages::confirmation);
    add(Method::post, "/{id}/confirm", &ReportImportPages::confirm);
    add(Method::get, "/{id}/result.xlsx", &ReportImportPages::result_file);
    add(Method::post, "/{id}/drop", &ReportImportPages::drop);
}

std::string ReportImportPages::reason_text(const Request& request, const directory::FileProblem& problem) const {
    constexpr std::string_view kWarning = "report_warning.";
    if (!problem.rule.starts_with(kWarning)) {
        return text(request, "error." + problem.rule, problem.values);
    }
    const auto column = report_column_of(problem.column);
    const bool of_a_band = column >= report_column::kBands && column < report_column::kTotal;
    return warning_text(console_.writer().texts(), request.locale,
                        {.kind = warning_kind(problem.rule.substr(kWarning.size())).value_or(WarningKind::ten_thousand),
                         .band = of_a_band ? std::optional(column - report_column::kBands) : std::nullopt,
                         .values = problem.values});
}

render::View ReportImportPages::view(const Request& request, const Principal& principal, bool inner) const {
    auto page = console_.view(request, principal, "completeness");
    const auto others = service_.for_others(principal, request.now);
    page.show(others && !*others ? "IN_CLINIC" : "IN_CONSOLE");
    if (others) {
        page.show("CAN_IMPORT").show(*others ? "FOR_OTHERS" : "FOR_ITSELF");
    }
    if (others && !*others) {
        directory::add_crumb(page, text(request, "report.title"), "/report");
    } else {
        directory::add_crumb(page, text(request, "completeness.title"), "/completeness");
    }
    if (inner) {
        directory::add_crumb(page, text(request, "report_import.title"), kPath);
    }
    page.set("BACK", request.method == Method::get ? request.raw_target : kPath);
    return page;
}

ReportImportPages::Page ReportImportPages::draw(const Request& request, const std::string& name, render::View& page,
                                                const Error* error) const {
    if (error != nullptr) {
        console_.writer().explain(page, request, *error);
    }
    return console_.writer().page(request, name, page, error == nullptr ? 200 : http::status_of(error->kind));
}

// --- the list, and a file in ---

ReportImportPages::Page ReportImportPages::list(const Request& request, const Principal& principal) {
    return draw_list(request, principal, nullptr);
}

ReportImportPages::Page ReportImportPages::draw_list(const Request& request, const Principal& principal,
                                                     const Error* error) {
    const auto others = service_.for_others(principal, request.now);
    if (!others && !directory::acting(principal, directory::Permission::see_reports, request.now)) {
        return failure(others.error());
    }
    auto page = view(request, principal, false);
    const ReportDate today = date_at(request.now);
    page.set("FROM", to_text(days_before(today, 6))).set("TO", to_text(today));
    page.set("MAXIMUM_ROWS", shown_count(limits::kReportFileRows));
    page.set("MAXIMUM_DAYS", std::to_string(limits::kReportExportDays));
    for (int back = 0; others && back <= (*others ? limits::kReportHistoryDays : 1); ++back) {
        const auto day = days_before(today, back);
        directory::add_option(page, "date", to_text(day), shown_date(day, request.locale), to_text(today));
    }
    const auto place = directory::place_of(request);
    std::int64_t next = 0;
    if (others) {
        auto views = TRY(service_.list(principal, {place.after}, limits::kImportsShown + 1, request.now));
        if (views.size() > static_cast<std::size_t>(limits::kImportsShown)) {
            views.resize(static_cast<std::size_t>(limits::kImportsShown));
            next = views.back().import.id.value;
        }
        for (const auto& [import, counts] : views) {
            auto& shown = page.add("IMPORT");
            shown.set("IMPORT_URL", address_of(import.id)).set("IMPORT_NAME", import.file_name);
            shown.set("IMPORT_AT", format_japanese_date_time(import.created_at))
                .set("IMPORT_BY", import.created_by_name);
            shown.set("IMPORT_TONE", tone_of(import.state));
            shown.set("IMPORT_STATE", text(request, "report_import_state." + std::string(to_text(import.state))));
            set_counts(shown, counts);
        }
        page.show(views.empty() && place.after == 0 ? "EMPTY" : "IMPORTS");
    }
    directory::show_pager(page, request, place, next);
    return draw(request, "report_import", page, error);
}

ReportImportPages::Page ReportImportPages::upload(const Request& request, const Principal& principal) {
    if (!request.file) {
        const Error error = invalid_field("file", "file_missing").value();
        return draw_list(request, principal, &error);
    }
    const auto id = service_.upload(principal, request.file->name, request.file->bytes, request.now);
    if (!id && id.error().kind == ErrorKind::invalid) {
        return draw_list(request, principal, &id.error());
    }
    return Response::see_other(address_of(TRY(id)));
}

// --- one file ---

ReportImportPages::Page ReportImportPages::one(const Request& request, const Principal& principal) {
    const auto view = TRY(service_.show(principal, import_id(request), request.now));
    return view.import.state == ImportState::checked ? draw_check(request, principal, view, {}, nullptr)
                                                     : draw_progress(request, principal, view);
}

void ReportImportPages::show_lines(render::View& page, const Request& request, const FileImport& import,
                                   const FileRow& row, const Typed& typed) const {
    std::set<std::size_t> asked;
    const auto places = report_places(import.columns);
    const auto cells = report_row(row).cells;
    for (const auto& problem : row.problems) {
        const auto column = report_column_of(problem.column);
        auto& line = page.add("LINE");
        line.set("ROW", std::to_string(row.number)).set("COLUMN_NAME", report_heading(column));
        if (const auto& place = places.at(column)) {
            line.add("COLUMN_IN_FILE").set("COLUMN_LETTER", spreadsheet::column_name(*place));
        }
        const auto& name = cells.at(report_column::kName);
        line.set("WHOSE", name.empty() ? cells.at(report_column::kCode) : name);
        line.set("WHICH_DAY", cells.at(report_column::kDate));
        auto value = cells.at(column);
        if (const auto figures = figures_in(cells); figures && value.empty() && column == report_column::kTotal) {
            value = std::to_string(figures->counts.total());  // a file may leave it out, and it is what is unusual
        }
        line.set("VALUE", value).show(value.empty() ? "VALUE_EMPTY" : "VALUE_SHOWN");
        line.set("REASON_TEXT", reason_text(request, problem));
        line.show(problem.warning ? "LINE_WARNING" : "LINE_BAD");
        const bool warned = row.state == ImportRowState::warned;
        if (row.state == ImportRowState::left_out) {
            line.show("IS_LEFT_OUT");
        } else if (warned && &problem == &row.problems.front()) {
            line.show("TICK");
        }
        if (warned && asks_again(problem) && asked.insert(column).second) {
            show_again(line, request, row.number, column, typed);
        }
    }
}

void ReportImportPages::show_again(render::View& line, const Request& request, int row, std::size_t column,
                                   const Typed& typed) const {
    auto& field = line.add("AGAIN");
    field.set("AGAIN_NAME", again_name(row, column)).set("AGAIN_COLUMN", report_heading(column));
    if (const auto of_row = typed.again.find(row); of_row != typed.again.end() && of_row->second.contains(column)) {
        field.set("AGAIN_VALUE", of_row->second.at(column));
    }
    const auto errors = typed.errors.find(row);
    for (const auto& error : errors == typed.errors.end() ? std::vector<FieldError>() : errors->second) {
        if (report_column_of(error.field) == column) {
            field.show("AGAIN_WRONG")
                .add("AGAIN_ERROR")
                .set("ERROR_TEXT", text(request, "error." + error.message_id, error.values));
            return;
        }
    }
}

ReportImportPages::Page ReportImportPages::draw_check(const Request& request, const Principal& principal,
                                                      const ReportImportView& view, const Typed& typed,
                                                      const Error* error) {
    const auto& [import, counts] = view;
    const int after = after_in(request);
    auto rows = TRY(
        service_.rows(principal, import.id, ImportFilter::to_fix, after, limits::kReportLinesShown + 1, request.now));
    auto page = this->view(request, principal, true);
    page.set("IMPORT_URL", address_of(import.id)).set("IMPORT_NAME", import.file_name);
    page.set("PAGE_URL", address_of(import.id) + (after > 0 ? "?after=" + std::to_string(after) : ""));
    page.set("IMPORT_AT", format_japanese_date_time(import.created_at));
    set_counts(page, counts);
    const int bad = counts[ImportRowState::bad];
    const int warned = counts[ImportRowState::warned];
    if (bad > 0) {
        page.show("ANY_BAD");
    }
    if (warned > 0) {
        page.show("ANY_WARNED");
    }
    if (bad + warned == 0) {
        page.show(counts[ImportRowState::ready] > 0 ? "ALL_GOOD" : "NOTHING");
    }
    if (rows.size() > static_cast<std::size_t>(limits::kReportLinesShown)) {
        rows.resize(static_cast<std::size_t>(limits::kReportLinesShown));
        page.add("MORE_LINES").set("MORE_URL", address_of(import.id) + "?after=" + std::to_string(rows.back().number));
    }
    if (after > 0) {
        page.show("FROM_START");
    }
    if (!rows.empty()) {
        page.show("LINES");
    }
    for (const auto& row : rows) {
        show_lines(page, request, import, row, typed);
    }
    return draw(request, "report_import_check", page, error);
}

ReportImportPages::Page ReportImportPages::decide(const Request& request, const Principal& principal) {
    const auto id = import_id(request);
    const auto form = TRY(request.form());
    const auto act = form.text("act");
    const auto again = [&](const Typed& typed, const char* message) -> Page {
        const auto view = TRY(service_.show(principal, id, request.now));
        const Error error{.kind = ErrorKind::invalid, .message_id = message};
        return view.import.state == ImportState::checked ? draw_check(request, principal, view, typed, &error)
                                                         : draw_progress(request, principal, view);
    };
    const auto answer = [&](const Error* error) -> Page {
        return error == nullptr || error->kind == ErrorKind::conflict ? Page(Response::see_other(address_of(id)))
                                                                      : Page(failure(*error));
    };
    if (act == "leave_bad") {
        const auto done = service_.leave_out_bad(principal, id, request.now);
        return answer(done ? nullptr : &done.error());
    }
    if (act == "right") {
        Typed typed{.again = typed_again(form), .errors = {}};
        if (typed.again.empty()) {
            return again({}, "report_file_none_typed");
        }
        auto errors = service_.confirm_rows(principal, id, typed.again, request.now);
        if (errors && !errors->empty()) {
            typed.errors = std::move(*errors);
            return again(typed, "report_file_again");
        }
        return answer(errors ? nullptr : &errors.error());
    }
    const auto rows = ticked(form);
    if (rows.empty()) {
        return again({.again = typed_again(form), .errors = {}}, "report_file_none_chosen");
    }
    const auto done = service_.leave_out(principal, id, rows, request.now);
    return answer(done ? nullptr : &done.error());
}

ReportImportPages::Page ReportImportPages::drop(const Request& request, const Principal& principal) {
    const auto id = import_id(request);
    const auto done = service_.drop(principal, id, request.now);
    if (!done && done.error().kind != ErrorKind::conflict) {
        return failure(done.error());
    }
    return Response::see_other(done ? kPath : address_of(id));
}

// --- the confirmation ---

void ReportImportPages::show_reports(render::View& page, const Request& request, const std::string& address,
                                     const ReportImportFigures& figures, bool with_results) const {
    if (figures.lines.empty()) {
        return;
    }
    auto& reports = page.add("REPORTS");
    if (with_results) {
        reports.show("WITH_RESULTS");
    }
    for (const auto& line : figures.lines) {
        auto& row = reports.add("REPORT");
        row.set("WHOSE", line.name).set("CODE", line.code);
        row.set("WHICH_DAY", shown_date(line.figures.date, request.locale));
        row.set("REPORT_TOTAL", shown_count(line.figures.counts.total()));
        row.show(line.figures.kind == ReportKind::closed ? "IS_CLOSED" : "IS_OPEN");
        for (std::size_t band = 0; band < kAgeBands; ++band) {
            if (line.figures.counts.of.at(band) > 0) {
                row.add("BAND_FIGURE")
                    .set("BAND_NAME", band_name(console_.writer().texts(), request.locale, band))
                    .set("BAND_COUNT", shown_count(line.figures.counts.of.at(band)));
            }
        }
        if (!with_results) {
            continue;
        }
        auto& result = row.add("RESULT");
        result.set("RECEIPT", line.receipt);
        result.set("REPORTED_AT", line.reported_at ? format_japanese_date_time(*line.reported_at) : "");
        result.set("REASON_TEXT", line.problems.empty() ? "" : reason_text(request, line.problems.front()));
        result.show(line.state == ImportRowState::made    ? "RECEIVED"
                    : line.state == ImportRowState::ready ? "WAITS"
                                                          : "NOT_REPORTED");
    }
    reports.set("LINES_URL", address);
    if (figures.more) {
        reports.add("MORE_LINES").set("MORE_URL", address + "?after=" + std::to_string(figures.lines.back().number));
    }
    if (after_in(request) > 0) {
        reports.show("FROM_START");
    }
}

ReportImportPages::Page ReportImportPages::confirmation(const Request& request, const Principal& principal) {
    return draw_confirmation(request, principal, nullptr);
}

ReportImportPages::Page ReportImportPages::draw_confirmation(const Request& request, const Principal& principal,
                                                             const Error* error) {
    const auto [import, counts] = TRY(service_.show(principal, import_id(request), request.now));
    const auto address = address_of(import.id);
    if (import.state != ImportState::checked || counts[ImportRowState::bad] + counts[ImportRowState::warned] > 0 ||
        counts[ImportRowState::ready] == 0) {
        return Response::see_other(address);
    }
    const auto figures =
        TRY(service_.figures(principal, import.id, after_in(request), limits::kReportLinesShown, request.now));
    auto page = view(request, principal, true);
    page.set("IMPORT_URL", address).set("IMPORT_NAME", import.file_name);
    page.set("IMPORT_AT", format_japanese_date_time(import.created_at));
    page.set("VERSION", std::to_string(import.version)).set("TOTAL", shown_count(figures.sum.total()));
    set_counts(page, counts);
    page.show(figures.reports == 1 ? "ONE_REPORT" : "MANY_REPORTS").set("REPORT_COUNT", shown_count(figures.reports));
    if (figures.closed > 0) {
        page.add("CLOSED_ONES").set("CLOSED_COUNT", shown_count(figures.closed));
    }
    if (figures.warned > 0) {
        page.add("WARNED_ONES").set("WARNED_COUNT", shown_count(figures.warned));
    }
    show_values(page, console_.writer().texts(), request.locale, figures.sum, std::nullopt);
    show_reports(page, request, address + "/confirm", figures, false);
    return draw(request, "report_import_confirm", page, error);
}

ReportImportPages::Page ReportImportPages::confirm(const Request& request, const Principal& principal) {
    const auto id = import_id(request);
    const auto form = TRY(request.form());
    const auto started = service_.confirm(principal, id, seen_version_in(form), request.now);
    if (!started) {
        return can_be_shown(started.error()) ? draw_confirmation(request, principal, &started.error())
                                             : Page(failure(started.error()));
    }
    confirmed_();
    return Response::see_other(address_of(id));
}

ReportImportPages::Page ReportImportPages::draw_progress(const Request& request, const Principal& principal,
                                                         const ReportImportView& view) {
    const auto& [import, counts] = view;
    const auto address = address_of(import.id);
    const auto figures =
        TRY(service_.figures(principal, import.id, after_in(request), limits::kReportLinesShown, request.now));
    auto page = this->view(request, principal, true);
    page.set("IMPORT_URL", address).set("IMPORT_NAME", import.file_name).set("STARTED_BY", import.started_by_name);
    page.set("STARTED_AT", format_japanese_date_time(import.started_at.value_or(import.created_at)));
    set_counts(page, counts);
    const int done = counts[ImportRowState::made] + counts[ImportRowState::failed];
    page.set("DONE_ROWS", std::to_string(done));
    page.set("ALL_ROWS", std::to_string(done + counts[ImportRowState::ready]));
    const auto others = service_.for_others(principal, request.now);
    page.set("NEXT_URL", others && *others ? "/completeness" : "/report/history");
    if (import.state == ImportState::dropped) {
        page.show("DROPPED");
        return draw(request, "report_import_progress", page, nullptr);
    }
    page.show("NOT_DROPPED");
    if (import.state == ImportState::making) {
        page.show("MAKING").show("REFRESH_ON");
    } else {
        page.show("DONE");
    }
    if (counts[ImportRowState::failed] > 0) {
        page.show("ANY_FAILED");
    } else if (import.state == ImportState::done) {
        page.show("ALL_REPORTED");
    }
    show_reports(page, request, address, figures, true);
    return draw(request, "report_import_progress", page, nullptr);
}

}  // namespace madoguchi::reports
