// Rules of organizations from a file: its columns, what each row says, and which rows may be registered. What a list
// was saved as imports again: rows that are there already are known, and nothing is made twice. Pure.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "directory/authorization.hpp"
#include "directory/file_import.hpp"
#include "directory/organization.hpp"
#include "spreadsheet/sheet.hpp"

namespace madoguchi::directory {

enum class FileColumn {
    id,
    kind,
    parent_id,
    parent_name,
    name,
    kana,
    institution_code,
    local_government_code,
    phone,
    postal_code,
    address,
    state
};
inline constexpr std::size_t kFileColumns = 12;
/// "institution_code": in forms, texts and errors of fields.
std::string_view to_text(FileColumn column);
std::optional<FileColumn> file_column(std::string_view text);
/// The heading in our files: 「医療機関コード」.
std::string_view heading(FileColumn column);
constexpr std::array<FileColumn, kFileColumns> all_file_columns() {
    std::array<FileColumn, kFileColumns> out{};
    for (std::size_t i = 0; i < kFileColumns; ++i) {
        out[i] = static_cast<FileColumn>(i);
    }
    return out;
}

/// As scripts send them: under the names of the columns.
inline constexpr std::array<std::string_view, kFileColumns> kOrganizationColumns = {
    "id",    "kind",        "parent_id", "parent_name", "name", "kana", "institution_code", "local_government_code",
    "phone", "postal_code", "address",   "state"};
inline constexpr RowFields kOrganizationFields = {kOrganizationColumns, kOrganizationColumns};

using FileCells = std::array<std::string, kFileColumns>;
std::string& at(FileCells& cells, FileColumn column);
const std::string& at(const FileCells& cells, FileColumn column);

/// Where each column stands in the file; nothing where it has none.
using FilePlaces = std::array<std::optional<std::size_t>, kFileColumns>;
std::string to_text(const FilePlaces& places);
FilePlaces file_places(std::string_view text);

struct OrganizationFile {
    FilePlaces places;
    std::vector<std::pair<int, FileCells>> rows;  // the file's row numbers, rising
};
/// Finds the headings within the first rows, in any order. Errors (invalid): import_headings (no column of names),
/// file_heading_twice{heading}, file_no_rows, file_rows{maximum}.
Result<OrganizationFile> read_organizations(const spreadsheet::Sheet& sheet);

/// A row of our own file.
std::vector<std::string> file_cells(const Organization& organization, const std::string& parent_name);

struct ImportProblem {
    FileColumn column = FileColumn::name;
    std::string rule;  // a text error.<rule>
    std::map<std::string, std::string> values = {};
    bool warning = false;
    std::string suggestion = {};
};

struct ImportRow {
    int number = 0;
    FileCells typed;  // as in the file
    FileCells cells;  // as understood, or as corrected
    ImportRowState state = ImportRowState::bad;
    std::vector<ImportProblem> problems = {};
    bool accepted = false;
    OrganizationId parent = {};
    OrganizationId made = {};
};

/// A row as it is kept, and back.
FileRow kept(const ImportRow& row);
ImportRow import_row(const FileRow& kept);

/// An open organization below which others may stand.
struct PossibleParent {
    OrganizationRef organization;
    int prefecture_code = 0;
};

/// What the directory says, within the jurisdiction of whoever imports.
struct ImportSurroundings {
    std::vector<PossibleParent> parents;
    std::set<std::int64_t> ids;                            // of those that the rows name
    std::set<std::string, std::less<>> codes;              // institution codes in use
    std::set<std::pair<std::int64_t, std::string>> names;  // parent and search key, of all that have no code
};

/// Folds the cells of every row that is not made, and says what is wrong with each.
void check_rows(std::vector<ImportRow>& rows, const Principal& principal, const ImportSurroundings& surroundings,
                Instant now);
/// The organization that a checked row would become: what OrganizationService registers.
CreateOrganization command_of(const ImportRow& row);

}  // namespace madoguchi::directory
