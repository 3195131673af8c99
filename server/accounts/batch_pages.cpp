#include "accounts/batch_pages.hpp"

#include <algorithm>
#include <charconv>

#include "base/file_limits.hpp"
#include "base/letter_limits.hpp"
#include "base/limits.hpp"
#include "http/json_reader.hpp"

namespace madoguchi::accounts {

using directory::Permission;
using http::Method;
using http::Response;

namespace {

int status_of(const Error& error) {
    return error.kind == ErrorKind::conflict ? 409 : 400;
}

std::string number(std::int64_t value) {
    return std::to_string(value);
}

std::string_view tone_of(BatchState state) {
    switch (state) {
        case BatchState::checked:
            return "is-warning";
        case BatchState::issuing:
            return "is-info";
        case BatchState::done:
            return "is-success";
        default:
            return "is-neutral";
    }
}

void set_counts(render::View& page, const BatchCounts& counts) {
    page.set("READY", number(counts[RowState::ready])).set("ISSUED", number(counts[RowState::issued]));
    page.set("TO_FIX", number(counts[RowState::bad] + counts[RowState::warned]));
    page.set("KNOWN", number(counts[RowState::known])).set("LEFT_OUT", number(counts[RowState::left_out]));
    page.set("FAILED", number(counts[RowState::failed])).set("ROWS", number(counts.total()));
}

int to_issue(const BatchCounts& counts) {
    return counts[RowState::ready] + counts[RowState::issued] + counts[RowState::failed];
}

// "fix-14-code" and "skip-14": which row and column of the file a field is about.
std::vector<RowCorrection> corrections_in(const http::Fields& form) {
    std::map<int, RowCorrection> rows;
    const auto row_of = [&](std::string_view text) -> RowCorrection* {
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
            const auto column = batch_column(rest.substr(std::min(dash + 1, rest.size())));
            auto* const row = row_of(rest.substr(0, dash));
            if (column && row != nullptr) {
                row->cells.emplace_back(*column, value);
            }
        }
    }
    std::vector<RowCorrection> out;
    out.reserve(rows.size());
    for (auto& [row, correction] : rows) {
        out.push_back(std::move(correction));
    }
    return out;
}

}  // namespace

BatchId batch_id(const http::Request& request) {
    return {http::parse_identifier(request.path_parameter("id")).value_or(0)};
}

std::string address_of(BatchId id) {
    return "/batches/" + number(id.value);
}

std::string reason_text(const directory::Console& console, const http::Request& request, const BatchRow& row) {
    return row.problems.empty()
               ? std::string()
               : console.text(request, "error." + row.problems.front().rule, row.problems.front().values);
}

void BatchPages::add_pages() {
    using Handler = Page (BatchPages::*)(const http::Request&, const Principal&);
    const auto bound = [this](Handler handler) {
        return [this, handler](const http::Request& request, const Principal& principal) -> Page {
            TRY(directory::acting(principal, Permission::issue_account, request.now));
            return (this->*handler)(request, principal);
        };
    };
    console_.page(Method::get, "/batches", bound(&BatchPages::list));
    console_.upload("/batches", bound(&BatchPages::upload));
    console_.page(Method::get, "/batches/template.xlsx", bound(&BatchPages::template_file));
    console_.page(Method::get, "/batches/{id}", bound(&BatchPages::batch));
    console_.page(Method::post, "/batches/{id}", bound(&BatchPages::correct));
    console_.page(Method::get, "/batches/{id}/folded", bound(&BatchPages::folded));
    console_.page(Method::get, "/batches/{id}/to-fix.xlsx", bound(&BatchPages::to_fix_file));
    console_.page(Method::get, "/batches/{id}/result.xlsx", bound(&BatchPages::result_file));
    console_.page(Method::get, "/batches/{id}/result.csv", bound(&BatchPages::result_table));
    console_.page(Method::post, "/batches/{id}/{act}", bound(&BatchPages::act));
    console_.count("batches",
                   [this](const Principal& principal, Instant now) { return batches_.count_issuing(principal, now); });
}

// --- the list, and a file in ---

BatchPages::Page BatchPages::list(const Request& request, const Principal& principal) {
    return draw_list(request, principal, nullptr);
}

BatchPages::Page BatchPages::draw_list(const Request& request, const Principal& principal, const Error* error) {
    const auto place = directory::place_of(request);
    auto views = TRY(batches_.list(principal, {place.after}, limits::kBatchesShown + 1, request.now));
    render::View page = console_.view(request, principal, "batches");
    std::int64_t next = 0;
    if (views.size() > static_cast<std::size_t>(limits::kBatchesShown)) {
        views.resize(static_cast<std::size_t>(limits::kBatchesShown));
        next = views.back().batch.id.value;
    }
    for (const auto& [batch, counts, folded_count] : views) {
        auto& shown = page.add("BATCH");
        shown.set("BATCH_URL", address_of(batch.id)).set("BATCH_NAME", batch.file_name);
        shown.set("BATCH_AT", format_japanese_date_time(batch.created_at)).set("BATCH_BY", batch.created_by_name);
        shown.set("BATCH_TONE", tone_of(batch.state));
        shown.set("BATCH_STATE", console_.text(request, "batch_state." + std::string(to_text(batch.state))));
        set_counts(shown, counts);
    }
    page.show(views.empty() && place.after == 0 ? "EMPTY" : "BATCHES");
    page.set("MAXIMUM_ROWS", number(limits::kSheetRows));
    directory::show_pager(page, request, place, next);
    page.set("BACK", "/batches");
    if (error != nullptr) {
        console_.writer().explain(page, request, *error);
    }
    return console_.writer().page(request, "batches", page, error == nullptr ? 200 : status_of(*error));
}

BatchPages::Page BatchPages::upload(const Request& request, const Principal& principal) {
    if (!request.file) {
        const Error error = invalid_field("file", "file_missing").value();
        return draw_list(request, principal, &error);
    }
    const auto id = batches_.upload(principal, request.file->name, request.file->bytes, request.now);
    if (!id && id.error().kind == ErrorKind::invalid) {
        return draw_list(request, principal, &id.error());
    }
    return Response::see_other(address_of(TRY(id)));
}

// --- one batch ---

BatchPages::Page BatchPages::batch(const Request& request, const Principal& principal) {
    const auto view = TRY(batches_.show(principal, batch_id(request), request.now));
    return view.batch.state == BatchState::checked ? draw_check(request, principal, view, nullptr)
                                                   : draw_progress(request, principal, view, nullptr);
}

void BatchPages::show_lines(render::View& page, const Request& request, const Batch& batch, const BatchRow& row) const {
    const auto row_text = number(row.number);
    for (const auto& problem : row.problems) {
        const bool first = &problem == &row.problems.front();
        auto& line = page.add("LINE");
        const auto column_name = console_.text(request, "batch_column." + std::string(to_text(problem.column)));
        const auto column = place_in_file(batch.columns, problem.column);
        line.set("ROW", row_text).set("COLUMN", to_text(problem.column)).set("COLUMN_NAME", column_name);
        if (!column.empty()) {
            line.add("COLUMN_IN_FILE").set("COLUMN_LETTER", column);
        }
        const auto& typed = at(row.typed, problem.column);
        line.set("VALUE", typed).show(typed.empty() ? "VALUE_EMPTY" : "VALUE_SHOWN");
        line.set("REASON_TEXT", console_.text(request, "error." + problem.rule, problem.values));
        line.show(problem.warning ? "LINE_WARNING" : "LINE_BAD");
        const auto& value = at(row.cells, problem.column);
        const bool retyped = value != typed;
        line.set("FIXED", problem.suggestion.empty() || retyped || problem.warning ? value : problem.suggestion);
        line.show(problem.rule == "batch_twice" ? "LINE_UNFIXABLE" : "LINE_FIXABLE");
        if (first) {
            line.show("FIRST_OF_ROW");
        }
        if (row.state == RowState::left_out) {
            line.show("SKIPPED");
        }
    }
}

BatchPages::Page BatchPages::draw_check(const Request& request, const Principal& principal, const BatchView& view,
                                        const Error* error) {
    const auto& batch = view.batch;
    const auto after = http::parse_identifier(request.query.text("after")).value_or(0);
    auto rows = TRY(batches_.rows(principal, batch.id, RowFilter::to_fix, static_cast<int>(after),
                                  limits::kBatchLinesShown + 1, request.now));
    render::View page = console_.view(request, principal, "batches");
    directory::add_crumb(page, console_.text(request, "batches.title"), "/batches");
    page.set("BATCH_ID", number(batch.id.value)).set("BATCH_NAME", batch.file_name);
    page.set("BATCH_AT", format_japanese_date_time(batch.created_at)).set("VERSION", number(batch.version));
    set_counts(page, view.counts);
    page.set("FOLDED", number(view.folded)).show("STEP_CHECK");
    if (view.folded > 0) {
        page.show("ANY_FOLDED");
    }
    const int to_fix = view.counts[RowState::bad] + view.counts[RowState::warned];
    page.show(to_fix > 0 ? "ANY_TO_FIX" : "NOTHING_TO_FIX");
    page.show(view.counts[RowState::ready] > 0 ? "CAN_ISSUE" : "CAN_NOT_ISSUE");
    if (rows.size() > static_cast<std::size_t>(limits::kBatchLinesShown)) {
        rows.resize(static_cast<std::size_t>(limits::kBatchLinesShown));
        page.add("MORE_LINES").set("MORE_URL", address_of(batch.id) + "?after=" + number(rows.back().number));
    }
    if (after > 0) {
        page.show("FROM_START");
    }
    if (!rows.empty()) {
        page.show("LINES");
    }
    for (const auto& row : rows) {
        show_lines(page, request, batch, row);
    }
    if (request.query.text("done") == "checked") {
        directory::show_toast(page, console_.text(request, "batch.checked_again"));
    }
    page.set("BACK", address_of(batch.id));
    if (error != nullptr) {
        console_.writer().explain(page, request, *error);
    }
    return console_.writer().page(request, "batch_check", page, error == nullptr ? 200 : status_of(*error));
}

// Both buttons send the corrections along: nothing that somebody typed is lost by pressing the other one.
BatchPages::Page BatchPages::correct(const Request& request, const Principal& principal) {
    const auto id = batch_id(request);
    const auto form = TRY(request.form());
    const bool wants_issue = form.text("act") == "issue";
    const auto redraw = [&](const Error& error) -> Page {
        if (error.kind != ErrorKind::conflict && error.kind != ErrorKind::invalid) {
            return failure(error);
        }
        const auto view = TRY(batches_.show(principal, id, request.now));
        return view.batch.state == BatchState::checked ? draw_check(request, principal, view, &error)
                                                       : draw_progress(request, principal, view, &error);
    };
    const auto corrected = batches_.correct(principal, id, corrections_in(form),
                                            wants_issue ? Warnings::asked_again : Warnings::accepted, request.now);
    if (!corrected) {
        return redraw(corrected.error());
    }
    if (!wants_issue || *corrected == Corrected::something) {
        return Response::see_other(address_of(id) + "?done=checked");
    }
    const auto version = http::parse_identifier(form.text("version")).value_or(0);
    const auto started = batches_.act(principal, id, BatchEvent::confirm, static_cast<int>(version), request.now);
    if (!started) {
        return redraw(started.error());
    }
    confirmed_();
    return Response::see_other(address_of(id));
}

BatchPages::Page BatchPages::act(const Request& request, const Principal& principal) {
    const auto id = batch_id(request);
    const auto form = TRY(request.form());
    const auto name = request.path_parameter("act");
    const auto event = name == "stop"     ? std::optional(BatchEvent::stop)
                       : name == "resume" ? std::optional(BatchEvent::resume)
                       : name == "drop"   ? std::optional(BatchEvent::drop)
                                          : std::nullopt;
    if (!event) {
        return failure(ErrorKind::not_found, "not_found");
    }
    const auto version = http::parse_identifier(form.text("version")).value_or(0);
    const auto done = batches_.act(principal, id, *event, static_cast<int>(version), request.now);
    if (!done && done.error().kind == ErrorKind::not_found) {
        return failure(done.error());
    }
    // Stopped or finished meanwhile: the page shows what is true now.
    if (done && *event == BatchEvent::resume) {
        confirmed_();
    }
    return Response::see_other(done && *event == BatchEvent::drop ? "/batches" : address_of(id));
}

// --- progress ---

void BatchPages::show_rate(render::View& page, const Request& request, const BatchView& view) const {
    const auto& [batch, counts, folded_count] = view;
    const int done = counts[RowState::issued] + counts[RowState::failed];
    page.set("DONE_ROWS", number(done)).set("ALL_ROWS", number(to_issue(counts)));
    page.set("WAITING", number(counts[RowState::ready]));
    if (batch.state != BatchState::issuing || done == 0 || !batch.started_at || request.now <= *batch.started_at) {
        return;
    }
    const auto elapsed = std::chrono::duration_cast<std::chrono::seconds>(request.now - *batch.started_at).count();
    const auto left = (elapsed + 1) * counts[RowState::ready] / done + 1;
    constexpr std::int64_t kMinute = 60;
    page.add("TIME_LEFT")
        .set("TIME_LEFT_TEXT",
             left < kMinute ? console_.text(request, "batch.seconds_left", {{"seconds", number(left)}})
                            : console_.text(request, "batch.minutes_left", {{"minutes", number(left / kMinute + 1)}}));
}

Result<void> BatchPages::show_letters(render::View& page, const Request& request, const Principal& principal,
                                      const Batch& batch) {
    const auto parts = TRY(letters_.parts_of(principal, batch.id, request.now));
    int printed = 0;
    int waiting = 0;
    for (const auto& part : parts) {
        waiting += part.waiting;
    }
    const bool as_one_file = parts.size() > 1 && waiting > 0 && waiting <= limits::kLettersInOneFile;
    if (as_one_file) {
        page.add("ALL_IN_ONE")
            .set("ALL_WAITING", number(waiting))
            .set("FIRST_ROW", number(parts.front().first_row))
            .set("LAST_ROW", number(parts.back().last_row));
    }
    for (const auto& part : parts) {
        auto& shown = page.add("PART");
        if (!as_one_file) {
            shown.show("PART_ALONE");
        }
        shown.set("PART_NUMBER", number(part.number)).set("PART_LETTERS", number(part.letters));
        shown.set("PART_WAITING", number(part.waiting));
        shown.set("FIRST_ROW", number(part.first_row)).set("LAST_ROW", number(part.last_row));
        shown.show(part.waiting > 0 ? "PART_TO_PRINT" : "PART_PRINTED");
        if (part.printed_at) {
            shown.add("PART_PRINTED_AT").set("PART_AT", format_japanese_date_time(*part.printed_at));
        }
        printed += part.letters - part.waiting;
    }
    page.set("PRINTED", number(printed));
    if (!parts.empty()) {
        page.show("PARTS");
    }
    return {};
}

Result<void> BatchPages::show_failed(render::View& page, const Request& request, const Principal& principal,
                                     const Batch& batch) {
    const auto rows =
        TRY(batches_.rows(principal, batch.id, RowFilter::failed, 0, limits::kBatchLinesShown, request.now));
    for (const auto& row : rows) {
        auto& shown = page.add("FAILED_ROW");
        shown.set("ROW", number(row.number));
        shown.set("FAILED_PLACE", at(row.cells, BatchColumn::organization_name));
        shown.set("FAILED_CODE", at(row.cells, BatchColumn::code));
        shown.set("FAILED_PERSON",
                  at(row.cells, BatchColumn::family_name) + " " + at(row.cells, BatchColumn::given_name));
        shown.set("REASON_TEXT", reason_text(console_, request, row));
    }
    if (!rows.empty()) {
        page.show("ANY_FAILED");
    }
    return {};
}

BatchPages::Page BatchPages::draw_progress(const Request& request, const Principal& principal, const BatchView& view,
                                           const Error* error) {
    const auto& batch = view.batch;
    render::View page = console_.view(request, principal, "batches");
    directory::add_crumb(page, console_.text(request, "batches.title"), "/batches");
    page.set("BATCH_ID", number(batch.id.value)).set("BATCH_NAME", batch.file_name);
    page.set("VERSION", number(batch.version)).set("STARTED_BY", batch.started_by_name);
    page.set("STARTED_AT", format_japanese_date_time(batch.started_at.value_or(batch.created_at)));
    set_counts(page, view.counts);
    show_rate(page, request, view);
    page.show("STEP_AFTER_CHECK").show(batch.state == BatchState::done ? "STEP_LETTERS" : "STEP_ISSUE");
    switch (batch.state) {
        case BatchState::issuing:
            page.show("ISSUING").show("REFRESH_ON");
            break;
        case BatchState::stopped:
            page.show("STOPPED").show(batch.stopped_because == "rights_lost" ? "STOPPED_RIGHTS"
                                                                             : "STOPPED_BY_SOMEBODY");
            break;
        case BatchState::done:
            page.show("DONE");
            break;
        default:
            page.show("DROPPED");
            break;
    }
    if (batch.state != BatchState::issuing) {
        TRY(show_letters(page, request, principal, batch));
    }
    TRY(show_failed(page, request, principal, batch));
    page.set("BACK", address_of(batch.id));
    if (error != nullptr) {
        console_.writer().explain(page, request, *error);
    }
    return console_.writer().page(request, "batch_progress", page, error == nullptr ? 200 : status_of(*error));
}

}  // namespace madoguchi::accounts
