// Limits of the completeness page, with their reasons. A header of its own, so that a change here rebuilds little.
#pragma once

#include "base/report_limits.hpp"

namespace madoguchi::limits {

inline constexpr int kCompletenessDays = 14;           // shown at first: two weeks fit a console's width
inline constexpr int kCompletenessDaysMaximum = 28;    // four weeks, as far back as "usually" looks
inline constexpr int kReachedPerOrganization = 20;     // people told of one organization's silence: a message each
inline constexpr std::size_t kReminderSelection = 50;  // organizations of one confirmation: what a page shows

}  // namespace madoguchi::limits
