#include "accounts/batch.hpp"

#include <algorithm>
#include <numeric>

#include "base/file_limits.hpp"
#include "base/japanese_date.hpp"
#include "base/japanese_text.hpp"
#include "base/limits.hpp"
#include "directory/organization_codes.hpp"
#include "spreadsheet/column_places.hpp"

namespace madoguchi::accounts {
namespace {

constexpr std::array<std::string_view, 5> kBatchStates = {"checked", "issuing", "stopped", "done", "dropped"};
constexpr std::array<std::string_view, 7> kRowStates = {"ready", "warned", "bad",   "left_out",
                                                        "known", "issued", "failed"};
constexpr std::array<std::string_view, kBatchColumns> kColumnNames = {
    "code", "organization_name", "family_name", "given_name", "family_kana", "given_kana", "valid_from", "valid_until"};
constexpr std::array<std::string_view, kBatchColumns> kHeadings = {
    "医療機関コード", "医療機関名", "氏", "名", "フリガナ（氏）", "フリガナ（名）", "利用開始日", "利用終了日"};

// What offices write over their columns; compared as search keys, so width, case and spaces don't matter.
struct Alias {
    BatchColumn column;
    std::string_view text;
};
constexpr std::array kAliases = {Alias{BatchColumn::code, "機関コード"},
                                 Alias{BatchColumn::code, "コード"},
                                 Alias{BatchColumn::code, "institution code"},
                                 Alias{BatchColumn::code, "institution_code"},
                                 Alias{BatchColumn::organization_name, "機関名"},
                                 Alias{BatchColumn::organization_name, "名称"},
                                 Alias{BatchColumn::organization_name, "医療機関"},
                                 Alias{BatchColumn::organization_name, "institution"},
                                 Alias{BatchColumn::organization_name, "organization_name"},
                                 Alias{BatchColumn::family_name, "姓"},
                                 Alias{BatchColumn::family_name, "利用者氏"},
                                 Alias{BatchColumn::family_name, "family name"},
                                 Alias{BatchColumn::family_name, "family_name"},
                                 Alias{BatchColumn::given_name, "利用者名"},
                                 Alias{BatchColumn::given_name, "given name"},
                                 Alias{BatchColumn::given_name, "given_name"},
                                 Alias{BatchColumn::family_kana, "フリガナ(姓)"},
                                 Alias{BatchColumn::family_kana, "セイ"},
                                 Alias{BatchColumn::family_kana, "family_kana"},
                                 Alias{BatchColumn::given_kana, "メイ"},
                                 Alias{BatchColumn::given_kana, "given_kana"},
                                 Alias{BatchColumn::valid_from, "開始日"},
                                 Alias{BatchColumn::valid_from, "役割の開始日"},
                                 Alias{BatchColumn::valid_from, "valid_from"},
                                 Alias{BatchColumn::valid_until, "終了日"},
                                 Alias{BatchColumn::valid_until, "有効期限"},
                                 Alias{BatchColumn::valid_until, "役割の終了日"},
                                 Alias{BatchColumn::valid_until, "valid_until"}};

constexpr std::string_view kTwice = "batch_twice";
constexpr std::string_view kNobody = "batch_nobody";
constexpr std::string_view kOver = "batch_period_over";

template <class Enum, std::size_t N>
std::optional<Enum> find_name(const std::array<std::string_view, N>& names, std::string_view text) {
    const auto found = std::ranges::find(names, text);
    return found == names.end() ? std::nullopt : std::optional(static_cast<Enum>(found - names.begin()));
}

// 「医療機関コード※必須」 is the same heading.
std::optional<BatchColumn> column_under(std::string_view cell) {
    std::string key = search_key(cell);
    if (const auto mark = key.find("※"); mark != std::string::npos) {
        key.resize(mark);
    }
    for (const auto column : kAllBatchColumns) {
        if (key == search_key(heading(column))) {
            return column;
        }
    }
    const auto alias =
        std::ranges::find_if(kAliases, [&](const Alias& known) { return key == search_key(known.text); });
    return alias == kAliases.end() ? std::nullopt : std::optional(alias->column);
}

Result<std::optional<ColumnPlaces>> headings_in(const spreadsheet::Row& row) {
    ColumnPlaces places;
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
        const auto column = row.cells[i].empty() ? std::nullopt : column_under(row.cells[i]);
        if (!column) {
            continue;
        }
        auto& place = places.at(static_cast<std::size_t>(*column));
        if (place) {
            return failure(Error{.kind = ErrorKind::invalid,
                                 .message_id = "file_heading_twice",
                                 .values = {{"heading", std::string(heading(*column))}}});
        }
        place = i;
    }
    const bool whole = places.at(static_cast<std::size_t>(BatchColumn::code)) &&
                       places.at(static_cast<std::size_t>(BatchColumn::family_name));
    return whole ? std::optional(places) : std::nullopt;
}

bool names_person(const RowCells& cells) {
    return std::ranges::any_of(std::array{BatchColumn::family_name, BatchColumn::given_name, BatchColumn::family_kana,
                                          BatchColumn::given_kana},
                               [&](BatchColumn column) { return !at(cells, column).empty(); });
}

void add_problem(BatchRow& row, BatchColumn column, std::string rule, std::map<std::string, std::string> values = {}) {
    row.problems.push_back({.column = column, .rule = std::move(rule), .values = std::move(values)});
}

void check_code(BatchRow& row) {
    const auto& typed = at(row.cells, BatchColumn::code);
    if (typed.empty()) {
        add_problem(row, BatchColumn::code, "required");
        return;
    }
    const auto code = directory::parse_institution_code(typed);
    if (!code) {
        const auto& field = code.error().fields.front();
        add_problem(row, BatchColumn::code, field.message_id, field.values);
        if (const auto candidate = field.values.find("candidate"); candidate != field.values.end()) {
            row.problems.back().suggestion = candidate->second;
        }
        return;
    }
    at(row.cells, BatchColumn::code) = code->code;
    if (code->warning) {
        add_problem(row, BatchColumn::code, "batch_check_digit");
        row.problems.back().warning = true;
    }
}

// What stands in a file where its encoding had no letter for a name: Shift_JIS has no 𠮷, and
// programs write a question mark, or U+FFFD, without asking.
void check_lost_letters(BatchRow& row) {
    for (const auto column : {BatchColumn::family_name, BatchColumn::given_name}) {
        const auto& name = at(row.cells, column);
        if (name.find('?') != std::string::npos || name.find("\uFFFD") != std::string::npos) {
            add_problem(row, column, "batch_lost_letter");
            row.problems.back().warning = true;
        }
    }
}

void check_person(BatchRow& row) {
    const auto names = check_names({at(row.cells, BatchColumn::family_name), at(row.cells, BatchColumn::given_name),
                                    at(row.cells, BatchColumn::family_kana), at(row.cells, BatchColumn::given_kana)});
    if (names) {
        at(row.cells, BatchColumn::family_name) = names->family_name;
        at(row.cells, BatchColumn::given_name) = names->given_name;
        at(row.cells, BatchColumn::family_kana) = names->family_kana;
        at(row.cells, BatchColumn::given_kana) = names->given_kana;
        check_lost_letters(row);
        return;
    }
    for (const auto& field : names.error().fields) {
        add_problem(row, batch_column(field.field).value_or(BatchColumn::family_name), field.message_id, field.values);
    }
}

// As understood, so that an era date is read back as 2026/12/02.
std::optional<Instant> check_day(BatchRow& row, BatchColumn column) {
    auto& cell = at(row.cells, column);
    if (fold_width(cell).empty()) {
        cell.clear();
        return std::nullopt;
    }
    const auto day = parse_japanese_day(cell, std::string(to_text(column)));
    if (!day) {
        const auto& field = day.error().fields.front();
        add_problem(row, column, field.message_id, field.values);
        if (const auto candidate = field.values.find("candidate"); candidate != field.values.end()) {
            row.problems.back().suggestion = candidate->second;
        }
        return std::nullopt;
    }
    cell = show_japanese_day(*day);
    return *day;
}

void check_period(BatchRow& row, Instant now) {
    const auto from = check_day(row, BatchColumn::valid_from);
    const auto until = check_day(row, BatchColumn::valid_until);
    if (until && from && *until < *from) {
        add_problem(row, BatchColumn::valid_until, "from_after_until");
    } else if (until && *until + std::chrono::days(1) <= now) {
        add_problem(row, BatchColumn::valid_until, std::string(kOver));
    }
}

// A name that belongs to another code is how shifted rows look.
void check_facility(BatchRow& row, const BatchSurroundings& surroundings) {
    const auto code = code_of(row.cells);
    if (!code) {
        return;
    }
    const auto facility = surroundings.facilities.find(*code);
    if (facility == surroundings.facilities.end()) {
        add_problem(row, BatchColumn::code, "batch_not_found");
        return;
    }
    row.organization = facility->second.id;
    auto& name = at(row.cells, BatchColumn::organization_name);
    name = fold_width(name);
    if (!name.empty() && search_key(name) != search_key(facility->second.name)) {
        row.problems.push_back({.column = BatchColumn::organization_name,
                                .rule = "batch_name_differs",
                                .values = {{"name", facility->second.name}},
                                .warning = true,
                                .suggestion = facility->second.name});
    }
}

// What the check left out by itself is looked at again: its reason may be gone.
bool left_out_by_somebody(const BatchRow& row) {
    return row.state == RowState::left_out && std::ranges::none_of(row.problems, [](const RowProblem& problem) {
               return problem.rule == kTwice || problem.rule == kNobody;
           });
}

void check_row(BatchRow& row, const BatchSurroundings& surroundings) {
    const bool left_out = left_out_by_somebody(row);
    row.problems.clear();
    row.organization = {};
    row.account = {};
    if (!names_person(row.cells)) {
        row.state = RowState::left_out;
        add_problem(row, BatchColumn::family_name, std::string(kNobody));
        return;
    }
    check_code(row);
    check_person(row);
    check_facility(row, surroundings);
    check_period(row, surroundings.now);
    const bool bad = std::ranges::any_of(row.problems, [](const RowProblem& problem) { return !problem.warning; });
    const auto person = surroundings.people.find({row.organization, person_key(row.cells)});
    if (!bad && person != surroundings.people.end()) {
        row.state = RowState::known;
        row.account = person->second.account;
        row.problems = {{.column = BatchColumn::family_name,
                         .rule = "batch_known",
                         .values = {{"login_id", person->second.login_id}}}};
        return;
    }
    const bool looked_at = row.problems.empty() || row.accepted;
    row.state = left_out ? RowState::left_out : bad ? RowState::bad : looked_at ? RowState::ready : RowState::warned;
}

bool may_be_issued(RowState state) {
    return state == RowState::ready || state == RowState::warned;
}

}  // namespace

std::string_view to_text(BatchState state) {
    return kBatchStates.at(static_cast<std::size_t>(state));
}

std::optional<BatchState> batch_state(std::string_view text) {
    return find_name<BatchState>(kBatchStates, text);
}

std::string_view to_text(RowState state) {
    return kRowStates.at(static_cast<std::size_t>(state));
}

std::optional<RowState> row_state(std::string_view text) {
    return find_name<RowState>(kRowStates, text);
}

std::string_view to_text(BatchColumn column) {
    return kColumnNames.at(static_cast<std::size_t>(column));
}

std::optional<BatchColumn> batch_column(std::string_view text) {
    return find_name<BatchColumn>(kColumnNames, text);
}

std::string_view heading(BatchColumn column) {
    return kHeadings.at(static_cast<std::size_t>(column));
}

std::string& at(RowCells& cells, BatchColumn column) {
    return cells.at(static_cast<std::size_t>(column));
}

const std::string& at(const RowCells& cells, BatchColumn column) {
    return cells.at(static_cast<std::size_t>(column));
}

Result<BatchState> advance(BatchState state, BatchEvent event) {
    const auto step = [&](BatchState from, BatchState to) -> Result<BatchState> {
        if (state == from) {
            return to;
        }
        return failure(Error{.kind = ErrorKind::conflict,
                             .message_id = "batch_state",
                             .values = {{"state", std::string(to_text(state))}}});
    };
    switch (event) {
        case BatchEvent::confirm:
            return step(BatchState::checked, BatchState::issuing);
        case BatchEvent::stop:
            return step(BatchState::issuing, BatchState::stopped);
        case BatchEvent::resume:
            return step(BatchState::stopped, BatchState::issuing);
        case BatchEvent::finish:
            return step(BatchState::issuing, BatchState::done);
        case BatchEvent::drop:
            return step(BatchState::checked, BatchState::dropped);
    }
    return failure(ErrorKind::internal, "internal");
}

Result<BatchFile> read_batch(const spreadsheet::Sheet& sheet) {
    BatchFile file;
    auto row = sheet.rows.begin();
    for (int tried = 0; row != sheet.rows.end() && tried < limits::kSheetHeaderRows; ++row, ++tried) {
        if (const auto places = TRY(headings_in(*row))) {
            file.places = *places;
            break;
        }
    }
    if (!file.places.front()) {
        return failure(ErrorKind::invalid, "file_headings");
    }
    for (++row; row != sheet.rows.end(); ++row) {
        RowCells cells;
        for (const auto column : kAllBatchColumns) {
            if (const auto place = file.places.at(static_cast<std::size_t>(column))) {
                at(cells, column) = row->cell(*place);
            }
        }
        if (std::ranges::any_of(cells, [](const std::string& cell) { return !strip_spaces(cell).empty(); })) {
            file.rows.emplace_back(row->number, std::move(cells));
        }
    }
    if (file.rows.empty()) {
        return failure(ErrorKind::invalid, "file_no_rows");
    }
    if (file.rows.size() > static_cast<std::size_t>(limits::kSheetRows)) {
        return failure(Error{.kind = ErrorKind::invalid,
                             .message_id = "file_rows",
                             .values = {{"maximum", std::to_string(limits::kSheetRows)}}});
    }
    return file;
}

std::string person_key(const RowCells& cells) {
    return search_key(at(cells, BatchColumn::family_name) + at(cells, BatchColumn::given_name));
}

RolePeriod period_of(const RowCells& cells) {
    const auto day = [&](BatchColumn column) -> std::optional<Instant> {
        const auto parsed = parse_japanese_day(at(cells, column), std::string(to_text(column)));
        return parsed ? std::optional(*parsed) : std::nullopt;
    };
    const auto last_day = day(BatchColumn::valid_until);
    return {day(BatchColumn::valid_from), last_day ? std::optional(*last_day + std::chrono::days(1)) : std::nullopt};
}

std::optional<std::string> code_of(const RowCells& cells) {
    const auto code = directory::parse_institution_code(at(cells, BatchColumn::code));
    return code ? std::optional(code->code) : std::nullopt;
}

void check_rows(std::vector<BatchRow>& rows, const BatchSurroundings& surroundings) {
    std::map<std::pair<OrganizationId, std::string>, int> first;
    for (auto& row : rows) {
        if (row.state == RowState::issued) {
            continue;
        }
        check_row(row, surroundings);
        if (!may_be_issued(row.state)) {
            continue;
        }
        const auto [earlier, is_first] = first.try_emplace({row.organization, person_key(row.cells)}, row.number);
        if (!is_first) {
            row.state = RowState::left_out;
            row.problems = {{.column = BatchColumn::code,
                             .rule = std::string(kTwice),
                             .values = {{"row", std::to_string(earlier->second)}}}};
        }
    }
}

int folded_cells(const std::vector<BatchRow>& rows) {
    int count = 0;
    for (const auto& row : rows) {
        for (const auto column : kAllBatchColumns) {
            count += at(row.typed, column) != at(row.cells, column) ? 1 : 0;
        }
    }
    return count;
}

int BatchCounts::total() const {
    return std::accumulate(of.begin(), of.end(), 0);
}

std::string place_in_file(const ColumnPlaces& places, BatchColumn column) {
    const auto& place = places.at(static_cast<std::size_t>(column));
    return place ? spreadsheet::column_name(*place) : std::string();
}

std::string to_text(const ColumnPlaces& places) {
    return spreadsheet::written_places(places);
}

ColumnPlaces column_places(std::string_view text) {
    ColumnPlaces places;
    spreadsheet::read_places(text, places);
    return places;
}

}  // namespace madoguchi::accounts
