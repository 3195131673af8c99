// Workbooks that we hand out: texts only, never a formula (S22), codes as text so that no leading zero is lost.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"

namespace madoguchi::spreadsheet {

struct WrittenColumn {
    std::string title;
    double width = 16;  // letters of the usual face
};

struct WrittenSheet {
    std::string name;                    // at most 31 letters, none of []:*?/\ (Excel's rule)
    std::vector<WrittenColumn> columns;  // empty: no heading row, one wide column (a page of instructions)
    std::vector<std::vector<std::string>> rows;
};

/// The bytes of an .xlsx file. Errors: internal (no place for a temporary file).
Result<std::string> write_xlsx(const std::vector<WrittenSheet>& sheets, Instant made_at);

}  // namespace madoguchi::spreadsheet
