#include "db/row.hpp"

#include <fmt/format.h>

#include <charconv>

#include "db/row_set.hpp"

namespace madoguchi::db {

namespace {

template <class Number>
std::optional<Number> parse(std::string_view text) {
    Number value{};
    const char* end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, value);
    return error == std::errc() && stopped == end ? std::optional(value) : std::nullopt;
}

}  // namespace

std::int64_t RowSet::affected() const {
    return parse<std::int64_t>(PQcmdTuples(result_.get())).value_or(0);
}

int RowSet::column(std::string_view name) const {
    // PQfnumber copies and folds the name on each call.
    for (int column = 0; column < PQnfields(result_.get()); ++column) {
        if (PQfname(result_.get(), column) == name) {
            return column;
        }
    }
    return -1;
}

std::optional<std::string_view> RowSet::cell(int row, int column) const {
    if (PQgetisnull(result_.get(), row, column) != 0) {
        return std::nullopt;
    }
    return std::string_view(PQgetvalue(result_.get(), row, column),
                            static_cast<std::size_t>(PQgetlength(result_.get(), row, column)));
}

std::optional<std::string_view> Row::cell(std::string_view column) const {
    const int number = rows_->column(column);
    if (number < 0) {
        mistake(column, "no such column");
    }
    return rows_->cell(index_, number);
}

std::string_view Row::required_cell(std::string_view column) const {
    const auto found = cell(column);
    if (!found) {
        mistake(column, "NULL where a value is required");
    }
    return *found;
}

std::int64_t Row::integer(std::string_view column, std::string_view text, std::int64_t least, std::int64_t most) const {
    const auto value = parse<std::int64_t>(text);
    if (!value || *value < least || *value > most) {
        mistake(column, "not an integer of this width");
    }
    return *value;
}

double Row::real(std::string_view column, std::string_view text) const {
    const auto value = parse<double>(text);
    if (!value) {
        mistake(column, "not a number");
    }
    return *value;
}

bool Row::boolean(std::string_view column, std::string_view text) const {
    if (text != "t" && text != "f") {
        mistake(column, "not a boolean");
    }
    return text == "t";
}

void Row::mistake(std::string_view column, std::string_view what) const {
    throw RowError(fmt::format("{}: column {}: {}", rows_->query_name(), column, what));
}

}  // namespace madoguchi::db
