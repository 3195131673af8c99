#include "base/time.hpp"

#include <gtest/gtest.h>

namespace madoguchi {
namespace {

using namespace std::chrono_literals;

// 2026-11-22 15:00 UTC is midnight in Japan.
const Instant kMidnight = Instant(std::chrono::sys_days(std::chrono::November / 22 / 2026) + 15h);

TEST(JapaneseDay, BeginsAtFifteenOClockUtc) {
    EXPECT_EQ(start_of_japanese_day(kMidnight), kMidnight);
    EXPECT_EQ(start_of_japanese_day(kMidnight + 24h - 1us), kMidnight);
    EXPECT_EQ(start_of_japanese_day(kMidnight - 1us), kMidnight - 24h);
    EXPECT_EQ(format_japanese_date_time(kMidnight), "2026/11/23 00:00");
}

}  // namespace
}  // namespace madoguchi
