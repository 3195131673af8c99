// One row of an answer. Rows stay readable after the transaction that brought them.
#pragma once

#include <concepts>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "db/query.hpp"

namespace madoguchi::db {

class RowSet;

/// Our own mistake: a column that the query does not have, a NULL without std::optional, or another type than asked
/// for. Tells the query and the column, never the value. Database::transact turns it into an internal error.
class RowError : public std::logic_error {
public:
    using std::logic_error::logic_error;
};

class Row {
public:
    Row(std::shared_ptr<const RowSet> rows, int index) : rows_(std::move(rows)), index_(index) {}

    /// T: an integer, double, bool, std::string, Id<Tag>, Instant (the column is bigint microseconds), or std::optional
    /// of those, where NULL is nothing. Throws RowError.
    template <class T>
    T get(std::string_view column) const {
        if constexpr (detail::IsOptional<T>::value) {
            const auto found = cell(column);
            return found ? T(convert<typename T::value_type>(column, *found)) : T();
        } else {
            return convert<T>(column, required_cell(column));
        }
    }

private:
    template <class T>
    T convert(std::string_view column, std::string_view text) const {
        if constexpr (std::same_as<T, bool>) {
            return boolean(column, text);
        } else if constexpr (std::integral<T>) {
            static_assert(std::signed_integral<T>, "PostgreSQL's integers are signed");
            return static_cast<T>(integer(column, text, std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
        } else if constexpr (std::same_as<T, double>) {
            return real(column, text);
        } else if constexpr (std::same_as<T, Instant>) {
            return from_microseconds(convert<std::int64_t>(column, text));
        } else if constexpr (detail::IsId<T>::value) {
            return T{convert<std::int64_t>(column, text)};
        } else {
            static_assert(std::same_as<T, std::string>, "no C++ form for this type");
            return std::string(text);
        }
    }

    std::optional<std::string_view> cell(std::string_view column) const;
    std::string_view required_cell(std::string_view column) const;
    std::int64_t integer(std::string_view column, std::string_view text, std::int64_t least, std::int64_t most) const;
    double real(std::string_view column, std::string_view text) const;
    bool boolean(std::string_view column, std::string_view text) const;
    [[noreturn]] void mistake(std::string_view column, std::string_view what) const;

    std::shared_ptr<const RowSet> rows_;
    int index_;
};

}  // namespace madoguchi::db
