// Where the columns of an uploaded table stood, kept beside its rows: reasons name a cell as its writer knows it.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace madoguchi::spreadsheet {

using ColumnPlace = std::optional<std::size_t>;  // from 0; none: the table has no such column

/// As it is stored: `0,2,-1`, in the order of the room's own columns, -1 for none.
std::string written_places(std::span<const ColumnPlace> places);

/// What written_places() wrote; columns that came later have none.
void read_places(std::string_view text, std::span<ColumnPlace> places);

}  // namespace madoguchi::spreadsheet
