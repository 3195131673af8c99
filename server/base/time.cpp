#include "base/time.hpp"

#include <fmt/format.h>
#include <array>

namespace madoguchi {
namespace {

struct JapanTime {
    std::chrono::year_month_day date;
    std::chrono::weekday weekday;
    std::chrono::hh_mm_ss<std::chrono::microseconds> time;
};

JapanTime in_japan(Instant instant) {
    const auto local = instant + std::chrono::hours(9);
    const auto day = std::chrono::floor<std::chrono::days>(local);
    return {std::chrono::year_month_day(day), std::chrono::weekday(day), std::chrono::hh_mm_ss(local - day)};
}

std::string date_text(const JapanTime& at, char separator) {
    return fmt::format("{:04}{}{:02}{}{:02}", static_cast<int>(at.date.year()), separator,
                       static_cast<unsigned>(at.date.month()), separator, static_cast<unsigned>(at.date.day()));
}

}  // namespace

// Every log line has one, and most of a second's lines share all but the fraction.
std::string format_rfc3339_japan(Instant instant) {
    thread_local auto written_for = std::chrono::sys_seconds::min();
    thread_local std::string text;
    const auto second = std::chrono::floor<std::chrono::seconds>(instant);
    if (second != written_for) {
        const auto at = in_japan(second);
        text = fmt::format("{}T{:02}:{:02}:{:02}.000000+09:00", date_text(at, '-'), at.time.hours().count(),
                           at.time.minutes().count(), at.time.seconds().count());
        written_for = second;
    }
    constexpr std::size_t kOffsetLength = 6;  // "+09:00"
    auto fraction = (instant - second).count();
    std::string out = text;
    for (auto place = out.size() - kOffsetLength; fraction > 0; --place, fraction /= 10) {
        out[place - 1] = static_cast<char>('0' + fraction % 10);
    }
    return out;
}

std::string format_japanese_date(Instant instant) {
    static constexpr std::array<const char*, 7> kWeekdays = {"日", "月", "火", "水", "木", "金", "土"};
    const auto at = in_japan(instant);
    return fmt::format("{}（{}）", date_text(at, '/'), kWeekdays.at(at.weekday.c_encoding()));
}

std::string format_japanese_date_time(Instant instant) {
    return date_text(in_japan(instant), '/') + " " + format_japanese_time(instant);
}

std::string format_japanese_time(Instant instant) {
    const auto at = in_japan(instant);
    return fmt::format("{:02}:{:02}", at.time.hours().count(), at.time.minutes().count());
}

Instant start_of_japanese_day(Instant instant) {
    constexpr std::chrono::hours kAheadOfUtc{9};
    return std::chrono::floor<std::chrono::days>(instant + kAheadOfUtc) - kAheadOfUtc;
}

}  // namespace madoguchi
