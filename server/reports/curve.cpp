#include "reports/curve.hpp"

#include <algorithm>

#include "base/curve_limits.hpp"
#include "reports/public_holidays.hpp"

namespace madoguchi::reports {
namespace {

constexpr std::array<std::size_t, kAgeBands> kGroupOfBand = {0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 4};
constexpr int kWeek = 7;

void add(AgeBandCounts& to, const AgeBandCounts& counts) {
    for (std::size_t band = 0; band < kAgeBands; ++band) {
        to.of.at(band) += counts.of.at(band);
    }
}

}  // namespace

std::size_t group_of(std::size_t band) {
    return kGroupOfBand.at(band);
}

std::array<std::int64_t, kAgeGroups> grouped(const AgeBandCounts& counts) {
    std::array<std::int64_t, kAgeGroups> out{};
    for (std::size_t band = 0; band < kAgeBands; ++band) {
        out.at(group_of(band)) += counts.of.at(band);
    }
    return out;
}

AgeBandCounts DayFigures::counted(bool with_follow_up) const {
    AgeBandCounts out = organizations;
    if (with_follow_up) {
        add(out, follow_up);
    }
    return out;
}

bool is_complete(const DayFigures& day, ReportDate date, const ReportPolicy& policy, Instant now) {
    return deadline_of(date, policy) < now && day.received * 100 >= day.expected * limits::kCompletePercent;
}

std::map<ReportDate, DayComparison> compared(const Curve& curve, bool with_follow_up, const ReportPolicy& policy,
                                             Instant now) {
    std::map<ReportDate, DayComparison> out;
    const auto first =
        std::find_if(curve.begin(), curve.end(), [](const auto& day) { return day.second.expected > 0; });
    const auto begun = [&](ReportDate date) { return first != curve.end() && first->first <= date; };
    const auto complete = [&](ReportDate date) {
        const auto found = curve.find(date);
        return begun(date) && found != curve.end() && is_complete(found->second, date, policy, now);
    };
    const auto total = [&](ReportDate date) { return curve.at(date).counted(with_follow_up).total(); };
    for (const auto& [date, figures] : curve) {
        auto& day = out[date];
        day.begun = begun(date);
        day.complete = complete(date);
        if (!day.complete) {
            continue;
        }
        std::int64_t sum = 0;
        for (int back = 0; back < kWeek; ++back) {
            if (const auto earlier = days_before(date, back); complete(earlier)) {
                sum += total(earlier);
                ++day.averaged_days;
            }
        }
        if (day.averaged_days >= limits::kAveragedDaysLeast) {
            day.average = static_cast<double>(sum) / day.averaged_days;
        }
        if (const auto week_ago = days_before(date, kWeek); complete(week_ago)) {
            const auto before = total(week_ago);
            day.difference = total(date) - before;
            if (before > 0) {
                day.percent = 100.0 * static_cast<double>(*day.difference) / static_cast<double>(before);
            }
            day.holiday = is_public_holiday(date) != is_public_holiday(week_ago);
        }
    }
    return out;
}

}  // namespace madoguchi::reports
