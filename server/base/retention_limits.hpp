// How long what has ended is kept; the audit log stays. A header of its own, so that a change here doesn't rebuild the
// whole house.
#pragma once

#include "base/limits.hpp"

namespace madoguchi::limits {

// Days, each configurable:
// Sign-ins and recoveries under way: for questions of the same day.
inline constexpr int kFlowsKeptDays = std::chrono::duration_cast<std::chrono::days>(kFlowKept).count();
inline constexpr int kSessionsKeptDays = 180;      // the home page names the sign-in before; the log knows all of them
inline constexpr int kSessionsKeptDaysLeast = 31;  // where somebody signed in lately counts for 30 days (S13)
inline constexpr int kMessagesKeptDays = 90;       // a month's bill is checked, and disputed, within the next two
inline constexpr int kMessagesKeptDaysLeast = 2;   // caps count a day (S9)
inline constexpr int kKeptDaysMaximum = 3650;      // beyond it is a typing error
inline constexpr int kForgottenRows = 2000;        // deleted in one transaction: well below the statement timeout
inline constexpr auto kForgetPoll = 24h;

}  // namespace madoguchi::limits
