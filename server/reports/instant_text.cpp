#include "reports/instant_text.hpp"

#include <algorithm>
#include <charconv>

#include "reports/report_date.hpp"

namespace madoguchi::reports {
namespace {

constexpr std::size_t kDateLetters = 10;  // 2026-12-02
constexpr std::size_t kTimeLetters = sizeof("T16:50:00") - 1;
constexpr std::size_t kOffsetLetters = sizeof("+09:00") - 1;

// Two digits, or -1.
int two_digits(std::string_view text) {
    int out = -1;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
    return text.size() == 2 && text[0] != '-' && read.ec == std::errc{} && read.ptr == text.data() + text.size() ? out
                                                                                                                 : -1;
}

// Minutes east of Greenwich.
std::optional<int> offset_of(std::string_view text) {
    if (text == "Z") {
        return 0;
    }
    if (text.size() != kOffsetLetters || (text[0] != '+' && text[0] != '-') || text[3] != ':') {
        return std::nullopt;
    }
    const int hours = two_digits(text.substr(1, 2));
    const int minutes = two_digits(text.substr(4, 2));
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
        return std::nullopt;
    }
    return (text[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
}

// ".123456", which is taken off `text`; 0 without one.
std::optional<std::chrono::microseconds> fraction_in(std::string_view& text) {
    constexpr std::size_t kDigits = 6;
    if (!text.starts_with('.')) {
        return std::chrono::microseconds(0);
    }
    text.remove_prefix(1);
    const auto digits = std::min(text.find_first_not_of("0123456789"), text.size());
    if (digits == 0 || digits > kDigits) {
        return std::nullopt;
    }
    std::int64_t out = 0;
    for (std::size_t place = 0; place < kDigits; ++place) {
        out = out * 10 + (place < digits ? text[place] - '0' : 0);
    }
    text.remove_prefix(digits);
    return std::chrono::microseconds(out);
}

}  // namespace

std::optional<Instant> instant_from(std::string_view text) {
    if (text.size() < kDateLetters + kTimeLetters || text[kDateLetters] != 'T') {
        return std::nullopt;
    }
    const auto date = report_date(text.substr(0, kDateLetters));
    const auto time = text.substr(kDateLetters, kTimeLetters);
    auto rest = text.substr(kDateLetters + kTimeLetters);
    const auto fraction = fraction_in(rest);
    const auto offset = offset_of(rest);
    const int hours = two_digits(time.substr(1, 2));
    const int minutes = two_digits(time.substr(4, 2));
    const int seconds = two_digits(time.substr(7, 2));
    const bool whole = date && fraction && offset && time[3] == ':' && time[6] == ':' && hours >= 0 && hours < 24 &&
                       minutes >= 0 && minutes < 60 && seconds >= 0 && seconds < 60;
    if (!whole) {
        return std::nullopt;
    }
    return Instant(date->day) + std::chrono::hours(hours) + std::chrono::minutes(minutes - *offset) +
           std::chrono::seconds(seconds) + *fraction;
}

}  // namespace madoguchi::reports
