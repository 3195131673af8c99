// A named SQL statement and the values bound to it.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/ids.hpp"
#include "base/time.hpp"

namespace madoguchi::db {

/// A whole SQL literal. `:names` are bound in the order of their first appearance: one argument a name, however often
/// it stands there. No comments inside and no `[a:b]`: SOCI would read names into them. The name goes to the log.
struct Query {
    std::string_view name;
    std::string_view sql;
};

/// One bound value in PostgreSQL's text form; nothing is NULL.
struct Argument {
    std::optional<std::string> text;
};

namespace detail {

template <class T>
struct IsId : std::false_type {};
template <class Tag>
struct IsId<Id<Tag>> : std::true_type {};
template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

Argument double_argument(double value);
/// `{"a","b"}`: an array for unnest(:names::text[]), which is ten times as fast as a statement a row.
Argument array_argument(std::span<const std::string> values);
Argument array_argument(std::span<const std::int64_t> values);

template <class T>
Argument to_argument(const T& value) {
    if constexpr (std::same_as<T, std::nullopt_t>) {
        return {};
    } else if constexpr (IsOptional<T>::value) {
        return value ? to_argument(*value) : Argument{};
    } else if constexpr (std::same_as<T, bool>) {
        return {value ? "t" : "f"};
    } else if constexpr (std::integral<T>) {
        return {std::to_string(value)};
    } else if constexpr (std::floating_point<T>) {
        return double_argument(value);
    } else if constexpr (IsId<T>::value) {
        return {std::to_string(value.value)};
    } else if constexpr (std::same_as<T, Instant>) {
        return {std::to_string(to_microseconds(value))};
    } else if constexpr (std::same_as<T, std::vector<std::string>> || std::same_as<T, std::vector<std::int64_t>>) {
        return array_argument(value);
    } else {
        static_assert(std::convertible_to<const T&, std::string_view>, "no SQL form for this type");
        return {std::string(std::string_view(value))};
    }
}

}  // namespace detail

}  // namespace madoguchi::db
