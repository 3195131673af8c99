#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/curve_chart.hpp"
#include "reports/instant_text.hpp"

namespace madoguchi::reports {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

ReportDate day(const char* text) {
    return report_date(text).value();
}

AgeBandCounts people(std::int64_t count) {
    AgeBandCounts out;
    out.of.at(4) = count;
    return out;
}

DayFigures figures(std::int64_t count, std::int64_t received = 10, std::int64_t expected = 10) {
    return {.organizations = people(count),
            .follow_up = people(1000),
            .adjustments = people(500),
            .received = received,
            .expected = expected};
}

// From Monday, 16 November 2026; the 23rd is a holiday.
Curve two_weeks() {
    Curve out;
    auto date = day("2026-11-16");
    for (int i = 0; i < 14; ++i, date = days_before(date, -1)) {
        out[date] = figures(10 + i);
    }
    return out;
}

const Instant kLater = begin_of(day("2026-12-10"));

TEST(Curve, FourteenBandsMakeFiveGroups) {
    AgeBandCounts counts;
    for (std::size_t band = 0; band < kAgeBands; ++band) {
        counts.of.at(band) = std::int64_t{1} << band;
    }
    EXPECT_THAT(grouped(counts), ElementsAre(0b111, 0b111000, 0b111000000, 0b1111000000000, 0b10000000000000));
}

TEST(Curve, AveragesAndComparisonsHaveNeitherFollowUpCentresNorAdjustments) {
    const auto found = compared(two_weeks(), false, {}, kLater);
    EXPECT_FALSE(found.at(day("2026-11-19")).average) << "four days are too few";
    EXPECT_DOUBLE_EQ(found.at(day("2026-11-22")).average.value(), 13);
    EXPECT_DOUBLE_EQ(found.at(day("2026-11-29")).average.value(), 20);
    EXPECT_FALSE(found.at(day("2026-11-22")).difference) << "there is no week before";
    EXPECT_EQ(found.at(day("2026-11-24")).difference, 7);
    EXPECT_NEAR(found.at(day("2026-11-24")).percent.value(), 63.6, 0.1);
    EXPECT_TRUE(found.at(day("2026-11-23")).holiday);
    EXPECT_FALSE(found.at(day("2026-11-24")).holiday);
    EXPECT_DOUBLE_EQ(compared(two_weeks(), true, {}, kLater).at(day("2026-11-29")).average.value(), 1020);
}

TEST(Curve, IncompleteDaysStayOutOfAveragesAndComparisons) {
    auto curve = two_weeks();
    curve[day("2026-11-27")] = figures(9000, 9, 10);
    auto found = compared(curve, false, {}, kLater);
    EXPECT_FALSE(found.at(day("2026-11-27")).complete);
    EXPECT_FALSE(found.at(day("2026-11-27")).average);
    EXPECT_FALSE(found.at(day("2026-11-27")).difference);
    EXPECT_EQ(found.at(day("2026-11-29")).averaged_days, 6);
    EXPECT_NEAR(found.at(day("2026-11-29")).average.value(), (17 + 18 + 19 + 20 + 22 + 23) / 6.0, 1e-9);
    curve[day("2026-11-27")] = figures(9000, 98, 100);
    EXPECT_TRUE(compared(curve, false, {}, kLater).at(day("2026-11-27")).complete);
    // Until its deadline a day is open, however many have reported.
    found = compared(two_weeks(), false, {}, end_of(day("2026-11-29")));
    EXPECT_FALSE(found.at(day("2026-11-29")).complete);
    EXPECT_TRUE(found.at(day("2026-11-28")).complete);
}

TEST(Curve, BeforeAnybodyWasToReportNothingIsKnown) {
    auto curve = two_weeks();
    curve[day("2026-11-15")] = {};
    curve[day("2026-11-22")] = figures(0, 0, 0);  // a Sunday on which nobody reports is a day of nobody
    const auto found = compared(curve, false, {}, kLater);
    EXPECT_FALSE(found.at(day("2026-11-15")).begun);
    EXPECT_FALSE(found.at(day("2026-11-15")).complete);
    EXPECT_FALSE(found.at(day("2026-11-22")).difference) << "there is nothing to compare with";
    EXPECT_DOUBLE_EQ(found.at(day("2026-11-22")).average.value(), (10 + 11 + 12 + 13 + 14 + 15) / 7.0);
    EXPECT_THAT(draw_chart(curve, found, day("2026-11-15"), false).incomplete, SizeIs(0));
}

TEST(CurveChart, BarsStackAndStayWithinTheAxis) {
    auto curve = two_weeks();
    curve[day("2026-11-20")].organizations.of.at(13) = 9;
    curve[day("2026-11-27")] = figures(20, 5, 10);
    const auto found = compared(curve, false, {}, kLater);
    const auto chart = draw_chart(curve, found, day("2026-11-16"), false);
    EXPECT_THAT(chart.bars, SizeIs(15));
    EXPECT_THAT(chart.incomplete, SizeIs(1));
    EXPECT_EQ(chart.ticks.front().value, 0);
    EXPECT_GE(chart.ticks.back().value, 23);
    for (const auto& bar : chart.bars) {
        EXPECT_GE(std::stod(bar.y), 0);
        EXPECT_LE(std::stod(bar.y) + std::stod(bar.height), kChartHeight + 0.01);
        EXPECT_LE(std::stod(bar.x) + std::stod(bar.width), 100.01);
    }
    // The unknown stand upon the others of their day.
    EXPECT_NEAR(std::stod(chart.bars[5].y) + std::stod(chart.bars[5].height), std::stod(chart.bars[4].y), 0.02);
    EXPECT_THAT(chart.labels, SizeIs(2));
    // From the 20th (five days) to the 26th, and from the 28th to the 29th: no line crosses the incomplete day.
    EXPECT_THAT(chart.average, SizeIs(6 + 1));
}

TEST(CurveChart, NobodyAtAllIsAnEmptyAxis) {
    Curve curve;
    curve[day("2026-11-16")] = {};
    const auto chart = draw_chart(curve, compared(curve, false, {}, kLater), day("2026-11-16"), false);
    EXPECT_THAT(chart.bars, SizeIs(0));
    EXPECT_GE(chart.ticks.size(), 2U);
}

TEST(InstantText, InstantsAreReadAsTheyAreWritten) {
    const auto at = begin_of(day("2026-12-02")) + std::chrono::hours(16) + std::chrono::minutes(50);
    EXPECT_EQ(instant_from("2026-12-02T16:50:00+09:00"), at);
    EXPECT_EQ(instant_from("2026-12-02T07:50:00Z"), at);
    EXPECT_EQ(instant_from("2026-12-02T07:50:00.25Z"), at + std::chrono::milliseconds(250));
    EXPECT_EQ(instant_from(format_rfc3339_japan(at)), at);
    for (const auto* bad :
         {"", "2026-12-02", "2026-12-02T16:50", "2026-12-02T16:50:00", "2026-12-02T24:00:00Z", "2026-12-02T16:60:00Z",
          "2026-02-30T16:50:00Z", "2026-12-02T-1:50:00Z", "2026-12-02T16:50:00+9:00", "2026-12-02T16:50:00 09:00",
          "2026-12-02T16:50:00Zx", "2026-12-02T16:50:00.Z", "2026-12-02T16:50:00.1234567Z"}) {
        EXPECT_FALSE(instant_from(bad)) << bad;
    }
}

}  // namespace
}  // namespace madoguchi::reports
