// Days as people in Japan write them: 2026/12/02, 2026年12月2日, 令和8年12月2日, R8.12.2. Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace madoguchi {

/// Midnight in Japan at which that day begins; of any width, 2000 to 2200. Rules under `field`: date_format,
/// date_serial{candidate} (a spreadsheet's number of a day, such as 46358: asked about, never taken by itself).
Result<Instant> parse_japanese_day(std::string_view typed, const std::string& field);
/// "2026/12/02": how a day is shown and stored in a file's cells.
std::string show_japanese_day(Instant instant);

}  // namespace madoguchi
