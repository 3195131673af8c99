#include "reports/report_file.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "base/field_errors.hpp"
#include "base/file_limits.hpp"
#include "base/japanese_date.hpp"
#include "base/japanese_text.hpp"
#include "base/report_file_limits.hpp"
#include "reports/received_report.hpp"
#include "spreadsheet/column_places.hpp"

namespace madoguchi::reports {
namespace {

using directory::FileProblem;
using directory::ImportRowState;
using directory::OrganizationKind;
namespace column = report_column;

constexpr const auto& kNames = kReportColumnNames;
constexpr std::array<std::string_view, kReportColumns> kHeadings = {
    "医療機関コード", "機関名",  "報告年月日", "0歳",  "1-4歳", "5-9歳",    "10代", "20代", "30代", "40代",
    "50代",           "60-64歳", "65-69歳",    "70代", "80代",  "90歳以上", "不明", "合計", "区分", "機関ID"};

struct Alias {
    std::size_t column;
    std::string_view text;
};
constexpr std::array kAliases = {Alias{column::kCode, "機関コード"}, Alias{column::kCode, "コード"},
                                 Alias{column::kName, "医療機関名"}, Alias{column::kName, "名称"},
                                 Alias{column::kDate, "報告日"},     Alias{column::kDate, "日付"}};

struct KindWord {
    std::string_view word;
    ReportKind kind;
};
constexpr std::array kKindWords = {KindWord{"報告", ReportKind::figures}, KindWord{"figures", ReportKind::figures},
                                   KindWord{"0件", ReportKind::zero},     KindWord{"zero", ReportKind::zero},
                                   KindWord{"休診", ReportKind::closed},  KindWord{"closed", ReportKind::closed}};
constexpr std::string_view kBlank = "report_file_blank";
constexpr std::string_view kFigureWarning = "report_warning.";

std::optional<std::size_t> column_under(std::string_view cell) {
    std::string key = search_key(cell);
    if (const auto mark = key.find("※"); mark != std::string::npos) {
        key.resize(mark);
    }
    for (std::size_t i = 0; i < kReportColumns; ++i) {
        if (key == search_key(kHeadings.at(i)) || key == search_key(kNames.at(i))) {
            return i;
        }
    }
    const auto alias =
        std::ranges::find_if(kAliases, [&](const Alias& known) { return key == search_key(known.text); });
    return alias == kAliases.end() ? std::nullopt : std::optional(alias->column);
}

Result<ReportPlaces> headings_in(const spreadsheet::Row& row) {
    ReportPlaces places;
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
        const auto found = row.cells[i].empty() ? std::nullopt : column_under(row.cells[i]);
        if (!found) {
            continue;
        }
        if (places.at(*found)) {
            return failure(Error{.kind = ErrorKind::invalid,
                                 .message_id = "file_heading_twice",
                                 .values = {{"heading", std::string(kHeadings.at(*found))}}});
        }
        places.at(*found) = i;
    }
    return places;
}

std::string missing_headings(const ReportPlaces& places) {
    std::vector<std::string_view> missing;
    if (!places.at(column::kCode) && !places.at(column::kOrganization)) {
        missing.push_back(kHeadings.at(column::kCode));
    }
    for (std::size_t i = column::kDate; i < column::kTotal; ++i) {
        if (!places.at(i)) {
            missing.push_back(kHeadings.at(i));
        }
    }
    return fmt::format("{}", fmt::join(missing, "、"));
}

// A cell of our own CSV that would be a formula carries an apostrophe (S22).
std::string unguarded(const std::string& cell) {
    constexpr std::string_view kLive = "=+-@\t\r";
    const bool guarded = cell.size() > 1 && cell[0] == '\'' && kLive.find(cell[1]) != std::string_view::npos;
    return guarded ? cell.substr(1) : cell;
}

bool is_blank(const std::string& cell) {
    return strip_spaces(fold_width(cell)).empty();
}

/// Nothing was filled in: neither figures nor a kind.
bool nothing_filled_in(const ReportCells& cells) {
    return std::all_of(cells.begin() + column::kBands, cells.begin() + column::kOrganization, is_blank);
}

std::optional<ReportKind> kind_in(const std::string& cell) {
    const auto key = search_key(cell);
    const auto found =
        std::ranges::find_if(kKindWords, [&](const KindWord& one) { return key == search_key(one.word); });
    return found == kKindWords.end() ? std::nullopt : std::optional(found->kind);
}

Error at_column(std::size_t column, std::string rule, std::map<std::string, std::string> values = {}) {
    return {.kind = ErrorKind::invalid,
            .message_id = "invalid_fields",
            .fields = {{std::string(kNames.at(column)), std::move(rule), std::move(values)}}};
}

void append(Error& to, const Error& from) {
    to.fields.insert(to.fields.end(), from.fields.begin(), from.fields.end());
}

Result<AgeBandCounts> counts_in(const ReportCells& cells, ReportKind kind) {
    Error errors{.kind = ErrorKind::invalid, .message_id = "invalid_fields"};
    AgeBandCounts counts;
    for (std::size_t band = 0; band < kAgeBands; ++band) {
        const auto& cell = cells.at(column::kBands + band);
        if (kind != ReportKind::figures && is_blank(cell)) {
            continue;
        }
        const auto count = parse_count(std::string(kBandNames.at(band)), cell);
        if (count) {
            counts.of.at(band) = *count;
        } else {
            append(errors, count.error());
        }
    }
    return errors.fields.empty() ? Result<AgeBandCounts>(counts) : failure(std::move(errors));
}

/// One row on its way through the check.
class RowCheck {
public:
    RowCheck(ReportRow& row, const ReportSurroundings& around, Instant now) : row_(row), around_(around), now_(now) {}

    void run() {
        row_.problems.clear();
        row_.organization = {};
        if (nothing_filled_in(row_.cells)) {
            add(column::kBands, std::string(kBlank));
            row_.state = ImportRowState::left_out;
            return;
        }
        const auto* place = find_place();
        const auto figures = figures_in(row_.cells);
        if (!figures) {
            for (const auto& field : figures.error().fields) {
                const auto found = std::ranges::find(kNames, field.field);
                add(static_cast<std::size_t>(found - kNames.begin()) % kReportColumns, field.message_id, field.values);
            }
        }
        if (place != nullptr) {
            row_.organization = place->organization.id;
            check_place(*place);
        }
        // What is there already says so, however old it is: an export of last month imports without a complaint.
        if (row_.problems.empty() && figures && is_reported(*place, *figures)) {
            return;
        }
        if (const auto date = date_in(row_.cells)) {
            check_day(*date);
        }
        row_.state = ImportRowState::bad;
        if (row_.problems.empty() && figures) {
            look_twice(*place, *figures);
        }
    }

private:
    void add(std::size_t column, std::string rule, std::map<std::string, std::string> values = {}) {
        row_.problems.push_back(
            {.column = std::string(kNames.at(column)), .rule = std::move(rule), .values = std::move(values)});
    }
    void warn(std::size_t column, std::string rule, std::map<std::string, std::string> values = {}) {
        add(column, std::move(rule), std::move(values));
        row_.problems.back().warning = true;
    }

    // By its code, else by its id. What lies outside the jurisdiction reads as what does not exist (S16).
    const ReportPlace* find_place() {
        const auto code = code_in(row_.cells);
        const auto id = organization_in(row_.cells);
        if (!is_blank(row_.cells.at(column::kCode))) {
            const auto found = around_.by_code.find(code);
            if (found == around_.by_code.end()) {
                constexpr std::size_t kZeroLost = 9;
                const auto with_zero = around_.by_code.find("0" + code);
                if (code.size() == kZeroLost && with_zero != around_.by_code.end()) {
                    add(column::kCode, "institution_code_zero_lost", {{"candidate", with_zero->first}});
                } else {
                    add(column::kCode, "report_file_place");
                }
                return nullptr;
            }
            if (id && id != found->second.organization.id) {
                add(column::kOrganization, "report_file_two_places");
                return nullptr;
            }
            return &found->second;
        }
        const auto found = around_.by_id.find(id);
        if (found == around_.by_id.end()) {
            const bool said = !is_blank(row_.cells.at(column::kOrganization));
            add(said ? column::kOrganization : column::kCode, said ? "report_file_place" : "required");
            return nullptr;
        }
        return &found->second;
    }

    void check_place(const ReportPlace& place) {
        const auto where = is_blank(row_.cells.at(column::kCode)) ? column::kOrganization : column::kCode;
        const bool for_others = around_.for_others && (place.organization.kind == OrganizationKind::facility ||
                                                       place.organization.kind == OrganizationKind::follow_up_center);
        if (!for_others && place.organization.id != around_.own) {
            add(where, around_.for_others ? "proxy_kind" : "report_file_place");
        } else if (!place.open) {
            add(where, "proxy_closed");
        }
    }

    void check_day(ReportDate date) {
        const bool own = !around_.for_others;
        if (const auto open = own ? may_submit(date, now_) : may_import_for_others(date, now_); !open) {
            const bool future = date > date_at(now_);
            add(column::kDate,
                future ? "report_in_future"
                : own  ? "report_file_too_late"
                       : "report_file_too_old",
                {{"days", std::to_string((date_at(now_).day - first_receivable(now_).day).count())}});
        }
    }

    bool is_reported(const ReportPlace& place, const ReportFigures& figures) {
        const auto* past = past_of(place.organization.id);
        if (past == nullptr || !past->contains(figures.date)) {
            return false;
        }
        const auto& earlier = past->at(figures.date);
        const bool same = earlier.figures.kind == figures.kind && earlier.figures.counts == figures.counts;
        add(column::kDate, same ? "report_file_known" : "report_file_differs",
            {{"receipt", earlier.receipt}, {"who", earlier.who}, {"at", earlier.at}});
        row_.state = same ? ImportRowState::known : ImportRowState::bad;
        return true;
    }

    void look_twice(const ReportPlace& place, const ReportFigures& figures) {
        const auto& name = row_.cells.at(column::kName);
        if (!is_blank(name) && search_key(name) != search_key(place.organization.name)) {
            warn(column::kName, "batch_name_differs", {{"name", place.organization.name}});
        }
        if (figures.kind == ReportKind::figures) {
            const auto past = before(past_of(place.organization.id), figures.date);
            for (const auto& warning : warnings(figures.counts, figures.date, past)) {
                warn(warning.band ? column::kBands + *warning.band : column::kTotal,
                     std::string(kFigureWarning) + std::string(to_text(warning.kind)), warning.values);
            }
        }
        row_.state = row_.problems.empty() || row_.accepted ? ImportRowState::ready : ImportRowState::warned;
    }

    const std::map<ReportDate, EarlierReport>* past_of(OrganizationId organization) const {
        const auto found = around_.reported.find(organization);
        return found == around_.reported.end() ? nullptr : &found->second;
    }

    static std::vector<PastDay> before(const std::map<ReportDate, EarlierReport>* past, ReportDate date) {
        std::vector<PastDay> out;
        if (past != nullptr) {
            const auto first = past->lower_bound(days_before(date, limits::kReportUsualDays));
            std::transform(first, past->lower_bound(date), std::back_inserter(out), [](const auto& day) {
                return PastDay{day.first, day.second.figures.kind, day.second.figures.counts};
            });
        }
        return out;
    }

    ReportRow& row_;
    const ReportSurroundings& around_;
    Instant now_;
};

}  // namespace

std::string_view report_column_name(std::size_t column) {
    return kNames.at(column);
}
std::string_view report_heading(std::size_t column) {
    return kHeadings.at(column);
}

std::string to_text(const ReportPlaces& places) {
    return spreadsheet::written_places(places);
}

ReportPlaces report_places(std::string_view text) {
    ReportPlaces places;
    spreadsheet::read_places(text, places);
    return places;
}

Result<ReportFile> read_reports(const spreadsheet::Sheet& sheet) {
    ReportFile file;
    std::string missing = std::string(kHeadings.at(column::kCode));
    auto row = sheet.rows.begin();
    bool found = false;
    for (int tried = 0; !found && row != sheet.rows.end() && tried < limits::kSheetHeaderRows; ++row, ++tried) {
        const auto places = TRY(headings_in(*row));
        if (places.at(column::kDate)) {
            missing = missing_headings(places);
            found = missing.empty();
            file.places = places;
        }
    }
    if (!found) {
        return failure(
            Error{.kind = ErrorKind::invalid, .message_id = "report_file_headings", .values = {{"missing", missing}}});
    }
    for (; row != sheet.rows.end(); ++row) {
        ReportCells cells;
        for (std::size_t i = 0; i < kReportColumns; ++i) {
            if (const auto place = file.places.at(i)) {
                cells.at(i) = unguarded(row->cell(*place));
            }
        }
        if (!std::ranges::all_of(cells, is_blank)) {
            file.rows.emplace_back(row->number, std::move(cells));
        }
    }
    if (file.rows.empty()) {
        return failure(ErrorKind::invalid, "file_no_rows");
    }
    if (file.rows.size() > static_cast<std::size_t>(limits::kReportFileRows)) {
        return failure(Error{.kind = ErrorKind::invalid,
                             .message_id = "file_rows",
                             .values = {{"maximum", std::to_string(limits::kReportFileRows)}}});
    }
    return file;
}

ReportCells template_cells(const std::string& code, const std::string& name, OrganizationId organization,
                           ReportDate date) {
    ReportCells cells;
    cells.at(column::kCode) = code;
    cells.at(column::kName) = name;
    cells.at(column::kDate) = show_japanese_day(begin_of(date));
    cells.at(column::kOrganization) = std::to_string(organization.value);
    return cells;
}

ReportCells report_cells(const std::string& code, const std::string& name, OrganizationId organization,
                         const ReportFigures& figures) {
    auto cells = template_cells(code, name, organization, figures.date);
    for (std::size_t band = 0; band < kAgeBands; ++band) {
        cells.at(column::kBands + band) = std::to_string(figures.counts.of.at(band));
    }
    cells.at(column::kTotal) = std::to_string(figures.counts.total());
    const auto word = std::ranges::find(kKindWords, figures.kind, &KindWord::kind);
    cells.at(column::kKind) = std::string(word->word);
    return cells;
}

std::string code_in(const ReportCells& cells) {
    return fold_digits(cells.at(column::kCode)).value_or("");
}

OrganizationId organization_in(const ReportCells& cells) {
    const auto digits = fold_digits(cells.at(column::kOrganization)).value_or("");
    std::int64_t id = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), id);
    return {id};
}

std::optional<ReportDate> date_in(const ReportCells& cells) {
    const auto day = parse_japanese_day(cells.at(column::kDate), "date");
    return day ? std::optional(date_at(*day)) : std::nullopt;
}

Result<ReportFigures> figures_in(const ReportCells& cells) {
    Error errors{.kind = ErrorKind::invalid, .message_id = "invalid_fields"};
    ReportFigures out;
    const auto day = is_blank(cells.at(column::kDate)) ? Result<Instant>(failure(at_column(column::kDate, "required")))
                                                       : parse_japanese_day(cells.at(column::kDate), "date");
    if (day) {
        out.date = date_at(*day);
    } else {
        append(errors, day.error());
    }
    const bool said = !is_blank(cells.at(column::kKind));
    const auto kind = said ? kind_in(cells.at(column::kKind)) : ReportKind::figures;
    if (!kind) {
        append(errors, at_column(column::kKind, "report_file_kind"));
    }
    const auto counts = counts_in(cells, kind.value_or(ReportKind::figures));
    if (!counts) {
        append(errors, counts.error());
    } else if (kind && *kind != ReportKind::figures && counts->total() > 0) {
        append(errors, at_column(column::kKind, "report_kind_has_no_figures"));
    } else if (!is_blank(cells.at(column::kTotal))) {
        constexpr auto kMost = limits::kReportCountMaximum;
        const auto total = parse_count("total", cells.at(column::kTotal));
        if (!total && counts->total() <= kMost) {
            append(errors, total.error());
        } else if (total && *total != counts->total()) {
            append(errors, at_column(column::kTotal, "report_file_total", {{"sum", std::to_string(counts->total())}}));
        }
    }
    if (!errors.fields.empty()) {
        return failure(std::move(errors));
    }
    out.counts = *counts;
    out.kind = *kind == ReportKind::closed ? ReportKind::closed : kind_of(out.counts);
    return out;
}

std::size_t report_column_of(std::string_view name) {
    const auto found = std::ranges::find(kNames, name);
    return found == kNames.end() ? column::kCode : static_cast<std::size_t>(found - kNames.begin());
}

bool asks_again(const directory::FileProblem& problem) {
    return problem.warning && problem.rule.starts_with(kFigureWarning);
}

Result<void> confirmed(const ReportRow& row, const TypedAgain& again) {
    const auto figures = TRY(figures_in(row.cells));
    FieldErrors errors;
    std::set<std::size_t> asked;
    for (const auto& problem : row.problems) {
        const auto at = report_column_of(problem.column);
        if (!asks_again(problem) || !asked.insert(at).second) {
            continue;
        }
        const bool of_a_band = at >= column::kBands && at < column::kTotal;
        const auto wanted = of_a_band ? figures.counts.of.at(at - column::kBands) : figures.counts.total();
        const auto typed = again.find(at);
        if (typed == again.end() || is_blank(typed->second)) {
            errors.add(problem.column, "count_again_missing");
        } else if (const auto count = errors.take(parse_count(problem.column, typed->second));
                   count && *count != wanted) {
            errors.add(problem.column, "report_file_again_differs");
        }
    }
    return std::move(errors).result();
}

directory::FileRow kept(const ReportRow& row) {
    return {.number = row.number,
            .typed = {row.cells.begin(), row.cells.end()},
            .cells = {row.cells.begin(), row.cells.end()},
            .state = row.state,
            .problems = row.problems,
            .accepted = row.accepted,
            .organization = row.organization};
}

ReportRow report_row(const directory::FileRow& kept) {
    ReportRow out{.number = kept.number,
                  .state = kept.state,
                  .problems = kept.problems,
                  .accepted = kept.accepted,
                  .organization = kept.organization};
    std::copy_n(kept.cells.begin(), std::min(kept.cells.size(), kReportColumns), out.cells.begin());
    return out;
}

void check_rows(std::vector<ReportRow>& rows, const ReportSurroundings& around, Instant now) {
    std::map<std::pair<OrganizationId, ReportDate>, int> first;
    for (auto& row : rows) {
        RowCheck(row, around, now).run();
        const auto date = date_in(row.cells);
        if (!row.organization || !date || row.state == ImportRowState::left_out) {
            continue;
        }
        const auto [earlier, is_first] = first.try_emplace({row.organization, *date}, row.number);
        if (!is_first) {
            row.state = ImportRowState::bad;
            row.problems.insert(row.problems.begin(),
                                FileProblem{.column = std::string(kNames.at(column::kDate)),
                                            .rule = "report_file_twice",
                                            .values = {{"row", std::to_string(earlier->second)}}});
        }
    }
}

Result<void> may_import_for_others(ReportDate date, Instant now) {
    if (date > date_at(now)) {
        return invalid_field("report_date", "report_in_future");
    }
    if (date < first_receivable(now)) {
        return invalid_field("report_date", "report_file_too_old");
    }
    return {};
}

}  // namespace madoguchi::reports
