// Limits of the epidemic curve, with their reasons. A header of its own, so that a change here rebuilds little.
#pragma once

#include <cstdint>

namespace madoguchi::limits {

inline constexpr std::int64_t kCompletePercent = 98;  // of organizations, from which on a day's figures are compared
inline constexpr int kAveragedDaysLeast = 5;  // of seven: fewer would say more of the weekdays missing than of the week
inline constexpr int kCurveDays = 28;         // shown at first
inline constexpr int kCurveDaysMaximum = 91;  // thirteen weeks: bars stay wide enough to see on a telephone
inline constexpr int kCurveLabels = 6;        // below the chart, so that they fit a telephone's width
inline constexpr int kFigureDaysMaximum = 400;  // of one export: a year and a month

}  // namespace madoguchi::limits
