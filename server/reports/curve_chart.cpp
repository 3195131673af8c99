#include "reports/curve_chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/curve_limits.hpp"

namespace madoguchi::reports {
namespace {

constexpr double kTop = 8;          // px, so that the highest number is not cut
constexpr double kBarShare = 0.76;  // of a day's width
constexpr double kTextBelowLine = 5;
constexpr double kLastLabelMiddle = 95;  // per cent: half of a label is as wide on a telephone
constexpr int kTicks = 5;

std::string number(double value) {
    auto text = fmt::format("{:.2f}", value);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) {
        text.pop_back();
    }
    return text;
}

// 1, 2, 5, 10, 20 ...: the least step with which five of them reach the highest day.
std::int64_t step_for(std::int64_t highest) {
    for (std::int64_t power = 1;; power *= 10) {
        for (const std::int64_t digit : {1, 2, 5}) {
            if (digit * power * kTicks >= highest) {
                return digit * power;
            }
        }
    }
}

struct Scale {
    std::int64_t top = 1;
    double y(double value) const { return kChartHeight - value * (kChartHeight - kTop) / static_cast<double>(top); }
};

void add_ticks(Chart& chart, const Scale& scale, std::int64_t step) {
    for (std::int64_t value = 0; value <= scale.top; value += step) {
        const double y = scale.y(static_cast<double>(value));
        chart.ticks.push_back({number(y), number(y + kTextBelowLine), value});
    }
}

void add_bars(Chart& chart, const Scale& scale, const AgeBandCounts& counts, double left, double width) {
    double sum = 0;
    const auto groups = grouped(counts);
    for (std::size_t group = 0; group < kAgeGroups; ++group) {
        if (groups.at(group) <= 0) {
            continue;
        }
        const double bottom = scale.y(sum);
        sum += static_cast<double>(groups.at(group));
        chart.bars.push_back({group, number(left), number(scale.y(sum)), number(width), number(bottom - scale.y(sum))});
    }
}

}  // namespace

Chart draw_chart(const Curve& curve, const std::map<ReportDate, DayComparison>& compared, ReportDate from,
                 bool with_follow_up) {
    Chart chart;
    const auto begin = curve.lower_bound(from);
    const auto days = static_cast<int>(std::distance(begin, curve.end()));
    std::int64_t highest = 1;
    int mondays = 0;
    for (auto day = begin; day != curve.end(); ++day) {
        highest = std::max(highest, day->second.counted(with_follow_up).total());
        mondays += std::chrono::weekday(day->first.day) == std::chrono::Monday ? 1 : 0;
    }
    const auto step = step_for(highest);
    const Scale scale{(highest + step - 1) / step * step};
    add_ticks(chart, scale, step);
    const double width = 100.0 / std::max(1, days);
    const int every = (mondays + limits::kCurveLabels - 1) / limits::kCurveLabels;
    double left = 0;
    std::optional<double> before;
    int monday = 0;
    for (auto day = begin; day != curve.end(); ++day, left += width) {
        const auto& comparison = compared.at(day->first);
        if (comparison.begun && !comparison.complete) {
            chart.incomplete.push_back({0, number(left), "0", number(width), std::to_string(kChartHeight)});
        }
        add_bars(chart, scale, day->second.counted(with_follow_up), left + width * (1 - kBarShare) / 2,
                 width * kBarShare);
        const double middle = left + width / 2;
        if (comparison.average && before) {
            chart.average.push_back({number(middle - width), number(scale.y(*before)), number(middle),
                                     number(scale.y(*comparison.average))});
        }
        before = comparison.average;
        if (std::chrono::weekday(day->first.day) == std::chrono::Monday && monday++ % every == 0) {
            const bool ends = middle > kLastLabelMiddle;
            chart.labels.push_back({ends ? "100" : number(middle), day->first, ends});
        }
    }
    return chart;
}

}  // namespace madoguchi::reports
