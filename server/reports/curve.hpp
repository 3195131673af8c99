// Rules of the epidemic curve: age groups of the chart, which days are complete, the average of seven days, the
// comparison with the week before. Pure.
#pragma once

#include <map>

#include "reports/daily_report.hpp"

namespace madoguchi::reports {

/// Of the chart, from the bottom up: 0-9, 10-39, 40-64, 65 and over, unknown.
inline constexpr std::size_t kAgeGroups = 5;
inline constexpr std::array<std::string_view, kAgeGroups> kGroupNames = {"0_9", "10_39", "40_64", "65_over", "unknown"};
std::size_t group_of(std::size_t band);
std::array<std::int64_t, kAgeGroups> grouped(const AgeBandCounts& counts);

/// One day of a jurisdiction. Every organization is in it once, with the version that counted at the instant asked for;
/// adjustments are lines of their own and in none of the counts.
struct DayFigures {
    AgeBandCounts organizations;  // clinics, and health centres' own aggregates
    AgeBandCounts follow_up;      // follow-up centres, who may report the same people again
    AgeBandCounts adjustments;    // of this day, reported with a later one
    std::int64_t received = 0;
    std::int64_t expected = 0;  // and who reported unasked

    /// With follow-up centres or without.
    AgeBandCounts counted(bool with_follow_up) const;
};
using Curve = std::map<ReportDate, DayFigures>;

/// Its deadline has passed, and nearly everybody's report is there: one silent clinic of forty thousand must not take
/// the country's average away.
bool is_complete(const DayFigures& day, ReportDate date, const ReportPolicy& policy, Instant now);

/// What the table says beside a day's figures. Nothing: an incomplete day is in it.
struct DayComparison {
    bool begun = true;  // false: before the first day of which anybody was to report; nothing is known of it
    bool complete = false;
    std::optional<double> average;           // of the complete days among the last seven
    int averaged_days = 0;                   // 5 to 7
    std::optional<std::int64_t> difference;  // to the same weekday of the week before
    std::optional<double> percent;           // nothing too where there was nobody a week ago
    bool holiday = false;                    // one of the two days is a public holiday
};
std::map<ReportDate, DayComparison> compared(const Curve& curve, bool with_follow_up, const ReportPolicy& policy,
                                             Instant now);

}  // namespace madoguchi::reports
