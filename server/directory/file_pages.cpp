#include "directory/file_pages.hpp"

#include "spreadsheet/csv.hpp"
#include "spreadsheet/text_encoding.hpp"

namespace madoguchi::directory {

using http::Response;

namespace {

constexpr std::string_view kWorkbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

}  // namespace

Response as_file(std::string bytes, std::string_view type, const std::string& name) {
    Response response{.status = 200, .content_type = std::string(type), .body = std::move(bytes)};
    response.with_header("Content-Disposition", "attachment; filename=\"" + name + "\"");
    return response;
}

Result<Response> as_workbook(const std::vector<spreadsheet::WrittenSheet>& sheets, const std::string& name,
                             Instant now) {
    return as_file(TRY(spreadsheet::write_xlsx(sheets, now)), kWorkbook, name);
}

Response as_table(const Console& console, const http::Request& request, const std::vector<std::string>& headings,
                  const std::vector<std::vector<std::string>>& rows, const std::string& name) {
    std::string table = spreadsheet::csv_line(headings);
    for (const auto& row : rows) {
        table += spreadsheet::csv_line(row);
    }
    if (request.query.text("encoding") != "cp932") {
        return as_file(std::string(spreadsheet::kByteOrderMark) + table, "text/csv; charset=utf-8", name);
    }
    auto encoded = spreadsheet::encode_cp932(table);
    if (!encoded.unmapped.empty()) {
        std::string letters;
        for (const auto& letter : encoded.unmapped) {
            letters += (letters.empty() ? "" : " ") + letter;
        }
        const std::vector<std::string> note = {console.text(request, "batch_file.unmapped"), letters};
        encoded = spreadsheet::encode_cp932(table + spreadsheet::csv_line(note));
    }
    return as_file(std::move(encoded.bytes), "text/csv; charset=windows-31j", name);
}

}  // namespace madoguchi::directory
