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

// Every log line and most answers have such digits, where fmt would take a microsecond. `value` is not negative.
void append_digits(std::string& out, std::int64_t value, int width, char before = '\0') {
    if (before != '\0') {
        out += before;
    }
    std::array<char, 20> digits{};
    auto* place = digits.end();
    for (; value > 0 || width > 0; value /= 10, --width) {
        *--place = static_cast<char>('0' + value % 10);
    }
    out.append(place, digits.end());
}

}  // namespace

std::string format_rfc3339_japan(Instant instant) {
    const auto at = in_japan(instant);
    std::string out;
    out.reserve(sizeof "2026-12-02T15:04:05.123456+09:00");
    append_digits(out, static_cast<int>(at.date.year()), 4);
    append_digits(out, static_cast<unsigned>(at.date.month()), 2, '-');
    append_digits(out, static_cast<unsigned>(at.date.day()), 2, '-');
    append_digits(out, at.time.hours().count(), 2, 'T');
    append_digits(out, at.time.minutes().count(), 2, ':');
    append_digits(out, at.time.seconds().count(), 2, ':');
    append_digits(out, at.time.subseconds().count(), 6, '.');
    return out += "+09:00";
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
