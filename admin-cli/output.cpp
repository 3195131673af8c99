#include "admin-cli/output.hpp"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <regex>

#include "admin-cli/text_width.hpp"

namespace madoguchi::admin_cli {
namespace {

constexpr std::string_view kGap = "  ";

std::string text_of(const Json& object, const char* name) {
    const auto found = object.find(name);
    return found == object.end() ? std::string() : cell(*found);
}

/// A short line for the objects that stand inside others: a role with its organization, a second step, an account.
std::string object_cell(const Json& object) {
    if (object.contains("role")) {
        const std::string where = object.contains("organization") ? text_of(object["organization"], "name") : "";
        const std::string state = text_of(object, "state");
        return text_of(object, "role") + (where.empty() ? "" : " @ " + where) +
               (state.empty() || state == "active" ? "" : " (" + state + ")");
    }
    if (object.contains("kind") && object.contains("label")) {
        const bool is_default = object.contains("default") && object["default"] == true;
        const std::string label = text_of(object, "label");
        return text_of(object, "kind") + (label.empty() ? "" : " " + label) + (is_default ? " *" : "");
    }
    if (object.contains("why") && object.contains("until")) {
        return text_of(object, "why") + " (" + readable_time(text_of(object, "until")) + ")";
    }
    // A reference to something is shown by its name; anything else (before and after in the audit log) is shown whole.
    constexpr std::size_t kReferenceMembers = 4;
    for (const char* name : {"login_id", "name", "message"}) {
        if (!text_of(object, name).empty() && object.size() <= kReferenceMembers &&
            (object.contains("id") || std::string_view(name) == "message")) {
            return text_of(object, name);
        }
    }
    return object.dump(-1, ' ', false, Json::error_handler_t::replace);
}

bool runs_as_formula(std::string_view text) {
    // Spreadsheets on Japanese systems also take the fullwidth forms for a formula.
    constexpr std::array<std::string_view, 10> kStarts{"=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"};
    return std::any_of(kStarts.begin(), kStarts.end(), [&](std::string_view start) { return text.starts_with(start); });
}

std::string csv_cell(const Json& value) {
    const std::string raw = cell(value);
    // Numbers from the server are data; text that looks like a formula is somebody's input.
    std::string text = printable(raw);
    if (!value.is_number() && runs_as_formula(raw)) {
        text.insert(0, "'");
    }
    if (text.find_first_of(",\"\r\n") == std::string::npos && !text.starts_with(' ') && !text.ends_with(' ')) {
        return text;
    }
    std::string quoted = "\"";
    for (const char c : text) {
        quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    }
    return quoted + "\"";
}

/// A cell for people: times as pages write them, to the second, in Japan's time. Programs get them as they came.
std::string readable_cell(const Json& value) {
    return printable(readable_time(cell(value)));
}

std::string without_trailing_spaces(std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

}  // namespace

std::string cell(const Json& value) {
    if (value.is_string()) {
        return value.get<std::string>();
    }
    if (value.is_null()) {
        return {};
    }
    if (value.is_array()) {
        std::string joined;
        for (const Json& item : value) {
            joined += (joined.empty() ? "" : "; ") + cell(item);
        }
        return joined;
    }
    return value.is_object() ? object_cell(value) : value.dump();
}

std::string readable_time(const std::string& text) {
    static const std::regex kTime(R"((\d{4})-(\d\d)-(\d\d)T(\d\d:\d\d:\d\d)(?:\.\d{1,9})?\+09:00)");
    std::smatch parts;
    return std::regex_match(text, parts, kTime) ? parts.format("$1/$2/$3 $4") : text;
}

const Json& member(const Json& object, std::string_view path) {
    static const Json kNull;
    const Json* at = &object;
    while (!path.empty()) {
        const std::size_t dot = path.find('.');
        const std::string name(path.substr(0, dot));
        const auto found = at->is_object() ? at->find(name) : at->end();
        if (!at->is_object() || found == at->end()) {
            return kNull;
        }
        at = &*found;
        path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    }
    return *at;
}

std::string render_table(const Json& rows, const Columns& columns, Language language) {
    std::vector<std::vector<std::string>> lines(1);
    for (const std::string_view column : columns) {
        lines[0].push_back(field_label(column, language));
    }
    for (const Json& row : rows) {
        std::vector<std::string> line;
        for (const std::string_view column : columns) {
            line.push_back(readable_cell(member(row, column)));
        }
        lines.push_back(std::move(line));
    }
    std::vector<std::size_t> widths(columns.size(), 0);
    for (const auto& line : lines) {
        for (std::size_t i = 0; i < line.size(); ++i) {
            widths[i] = std::max(widths[i], display_width(line[i]));
        }
    }
    std::string table;
    for (const auto& line : lines) {
        std::string text;
        for (std::size_t i = 0; i < line.size(); ++i) {
            text += (i == 0 ? std::string() : std::string(kGap)) + padded(line[i], widths[i]);
        }
        table += without_trailing_spaces(std::move(text)) + "\n";
    }
    return table;
}

std::string render_record(const Json& record, const Columns& columns, Language language) {
    std::size_t width = 0;
    for (const std::string_view column : columns) {
        width = std::max(width, display_width(field_label(column, language)));
    }
    std::string text;
    for (const std::string_view column : columns) {
        const Json& value = member(record, column);
        std::string name = field_label(column, language);
        // A list takes a line for each of its items.
        const Json items = value.is_array() && !value.empty() ? value : Json::array({value});
        for (const Json& item : items) {
            const std::string line = padded(name, width) + std::string(kGap) + readable_cell(item);
            text += without_trailing_spaces(line) + "\n";
            name.clear();
        }
    }
    return text;
}

std::string render_csv(const Json& rows, const Columns& columns) {
    std::string text;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        std::string name(columns[i]);
        std::replace(name.begin(), name.end(), '.', '_');
        text += (i == 0 ? "" : ",") + name;
    }
    text += "\r\n";
    for (const Json& row : rows) {
        for (std::size_t i = 0; i < columns.size(); ++i) {
            text += (i == 0 ? "" : ",") + csv_cell(member(row, columns[i]));
        }
        text += "\r\n";
    }
    return text;
}

std::string render_json(const Json& value) {
    return printable_json(value.dump(2, ' ', false, Json::error_handler_t::replace)) + "\n";
}

Output::Output(const Settings& settings, std::FILE* results, std::FILE* notes)
    : settings_(settings), results_(results), notes_(notes) {}

void Output::list(const Json& answer, std::string_view key, const Columns& columns) {
    const Json& found = member(answer, key);
    const Json rows = found.is_array() ? found : Json::array();
    if (settings_.output == OutputFormat::json) {
        write(render_json(answer));
    } else if (settings_.output == OutputFormat::csv) {
        write(render_csv(rows, columns));
    } else if (rows.empty()) {
        note(say(settings_.language, texts::kEmptyList));
    } else {
        write(render_table(rows, columns, settings_.language));
    }
}

void Output::record(const Json& answer, const Json& shown, const Columns& columns) {
    if (settings_.output == OutputFormat::json) {
        write(render_json(answer));
    } else if (settings_.output == OutputFormat::csv) {
        write(render_csv(Json::array({shown}), columns));
    } else {
        write(render_record(shown, columns, settings_.language));
    }
}

void Output::line(std::string_view text) {
    if (is_table()) {
        write(std::string(text) + "\n");
    }
}

void Output::note(std::string_view text) {
    if (!settings_.quiet) {
        std::fflush(results_);  // keeps the order where both go to one terminal
        fmt::print(notes_, "{}\n", printable(text));
    }
}

bool Output::goes_to_terminal() const {
    return isatty(fileno(results_)) == 1;
}

bool Output::reader_left() const {
    return write_error_ == EPIPE;
}

void Output::write(std::string_view text) {
    if (write_error_ == 0 && std::fwrite(text.data(), 1, text.size(), results_) != text.size()) {
        write_error_ = errno;
    }
}

Outcome<void> Output::finish() {
    if (write_error_ == 0 && std::fflush(results_) != 0) {
        write_error_ = errno;
    }
    if (write_error_ != 0) {
        return fail(ExitCode::failed, say(settings_.language, texts::kOutputLost, std::strerror(write_error_)),
                    say(settings_.language, texts::kOutputLostAdvice));
    }
    return {};
}

}  // namespace madoguchi::admin_cli
