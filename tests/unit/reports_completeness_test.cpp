#include <gtest/gtest.h>

#include "reports/completeness.hpp"
#include "reports/public_holidays.hpp"

namespace madoguchi::reports {
namespace {

ReportDate day(const char* text) {
    return report_date(text).value();
}

std::vector<std::string> holidays_of(int year) {
    std::vector<std::string> out;
    const auto first = std::chrono::sys_days(std::chrono::year(year) / 1 / 1);
    for (auto date = first; std::chrono::year_month_day(date).year() == std::chrono::year(year);
         date += std::chrono::days(1)) {
        if (is_public_holiday({date})) {
            out.push_back(to_text(ReportDate{date}).substr(5));
        }
    }
    return out;
}

// As the Cabinet Office published them.
TEST(PublicHolidays, AreThoseOfTheCalendar) {
    EXPECT_EQ(holidays_of(2022),
              (std::vector<std::string>{"01-01", "01-10", "02-11", "02-23", "03-21", "04-29", "05-03", "05-04", "05-05",
                                        "07-18", "08-11", "09-19", "09-23", "10-10", "11-03", "11-23"}));
    EXPECT_EQ(holidays_of(2024),
              (std::vector<std::string>{"01-01", "01-08", "02-11", "02-12", "02-23", "03-20", "04-29",
                                        "05-03", "05-04", "05-05", "05-06", "07-15", "08-11", "08-12",
                                        "09-16", "09-22", "09-23", "10-14", "11-03", "11-04", "11-23"}));
    // 22 September stands between two holidays; 3 May is a Sunday, and the two days after it are holidays already.
    EXPECT_EQ(holidays_of(2026), (std::vector<std::string>{"01-01", "01-12", "02-11", "02-23", "03-20", "04-29",
                                                           "05-03", "05-04", "05-05", "05-06", "07-20", "08-11",
                                                           "09-21", "09-22", "09-23", "10-12", "11-03", "11-23"}));
}

TEST(Completeness, DaysAreExpectedByScheduleAndCalendar) {
    const Schedule usual;
    EXPECT_TRUE(is_expected(usual, day("2026-11-21")));   // a Saturday
    EXPECT_FALSE(is_expected(usual, day("2026-11-22")));  // a Sunday
    EXPECT_FALSE(is_expected(usual, day("2026-11-23")));  // a Monday, 勤労感謝の日
    EXPECT_TRUE(is_expected(Schedule{.on_holidays = true}, day("2026-11-23")));
    EXPECT_EQ(last_expected(usual, day("2026-11-23")), day("2026-11-21"));
    EXPECT_EQ(last_expected(Schedule::of(0, false), day("2026-11-23")), std::nullopt);
    EXPECT_EQ(Schedule::of(Schedule{}.weekdays(), false), Schedule{});
    EXPECT_EQ(Schedule{}.weekdays(), 0b0111111);
}

TEST(Completeness, ADayHasOneMark) {
    const auto date = day("2026-12-02");
    const auto deadline = end_of(date);
    const auto before = begin_of(date) + std::chrono::hours(9);
    const auto after = deadline + std::chrono::seconds(1);
    const auto mark = [&](const DayFacts& facts, bool expected, Instant now) {
        return mark_of(facts, expected, date, deadline, now);
    };
    EXPECT_EQ(mark({}, true, before), DayMark::due);
    EXPECT_EQ(mark({}, true, after), DayMark::silent);
    EXPECT_EQ(mark({}, false, after), DayMark::none);
    EXPECT_EQ(mark({.draft = true}, true, after), DayMark::draft);
    EXPECT_EQ(mark({.draft = true}, false, before), DayMark::draft);
    EXPECT_EQ(mark({.on_paper = true, .draft = true}, true, after), DayMark::waiting) << "it came; typing it is ours";
    EXPECT_EQ(mark({.reported = ReportKind::zero, .on_paper = true}, true, after), DayMark::zero);
    EXPECT_EQ(mark({}, true, begin_of(date) - std::chrono::seconds(1)), DayMark::none);
    EXPECT_EQ(mark({.reported = ReportKind::figures}, false, before), DayMark::reported);
    EXPECT_EQ(mark({.reported = ReportKind::zero}, true, before), DayMark::zero);
    EXPECT_EQ(mark({.reported = ReportKind::closed}, true, before), DayMark::closed);
    EXPECT_EQ(mark({.reported = ReportKind::zero, .late = true}, true, after), DayMark::late);
    EXPECT_EQ(mark({.reported = ReportKind::figures, .late = true, .corrected = true}, true, after),
              DayMark::corrected);
    EXPECT_EQ(mark({.reported = ReportKind::figures, .corrected = true, .by_proxy = true}, true, after),
              DayMark::proxy);
    EXPECT_EQ(mark({.reported = ReportKind::figures, .draft = true}, true, after), DayMark::reported);
}

TEST(Completeness, SilenceCountsExpectedDaysOnly) {
    std::map<ReportDate, DayMark> marks = {{day("2026-11-19"), DayMark::reported}, {day("2026-11-20"), DayMark::silent},
                                           {day("2026-11-21"), DayMark::silent},   {day("2026-11-22"), DayMark::none},
                                           {day("2026-11-23"), DayMark::none},     {day("2026-11-24"), DayMark::silent},
                                           {day("2026-11-25"), DayMark::due}};
    EXPECT_EQ(silence_of(marks).days, 3);
    EXPECT_TRUE(silence_of(marks).ever);
    marks[day("2026-11-25")] = DayMark::draft;  // today's may still be sent
    EXPECT_EQ(silence_of(marks).days, 3);
    marks[day("2026-11-24")] = DayMark::draft;  // yesterday's was forgotten
    EXPECT_EQ(silence_of(marks).days, 3);
    marks[day("2026-11-24")] = DayMark::waiting;  // it is here, on paper
    EXPECT_EQ(silence_of(marks).days, 0);
    marks[day("2026-11-25")] = DayMark::closed;
    EXPECT_EQ(silence_of(marks).days, 0);
    marks = {{day("2026-11-24"), DayMark::silent}, {day("2026-11-25"), DayMark::due}};
    EXPECT_EQ(silence_of(marks).days, 1);
    EXPECT_FALSE(silence_of(marks).ever);
}

}  // namespace
}  // namespace madoguchi::reports
