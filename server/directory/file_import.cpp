#include "directory/file_import.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/field_errors.hpp"
#include "base/file_limits.hpp"
#include "base/japanese_text.hpp"

namespace madoguchi::directory {
namespace {

constexpr std::array<std::string_view, 4> kStates = {"checked", "making", "done", "dropped"};
constexpr std::array<std::string_view, 7> kRowStates = {"ready", "warned", "bad",   "left_out",
                                                        "known", "made",   "failed"};

template <class Enum, std::size_t n>
std::optional<Enum> named(const std::array<std::string_view, n>& names, std::string_view text) {
    const auto found = std::ranges::find(names, text);
    return found == names.end() ? std::nullopt : std::optional(static_cast<Enum>(found - names.begin()));
}

}  // namespace

std::string_view to_text(ImportState state) {
    return kStates.at(static_cast<std::size_t>(state));
}
std::optional<ImportState> import_state(std::string_view text) {
    return named<ImportState>(kStates, text);
}
std::string_view to_text(ImportRowState state) {
    return kRowStates.at(static_cast<std::size_t>(state));
}
std::optional<ImportRowState> import_row_state(std::string_view text) {
    return named<ImportRowState>(kRowStates, text);
}

int ImportCounts::total() const {
    return std::accumulate(of.begin(), of.end(), 0);
}

std::string_view RowFields::sent_as(std::string_view column) const {
    const auto found = std::ranges::find(columns, column);
    return found == columns.end() ? column : sent[static_cast<std::size_t>(found - columns.begin())];
}

Result<void> all_ready(const std::vector<FileRow>& rows, const RowFields& fields) {
    FieldErrors errors;
    for (const auto& row : rows) {
        for (const auto& problem : row.problems) {
            if (row.state != ImportRowState::ready) {
                errors.add(fmt::format("rows[{}].{}", row.number - 1, fields.sent_as(problem.column)), problem.rule,
                           problem.values);
            }
        }
    }
    return std::move(errors).result();
}

std::string shown_file_name(const std::string& typed) {
    std::string name = fold_width(valid_utf8(typed) ? typed : std::string());
    while (code_points(name) > limits::kFileNameCodePoints) {
        name.pop_back();
        while (!valid_utf8(name)) {
            name.pop_back();
        }
    }
    return name;
}

}  // namespace madoguchi::directory
