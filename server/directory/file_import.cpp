#include "directory/file_import.hpp"

#include <algorithm>
#include <numeric>

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
