// Rows out of somebody's file on their way in, whatever they tell of: organizations, daily reports. Pure.
//
//   upload         confirm           last row
//  ───────▶ checked ──────▶ making ──────────▶ done
//            │ drop
//            ▼
//         dropped          a killed server leaves "making": whoever works next goes on
#pragma once

#include <array>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace madoguchi::directory {

using ImportId = Id<struct ImportTag>;

enum class ImportState { checked, making, done, dropped };
std::string_view to_text(ImportState state);
std::optional<ImportState> import_state(std::string_view text);

/// ready: will be taken in. warned: may be right, somebody has to look. bad: can't be. left_out: by somebody, or by its
/// own words. known: is there already. failed: turned out to be impossible.
enum class ImportRowState { ready, warned, bad, left_out, known, made, failed };
inline constexpr std::array kImportRowStates = {ImportRowState::ready,    ImportRowState::warned, ImportRowState::bad,
                                                ImportRowState::left_out, ImportRowState::known,  ImportRowState::made,
                                                ImportRowState::failed};
std::string_view to_text(ImportRowState state);
std::optional<ImportRowState> import_row_state(std::string_view text);

struct ImportCounts {
    std::array<int, 7> of{};  // by ImportRowState
    int& operator[](ImportRowState state) { return of.at(static_cast<std::size_t>(state)); }
    int operator[](ImportRowState state) const { return of.at(static_cast<std::size_t>(state)); }
    int total() const;
};

/// Which files are meant; `audit` begins the names of their acts in the log.
struct ImportKind {
    std::string_view name;
    std::string_view audit;
};
inline constexpr ImportKind kOrganizationFiles = {"organizations", "organization_import"};
inline constexpr ImportKind kReportFiles = {"reports", "report_import"};

struct FileImport {
    ImportId id;
    std::string path;  // whose jurisdiction it belongs to
    OrganizationId organization;
    std::string file_name;
    ImportState state = ImportState::checked;
    std::string columns;  // where each column stands in the file
    int version = 1;
    Instant created_at;
    AccountId created_by;
    std::string created_by_name;
    std::optional<Instant> started_at;
    AccountId started_by;
    std::string started_by_name;
    std::string request_id;
    std::string source;
};

struct FileProblem {
    std::string column;
    std::string rule;
    std::map<std::string, std::string> values = {};
    bool warning = false;
    std::string suggestion = {};
};

struct FileRow {
    int number = 0;
    std::vector<std::string> typed;  // as in the file
    std::vector<std::string> cells;  // as understood, or as corrected
    ImportRowState state = ImportRowState::bad;
    std::vector<FileProblem> problems = {};
    bool accepted = false;
    OrganizationId organization = {};  // below which, or of which it tells
    std::int64_t made = 0;             // what it became
    std::string outcome = {};          // the receipt of a report
    std::optional<Instant> finished_at = std::nullopt;
};

struct ImportView {
    FileImport import;
    ImportCounts counts;
};

/// Rows that a script sends instead of a file.
struct SentRows {
    std::string name;
    bool check_only = false;       // nothing is taken in
    bool atomic = false;           // all at once, or none
    bool accept_warnings = false;  // doubtful rows are meant as they are
    std::vector<std::vector<std::string>> rows;
};

/// What rows of one kind consist of, in the order of their cells.
struct RowFields {
    std::span<const std::string_view> columns;  // as problems name them
    std::span<const std::string_view> sent;     // as scripts do

    std::string_view sent_as(std::string_view column) const;
};

/// Each reason why one of them can't be taken in as it stands, under its row: "rows[12].name". Errors: invalid.
Result<void> all_ready(const std::vector<FileRow>& rows, const RowFields& fields);

/// waits: to be looked at. stays: read in, or to be.
enum class ImportFilter { to_fix, failed, ready, finished, all };

/// A file's name as pages and the log may show it.
std::string shown_file_name(const std::string& typed);

}  // namespace madoguchi::directory
