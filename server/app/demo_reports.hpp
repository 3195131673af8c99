// Believable daily reports for the demo's clinics: a wave that rises and falls, closed Sundays, half Saturdays. Pure.
#pragma once

#include <cstdint>

#include "reports/daily_report.hpp"

namespace madoguchi::app {

inline constexpr int kDemoReportDays = 35;          // four weeks of "usual", and a week of history
inline constexpr std::size_t kDemoReporters = 12;   // clinics of the first health centre that have somebody who reports
inline constexpr std::size_t kDemoDraftClinic = 8;  // typed today's and did not send it

struct DemoReport {
    reports::ReportKind kind = reports::ReportKind::figures;
    reports::AgeBandCounts counts;
};

/// One clinic has been silent for some days, as the health centre's page should show.
bool demo_is_silent(std::size_t clinic, int days_ago);
/// How long after 0:00 of its day a report came; one clinic is late now and then.
std::chrono::minutes demo_report_time(std::size_t clinic, int days_ago);

/// What clinic `clinic` reported for `date`. The same arguments give the same report.
DemoReport demo_report(std::size_t clinic, reports::ReportDate date);

}  // namespace madoguchi::app
