// How much of the audit log one statement reads.
#pragma once

#include <cstdint>

namespace madoguchi::limits {

// Ids looked through at once for rows that were never sealed: tenths of a second of a log of any length, where ten
// million at once would run into a statement's time limit.
inline constexpr std::int64_t kAuditSweptIds = 200'000;

}  // namespace madoguchi::limits
