// Rules of the daily report: counts as people type them, Japan's days, corrections and adjustments.
#include "reports/daily_report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace madoguchi::reports {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

std::string rule(const Result<std::int64_t>& result) {
    return result ? std::to_string(*result) : result.error().fields.at(0).message_id;
}
std::string rules(const Result<void>& result) {
    std::string out;
    if (!result) {
        out = result.error().fields.empty() ? result.error().message_id : "";
        for (const auto& field : result.error().fields) {
            out += (out.empty() ? "" : " ") + field.field + ":" + field.message_id;
        }
    }
    return out;
}
ReportDate day(const char* text) {
    return report_date(text).value();
}
Instant at(const char* date, int hour, int minute) {
    return begin_of(day(date)) + hours(hour) + minutes(minute);
}
AgeBandCounts counts(std::initializer_list<std::int64_t> given) {
    AgeBandCounts out;
    std::copy(given.begin(), given.end(), out.of.begin());
    return out;
}

TEST(DailyReportCount, DigitsOfEitherWidthAndCommasBetweenThousands) {
    for (const auto& [typed, count] : std::map<std::string, std::string>{{"0", "0"},
                                                                         {"12", "12"},
                                                                         {"１２", "12"},
                                                                         {" 7 ", "7"},
                                                                         {"　８　", "8"},
                                                                         {"007", "7"},
                                                                         {"000000000000000000003", "3"},
                                                                         {"10,000", "10000"},
                                                                         {"１０，０００", "10000"},
                                                                         {"999,999", "999999"}}) {
        EXPECT_EQ(rule(parse_count("band_0", typed)), count) << typed;
    }
}

TEST(DailyReportCount, SignsFractionsAndWhatIsNoNumberAreRefusedEachWithItsReason) {
    for (const auto& [typed, wanted] :
         std::map<std::string, std::string>{{"", "count_missing"},
                                            {"　", "count_missing"},
                                            {"-3", "count_signed"},
                                            {"+3", "count_signed"},
                                            {"−3", "count_signed"},
                                            {"ー３", "count_signed"},
                                            {"△3", "count_signed"},
                                            {"－3.5", "count_signed"},
                                            {"3.5", "count_fraction"},
                                            {"３．５", "count_fraction"},
                                            {".5", "count_fraction"},
                                            {"3.", "count_not_a_number"},
                                            {"1,5", "count_not_a_number"},
                                            {"1,00", "count_not_a_number"},
                                            {",100", "count_not_a_number"},
                                            {"1 000", "count_not_a_number"},
                                            {"三", "count_not_a_number"},
                                            {"②", "count_not_a_number"},
                                            {"5²", "count_not_a_number"},
                                            {"½", "count_not_a_number"},
                                            {"1e3", "count_not_a_number"},
                                            {"0x10", "count_not_a_number"},
                                            {"3人", "count_not_a_number"},
                                            {"-", "count_not_a_number"},
                                            {"\xEF\xBC", "count_not_a_number"},
                                            {"1000000", "count_too_large"},
                                            {"18446744073709551617", "count_too_large"}}) {
        EXPECT_EQ(rule(parse_count("band_0", typed)), wanted) << typed;
    }
}

TEST(DailyReportCount, EveryBadFieldIsNamedAndTheRestAddedUp) {
    TypedCounts typed;
    typed.fill("1");
    EXPECT_EQ(parse_counts(typed)->total(), 14);
    typed[0] = "x";
    typed[13] = "-1";
    const auto refused = parse_counts(typed);
    ASSERT_FALSE(refused);
    ASSERT_EQ(refused.error().fields.size(), 2U);
    EXPECT_EQ(refused.error().fields[0].field, "band_0");
    EXPECT_EQ(refused.error().fields[1].field, "band_13");
    EXPECT_EQ(readable_total(typed), 12);
}

TEST(DailyReportCount, DifferencesHaveASignOrAreEmpty) {
    EXPECT_EQ(rule(parse_difference("band_0", "")), "0");
    EXPECT_EQ(rule(parse_difference("band_0", "－１")), "-1");
    EXPECT_EQ(rule(parse_difference("band_0", "+2")), "2");
    EXPECT_EQ(rule(parse_difference("band_0", "--2")), "count_not_a_number");
    EXPECT_EQ(rule(parse_difference("band_0", "-")), "count_not_a_number");
}

TEST(ReportDays, JapansDayCounts) {
    const Instant before = at("2026-12-02", 23, 59);
    EXPECT_EQ(to_text(date_at(before)), "2026-12-02");
    EXPECT_EQ(to_text(date_at(before + minutes(1))), "2026-12-03");
    EXPECT_EQ(end_of(day("2026-12-02")), begin_of(day("2026-12-03")));
    EXPECT_EQ(month_and_day(day("2026-12-02")), "12/2");
    for (const auto* bad : {"", "2026-13-01", "2026-02-30", "2026/12/02", "2026-1-2", "+026-12-02", "2026-12-0x"}) {
        EXPECT_FALSE(report_date(bad)) << bad;
    }
}

TEST(ReportDays, AnOpenFormIsSentForItsDayUntilTheEndOfTheNext) {
    const auto date = day("2026-12-02");
    EXPECT_TRUE(may_submit(date, at("2026-12-02", 0, 0)));
    EXPECT_TRUE(may_submit(date, at("2026-12-03", 23, 59)));
    EXPECT_EQ(rules(may_submit(date, at("2026-12-04", 0, 0))), "report_too_late");
    EXPECT_EQ(rules(may_submit(date, at("2026-12-01", 23, 59))), "report_date:report_in_future");
    EXPECT_EQ(deadline_of(date, {}), begin_of(day("2026-12-03")));
    EXPECT_EQ(deadline_of(date, {.deadline = hours(17)}), at("2026-12-02", 17, 0));
}

TEST(ReportCorrections, ByPolicyByRoleAndUntilMidnight) {
    const auto date = day("2026-12-02");
    const auto same = at("2026-12-02", 23, 59);
    const auto next = at("2026-12-03", 0, 0);
    const auto ask = [&](Corrections policy, Corrector who, Instant now) {
        return rules(may_correct({.corrections = policy}, who, date, now));
    };
    EXPECT_EQ(ask(Corrections::next_day, Corrector::own, same), "correction_not_by_policy");
    EXPECT_EQ(ask(Corrections::next_day, Corrector::above, same), "correction_not_by_policy");
    EXPECT_EQ(ask(Corrections::same_day, Corrector::own, same), "");
    EXPECT_EQ(ask(Corrections::same_day, Corrector::own, next), "correction_day_over");
    EXPECT_EQ(ask(Corrections::same_day, Corrector::above, same), "correction_not_by_policy");
    EXPECT_EQ(ask(Corrections::retroactive, Corrector::own, same), "");
    EXPECT_EQ(ask(Corrections::retroactive, Corrector::own, next), "correction_day_over");
    EXPECT_EQ(ask(Corrections::retroactive, Corrector::above, next + hours(24 * 30)), "");
}

TEST(ReportAdjustments, DownToWhatWasReportedWithAReasonOfALastDay) {
    const auto today = day("2026-12-02");
    const auto reported = counts({2, 0, 3});
    const auto ask = [&](const char* date, std::initializer_list<std::int64_t> differences,
                         std::string reason = "二重") {
        return rules(check_adjustment({day(date), counts(differences), std::move(reason)}, today, reported));
    };
    EXPECT_EQ(ask("2026-12-01", {-2, 1, -3}), "");
    EXPECT_EQ(ask("2026-11-25", {1}), "");
    EXPECT_EQ(ask("2026-12-01", {-3}), "band_0:adjustment_below_zero");
    EXPECT_EQ(ask("2026-12-01", {0, -1}), "band_1:adjustment_below_zero");
    EXPECT_EQ(ask("2026-12-01", {}), "form:adjustment_empty");
    EXPECT_EQ(ask("2026-12-01", {1}, ""), "reason:required");
    EXPECT_EQ(ask("2026-12-01", {1}, std::string(501, 'x')), "reason:too_long");
    EXPECT_EQ(ask("2026-12-02", {1}), "adjusted_date:adjustment_date") << "the day itself is reported, not adjusted";
    EXPECT_EQ(ask("2026-11-24", {1}), "adjusted_date:adjustment_date");
}

TEST(ReportReceipts, NameTheDayOfReceipt) {
    EXPECT_EQ(receipt_number(at("2026-12-03", 0, 2), 4217), "20261203-004217");
}

}  // namespace
}  // namespace madoguchi::reports
