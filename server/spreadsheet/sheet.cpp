#include "spreadsheet/sheet.hpp"

#include <algorithm>

#include "base/file_limits.hpp"
#include "base/limits.hpp"
#include "spreadsheet/csv.hpp"
#include "spreadsheet/sheet_builder.hpp"
#include "spreadsheet/text_encoding.hpp"
#include "spreadsheet/xlsx_reader.hpp"

namespace madoguchi::spreadsheet {
namespace {

constexpr std::string_view kZipStart = "PK\x03\x04";
// Compound File Binary: .xls, and .xlsx files that are locked with a password.
constexpr std::string_view kCompoundStart = "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";
constexpr std::size_t kLetters = 26;

std::string extension_of(std::string_view file_name) {
    const auto dot = file_name.rfind('.');
    std::string extension(dot == std::string_view::npos ? std::string_view() : file_name.substr(dot + 1));
    std::ranges::transform(extension, extension.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return extension;
}

}  // namespace

const std::string& Row::cell(std::size_t column) const {
    static const std::string kNothing;
    return column < cells.size() ? cells[column] : kNothing;
}

std::string column_name(std::size_t column) {
    std::string name;
    for (std::size_t rest = column + 1; rest > 0; rest = (rest - 1) / kLetters) {
        name.insert(name.begin(), static_cast<char>('A' + (rest - 1) % kLetters));
    }
    return name;
}

tl::unexpected<Error> refuse_file(std::string message_id, std::map<std::string, std::string> values) {
    return failure(Error{.kind = ErrorKind::invalid, .message_id = std::move(message_id), .values = std::move(values)});
}

Result<void> SheetBuilder::begin_row(int number) {
    if (number <= last_row_) {
        return refuse_file("file_broken");
    }
    constexpr int kRows = limits::kSheetRows + limits::kSheetHeaderRows;
    if (sheet_.rows.size() > std::size_t{kRows}) {
        return refuse_file("file_rows", {{"maximum", std::to_string(limits::kSheetRows)}});
    }
    last_row_ = number;
    row_number_ = number;
    row_open_ = false;
    return {};
}

Result<void> SheetBuilder::add(std::size_t column, std::string_view text) {
    if (text.empty()) {
        return {};
    }
    if (column >= limits::kSheetColumns) {
        return refuse_file("file_columns", {{"maximum", std::to_string(limits::kSheetColumns)}});
    }
    if (text.size() > limits::kCellBytes) {
        return refuse_file("file_cell", {{"row", std::to_string(row_number_)}});
    }
    text_bytes_ += text.size();
    if (text_bytes_ > limits::kSheetTextBytes) {
        return refuse_file("file_expands");
    }
    if (!row_open_) {
        sheet_.rows.push_back({row_number_, {}});
        row_open_ = true;
    }
    auto& cells = sheet_.rows.back().cells;
    if (cells.size() <= column) {
        cells.resize(column + 1);
    }
    cells[column] = text;
    return {};
}

Sheet SheetBuilder::take() {
    return std::move(sheet_);
}

Result<Sheet> read_sheet(std::string_view file_name, std::string_view bytes) {
    const std::string extension = extension_of(file_name);
    if (extension == "xlsm" || extension == "xltm" || extension == "xlam") {
        return refuse_file("file_macros");
    }
    if (extension == "xls") {
        return refuse_file("file_old_excel");
    }
    if (extension != "xlsx" && extension != "csv") {
        return refuse_file("file_kind");
    }
    if (bytes.empty()) {
        return refuse_file("file_empty");
    }
    if (bytes.starts_with(kCompoundStart)) {
        return refuse_file("file_old_excel");
    }
    const bool zipped = bytes.starts_with(kZipStart);
    if (zipped != (extension == "xlsx")) {
        return refuse_file("file_kind_differs");
    }
    auto sheet = TRY(zipped ? read_xlsx(bytes) : parse_csv(TRY(decode_text(bytes))));
    if (sheet.rows.empty()) {
        return refuse_file("file_empty");
    }
    return sheet;
}

}  // namespace madoguchi::spreadsheet
