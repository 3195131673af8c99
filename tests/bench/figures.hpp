// How figures are reckoned and printed: `bench NAME VALUE (aim ...)`, a line each.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

namespace madoguchi::bench {

inline double median(std::vector<double> values) {
    std::ranges::sort(values);
    const auto middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

inline double percentile(std::vector<double> values, double share) {
    std::ranges::sort(values);
    return values.empty() ? 0 : values[static_cast<std::size_t>(share * static_cast<double>(values.size() - 1))];
}

inline void figure(const std::string& name, double value, const std::string& aim) {
    fmt::print("bench {} {:.2f}{}\n", name, value, aim.empty() ? "" : fmt::format(" (aim {})", aim));
    std::fflush(stdout);
}

inline void detail(const std::string& text) {
    fmt::print("      {}\n", text);
    std::fflush(stdout);
}

}  // namespace madoguchi::bench
