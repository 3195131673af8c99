#include "spreadsheet/csv.hpp"

#include <algorithm>
#include <array>

#include "spreadsheet/sheet_builder.hpp"

namespace madoguchi::spreadsheet {
namespace {

/// Reads one record after the other; fields go to the builder as they end.
class CsvReader {
public:
    explicit CsvReader(std::string_view text) : text_(text) {}

    Result<Sheet> read() {
        for (int row = 1; at_ < text_.size(); ++row) {
            TRY(builder_.begin_row(row));
            TRY(read_record());
        }
        return builder_.take();
    }

private:
    Result<void> read_record() {
        for (std::size_t column = 0;; ++column) {
            field_.clear();
            TRY(read_field());
            TRY(builder_.add(column, field_));
            if (at_ >= text_.size()) {
                return {};
            }
            const char end = text_[at_++];
            if (end == ',') {
                continue;
            }
            if (end == '\r' && at_ < text_.size() && text_[at_] == '\n') {
                ++at_;
            }
            return {};
        }
    }

    // Stops before the comma or line break. What follows a closing quote belongs to the field, as in Excel.
    Result<void> read_field() {
        bool quoted = at_ < text_.size() && text_[at_] == '"';
        at_ += quoted ? 1 : 0;
        while (at_ < text_.size()) {
            const char c = text_[at_];
            if (quoted && c == '"') {
                const bool escaped = at_ + 1 < text_.size() && text_[at_ + 1] == '"';
                if (escaped) {
                    field_.push_back('"');
                }
                quoted = escaped;
                at_ += escaped ? 2 : 1;
                continue;
            }
            if (!quoted && (c == ',' || c == '\r' || c == '\n')) {
                return {};
            }
            field_.push_back(c);
            ++at_;
        }
        if (quoted) {
            return refuse_file("file_broken");
        }
        return {};
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string field_;
    SheetBuilder builder_;
};

// OWASP, "CSV injection", with the full-width forms that Japanese Excel takes for the same.
constexpr std::array<std::string_view, 11> kFormulaStarts = {"=",  "+",  "-",  "@",  "\t", "\r",
                                                             "\n", "＝", "＋", "－", "＠"};

}  // namespace

Result<Sheet> parse_csv(std::string_view utf8) {
    return CsvReader(utf8).read();
}

std::string csv_line(std::span<const std::string> cells) {
    std::string line;
    for (const auto& cell : cells) {
        if (&cell != cells.data()) {
            line.push_back(',');
        }
        const bool formula =
            std::ranges::any_of(kFormulaStarts, [&](std::string_view start) { return cell.starts_with(start); });
        const bool quotes = formula || cell.find_first_of(",\"\r\n") != std::string::npos;
        if (!quotes) {
            line += cell;
            continue;
        }
        line += formula ? "\"'" : "\"";
        for (const char c : cell) {
            line.append(c == '"' ? 2 : 1, c);
        }
        line.push_back('"');
    }
    return line + "\r\n";
}

}  // namespace madoguchi::spreadsheet
