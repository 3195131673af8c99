#include "spreadsheet/xlsx_writer.hpp"

#include <unistd.h>
#include <xlsxwriter.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace madoguchi::spreadsheet {
namespace {

constexpr lxw_color_t kHeading = 0xE8F1FE;
constexpr double kInstructionsWidth = 90;

/// A file that only this process reads and that goes with the object: libxlsxwriter writes to paths alone.
class TemporaryFile {
public:
    TemporaryFile() : path_((std::filesystem::temp_directory_path() / "madoguchi-XXXXXX").string()) {
        descriptor_ = mkstemp(path_.data());
    }
    ~TemporaryFile() {
        if (good()) {
            close(descriptor_);
            unlink(path_.c_str());
        }
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    bool good() const { return descriptor_ >= 0; }
    const char* path() const { return path_.c_str(); }
    std::string bytes() const {
        std::ifstream in(path_, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }

private:
    std::string path_;
    int descriptor_ = -1;
};

struct Formats {
    lxw_format* heading;
    lxw_format* text;
    lxw_format* wrapped;
};

Formats make_formats(lxw_workbook* workbook) {
    Formats formats{workbook_add_format(workbook), workbook_add_format(workbook), workbook_add_format(workbook)};
    format_set_bold(formats.heading);
    format_set_bg_color(formats.heading, kHeading);
    format_set_bottom(formats.heading, LXW_BORDER_THIN);
    format_set_num_format(formats.text, "@");
    format_set_text_wrap(formats.wrapped);
    format_set_align(formats.wrapped, LXW_ALIGN_VERTICAL_TOP);
    return formats;
}

void write_sheet(lxw_workbook* workbook, const WrittenSheet& sheet, const Formats& formats) {
    auto* const worksheet = workbook_add_worksheet(workbook, sheet.name.c_str());
    const bool instructions = sheet.columns.empty();
    if (instructions) {
        worksheet_set_column(worksheet, 0, 0, kInstructionsWidth, nullptr);
    }
    for (std::size_t i = 0; i < sheet.columns.size(); ++i) {
        const auto column = static_cast<lxw_col_t>(i);
        worksheet_set_column(worksheet, column, column, sheet.columns[i].width, formats.text);
        worksheet_write_string(worksheet, 0, column, sheet.columns[i].title.c_str(), formats.heading);
    }
    lxw_row_t row = instructions ? 0 : 1;
    for (const auto& cells : sheet.rows) {
        for (std::size_t i = 0; i < cells.size(); ++i) {
            if (!cells[i].empty()) {
                worksheet_write_string(worksheet, row, static_cast<lxw_col_t>(i), cells[i].c_str(),
                                       instructions ? formats.wrapped : formats.text);
            }
        }
        ++row;
    }
    if (!instructions) {
        worksheet_freeze_panes(worksheet, 1, 0);
        worksheet_autofilter(worksheet, 0, 0, row > 1 ? row - 1 : 1, static_cast<lxw_col_t>(sheet.columns.size() - 1));
        worksheet_set_landscape(worksheet);
        worksheet_set_paper(worksheet, 9);  // A4
        worksheet_repeat_rows(worksheet, 0, 0);
        worksheet_fit_to_pages(worksheet, 1, 0);
    }
}

}  // namespace

Result<std::string> write_xlsx(const std::vector<WrittenSheet>& sheets, Instant made_at) {
    const TemporaryFile file;
    if (!file.good()) {
        return failure(ErrorKind::internal, "internal", "no temporary file for a workbook");
    }
    lxw_workbook* const workbook = workbook_new(file.path());
    if (workbook == nullptr) {
        return failure(ErrorKind::internal, "internal", "no workbook");
    }
    const auto formats = make_formats(workbook);
    std::string author = "Madoguchi";
    lxw_doc_properties properties{};
    properties.author = author.data();
    properties.created = static_cast<time_t>(to_unix_seconds(made_at));
    workbook_set_properties(workbook, &properties);
    for (const auto& sheet : sheets) {
        write_sheet(workbook, sheet, formats);
    }
    if (const auto closed = workbook_close(workbook); closed != LXW_NO_ERROR) {
        return failure(ErrorKind::internal, "internal", lxw_strerror(closed));
    }
    return file.bytes();
}

}  // namespace madoguchi::spreadsheet
