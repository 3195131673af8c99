#include "scim/date_time.hpp"

#include <fmt/format.h>

#include <charconv>

namespace madoguchi::scim {
namespace {

using namespace std::chrono;

class Reader {
public:
    explicit Reader(std::string_view text) : rest_(text) {}
    /// A number of exactly `digits`, and the letter that must follow it (0: none).
    int number(std::size_t digits, char after = 0) {
        int value = 0;
        if (rest_.size() < digits || rest_.find_first_not_of("0123456789") < digits) {
            good_ = false;
            return 0;
        }
        std::from_chars(rest_.data(), rest_.data() + digits, value);
        rest_.remove_prefix(digits);
        if (after != 0) {
            good_ = good_ && rest_.starts_with(after);
            rest_.remove_prefix(rest_.empty() ? 0 : 1);
        }
        return value;
    }
    microseconds fraction() {
        if (!rest_.starts_with('.')) {
            return 0us;
        }
        rest_.remove_prefix(1);
        const auto digits = std::min(rest_.find_first_not_of("0123456789"), rest_.size());
        good_ = good_ && digits > 0 && digits <= 9;
        auto text = std::string(rest_.substr(0, digits));
        text.resize(6, '0');
        int value = 0;
        std::from_chars(text.data(), text.data() + text.size(), value);
        rest_.remove_prefix(digits);
        return microseconds(value);
    }
    minutes offset() {
        if (rest_ == "Z" || rest_ == "z") {
            return 0min;
        }
        const bool west = rest_.starts_with('-');
        good_ = good_ && rest_.size() == 6 && (west || rest_.starts_with('+'));
        rest_.remove_prefix(rest_.empty() ? 0 : 1);
        const hours whole(number(2, ':'));  // in this order: each takes what it reads
        const auto size = whole + minutes(number(2));
        return west ? -size : size;
    }
    bool good() const { return good_; }

private:
    std::string_view rest_;
    bool good_ = true;
};

}  // namespace

std::optional<Instant> instant_of(std::string_view text) {
    Reader reader(text);
    const year_month_day day{year(reader.number(4, '-')), month(static_cast<unsigned>(reader.number(2, '-'))),
                             std::chrono::day(static_cast<unsigned>(reader.number(2, 'T')))};
    const int hour = reader.number(2, ':');
    const int minute = reader.number(2, ':');
    const int second = reader.number(2);
    const auto fraction = reader.fraction();
    const auto offset = reader.offset();
    if (!reader.good() || !day.ok() || hour > 23 || minute > 59 || second > 60 || abs(offset) > 14h) {
        return std::nullopt;
    }
    return Instant(sys_days(day)) + hours(hour) + minutes(minute) + seconds(second) + fraction - offset;
}

std::string to_date_time(Instant instant) {
    const auto midnight = floor<days>(instant);
    const year_month_day day(midnight);
    const hh_mm_ss time(floor<milliseconds>(instant - midnight));
    return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(day.year()),
                       static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()), time.hours().count(),
                       time.minutes().count(), time.seconds().count(), time.subseconds().count());
}

}  // namespace madoguchi::scim
