// Office Open XML workbooks (ECMA-376) as Excel, LibreOffice, Google Sheets and SheetJS write them: shared, inline and
// formula strings read alike. Nothing outside the file is ever opened: no entities, no links, no macros (S22).
#pragma once

#include <string_view>

#include "spreadsheet/sheet.hpp"

namespace madoguchi::spreadsheet {

/// The first sheet that is not hidden. A number in a cell that shows a day is read as 2026/12/02. Errors as
/// read_sheet().
Result<Sheet> read_xlsx(std::string_view bytes);

}  // namespace madoguchi::spreadsheet
