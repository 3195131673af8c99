#include "base/japanese_date.hpp"

#include <gtest/gtest.h>

namespace madoguchi {
namespace {

std::string read(std::string_view typed) {
    const auto day = parse_japanese_day(typed, "until");
    return day ? show_japanese_day(*day) : day.error().fields.at(0).message_id;
}

TEST(JapaneseDate, EveryFormOfADayReadsAlike) {
    for (const auto* typed :
         {"2027/04/01", "2027-4-1", "2027.4.1", "20270401", "2027年4月1日", "２０２７／０４／０１", "令和9年4月1日",
          "令和９年４月１日", "R9.4.1", "r9/4/1", "Ｒ９．４．１", " 2027 / 4 / 1 "}) {
        EXPECT_EQ(read(typed), "2027/04/01") << typed;
    }
    EXPECT_EQ(read("令和元年5月1日"), "2019/05/01");
    EXPECT_EQ(read("平成31年4月30日"), "2019/04/30");
}

TEST(JapaneseDate, ADayBeginsAtMidnightInJapan) {
    EXPECT_EQ(format_rfc3339_japan(*parse_japanese_day("2027/04/01", "from")), "2027-04-01T00:00:00.000000+09:00");
}

TEST(JapaneseDate, WhatIsNoDayIsRefused) {
    for (const auto* typed : {"", "2027/02/29", "2027/13/01", "2027/4", "1999/12/31", "2201/01/01", "昭和64年1月7日",
                              "明日", "2027/4/1/2", "2027/-4/1", "R.4.1", "12345678901234567890"}) {
        EXPECT_EQ(read(typed), "date_format") << typed;
    }
    EXPECT_EQ(read("2028/02/29"), "2028/02/29");
}

TEST(JapaneseDate, ANumberOfASpreadsheetIsAskedAboutNotTaken) {
    const auto day = parse_japanese_day("46478", "until");
    ASSERT_FALSE(day);
    EXPECT_EQ(day.error().fields.at(0).message_id, "date_serial");
    EXPECT_EQ(day.error().fields.at(0).values.at("candidate"), "2027/04/01");
}

}  // namespace
}  // namespace madoguchi
