// dateTime of RFC 7643 §2.3.5: what XML Schema calls xsd:dateTime, always with its offset here. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace madoguchi::scim {

/// "2026-12-02T15:04:05.123+09:00", "2026-12-02T06:04:05Z".
std::optional<Instant> instant_of(std::string_view text);
/// In UTC, with milliseconds.
std::string to_date_time(Instant instant);

}  // namespace madoguchi::scim
