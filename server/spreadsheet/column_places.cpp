#include "spreadsheet/column_places.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <vector>

namespace madoguchi::spreadsheet {

std::string written_places(std::span<const ColumnPlace> places) {
    std::vector<int> numbers;
    numbers.reserve(places.size());
    for (const auto& place : places) {
        numbers.push_back(place ? static_cast<int>(*place) : -1);
    }
    return fmt::format("{}", fmt::join(numbers, ","));
}

void read_places(std::string_view text, std::span<ColumnPlace> places) {
    for (auto& place : places) {
        int number = -1;
        const auto comma = std::min(text.find(','), text.size());
        std::from_chars(text.data(), text.data() + comma, number);
        place = number >= 0 ? ColumnPlace(static_cast<std::size_t>(number)) : std::nullopt;
        text.remove_prefix(std::min(comma + 1, text.size()));
    }
}

}  // namespace madoguchi::spreadsheet
