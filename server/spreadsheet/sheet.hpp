// A table of texts out of somebody's file, whatever program wrote it. Row numbers are those that the program shows, so
// that "row 14" means the same to a person and to us, and rows can't shift against each other.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace madoguchi::spreadsheet {

struct Row {
    int number = 0;                  // from 1
    std::vector<std::string> cells;  // UTF-8 as it stands in the file; numbers in their shortest form, never 1.2E+08

    /// "" beyond the last cell.
    const std::string& cell(std::size_t column) const;
};

/// Rows with nothing in them are left out.
struct Sheet {
    std::vector<Row> rows;
};

/// "A", "Z", "AA": the column's name in a spreadsheet program.
std::string column_name(std::size_t column);

/// Reads an .xlsx or .csv file (S22): never more than limits::kSheetRows, kSheetColumns, kCellBytes and kArchiveBytes
/// of it, and the whole file or nothing. Errors (invalid): file_empty, file_kind, file_kind_differs, file_macros,
/// file_old_excel, file_broken, file_expands, file_rows{maximum}, file_columns{maximum}, file_cell{row, maximum},
/// file_encoding.
Result<Sheet> read_sheet(std::string_view file_name, std::string_view bytes);

}  // namespace madoguchi::spreadsheet
