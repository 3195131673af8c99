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

TEST(Rfc3339, EachInstantIsItsOwn) {
    EXPECT_EQ(format_rfc3339_japan(kMidnight), "2026-11-23T00:00:00.000000+09:00");
    EXPECT_EQ(format_rfc3339_japan(kMidnight + 1us), "2026-11-23T00:00:00.000001+09:00");
    EXPECT_EQ(format_rfc3339_japan(kMidnight + 999'999us), "2026-11-23T00:00:00.999999+09:00");
    EXPECT_EQ(format_rfc3339_japan(kMidnight + 120'000us), "2026-11-23T00:00:00.120000+09:00");
    EXPECT_EQ(format_rfc3339_japan(kMidnight - 1us), "2026-11-22T23:59:59.999999+09:00");
    EXPECT_EQ(format_rfc3339_japan(Instant(-1us)), "1970-01-01T08:59:59.999999+09:00");
}

}  // namespace
}  // namespace madoguchi
