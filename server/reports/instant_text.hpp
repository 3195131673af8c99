// Instants as people and programs write them. Pure.
#pragma once

#include <optional>
#include <string_view>

#include "base/time.hpp"

namespace madoguchi::reports {

/// "2026-12-02T16:50:00+09:00" or with Z (RFC 3339), with at most six digits of a second. Nothing for anything else.
std::optional<Instant> instant_from(std::string_view text);

}  // namespace madoguchi::reports
