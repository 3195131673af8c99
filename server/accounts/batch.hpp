// Rules of issuing many at once: which columns a file has, what each row says, and which rows may be issued. Pure.
//
//   upload         confirm           last row
//  ───────▶ checked ──────▶ issuing ──────────▶ done
//            │               │   ▲
//            │ drop     stop │   │ resume        a killed server leaves "issuing": whoever works next goes on
//            ▼               ▼   │
//         dropped          stopped
#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "accounts/account.hpp"
#include "spreadsheet/sheet.hpp"

namespace madoguchi::accounts {

using BatchId = Id<struct BatchTag>;

enum class BatchState { checked, issuing, stopped, done, dropped };
enum class BatchEvent { confirm, stop, resume, finish, drop };
std::string_view to_text(BatchState state);
std::optional<BatchState> batch_state(std::string_view text);
/// Errors: conflict (batch_state).
Result<BatchState> advance(BatchState state, BatchEvent event);

/// ready: will be issued. warned: may be right, somebody has to look. bad: can't be issued. left_out: by somebody, or
/// for lack of a person. known: that person has an ID there. failed: turned out to be impossible while issuing.
enum class RowState { ready, warned, bad, left_out, known, issued, failed };
std::string_view to_text(RowState state);
std::optional<RowState> row_state(std::string_view text);

enum class BatchColumn {
    code,
    organization_name,
    family_name,
    given_name,
    family_kana,
    given_kana,
    valid_from,  // the first and the last day of the role; both may be empty
    valid_until
};
inline constexpr std::size_t kBatchColumns = 8;
inline constexpr std::array kAllBatchColumns = {
    BatchColumn::code,        BatchColumn::organization_name, BatchColumn::family_name, BatchColumn::given_name,
    BatchColumn::family_kana, BatchColumn::given_kana,        BatchColumn::valid_from,  BatchColumn::valid_until};
/// "code", "family_name": in forms, texts and audit rows.
std::string_view to_text(BatchColumn column);
std::optional<BatchColumn> batch_column(std::string_view text);
/// The heading in our template: 「医療機関コード」.
std::string_view heading(BatchColumn column);

/// One row's cells, by column.
using RowCells = std::array<std::string, kBatchColumns>;
std::string& at(RowCells& cells, BatchColumn column);
const std::string& at(const RowCells& cells, BatchColumn column);

/// Where each column stands in the file; nothing where it has none.
using ColumnPlaces = std::array<std::optional<std::size_t>, kBatchColumns>;

struct BatchFile {
    ColumnPlaces places;
    std::vector<std::pair<int, RowCells>> rows;  // the file's row numbers, rising
};
/// Finds the headings within the first rows, whatever stands above them, in any order. Errors (invalid): file_headings
/// (no code or family name column), file_heading_twice{heading}, file_no_rows.
Result<BatchFile> read_batch(const spreadsheet::Sheet& sheet);

struct RowProblem {
    BatchColumn column = BatchColumn::code;
    std::string rule;  // a text error.<rule>
    std::map<std::string, std::string> values = {};
    bool warning = false;
    std::string suggestion = {};  // what was probably meant; never taken without being asked
};

struct BatchRow {
    int number = 0;
    RowCells typed;  // as in the file
    RowCells cells;  // as understood, or as corrected
    RowState state = RowState::bad;
    std::vector<RowProblem> problems = {};
    bool accepted = false;  // somebody has looked at the warning and kept the value
    OrganizationId organization = {};
    AccountId account = {};
};

/// What the directory says about the codes of a batch.
struct KnownFacility {
    OrganizationId id;
    std::string name;
};
struct KnownPerson {
    AccountId account;
    std::string login_id;
};
struct BatchSurroundings {
    std::map<std::string, KnownFacility, std::less<>> facilities;          // by code
    std::map<std::pair<OrganizationId, std::string>, KnownPerson> people;  // by facility and person key
    Instant now = {};                                                      // a role that ends before it is none
};

/// The period of a row's role: from now on where nothing is said, and without an end.
struct RolePeriod {
    std::optional<Instant> from;
    std::optional<Instant> until;  // midnight after the last day
};
/// Of cells that check_rows() found good.
RolePeriod period_of(const RowCells& cells);

/// Who a row is about, within one institution: the name without width, case and spaces.
std::string person_key(const RowCells& cells);

/// Folds the cells of every row that is not issued, and says what is wrong with each. Rows left out by somebody stay
/// so.
void check_rows(std::vector<BatchRow>& rows, const BatchSurroundings& surroundings);
/// The code as folded, if it is one: what the directory is asked for.
std::optional<std::string> code_of(const RowCells& cells);
/// How many cells are read as something else than what stands in the file.
int folded_cells(const std::vector<BatchRow>& rows);

struct BatchCounts {
    std::array<int, 7> of{};  // by RowState
    int& operator[](RowState state) { return of.at(static_cast<std::size_t>(state)); }
    int operator[](RowState state) const { return of.at(static_cast<std::size_t>(state)); }
    int total() const;
};

/// "14" and "B": what a person looks for in the file. Empty where the file has no such column.
std::string place_in_file(const ColumnPlaces& places, BatchColumn column);
std::string to_text(const ColumnPlaces& places);
ColumnPlaces column_places(std::string_view text);

}  // namespace madoguchi::accounts
