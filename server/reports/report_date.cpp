#include "reports/report_date.hpp"

#include <fmt/format.h>
#include <charconv>

namespace madoguchi::reports {
namespace {

constexpr std::chrono::hours kAheadOfUtc{9};

std::optional<int> number(std::string_view digits) {
    int value = 0;
    const auto* end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, value);
    return read.ec == std::errc{} && read.ptr == end && value >= 0 ? std::optional(value) : std::nullopt;
}

}  // namespace

ReportDate date_at(Instant instant) {
    return {std::chrono::sys_days(std::chrono::floor<std::chrono::days>(instant + kAheadOfUtc))};
}

Instant begin_of(ReportDate date) {
    return Instant(date.day) - kAheadOfUtc;
}

Instant end_of(ReportDate date) {
    return begin_of(date) + std::chrono::days(1);
}

ReportDate days_before(ReportDate date, int days) {
    return {date.day - std::chrono::days(days)};
}

std::string to_text(ReportDate date) {
    const std::chrono::year_month_day parts(date.day);
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(parts.year()), static_cast<unsigned>(parts.month()),
                       static_cast<unsigned>(parts.day()));
}

std::optional<ReportDate> report_date(std::string_view text) {
    constexpr std::size_t kLength = 10;
    if (text.size() != kLength || text[4] != '-' || text[7] != '-') {
        return std::nullopt;
    }
    const auto year = number(text.substr(0, 4));
    const auto month = number(text.substr(5, 2));
    const auto day = number(text.substr(8, 2));
    if (!year || !month || !day) {
        return std::nullopt;
    }
    const std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day))};
    return date.ok() ? std::optional(ReportDate{std::chrono::sys_days(date)}) : std::nullopt;
}

std::string month_and_day(ReportDate date) {
    const std::chrono::year_month_day parts(date.day);
    return fmt::format("{}/{}", static_cast<unsigned>(parts.month()), static_cast<unsigned>(parts.day()));
}

}  // namespace madoguchi::reports
