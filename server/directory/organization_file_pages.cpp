#include "directory/organization_file_pages.hpp"

#include <algorithm>
#include <charconv>

#include "base/file_limits.hpp"
#include "base/limits.hpp"
#include "http/json_reader.hpp"
#include "spreadsheet/sheet.hpp"

namespace madoguchi::directory {

using http::Method;
using http::Response;

namespace {

constexpr const char* kPath = "/organizations/import";

ImportId import_id(const http::Request& request) {
    return {http::parse_identifier(request.path_parameter("id")).value_or(0)};
}

std::string address_of(ImportId id) {
    return std::string(kPath) + "/" + std::to_string(id.value);
}

int status_of(const Error& error) {
    return error.kind == ErrorKind::conflict ? 409 : 400;
}

std::string number(std::int64_t value) {
    return std::to_string(value);
}

void set_counts(render::View& page, const ImportCounts& counts) {
    page.set("READY", number(counts[ImportRowState::ready])).set("MADE", number(counts[ImportRowState::made]));
    page.set("TO_FIX", number(counts[ImportRowState::bad] + counts[ImportRowState::warned]));
    page.set("KNOWN", number(counts[ImportRowState::known])).set("LEFT_OUT", number(counts[ImportRowState::left_out]));
    page.set("FAILED", number(counts[ImportRowState::failed])).set("ROWS", number(counts.total()));
}

std::string_view tone_of(ImportState state) {
    return state == ImportState::checked  ? "is-warning"
           : state == ImportState::making ? "is-info"
           : state == ImportState::done   ? "is-success"
                                          : "is-neutral";
}

// "fix-14-name", "skip-14" and "shown-14": which row and column of the file a field is about.
std::vector<ImportCorrection> corrections_in(const http::Fields& form) {
    std::map<int, ImportCorrection> rows;
    const auto row_of = [&](std::string_view text) -> ImportCorrection* {
        int row = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), row);
        if (error != std::errc() || end != text.data() + text.size()) {
            return nullptr;
        }
        auto& correction = rows[row];
        correction.number = row;
        return &correction;
    };
    for (const auto& [name, value] : form.all()) {
        std::string_view rest = name;
        if (rest.starts_with("shown-")) {
            row_of(rest.substr(6));
        } else if (rest.starts_with("skip-")) {
            if (auto* const row = row_of(rest.substr(5))) {
                row->left_out = true;
            }
        } else if (rest.starts_with("fix-")) {
            rest.remove_prefix(4);
            const auto dash = std::min(rest.find('-'), rest.size());
            const auto column = file_column(rest.substr(std::min(dash + 1, rest.size())));
            auto* const row = row_of(rest.substr(0, dash));
            if (column && row != nullptr) {
                row->cells.emplace_back(*column, value);
            }
        }
    }
    std::vector<ImportCorrection> out;
    out.reserve(rows.size());
    for (auto& [row, correction] : rows) {
        out.push_back(std::move(correction));
    }
    return out;
}

}  // namespace

void OrganizationFilePages::add_pages() {
    using Handler = Page (OrganizationFilePages::*)(const Request&, const Principal&);
    const auto importing = [this](Handler handler) {
        return [this, handler](const Request& request, const Principal& principal) -> Page {
            TRY(acting(principal, Permission::create_organization, request.now));
            return (this->*handler)(request, principal);
        };
    };
    const auto reading = [this](Handler handler) {
        return [this, handler](const Request& request, const Principal& principal) -> Page {
            if (!browses_directory(principal, request.now)) {
                return failure(ErrorKind::forbidden, "forbidden");
            }
            return (this->*handler)(request, principal);
        };
    };
    console_.page(Method::get, "/organizations/list.xlsx", reading(&OrganizationFilePages::as_xlsx));
    console_.page(Method::get, "/organizations/list.csv", reading(&OrganizationFilePages::as_csv));
    console_.page(Method::get, kPath, importing(&OrganizationFilePages::list));
    console_.upload(kPath, importing(&OrganizationFilePages::upload));
    console_.page(Method::get, "/organizations/import/template.xlsx", importing(&OrganizationFilePages::template_file));
    console_.page(Method::get, "/organizations/import/{id}", importing(&OrganizationFilePages::one));
    console_.page(Method::post, "/organizations/import/{id}", importing(&OrganizationFilePages::correct));
    console_.page(Method::get, "/organizations/import/{id}/result.xlsx",
                  importing(&OrganizationFilePages::result_file));
    console_.page(Method::post, "/organizations/import/{id}/drop", importing(&OrganizationFilePages::drop));
}

std::string OrganizationFilePages::reason_text(const Request& request, const ImportRow& row) const {
    return row.problems.empty() || row.state == ImportRowState::made
               ? std::string()
               : console_.text(request, "error." + row.problems.front().rule, row.problems.front().values);
}

// --- the list, and a file in ---

OrganizationFilePages::Page OrganizationFilePages::list(const Request& request, const Principal& principal) {
    return draw_list(request, principal, nullptr);
}

OrganizationFilePages::Page OrganizationFilePages::draw_list(const Request& request, const Principal& principal,
                                                             const Error* error) {
    const auto place = place_of(request);
    auto views = TRY(imports_.list(principal, {place.after}, limits::kImportsShown + 1, request.now));
    render::View page = console_.view(request, principal, "organizations");
    add_crumb(page, console_.text(request, "nav.organizations"), "/organizations");
    std::int64_t next = 0;
    if (views.size() > static_cast<std::size_t>(limits::kImportsShown)) {
        views.resize(static_cast<std::size_t>(limits::kImportsShown));
        next = views.back().import.id.value;
    }
    for (const auto& [import, counts] : views) {
        auto& shown = page.add("IMPORT");
        shown.set("IMPORT_URL", address_of(import.id)).set("IMPORT_NAME", import.file_name);
        shown.set("IMPORT_AT", format_japanese_date_time(import.created_at)).set("IMPORT_BY", import.created_by_name);
        shown.set("IMPORT_TONE", tone_of(import.state));
        shown.set("IMPORT_STATE", console_.text(request, "import_state." + std::string(to_text(import.state))));
        set_counts(shown, counts);
    }
    page.show(views.empty() && place.after == 0 ? "EMPTY" : "IMPORTS");
    page.set("MAXIMUM_ROWS", number(limits::kSheetRows));
    show_pager(page, request, place, next);
    page.set("BACK", kPath);
    if (error != nullptr) {
        console_.writer().explain(page, request, *error);
    }
    return console_.writer().page(request, "imports", page, error == nullptr ? 200 : status_of(*error));
}

OrganizationFilePages::Page OrganizationFilePages::upload(const Request& request, const Principal& principal) {
    if (!request.file) {
        const Error error = invalid_field("file", "file_missing").value();
        return draw_list(request, principal, &error);
    }
    const auto id = imports_.upload(principal, request.file->name, request.file->bytes, request.now);
    if (!id && id.error().kind == ErrorKind::invalid) {
        return draw_list(request, principal, &id.error());
    }
    return Response::see_other(address_of(TRY(id)));
}

// --- one file ---

OrganizationFilePages::Page OrganizationFilePages::one(const Request& request, const Principal& principal) {
    const auto view = TRY(imports_.show(principal, import_id(request), request.now));
    return view.import.state == ImportState::checked ? draw_check(request, principal, view, nullptr)
                                                     : draw_progress(request, principal, view, nullptr);
}

void OrganizationFilePages::show_lines(render::View& page, const Request& request, const FileImport& import,
                                       const ImportRow& row) const {
    const auto row_text = number(row.number);
    const auto places = file_places(import.columns);
    for (const auto& problem : row.problems) {
        auto& line = page.add("LINE");
        line.set("ROW", row_text).set("COLUMN", to_text(problem.column)).set("COLUMN_NAME", heading(problem.column));
        if (const auto& place = places.at(static_cast<std::size_t>(problem.column))) {
            line.add("COLUMN_IN_FILE").set("COLUMN_LETTER", spreadsheet::column_name(*place));
        }
        const auto& typed = at(row.typed, problem.column);
        line.set("VALUE", typed).show(typed.empty() ? "VALUE_EMPTY" : "VALUE_SHOWN");
        line.set("REASON_TEXT", console_.text(request, "error." + problem.rule, problem.values));
        line.show(problem.warning ? "LINE_WARNING" : "LINE_BAD");
        const auto& value = at(row.cells, problem.column);
        line.set("FIXED", problem.suggestion.empty() || value != typed ? value : problem.suggestion);
        line.show(problem.rule == "import_twice" ? "LINE_UNFIXABLE" : "LINE_FIXABLE");
        if (&problem == &row.problems.front()) {
            line.show("FIRST_OF_ROW");
        }
        if (row.state == ImportRowState::left_out) {
            line.show("SKIPPED");
        }
    }
}

OrganizationFilePages::Page OrganizationFilePages::draw_check(const Request& request, const Principal& principal,
                                                              const ImportView& view, const Error* error) {
    const auto& import = view.import;
    const auto after = http::parse_identifier(request.query.text("after")).value_or(0);
    auto rows = TRY(imports_.rows(principal, import.id, ImportFilter::to_fix, static_cast<int>(after),
                                  limits::kBatchLinesShown + 1, request.now));
    render::View page = console_.view(request, principal, "organizations");
    add_crumb(page, console_.text(request, "nav.organizations"), "/organizations");
    add_crumb(page, console_.text(request, "imports.title"), kPath);
    page.set("IMPORT_URL", address_of(import.id)).set("IMPORT_NAME", import.file_name);
    page.set("IMPORT_AT", format_japanese_date_time(import.created_at)).set("VERSION", number(import.version));
    set_counts(page, view.counts);
    const int to_fix = view.counts[ImportRowState::bad] + view.counts[ImportRowState::warned];
    page.show(to_fix > 0 ? "ANY_TO_FIX" : "NOTHING_TO_FIX");
    page.show(view.counts[ImportRowState::ready] > 0 ? "CAN_MAKE" : "CAN_NOT_MAKE");
    if (rows.size() > static_cast<std::size_t>(limits::kBatchLinesShown)) {
        rows.resize(static_cast<std::size_t>(limits::kBatchLinesShown));
        page.add("MORE_LINES").set("MORE_URL", address_of(import.id) + "?after=" + number(rows.back().number));
    }
    if (after > 0) {
        page.show("FROM_START");
    }
    if (!rows.empty()) {
        page.show("LINES");
    }
    for (const auto& row : rows) {
        show_lines(page, request, import, row);
    }
    if (request.query.text("done") == "checked") {
        show_toast(page, console_.text(request, "batch.checked_again"));
    }
    page.set("BACK", address_of(import.id));
    if (error != nullptr) {
        console_.writer().explain(page, request, *error);
    }
    return console_.writer().page(request, "import_check", page, error == nullptr ? 200 : status_of(*error));
}

// Both buttons send the corrections along: nothing that somebody typed is lost by pressing the other one.
OrganizationFilePages::Page OrganizationFilePages::correct(const Request& request, const Principal& principal) {
    const auto id = import_id(request);
    const auto form = TRY(request.form());
    const bool wants_make = form.text("act") == "make";
    const auto redraw = [&](const Error& error) -> Page {
        if (error.kind != ErrorKind::conflict && error.kind != ErrorKind::invalid) {
            return failure(error);
        }
        const auto view = TRY(imports_.show(principal, id, request.now));
        return view.import.state == ImportState::checked ? draw_check(request, principal, view, &error)
                                                         : draw_progress(request, principal, view, &error);
    };
    const auto changed =
        imports_.correct(principal, id, corrections_in(form),
                         wants_make ? ImportWarnings::asked_again : ImportWarnings::accepted, request.now);
    if (!changed) {
        return redraw(changed.error());
    }
    if (!wants_make || *changed) {
        return Response::see_other(address_of(id) + "?done=checked");
    }
    const auto version = http::parse_identifier(form.text("version")).value_or(0);
    const auto started = imports_.confirm(principal, id, static_cast<int>(version), request.now);
    if (!started) {
        return redraw(started.error());
    }
    confirmed_();
    return Response::see_other(address_of(id));
}

OrganizationFilePages::Page OrganizationFilePages::drop(const Request& request, const Principal& principal) {
    const auto id = import_id(request);
    const auto done = imports_.drop(principal, id, request.now);
    if (!done && done.error().kind != ErrorKind::conflict) {
        return failure(done.error());
    }
    return Response::see_other(done ? kPath : address_of(id));
}

OrganizationFilePages::Page OrganizationFilePages::draw_progress(const Request& request, const Principal& principal,
                                                                 const ImportView& view, const Error* error) {
    const auto& [import, counts] = view;
    render::View page = console_.view(request, principal, "organizations");
    add_crumb(page, console_.text(request, "nav.organizations"), "/organizations");
    add_crumb(page, console_.text(request, "imports.title"), kPath);
    page.set("IMPORT_URL", address_of(import.id)).set("IMPORT_NAME", import.file_name);
    page.set("STARTED_BY", import.started_by_name);
    page.set("STARTED_AT", format_japanese_date_time(import.started_at.value_or(import.created_at)));
    set_counts(page, counts);
    const int done = counts[ImportRowState::made] + counts[ImportRowState::failed];
    page.set("DONE_ROWS", number(done)).set("ALL_ROWS", number(done + counts[ImportRowState::ready]));
    if (import.state == ImportState::making) {
        page.show("MAKING").show("REFRESH_ON");
    } else {
        page.show(import.state == ImportState::done ? "DONE" : "DROPPED");
    }
    const auto failed =
        TRY(imports_.rows(principal, import.id, ImportFilter::failed, 0, limits::kBatchLinesShown, request.now));
    for (const auto& row : failed) {
        auto& shown = page.add("FAILED_ROW");
        shown.set("ROW", number(row.number)).set("FAILED_NAME", at(row.cells, FileColumn::name));
        shown.set("FAILED_CODE", at(row.cells, FileColumn::institution_code));
        shown.set("REASON_TEXT", reason_text(request, row));
    }
    if (!failed.empty()) {
        page.show("ANY_FAILED");
    }
    page.set("BACK", address_of(import.id));
    if (error != nullptr) {
        console_.writer().explain(page, request, *error);
    }
    return console_.writer().page(request, "import_progress", page, error == nullptr ? 200 : status_of(*error));
}

}  // namespace madoguchi::directory
