#include "base/file_limits.hpp"
#include "directory/file_pages.hpp"
#include "directory/organization_file_pages.hpp"
#include "directory/organization_pages.hpp"
#include "http/json_reader.hpp"

namespace madoguchi::directory {
namespace {

std::vector<spreadsheet::WrittenColumn> columns() {
    std::vector<spreadsheet::WrittenColumn> out;
    for (const auto column : all_file_columns()) {
        const bool wide = column == FileColumn::name || column == FileColumn::address;
        out.push_back({std::string(heading(column)), wide ? 36.0 : 18.0});
    }
    return out;
}

}  // namespace

// The list as its conditions filter it, all pages of it: whole, or refused. A file that ends somewhere in the middle
// would be taken for the whole.
Result<std::vector<std::vector<std::string>>> OrganizationFilePages::exported(const Request& request,
                                                                              const Principal& principal) {
    auto question = question_of(request);
    question.limit = limits::kListFilePortion;
    std::vector<std::vector<std::string>> out;
    for (bool more = true; more;) {
        const auto page = TRY(lists_.list(principal, question, request.now));
        for (const auto& listed : page.rows) {
            out.push_back(file_cells(listed.organization, listed.parent_name));
        }
        if (out.size() > static_cast<std::size_t>(limits::kListFileRows)) {
            return failure(Error{.kind = ErrorKind::invalid,
                                 .message_id = "list_too_long",
                                 .values = {{"maximum", std::to_string(limits::kListFileRows)}}});
        }
        more = page.more;
        question.after = page.rows.empty() ? OrganizationId{} : page.rows.back().organization.id;
    }
    TRY(imports_.note_export(principal, query_of(question), out.size(), request.now));
    return out;
}

OrganizationFilePages::Page OrganizationFilePages::as_xlsx(const Request& request, const Principal& principal) {
    auto rows = TRY(exported(request, principal));
    return as_workbook(
        {{.name = console_.text(request, "organizations.title"), .columns = columns(), .rows = std::move(rows)}},
        "madoguchi-organizations.xlsx", request.now);
}

OrganizationFilePages::Page OrganizationFilePages::as_csv(const Request& request, const Principal& principal) {
    std::vector<std::string> headings;
    for (const auto column : all_file_columns()) {
        headings.emplace_back(heading(column));
    }
    return as_table(console_, request, headings, TRY(exported(request, principal)), "madoguchi-organizations.csv");
}

OrganizationFilePages::Page OrganizationFilePages::template_file(const Request& request, const Principal&) {
    spreadsheet::WrittenSheet data{
        .name = console_.text(request, "organizations.title"), .columns = columns(), .rows = {}};
    spreadsheet::WrittenSheet help{.name = console_.text(request, "batch_file.help_sheet"), .columns = {}, .rows = {}};
    for (int i = 1; i <= 5; ++i) {
        help.rows.push_back({console_.text(request, "import_file.help_" + std::to_string(i))});
    }
    return as_workbook({data, help}, "madoguchi-organizations-template.xlsx", request.now);
}

// What became of each row, with the id that it has now: a file that imports again without making anything twice.
OrganizationFilePages::Page OrganizationFilePages::result_file(const Request& request, const Principal& principal) {
    const ImportId id{http::parse_identifier(request.path_parameter("id")).value_or(0)};
    spreadsheet::WrittenSheet sheet{
        .name = console_.text(request, "batch_file.result_sheet"), .columns = columns(), .rows = {}};
    for (const auto* title : {"batch_file.row", "batch_file.state", "batch_file.reason"}) {
        sheet.columns.push_back({console_.text(request, title), 24});
    }
    for (const auto& row : TRY(imports_.rows(principal, id, ImportFilter::all, 0, 0, request.now))) {
        std::vector<std::string> cells(row.cells.begin(), row.cells.end());
        if (row.made) {
            cells.front() = std::to_string(row.made.value);
        }
        cells.push_back(std::to_string(row.number));
        cells.push_back(console_.text(request, "import_row_state." + std::string(to_text(row.state))));
        cells.push_back(reason_text(request, row));
        sheet.rows.push_back(std::move(cells));
    }
    return as_workbook({sheet}, "madoguchi-organizations-" + std::to_string(id.value) + ".xlsx", request.now);
}

}  // namespace madoguchi::directory
