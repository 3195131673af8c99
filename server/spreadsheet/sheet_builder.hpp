// Collects cells into a Sheet and holds the limits (S22), whichever format they come from.
#pragma once

#include "spreadsheet/sheet.hpp"

namespace madoguchi::spreadsheet {

tl::unexpected<Error> refuse_file(std::string message_id, std::map<std::string, std::string> values = {});

class SheetBuilder {
public:
    /// Numbers rise; a row that stays empty is left out. Errors: file_broken, file_rows.
    Result<void> begin_row(int number);
    /// Errors: file_columns, file_cell, file_expands (too much text in all).
    Result<void> add(std::size_t column, std::string_view text);
    Sheet take();

private:
    Sheet sheet_;
    int last_row_ = 0;
    std::size_t text_bytes_ = 0;
    bool row_open_ = false;
    int row_number_ = 0;
};

}  // namespace madoguchi::spreadsheet
