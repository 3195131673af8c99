// What goes to standard output: a table for people, JSON and CSV for programs. Rendering is pure; Output writes.
#pragma once

#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "admin-cli/command_line.hpp"

namespace madoguchi::admin_cli {

/// Keeps the server's order of members.
using Json = nlohmann::ordered_json;

/// The paths of the members shown ("organization.name"). Stable: scripts read CSV by these names.
using Columns = std::vector<std::string_view>;

/// One value as a cell: strings as they are, null as nothing, lists joined by "; ".
std::string cell(const Json& value);

/// "2026-12-02T16:58:01.123456+09:00" as "2026/12/02 16:58:01"; any other text as it is.
std::string readable_time(const std::string& text);

/// The member at "a.b", or null.
const Json& member(const Json& object, std::string_view path);

/// Rows of a list, or one record as rows of "name value".
std::string render_table(const Json& rows, const Columns& columns, Language language);
std::string render_record(const Json& record, const Columns& columns, Language language);

/// RFC 4180: a header of paths with underscores, CRLF, quotes where needed. A cell that a spreadsheet would run as a
/// formula begins with an apostrophe (S22).
std::string render_csv(const Json& rows, const Columns& columns);

/// Indented JSON and a line break.
std::string render_json(const Json& value);

class Output {
public:
    Output(const Settings& settings, std::FILE* results, std::FILE* notes);

    void list(const Json& answer, std::string_view key, const Columns& columns);
    void record(const Json& answer, const Json& shown, const Columns& columns);
    /// A line of the table form alone: programs that read JSON or CSV never meet it.
    void line(std::string_view text);
    /// A text as it is, whatever the form of output.
    void document(std::string_view text) { write(text); }
    /// To standard error unless --quiet.
    void note(std::string_view text);
    bool is_table() const { return settings_.output == OutputFormat::table; }
    bool goes_to_terminal() const;
    /// Has the program that reads our output gone, as "| head" does?
    bool reader_left() const;
    /// Errors: failed, when anything could not be written (disk full, reader gone).
    Outcome<void> finish();

private:
    void write(std::string_view text);

    const Settings& settings_;
    std::FILE* results_;
    std::FILE* notes_;
    int write_error_ = 0;
};

}  // namespace madoguchi::admin_cli
