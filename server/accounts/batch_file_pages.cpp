#include "accounts/batch_pages.hpp"
#include "base/limits.hpp"
#include "directory/file_pages.hpp"
#include "http/json_reader.hpp"

namespace madoguchi::accounts {

namespace {

std::vector<spreadsheet::WrittenColumn> data_columns() {
    std::vector<spreadsheet::WrittenColumn> columns;
    for (const auto column : kAllBatchColumns) {
        const bool wide = column == BatchColumn::organization_name;
        columns.push_back({std::string(heading(column)), wide ? 36.0 : 18.0});
    }
    return columns;
}

}  // namespace

// Codes and names of who has no ID yet: only people are missing in it.
BatchPages::Page BatchPages::template_file(const Request& request, const Principal& principal) {
    spreadsheet::WrittenSheet data{
        .name = console_.text(request, "batch_file.sheet"), .columns = data_columns(), .rows = {}};
    for (const auto& [code, name] : TRY(batches_.without_accounts(principal, request.now))) {
        data.rows.push_back({code, name});
    }
    spreadsheet::WrittenSheet help{.name = console_.text(request, "batch_file.help_sheet"), .columns = {}, .rows = {}};
    for (int i = 1; i <= 7; ++i) {
        help.rows.push_back({console_.text(request, "batch_file.help_" + std::to_string(i))});
    }
    return directory::as_workbook({data, help}, "madoguchi-template.xlsx", request.now);
}

// What has to be fixed, as a file that can be uploaded again: the reason stands in a column that is passed over.
BatchPages::Page BatchPages::to_fix_file(const Request& request, const Principal& principal) {
    const auto rows = TRY(batches_.rows(principal, batch_id(request), RowFilter::to_fix, 0, 0, request.now));
    spreadsheet::WrittenSheet sheet{
        .name = console_.text(request, "batch_file.sheet"), .columns = data_columns(), .rows = {}};
    sheet.columns.push_back({console_.text(request, "batch_file.row"), 10});
    sheet.columns.push_back({console_.text(request, "batch_file.reason"), 60});
    for (const auto& row : rows) {
        std::vector<std::string> cells(row.typed.begin(), row.typed.end());
        cells.push_back(std::to_string(row.number));
        cells.push_back(reason_text(console_, request, row));
        sheet.rows.push_back(std::move(cells));
    }
    return directory::as_workbook(
        {sheet}, "madoguchi-batch-" + std::to_string(batch_id(request).value) + "-to-fix.xlsx", request.now);
}

Result<std::vector<std::vector<std::string>>> BatchPages::result_rows(const Request& request,
                                                                      const Principal& principal, BatchId id,
                                                                      RowFilter filter) {
    std::vector<std::vector<std::string>> out;
    const auto login_ids = TRY(batches_.login_ids(principal, id, request.now));
    for (const auto& row : TRY(batches_.rows(principal, id, filter, 0, 0, request.now))) {
        std::vector<std::string> cells = {std::to_string(row.number)};
        cells.insert(cells.end(), row.cells.begin(), row.cells.end());
        cells.push_back(console_.text(request, "row_state." + std::string(to_text(row.state))));
        const auto login_id = login_ids.find(row.number);
        cells.push_back(login_id == login_ids.end() ? std::string() : login_id->second);
        cells.push_back(row.state == RowState::issued ? std::string() : reason_text(console_, request, row));
        out.push_back(std::move(cells));
    }
    return out;
}

BatchPages::Page BatchPages::result_file(const Request& request, const Principal& principal) {
    const auto id = batch_id(request);
    spreadsheet::WrittenSheet sheet{
        .name = console_.text(request, "batch_file.result_sheet"), .columns = {}, .rows = {}};
    sheet.columns.push_back({console_.text(request, "batch_file.row"), 8});
    for (auto& column : data_columns()) {
        sheet.columns.push_back(std::move(column));
    }
    sheet.columns.push_back({console_.text(request, "batch_file.state"), 16});
    sheet.columns.push_back({console_.text(request, "field.login_id"), 34});
    sheet.columns.push_back({console_.text(request, "batch_file.reason"), 60});
    sheet.rows = TRY(result_rows(request, principal, id, RowFilter::all));
    return directory::as_workbook({sheet}, "madoguchi-batch-" + std::to_string(id.value) + ".xlsx", request.now);
}

BatchPages::Page BatchPages::result_table(const Request& request, const Principal& principal) {
    const auto id = batch_id(request);
    std::vector<std::string> headings = {console_.text(request, "batch_file.row")};
    for (const auto column : kAllBatchColumns) {
        headings.emplace_back(heading(column));
    }
    for (const auto* text : {"batch_file.state", "field.login_id", "batch_file.reason"}) {
        headings.push_back(console_.text(request, text));
    }
    return directory::as_table(console_, request, headings, TRY(result_rows(request, principal, id, RowFilter::all)),
                               "madoguchi-batch-" + std::to_string(id.value) + ".csv");
}

// What was read as something else than it stands in the file, side by side.
BatchPages::Page BatchPages::folded(const Request& request, const Principal& principal) {
    const auto id = batch_id(request);
    const auto view = TRY(batches_.show(principal, id, request.now));
    const auto after = http::parse_identifier(request.query.text("after")).value_or(0);
    auto rows = TRY(
        batches_.rows(principal, id, RowFilter::folded, static_cast<int>(after), limits::kPageRows + 1, request.now));
    render::View page = console_.view(request, principal, "batches");
    directory::add_crumb(page, console_.text(request, "batches.title"), "/batches");
    directory::add_crumb(page, view.batch.file_name, address_of(id));
    std::int64_t next = 0;
    if (rows.size() > static_cast<std::size_t>(limits::kPageRows)) {
        rows.resize(static_cast<std::size_t>(limits::kPageRows));
        next = rows.back().number;
    }
    for (const auto& row : rows) {
        for (const auto column : kAllBatchColumns) {
            if (at(row.typed, column) == at(row.cells, column)) {
                continue;
            }
            auto& shown = page.add("CELL");
            shown.set("ROW", std::to_string(row.number))
                .set("COLUMN_LETTER", place_in_file(view.batch.columns, column));
            shown.set("COLUMN_NAME", console_.text(request, "batch_column." + std::string(to_text(column))));
            shown.set("VALUE", at(row.typed, column)).set("READ_AS", at(row.cells, column));
        }
    }
    page.show(rows.empty() ? "EMPTY" : "CELLS").set("BACK_URL", address_of(id));
    directory::show_pager(page, request, directory::place_of(request), next);
    return console_.writer().page(request, "batch_folded", page);
}

}  // namespace madoguchi::accounts
