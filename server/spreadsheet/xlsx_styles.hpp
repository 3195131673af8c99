// xl/styles.xml (ECMA-376 part 1, 18.8): which cells are shown as days. A day is stored as a number; 46358 in such a
// cell is what a person sees as 2026/12/02, and in any other cell a number.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "spreadsheet/xml_reader.hpp"

namespace madoguchi::spreadsheet {

/// Is this number format one of days? Built-in ones by their number (18.8.30, the Japanese ones among them), others by
/// their code: a y or d outside of quotes and brackets.
bool shows_day(int format, std::string_view code);

/// "2026/12/02" for 46358, counted from 1900 as Excel does, or from 1904 as old Macintosh files do. Empty: no day that
/// it could be, such as one before March 1900, where Excel's calendar has a day too many.
std::string day_of_serial(double serial, bool from_1904);

class Styles final : public XmlHandler {
public:
    /// Errors: file_expands (more formats than any program writes).
    Result<void> begin(std::string_view name, const XmlAttributes& attributes) override;
    Result<void> end(std::string_view name) override;
    /// `style`: the cell's attribute s.
    bool is_day(std::size_t style) const { return style < days_.size() && days_[style]; }

private:
    std::set<int> own_formats_of_days_;
    std::vector<bool> days_;  // by the index of a cell's style
    bool in_cell_styles_ = false;
};

}  // namespace madoguchi::spreadsheet
