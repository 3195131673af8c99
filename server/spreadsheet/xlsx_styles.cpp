#include "spreadsheet/xlsx_styles.hpp"

#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cmath>

#include "spreadsheet/sheet_builder.hpp"

namespace madoguchi::spreadsheet {
namespace {

constexpr int kFirstOwnFormat = 164;         // below are the built-in ones
constexpr std::size_t kMostStyles = 65'500;  // Excel's own maximum is 65,490
constexpr double kFirstCertainDay = 61;      // 1900-03-01
constexpr double kLastDay = 2'958'466;       // after 9999-12-31
constexpr double kDaysFrom1900To1904 = 1462;

int number_in(std::string_view text, int otherwise) {
    int number = otherwise;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

// Of 18.8.30: days in general, and those of Japanese, Chinese and Korean programs. 18-21, 32, 33 and 45-47 are times.
bool is_built_in_day(int format) {
    return (format >= 14 && format <= 17) || format == 22 || (format >= 27 && format <= 31) ||
           (format >= 34 && format <= 36) || (format >= 50 && format <= 58);
}

}  // namespace

bool shows_day(int format, std::string_view code) {
    if (format < kFirstOwnFormat) {
        return is_built_in_day(format);
    }
    bool quoted = false;
    bool bracketed = false;
    for (std::size_t i = 0; i < code.size(); ++i) {
        const char letter = code[i];
        if (letter == '\\' && !quoted) {
            ++i;  // the next letter stands for itself
        } else if (letter == '"') {
            quoted = !quoted;
        } else if (letter == '[' || letter == ']') {
            bracketed = letter == '[' && !quoted;
        } else if (!quoted && !bracketed && std::string_view("yYdD").find(letter) != std::string_view::npos) {
            return true;
        }
    }
    return false;
}

std::string day_of_serial(double serial, bool from_1904) {
    using namespace std::chrono;
    const double count = std::floor(serial) + (from_1904 ? kDaysFrom1900To1904 : 0);
    if (!(count >= kFirstCertainDay && count < kLastDay)) {
        return {};
    }
    const year_month_day day(sys_days(year(1899) / December / 30) + days(static_cast<int>(count)));
    return fmt::format("{:04}/{:02}/{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                       static_cast<unsigned>(day.day()));
}

Result<void> Styles::begin(std::string_view name, const XmlAttributes& attributes) {
    const int format = number_in(attributes.find("numFmtId").value_or(""), 0);
    if (name == "numFmt" && shows_day(format, attributes.find("formatCode").value_or(""))) {
        own_formats_of_days_.insert(format);
    } else if (name == "cellXfs") {
        in_cell_styles_ = true;
    } else if (name == "xf" && in_cell_styles_) {
        days_.push_back(format < kFirstOwnFormat ? is_built_in_day(format) : own_formats_of_days_.contains(format));
    }
    if (days_.size() > kMostStyles || own_formats_of_days_.size() > kMostStyles) {
        return refuse_file("file_expands");
    }
    return {};
}

Result<void> Styles::end(std::string_view name) {
    in_cell_styles_ = in_cell_styles_ && name != "cellXfs";
    return {};
}

}  // namespace madoguchi::spreadsheet
