// SQL made of parts at compile time, for queries that share their columns and conditions.
#pragma once

#include <algorithm>
#include <array>
#include <string_view>

namespace madoguchi::db {

namespace detail {

template <const std::string_view&... Parts>
constexpr auto joined_characters() {
    std::array<char, (Parts.size() + ... + 0)> out{};
    auto* at = out.data();
    ((at = std::copy(Parts.begin(), Parts.end(), at)), ...);
    return out;
}

template <const std::string_view&... Parts>
inline constexpr auto kCharacters = joined_characters<Parts...>();

}  // namespace detail

/// The parts one after the other, as they stand: each brings the space before it.
template <const std::string_view&... Parts>
inline constexpr std::string_view joined = {detail::kCharacters<Parts...>.data(), detail::kCharacters<Parts...>.size()};

}  // namespace madoguchi::db
