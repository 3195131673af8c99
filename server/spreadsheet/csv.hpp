// Comma-separated values (RFC 4180), in and out.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "spreadsheet/sheet.hpp"

namespace madoguchi::spreadsheet {

/// Records are numbered as a spreadsheet program numbers their rows: a line break inside quotes begins no row, an empty
/// line is one. Errors (invalid): file_broken (ends within quotes: truncated), and those of the limits.
Result<Sheet> parse_csv(std::string_view utf8);

/// One line, ended by CRLF. A cell that a spreadsheet program would run as a formula gets an apostrophe before it
/// (S22).
std::string csv_line(std::span<const std::string> cells);

}  // namespace madoguchi::spreadsheet
