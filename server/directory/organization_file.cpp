#include "directory/organization_file.hpp"

#include <algorithm>
#include <charconv>

#include "base/file_limits.hpp"
#include "base/japanese_text.hpp"
#include "directory/organization_codes.hpp"
#include "spreadsheet/column_places.hpp"

namespace madoguchi::directory {
namespace {

constexpr const auto& kNames = kOrganizationColumns;
constexpr std::array<std::string_view, kFileColumns> kHeadings = {
    "機関ID",   "種別",     "上位機関ID", "上位機関", "名称", "フリガナ", "医療機関コード", "全国地方公共団体コード",
    "電話番号", "郵便番号", "住所",       "状態"};

// What offices write over their columns; compared as search keys.
struct Alias {
    FileColumn column;
    std::string_view text;
};
constexpr std::array kAliases = {Alias{FileColumn::name, "名前"},
                                 Alias{FileColumn::name, "機関名"},
                                 Alias{FileColumn::name, "医療機関名"},
                                 Alias{FileColumn::kind, "機関の種類"},
                                 Alias{FileColumn::parent_name, "管轄"},
                                 Alias{FileColumn::parent_name, "保健所"},
                                 Alias{FileColumn::institution_code, "機関コード"},
                                 Alias{FileColumn::institution_code, "コード"},
                                 Alias{FileColumn::local_government_code, "団体コード"},
                                 Alias{FileColumn::phone, "電話"},
                                 Alias{FileColumn::address, "所在地"}};

struct KindName {
    OrganizationKind kind;
    std::string_view name;
};
constexpr std::array kKindNames = {KindName{OrganizationKind::ministry, "国"},
                                   KindName{OrganizationKind::prefecture, "都道府県"},
                                   KindName{OrganizationKind::health_center, "保健所"},
                                   KindName{OrganizationKind::facility, "医療機関"},
                                   KindName{OrganizationKind::follow_up_center, "健康フォローアップセンター"},
                                   KindName{OrganizationKind::helpdesk, "ヘルプデスク"}};
constexpr std::string_view kOpen = "運用中";
constexpr std::string_view kClosed = "廃止";

constexpr std::string_view kTwice = "import_twice";
constexpr std::string_view kWasClosed = "import_closed";

template <class Enum, std::size_t n>
std::optional<Enum> named(const std::array<std::string_view, n>& names, std::string_view text) {
    const auto found = std::ranges::find(names, text);
    return found == names.end() ? std::nullopt : std::optional(static_cast<Enum>(found - names.begin()));
}

std::optional<FileColumn> column_under(std::string_view cell) {
    std::string key = search_key(cell);
    if (const auto mark = key.find("※"); mark != std::string::npos) {
        key.resize(mark);
    }
    for (const auto column : all_file_columns()) {
        if (key == search_key(heading(column)) || key == search_key(to_text(column))) {
            return column;
        }
    }
    const auto alias =
        std::ranges::find_if(kAliases, [&](const Alias& known) { return key == search_key(known.text); });
    return alias == kAliases.end() ? std::nullopt : std::optional(alias->column);
}

Result<std::optional<FilePlaces>> headings_in(const spreadsheet::Row& row) {
    FilePlaces places;
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
    const bool has_names = places.at(static_cast<std::size_t>(FileColumn::name)).has_value();
    return has_names ? std::optional(places) : std::nullopt;
}

// A cell of our own CSV that would be a formula carries an apostrophe (S22).
std::string unguarded(const std::string& cell) {
    constexpr std::string_view kLive = "=+-@\t\r";
    const bool guarded = cell.size() > 1 && cell[0] == '\'' && kLive.find(cell[1]) != std::string_view::npos;
    return guarded ? cell.substr(1) : cell;
}

std::optional<OrganizationKind> kind_in(const std::string& cell) {
    const auto key = search_key(cell);
    if (key.empty()) {
        return OrganizationKind::facility;
    }
    const auto found =
        std::ranges::find_if(kKindNames, [&](const KindName& one) { return key == search_key(one.name); });
    return found == kKindNames.end() ? organization_kind(key) : std::optional(found->kind);
}

std::int64_t id_in(const std::string& cell) {
    const auto digits = fold_digits(cell);
    std::int64_t id = 0;
    if (digits) {
        std::from_chars(digits->data(), digits->data() + digits->size(), id);
    }
    return id;
}

/// One row on its way through the check.
class RowCheck {
public:
    RowCheck(ImportRow& row, const Principal& principal, const ImportSurroundings& surroundings, Instant now)
        : row_(row), principal_(principal), surroundings_(surroundings), now_(now) {}

    void run() {
        const bool left_out = left_out_by_somebody();
        row_.problems.clear();
        row_.parent = {};
        if (search_key(cell(FileColumn::state)) == search_key(kClosed)) {
            return end(ImportRowState::left_out, FileColumn::state, std::string(kWasClosed));
        }
        if (surroundings_.ids.contains(id_in(cell(FileColumn::id)))) {
            return end(ImportRowState::known, FileColumn::id, "import_known");
        }
        const auto kind = kind_in(cell(FileColumn::kind));
        if (!kind) {
            add(FileColumn::kind, "organization_kind_unknown");
        }
        const auto* parent = kind ? find_parent(*kind) : nullptr;
        if (kind && parent != nullptr) {
            check_fields(*kind, *parent);
        }
        const bool bad = std::ranges::any_of(row_.problems, [](const ImportProblem& one) { return !one.warning; });
        if (!bad && is_known(*kind, *parent)) {
            return end(ImportRowState::known, FileColumn::name, "import_known");
        }
        const bool looked_at = row_.problems.empty() || row_.accepted;
        row_.state = left_out    ? ImportRowState::left_out
                     : bad       ? ImportRowState::bad
                     : looked_at ? ImportRowState::ready
                                 : ImportRowState::warned;
    }

private:
    std::string& cell(FileColumn column) { return at(row_.cells, column); }

    void add(FileColumn column, std::string rule, std::map<std::string, std::string> values = {}) {
        ImportProblem problem{.column = column, .rule = std::move(rule), .values = std::move(values)};
        if (const auto candidate = problem.values.find("candidate"); candidate != problem.values.end()) {
            problem.suggestion = candidate->second;
        }
        row_.problems.push_back(std::move(problem));
    }

    void end(ImportRowState state, FileColumn column, std::string rule) {
        row_.problems.clear();
        add(column, std::move(rule));
        row_.state = state;
    }

    // What the check left out by itself is looked at again: its reason may be gone.
    bool left_out_by_somebody() const {
        return row_.state == ImportRowState::left_out &&
               std::ranges::none_of(row_.problems, [](const ImportProblem& problem) {
                   return problem.rule == kTwice || problem.rule == kWasClosed;
               });
    }

    bool may_stand(OrganizationKind kind, const PossibleParent& parent) const {
        const OrganizationRef below{{}, kind, parent.organization.path + "0.", ""};
        return may_stand_below(kind, parent.organization.kind) &&
               may(principal_, Permission::create_organization, below, now_);
    }

    // By its id, else by its name; where neither is said, the only one there is. What lies outside the jurisdiction
    // reads as what does not exist (S16).
    const PossibleParent* find_parent(OrganizationKind kind) {
        const auto id = id_in(cell(FileColumn::parent_id));
        const auto name = search_key(cell(FileColumn::parent_name));
        const bool by_id = !fold_width(cell(FileColumn::parent_id)).empty();
        std::vector<const PossibleParent*> found;
        for (const auto& parent : surroundings_.parents) {
            const bool meant = by_id ? parent.organization.id.value == id
                                     : name.empty() || search_key(parent.organization.name) == name;
            if (meant && may_stand(kind, parent)) {
                found.push_back(&parent);
            }
        }
        const auto column = by_id ? FileColumn::parent_id : FileColumn::parent_name;
        if (found.size() == 1) {
            row_.parent = found.front()->organization.id;
            return found.front();
        }
        add(column, !found.empty() ? (name.empty() ? "import_parent_needed" : "import_parent_several")
                                   : "import_parent_not_found");
        return nullptr;
    }

    void check_fields(OrganizationKind kind, const PossibleParent& parent) {
        auto command = command_of(row_);
        command.kind = kind;
        command.parent = parent.organization.id;
        const auto checked = check(command, parent.organization.kind, parent.prefecture_code);
        if (!checked) {
            for (const auto& field : checked.error().fields) {
                add(file_column(field.field).value_or(FileColumn::name), field.message_id, field.values);
            }
            return;
        }
        const auto& organization = checked->organization;
        cell(FileColumn::name) = organization.name;
        cell(FileColumn::kana) = organization.kana;
        cell(FileColumn::institution_code) = organization.institution_code;
        cell(FileColumn::local_government_code) = organization.local_government_code;
        cell(FileColumn::phone) = organization.phone;
        cell(FileColumn::postal_code) = organization.postal_code;
        cell(FileColumn::address) = organization.address;
        for (const auto& warning : checked->warnings) {
            add(FileColumn::institution_code, warning);
            row_.problems.back().warning = true;
        }
    }

    bool is_known(OrganizationKind kind, const PossibleParent& parent) {
        return kind == OrganizationKind::facility
                   ? surroundings_.codes.contains(cell(FileColumn::institution_code))
                   : surroundings_.names.contains({parent.organization.id.value, search_key(cell(FileColumn::name))});
    }

    ImportRow& row_;
    const Principal& principal_;
    const ImportSurroundings& surroundings_;
    Instant now_;
};

}  // namespace

std::string_view to_text(FileColumn column) {
    return kNames.at(static_cast<std::size_t>(column));
}
std::optional<FileColumn> file_column(std::string_view text) {
    return named<FileColumn>(kNames, text);
}
std::string_view heading(FileColumn column) {
    return kHeadings.at(static_cast<std::size_t>(column));
}
std::string& at(FileCells& cells, FileColumn column) {
    return cells.at(static_cast<std::size_t>(column));
}
const std::string& at(const FileCells& cells, FileColumn column) {
    return cells.at(static_cast<std::size_t>(column));
}

std::string to_text(const FilePlaces& places) {
    return spreadsheet::written_places(places);
}

FilePlaces file_places(std::string_view text) {
    FilePlaces places;
    spreadsheet::read_places(text, places);
    return places;
}

Result<OrganizationFile> read_organizations(const spreadsheet::Sheet& sheet) {
    OrganizationFile file;
    bool found = false;
    auto row = sheet.rows.begin();
    for (int tried = 0; row != sheet.rows.end() && tried < limits::kSheetHeaderRows; ++row, ++tried) {
        if (const auto places = TRY(headings_in(*row))) {
            file.places = *places;
            found = true;
            break;
        }
    }
    if (!found) {
        return failure(ErrorKind::invalid, "import_headings");
    }
    for (++row; row != sheet.rows.end(); ++row) {
        FileCells cells;
        for (const auto column : all_file_columns()) {
            if (const auto place = file.places.at(static_cast<std::size_t>(column))) {
                at(cells, column) = unguarded(row->cell(*place));
            }
        }
        if (std::ranges::any_of(cells, [](const std::string& one) { return !strip_spaces(one).empty(); })) {
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

std::vector<std::string> file_cells(const Organization& organization, const std::string& parent_name) {
    const auto kind = std::ranges::find(kKindNames, organization.kind, &KindName::kind);
    return {std::to_string(organization.id.value),
            std::string(kind->name),
            organization.parent ? std::to_string(organization.parent.value) : std::string(),
            parent_name,
            organization.name,
            organization.kana,
            organization.institution_code,
            organization.local_government_code,
            organization.phone,
            organization.postal_code,
            organization.address,
            std::string(organization.state == "active" ? kOpen : kClosed)};
}

CreateOrganization command_of(const ImportRow& row) {
    return {.kind = kind_in(at(row.cells, FileColumn::kind)).value_or(OrganizationKind::facility),
            .parent = row.parent,
            .name = at(row.cells, FileColumn::name),
            .kana = at(row.cells, FileColumn::kana),
            .institution_code = at(row.cells, FileColumn::institution_code),
            .local_government_code = at(row.cells, FileColumn::local_government_code),
            .phone = at(row.cells, FileColumn::phone),
            .postal_code = at(row.cells, FileColumn::postal_code),
            .address = at(row.cells, FileColumn::address)};
}

FileRow kept(const ImportRow& row) {
    FileRow out{.number = row.number,
                .typed = {row.typed.begin(), row.typed.end()},
                .cells = {row.cells.begin(), row.cells.end()},
                .state = row.state,
                .accepted = row.accepted,
                .organization = row.parent,
                .made = row.made.value};
    for (const auto& problem : row.problems) {
        out.problems.push_back({.column = std::string(to_text(problem.column)),
                                .rule = problem.rule,
                                .values = problem.values,
                                .warning = problem.warning,
                                .suggestion = problem.suggestion});
    }
    return out;
}

ImportRow import_row(const FileRow& kept) {
    ImportRow out{.number = kept.number,
                  .state = kept.state,
                  .accepted = kept.accepted,
                  .parent = kept.organization,
                  .made = {kept.made}};
    std::copy_n(kept.typed.begin(), std::min(kept.typed.size(), kFileColumns), out.typed.begin());
    std::copy_n(kept.cells.begin(), std::min(kept.cells.size(), kFileColumns), out.cells.begin());
    for (const auto& problem : kept.problems) {
        out.problems.push_back({.column = file_column(problem.column).value_or(FileColumn::name),
                                .rule = problem.rule,
                                .values = problem.values,
                                .warning = problem.warning,
                                .suggestion = problem.suggestion});
    }
    return out;
}

void check_rows(std::vector<ImportRow>& rows, const Principal& principal, const ImportSurroundings& surroundings,
                Instant now) {
    std::map<std::pair<std::int64_t, std::string>, int> first;
    for (auto& row : rows) {
        if (row.state == ImportRowState::made) {
            continue;
        }
        RowCheck(row, principal, surroundings, now).run();
        if (row.state != ImportRowState::ready && row.state != ImportRowState::warned) {
            continue;
        }
        const auto& code = at(row.cells, FileColumn::institution_code);
        const auto key = code.empty() ? std::pair(row.parent.value, search_key(at(row.cells, FileColumn::name)))
                                      : std::pair(std::int64_t{0}, code);
        const auto [earlier, is_first] = first.try_emplace(key, row.number);
        if (!is_first) {
            row.state = ImportRowState::left_out;
            row.problems = {{.column = code.empty() ? FileColumn::name : FileColumn::institution_code,
                             .rule = std::string(kTwice),
                             .values = {{"row", std::to_string(earlier->second)}}}};
        }
    }
}

}  // namespace madoguchi::directory
