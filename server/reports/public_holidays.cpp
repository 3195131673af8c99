#include "reports/public_holidays.hpp"

#include <algorithm>
#include <array>

namespace madoguchi::reports {
namespace {

using std::chrono::sys_days;
using std::chrono::weekday;
using std::chrono::year_month_day;

struct FixedHoliday {
    unsigned month;
    unsigned day;
};
constexpr std::array kFixed = {
    FixedHoliday{1, 1}, FixedHoliday{2, 11}, FixedHoliday{2, 23}, FixedHoliday{4, 29}, FixedHoliday{5, 3},
    FixedHoliday{5, 4}, FixedHoliday{5, 5},  FixedHoliday{8, 11}, FixedHoliday{11, 3}, FixedHoliday{11, 23},
};

struct MondayHoliday {
    unsigned month;
    unsigned week;
};
// 成人の日, 海の日, 敬老の日, スポーツの日
constexpr std::array kMondays = {MondayHoliday{1, 2}, MondayHoliday{7, 3}, MondayHoliday{9, 3}, MondayHoliday{10, 2}};

// Day of the month on which the sun crosses the equator, Japan time; for 1980 to 2099.
unsigned equinox(int year, double in_1980) {
    constexpr double kDriftPerYear = 0.242194;
    const int since = year - 1980;
    return static_cast<unsigned>(in_1980 + kDriftPerYear * since) - static_cast<unsigned>(since / 4);
}

bool named_by_law(sys_days day) {
    const year_month_day date(day);
    const auto month = static_cast<unsigned>(date.month());
    const auto day_of_month = static_cast<unsigned>(date.day());
    const auto year = static_cast<int>(date.year());
    constexpr double kVernal1980 = 20.8431;
    constexpr double kAutumnal1980 = 23.2488;
    if ((month == 3 && day_of_month == equinox(year, kVernal1980)) ||
        (month == 9 && day_of_month == equinox(year, kAutumnal1980))) {
        return true;
    }
    const bool fixed = std::any_of(kFixed.begin(), kFixed.end(), [&](const FixedHoliday& holiday) {
        return holiday.month == month && holiday.day == day_of_month;
    });
    return fixed || std::any_of(kMondays.begin(), kMondays.end(), [&](const MondayHoliday& holiday) {
               return holiday.month == month && weekday(day) == std::chrono::Monday &&
                      (day_of_month + 6) / 7 == holiday.week;
           });
}

// A holiday on a Sunday is made up for on the next day that is none.
bool makes_up(sys_days day) {
    for (auto before = day - std::chrono::days(1); named_by_law(before); before -= std::chrono::days(1)) {
        if (weekday(before) == std::chrono::Sunday) {
            return true;
        }
    }
    return false;
}

}  // namespace

bool is_public_holiday(ReportDate date) {
    const auto one = std::chrono::days(1);
    return named_by_law(date.day) || makes_up(date.day) ||
           (named_by_law(date.day - one) && named_by_law(date.day + one));
}

}  // namespace madoguchi::reports
