// Warnings about figures: each kind with what calls for it and what does not.
#include "reports/report_warnings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace madoguchi::reports {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Not;
using testing::Pair;

const ReportDate kToday = *report_date("2026-12-02");
constexpr std::size_t kTeens = 3;

AgeBandCounts counts(std::initializer_list<std::int64_t> given) {
    AgeBandCounts out;
    std::copy(given.begin(), given.end(), out.of.begin());
    return out;
}

// Four weeks of a small clinic: about 20 people a day, 0 to 5 in each field.
std::vector<PastDay> usual_weeks() {
    std::vector<PastDay> out;
    for (int back = 1; back <= 28; ++back) {
        const int wave = back % 3;
        out.push_back({days_before(kToday, back), ReportKind::figures,
                       counts({wave, 2, 1 + wave, 3, 2 + wave, 3, 2, 3 - wave, 1, wave, 2, 1, 1, 0})});
    }
    return out;
}

std::vector<std::string> said(const AgeBandCounts& figures, const std::vector<PastDay>& past) {
    std::vector<std::string> out;
    for (const auto& warning : warnings(figures, kToday, past)) {
        const auto where = warning.band ? std::string(kBandNames.at(*warning.band)) : "whole";
        out.push_back(std::string(to_text(warning.kind)) + " " + where);
    }
    return out;
}

TEST(ReportWarnings, AnOrdinaryDayIsLeftAlone) {
    EXPECT_THAT(said(counts({1, 2, 1, 3, 3, 2, 4, 3, 1, 0, 2, 1, 1, 0}), usual_weeks()), IsEmpty());
    EXPECT_THAT(said(counts({}), {}), IsEmpty());
    EXPECT_THAT(said(counts({3, 5, 2}), {}), IsEmpty()) << "a first day knows nothing usual";
}

TEST(ReportWarnings, TenThousandInOneFieldAlsoOnTheFirstDay) {
    auto figures = counts({0, 0, 0, 9'999, 9'999, 9'999});
    EXPECT_THAT(said(figures, {}), IsEmpty());
    figures.of[kTeens] = 10'000;
    EXPECT_THAT(said(figures, {}), Contains("ten_thousand age_10"));
}

TEST(ReportWarnings, TenTimesTheUsualSaysWhatIsUsual) {
    auto figures = counts({1, 2, 1, 29, 3, 2, 4, 3, 1, 0, 2, 1, 1, 0});
    EXPECT_THAT(said(figures, usual_weeks()), Not(Contains("ten_times age_10")));
    figures.of[kTeens] = 34;
    const auto found = warnings(figures, kToday, usual_weeks());
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].kind, WarningKind::ten_times);
    EXPECT_EQ(found[0].band, kTeens);
    EXPECT_THAT(found[0].values, testing::IsSupersetOf({std::pair<const std::string, std::string>("count", "34"),
                                                        {"median", "3"},
                                                        {"least", "3"},
                                                        {"most", "3"},
                                                        {"days", "28"}}));
}

TEST(ReportWarnings, ModifiedZScoreOverOnesOwnFourWeeks) {
    auto figures = counts({1, 2, 1, 3, 9, 2, 4, 3, 1, 0, 2, 1, 1, 0});
    EXPECT_THAT(said(figures, usual_weeks()), Contains("unusual_high age_20")) << "usually 2 to 4";
    figures.of[4] = 6;
    EXPECT_THAT(said(figures, usual_weeks()), Not(Contains("unusual_high age_20"))) << "three more is no news";
    auto six_days = usual_weeks();
    six_days.resize(6);
    figures.of[4] = 9;
    EXPECT_THAT(said(figures, six_days), IsEmpty()) << "a week at least";
    auto long_ago = usual_weeks();
    for (auto& day : long_ago) {
        day.date = days_before(day.date, 28);
    }
    EXPECT_THAT(said(figures, long_ago), IsEmpty()) << "older than four weeks";
    auto closed = usual_weeks();
    for (auto& day : closed) {
        day.kind = ReportKind::closed;
    }
    EXPECT_THAT(said(figures, closed), IsEmpty()) << "closed days say nothing";
}

TEST(ReportWarnings, ATotalFarBelowTheUsual) {
    std::vector<PastDay> past;
    for (int back = 1; back <= 14; ++back) {
        past.push_back({days_before(kToday, back), ReportKind::figures, counts({0, 0, 0, 1'100 + back * 5, 20})});
    }
    EXPECT_THAT(said(counts({0, 0, 0, 21, 20}), past), Contains("unusual_low whole"))
        << "1,125 was once reported as 41";
    EXPECT_THAT(said(counts({0, 0, 0, 1'130, 20}), past), IsEmpty());
}

TEST(ReportWarnings, DigitsThatSlippedIntoTheNextField) {
    std::vector<PastDay> past;
    for (int back = 1; back <= 14; ++back) {
        past.push_back(
            {days_before(kToday, back), ReportKind::figures, counts({0, 0, 0, 11 + back % 3, 2 + back % 2, 5, 5})});
    }
    const auto found = warnings(counts({0, 0, 0, 1, 23, 5, 5}), kToday, past);
    ASSERT_FALSE(found.empty());
    EXPECT_EQ(found[0].kind, WarningKind::shifted_digits);
    EXPECT_THAT(found[0].values, Contains(Pair("left_usual", "12")));
    EXPECT_THAT(found[0].values, Contains(Pair("right_usual", "3")));
    EXPECT_THAT(said(counts({0, 0, 0, 12, 2, 5, 5}), past), IsEmpty());
}

TEST(ReportWarnings, RowsThatSlippedByOne) {
    std::vector<PastDay> past;
    for (int back = 1; back <= 14; ++back) {
        past.push_back(
            {days_before(kToday, back), ReportKind::figures, counts({0, 3, 9, 1, 8, 2, 7, 1, 6, 2, 9, 1, 5, 0})});
    }
    EXPECT_THAT(said(counts({3, 9, 1, 8, 2, 7, 1, 6, 2, 9, 1, 5, 0, 0}), past), Contains("shifted_rows whole"));
    EXPECT_THAT(said(counts({0, 0, 3, 9, 1, 8, 2, 7, 1, 6, 2, 9, 1, 5}), past), Contains("shifted_rows whole"));
    EXPECT_THAT(said(counts({0, 3, 9, 2, 8, 2, 7, 1, 6, 2, 9, 1, 5, 0}), past), IsEmpty());
}

TEST(ReportWarnings, OneFieldOverNineTenthsOfALargeTotal) {
    EXPECT_THAT(said(counts({28, 2}), {}), Contains("dominant age_0"));
    EXPECT_THAT(said(counts({27, 3}), {}), IsEmpty()) << "exactly nine tenths";
    EXPECT_THAT(said(counts({29}), {}), IsEmpty()) << "no large total";
    std::vector<PastDay> children;
    for (int back = 1; back <= 14; ++back) {
        children.push_back({days_before(kToday, back), ReportKind::figures, counts({40 + back})});
    }
    EXPECT_THAT(said(counts({48}), children), IsEmpty()) << "a children's clinic";
}

TEST(ReportWarnings, TheSameFiguresAsYesterday) {
    auto past = usual_weeks();
    EXPECT_THAT(said(past[0].counts, past), Contains("same_as_yesterday whole"));
    EXPECT_THAT(said(past[1].counts, past), IsEmpty()) << "the day before yesterday's";
    const std::vector<PastDay> small = {{days_before(kToday, 1), ReportKind::figures, counts({1, 2})}};
    EXPECT_THAT(said(counts({1, 2}), small), IsEmpty());
}

TEST(ReportWarnings, AnUnusualShareOfUnknownAges) {
    auto figures = counts({1, 2, 1, 3, 3, 2, 4, 3, 1, 0, 2, 1, 1, 11});
    const auto found = warnings(figures, kToday, {});
    ASSERT_FALSE(found.empty());
    EXPECT_EQ(found.back().kind, WarningKind::unknown_share);
    EXPECT_EQ(found.back().values.at("percent"), "31");
}

TEST(ReportWarnings, AreConfirmedByTypingTheNumberAgain) {
    const auto figures = counts({0, 0, 0, 10'000, 20});
    auto found = warnings(figures, kToday, {});
    found.push_back({WarningKind::same_as_yesterday, std::nullopt, {}});
    TypedCounts again;
    const auto rules = [&](const std::string& total) {
        std::string out;
        const auto result = confirmed(figures, found, again, total);
        for (const auto& field : result ? std::vector<FieldError>{} : result.error().fields) {
            out += field.field + ":" + field.message_id + " ";
        }
        return out;
    };
    EXPECT_EQ(rules(""), "band_3_again:count_again_missing total_again:count_again_missing ");
    again[kTeens] = "1000";
    EXPECT_EQ(rules("10020"), "band_3_again:count_again_differs ");
    again[kTeens] = "１０，０００";
    EXPECT_EQ(rules("10,020"), "");
    EXPECT_TRUE(confirmed(figures, {}, {}, ""));
}

}  // namespace
}  // namespace madoguchi::reports
