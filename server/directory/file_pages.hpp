// What the console hands out as a file: workbooks, and tables as CSV in UTF-8 or CP932.
#pragma once

#include "directory/console_pages.hpp"
#include "spreadsheet/xlsx_writer.hpp"

namespace madoguchi::directory {

/// A download that keeps the page behind where it is.
http::Response as_file(std::string bytes, std::string_view type, const std::string& name);
/// `name` with its ending. Errors: internal.
Result<http::Response> as_workbook(const std::vector<spreadsheet::WrittenSheet>& sheets, const std::string& name,
                                   Instant now);
/// UTF-8 with its mark, which Excel needs; with ?encoding=cp932 for older programs, and a list of the letters that it
/// has no place for at the end.
http::Response as_table(const Console& console, const http::Request& request, const std::vector<std::string>& headings,
                        const std::vector<std::vector<std::string>>& rows, const std::string& name);

}  // namespace madoguchi::directory
