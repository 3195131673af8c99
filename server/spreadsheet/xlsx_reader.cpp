#include "spreadsheet/xlsx_reader.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "base/file_limits.hpp"
#include "base/limits.hpp"
#include "spreadsheet/sheet_builder.hpp"
#include "spreadsheet/xlsx_styles.hpp"
#include "spreadsheet/xml_reader.hpp"
#include "spreadsheet/zip_archive.hpp"

namespace madoguchi::spreadsheet {
namespace {

Result<void> read_part(ZipArchive& archive, const std::string& name, XmlHandler& handler) {
    XmlReader reader(handler);
    TRY(archive.read(name, [&](std::string_view piece) { return reader.feed(piece); }));
    return reader.finish();
}

/// [Content_Types].xml: what kind of workbook it is, and where its parts are.
class ContentTypes final : public XmlHandler {
public:
    Result<void> begin(std::string_view name, const XmlAttributes& attributes) override {
        const auto type = attributes.find("ContentType").value_or("");
        if (type.find("macroEnabled") != std::string_view::npos || type.find("vbaProject") != std::string_view::npos) {
            return refuse_file("file_macros");
        }
        auto part = attributes.find("PartName").value_or("");
        if (name != "Override" || !part.starts_with('/')) {
            return {};
        }
        part.remove_prefix(1);
        if (type.ends_with("sheet.main+xml")) {
            workbook = part;
        } else if (type.ends_with("sharedStrings+xml")) {
            shared_strings = part;
        } else if (type.ends_with("spreadsheetml.styles+xml")) {
            styles = part;
        }
        return {};
    }
    std::string workbook;
    std::string shared_strings;
    std::string styles;
};

/// xl/workbook.xml: the relationship of the first sheet that people see, and where its days are counted from.
class Workbook final : public XmlHandler {
public:
    Result<void> begin(std::string_view name, const XmlAttributes& attributes) override {
        if (name == "sheet" && relationship.empty() && attributes.find("state").value_or("visible") == "visible") {
            relationship = attributes.find("id").value_or("");
        } else if (name == "workbookPr") {
            const auto value = attributes.find("date1904").value_or("0");
            from_1904 = value == "1" || value == "true";
        }
        return {};
    }
    std::string relationship;
    bool from_1904 = false;
};

/// xl/_rels/workbook.xml.rels
class Relationships final : public XmlHandler {
public:
    explicit Relationships(std::string wanted) : wanted_(std::move(wanted)) {}
    Result<void> begin(std::string_view name, const XmlAttributes& attributes) override {
        if (name == "Relationship" && attributes.find("Id") == wanted_ &&
            attributes.find("TargetMode").value_or("Internal") == "Internal") {
            target = attributes.find("Target").value_or("");
        }
        return {};
    }
    std::string target;

private:
    std::string wanted_;
};

/// Text of <t> elements, without the readings (rPh) that Japanese Excel puts beside names.
class PlainText {
public:
    void begin(std::string_view name) {
        reading_ += name == "rPh" ? 1 : 0;
        inside_ = name == "t" && reading_ == 0;
    }
    void end(std::string_view name) {
        reading_ -= name == "rPh" ? 1 : 0;
        inside_ = false;
    }
    Result<void> text(std::string_view piece) {
        if (!inside_) {
            return {};
        }
        // Longer than any cell may be: kept no further, refused when the cell is added.
        if (text_.size() <= limits::kCellBytes) {
            text_ += piece;
        }
        return {};
    }
    std::string take() { return std::exchange(text_, {}); }

private:
    int reading_ = 0;
    bool inside_ = false;
    std::string text_;
};

class SharedStrings final : public XmlHandler {
public:
    Result<void> begin(std::string_view name, const XmlAttributes& /*attributes*/) override {
        plain_.begin(name);
        return {};
    }
    Result<void> text(std::string_view piece) override { return plain_.text(piece); }
    Result<void> end(std::string_view name) override {
        plain_.end(name);
        if (name != "si") {
            return {};
        }
        strings.push_back(plain_.take());
        bytes_ += strings.back().size();
        if (bytes_ > limits::kSheetTextBytes || strings.size() > limits::kSheetStrings) {
            return refuse_file("file_expands");
        }
        return {};
    }
    std::vector<std::string> strings;

private:
    PlainText plain_;
    std::size_t bytes_ = 0;
};

// 110113719 typed into a code column is written as 1.10113719E8 by some programs. Beyond 15 digits a double is no
// number that anybody typed.
std::string shortest_number(const std::string& text) {
    constexpr double kExact = 1e15;
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const bool whole = error == std::errc() && end == text.data() + text.size() && std::abs(value) < kExact &&
                       std::trunc(value) == value;
    return whole ? fmt::format("{:.0f}", value) : text;
}

/// xl/worksheets/sheetN.xml
class Worksheet final : public XmlHandler {
public:
    /// Keeps references.
    Worksheet(const std::vector<std::string>& strings, const Styles& styles, bool from_1904)
        : strings_(strings), styles_(styles), from_1904_(from_1904) {}

    Result<void> begin(std::string_view name, const XmlAttributes& attributes) override {
        if (name == "row") {
            return begin_row(attributes);
        }
        if (name == "c") {
            return begin_cell(attributes);
        }
        in_value_ = name == "v";
        plain_.begin(name);
        return {};
    }
    Result<void> text(std::string_view piece) override {
        if (in_value_ && value_.size() <= limits::kCellBytes) {
            value_ += piece;
        }
        return plain_.text(piece);
    }
    Result<void> end(std::string_view name) override {
        plain_.end(name);
        in_value_ = false;
        if (name == "c") {
            return builder_.add(column_, TRY(cell_text()));
        }
        return {};
    }
    Sheet take() { return builder_.take(); }

private:
    Result<void> begin_row(const XmlAttributes& attributes) {
        const auto number = attributes.find("r");
        ++row_;
        if (number) {
            const auto [end, error] = std::from_chars(number->data(), number->data() + number->size(), row_);
            if (error != std::errc() || end != number->data() + number->size()) {
                return refuse_file("file_broken");
            }
        }
        next_column_ = 0;
        return builder_.begin_row(row_);
    }

    // "B14" must stand in row 14: a cell that says otherwise would shift its neighbours.
    Result<void> begin_cell(const XmlAttributes& attributes) {
        kind_ = attributes.find("t").value_or("n");
        style_ = 0;
        const auto style = attributes.find("s").value_or("0");
        std::from_chars(style.data(), style.data() + style.size(), style_);
        value_.clear();
        static_cast<void>(plain_.take());
        column_ = next_column_;
        if (const auto reference = attributes.find("r")) {
            std::size_t letters = 0;
            column_ = 0;
            while (letters < reference->size() && (*reference)[letters] >= 'A' && (*reference)[letters] <= 'Z' &&
                   letters < kColumnLetters) {
                column_ = column_ * 26 + static_cast<std::size_t>((*reference)[letters] - 'A') + 1;
                ++letters;
            }
            if (letters == 0 || reference->substr(letters) != std::to_string(row_)) {
                return refuse_file("file_broken");
            }
            --column_;
        }
        next_column_ = column_ + 1;
        return {};
    }

    Result<std::string> cell_text() {
        if (kind_ == "inlineStr") {
            return plain_.take();
        }
        if (kind_ == "s") {
            std::size_t index = 0;
            const auto [end, error] = std::from_chars(value_.data(), value_.data() + value_.size(), index);
            if (value_.empty()) {
                return std::string();
            }
            if (error != std::errc() || end != value_.data() + value_.size() || index >= strings_.size()) {
                return refuse_file("file_broken");
            }
            return strings_[index];
        }
        if (kind_ == "b") {
            return std::string(value_ == "1" ? "TRUE" : "FALSE");
        }
        return kind_ == "n" ? number_text() : value_;  // "str", "e", "d": as they stand
    }

    // A cell that shows a day holds its number: what a person sees there is what is read.
    std::string number_text() const {
        double number = 0;
        const auto* const end = value_.data() + value_.size();
        if (styles_.is_day(style_) && std::from_chars(value_.data(), end, number).ptr == end) {
            if (auto day = day_of_serial(number, from_1904_); !day.empty()) {
                return day;
            }
        }
        return shortest_number(value_);
    }

    static constexpr std::size_t kColumnLetters = 3;  // XFD is the last column there is

    const std::vector<std::string>& strings_;
    const Styles& styles_;
    bool from_1904_;
    SheetBuilder builder_;
    PlainText plain_;
    int row_ = 0;
    std::size_t column_ = 0;
    std::size_t next_column_ = 0;
    std::string kind_;
    std::size_t style_ = 0;
    std::string value_;
    bool in_value_ = false;
};

// Targets are relative to the workbook's folder, or absolute ("/xl/worksheets/sheet1.xml").
std::string resolve(const std::string& workbook, const std::string& target) {
    if (target.starts_with('/')) {
        return target.substr(1);
    }
    const auto slash = workbook.rfind('/');
    return slash == std::string::npos ? target : workbook.substr(0, slash + 1) + target;
}

std::string relationships_of(const std::string& workbook) {
    const auto slash = workbook.rfind('/');
    const auto begin = slash == std::string::npos ? 0 : slash + 1;
    return workbook.substr(0, begin) + "_rels/" + workbook.substr(begin) + ".rels";
}

}  // namespace

Result<Sheet> read_xlsx(std::string_view bytes) {
    auto archive = TRY(ZipArchive::open(bytes));
    ContentTypes types;
    TRY(read_part(archive, "[Content_Types].xml", types));
    if (archive.has("xl/vbaProject.bin")) {
        return refuse_file("file_macros");
    }
    if (types.workbook.empty()) {
        return refuse_file("file_kind_differs");  // a Word document, an OpenDocument, any other archive
    }
    Workbook workbook;
    TRY(read_part(archive, types.workbook, workbook));
    Relationships relationships(workbook.relationship);
    TRY(read_part(archive, relationships_of(types.workbook), relationships));
    if (relationships.target.empty()) {
        return refuse_file("file_broken");
    }
    SharedStrings shared;
    if (!types.shared_strings.empty()) {
        TRY(read_part(archive, types.shared_strings, shared));
    }
    Styles styles;
    if (!types.styles.empty() && archive.has(types.styles)) {
        TRY(read_part(archive, types.styles, styles));
    }
    Worksheet sheet(shared.strings, styles, workbook.from_1904);
    TRY(read_part(archive, resolve(types.workbook, relationships.target), sheet));
    return sheet.take();
}

}  // namespace madoguchi::spreadsheet
