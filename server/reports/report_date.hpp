// The day that a report is for: Japan's, whatever the server's clock is set to. Pure.
#pragma once

#include <chrono>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace madoguchi::reports {

struct ReportDate {
    std::chrono::sys_days day;
    friend auto operator<=>(const ReportDate&, const ReportDate&) = default;
};

/// The day that `instant` falls on in Japan.
ReportDate date_at(Instant instant);
/// 0:00 in Japan.
Instant begin_of(ReportDate date);
/// 24:00 in Japan.
Instant end_of(ReportDate date);
ReportDate days_before(ReportDate date, int days);

/// "2026-12-02"
std::string to_text(ReportDate date);
/// Nothing for anything but a day of the calendar as to_text writes it.
std::optional<ReportDate> report_date(std::string_view text);
/// "12/2"
std::string month_and_day(ReportDate date);

}  // namespace madoguchi::reports
