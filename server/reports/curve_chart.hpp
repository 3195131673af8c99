// The bars and lines of the epidemic curve: x in per cent, y in pixels, so that bars stretch and text never does. Pure.
#pragma once

#include <string>
#include <vector>

#include "reports/curve.hpp"

namespace madoguchi::reports {

/// Numbers as they stand in an SVG attribute, "12.34".
struct ChartBar {
    std::size_t group = 0;
    std::string x, y, width, height;
};
struct ChartLine {
    std::string x1, y1, x2, y2;
};
struct ChartTick {
    std::string y;       // of its line
    std::string text_y;  // of its number
    std::int64_t value = 0;
};
struct ChartLabel {
    std::string x;
    ReportDate date;
    bool ends = false;  // at the right edge: its text ends there, so that nothing is cut
};

struct Chart {
    std::vector<ChartTick> ticks;  // 0 first
    std::vector<ChartBar> bars;
    std::vector<ChartBar> incomplete;  // the whole height of a day; `group` means nothing
    std::vector<ChartLine> average;    // between neighbouring days that both have one
    std::vector<ChartLabel> labels;    // Mondays
};

inline constexpr int kChartHeight = 288;  // px, of the axis

/// `from`: the first day that is drawn; the days before it serve averages and comparisons.
Chart draw_chart(const Curve& curve, const std::map<ReportDate, DayComparison>& compared, ReportDate from,
                 bool with_follow_up);

}  // namespace madoguchi::reports
