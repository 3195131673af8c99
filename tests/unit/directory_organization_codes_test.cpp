#include "directory/organization_codes.hpp"

#include <gtest/gtest.h>
#include <set>

namespace madoguchi::directory {
namespace {

std::string rule_of(const auto& result) {
    return result ? "" : result.error().fields.at(0).message_id;
}

TEST(InstitutionCode, RealCodePasses) {
    const auto code = parse_institution_code("0110113719");
    ASSERT_TRUE(code);
    EXPECT_EQ(code->code, "0110113719");
    EXPECT_EQ(code->prefecture, 1);
    EXPECT_EQ(code->score_table, ScoreTable::medical);
    EXPECT_FALSE(code->warning);
}

TEST(InstitutionCode, AnyWidthAndHyphensPass) {
    EXPECT_EQ(parse_institution_code("０１－１－０１１３７１－９")->code, "0110113719");
    EXPECT_EQ(parse_institution_code(" 01 1 01 1371 9 ")->code, "0110113719");
}

TEST(InstitutionCode, WrongCheckDigitIsAWarning) {
    const auto code = parse_institution_code("0110113710");
    ASSERT_TRUE(code);
    EXPECT_EQ(code->warning, "institution_code_check_digit");
    EXPECT_TRUE(parse_institution_code("0110131719")->warning) << "a digit moved";
}

TEST(InstitutionCode, FourPrefecturesReadSevenDigits) {
    // 01 1234 2: Luhn holds over the last seven alone, not over all ten.
    for (const auto* typed : {"1110112342", "1210112342", "1310112342", "1410112342"}) {
        const auto code = parse_institution_code(typed);
        ASSERT_TRUE(code) << typed;
        EXPECT_FALSE(code->warning) << typed;
    }
    EXPECT_TRUE(parse_institution_code("1310112343")->warning);
}

TEST(InstitutionCode, ThirdDigitReadAsDentalPasses) {
    const auto dental = make_institution_code(1, ScoreTable::dental, 1, 1371);
    auto medical = dental;
    medical[2] = '1';
    EXPECT_FALSE(parse_institution_code(medical)->warning);
    EXPECT_NE(medical, make_institution_code(1, ScoreTable::medical, 1, 1371));
}

TEST(InstitutionCode, FormatPrefectureAndTableAreRefused) {
    EXPECT_EQ(rule_of(parse_institution_code("")), "institution_code_format");
    EXPECT_EQ(rule_of(parse_institution_code("01101137191")), "institution_code_format");
    EXPECT_EQ(rule_of(parse_institution_code("110113719.0")), "institution_code_format");
    EXPECT_EQ(rule_of(parse_institution_code("011O113719")), "institution_code_format");
    EXPECT_EQ(rule_of(parse_institution_code("0010113719")), "institution_code_prefecture");
    EXPECT_EQ(rule_of(parse_institution_code("4810113719")), "institution_code_prefecture");
    EXPECT_EQ(rule_of(parse_institution_code("0120113719")), "institution_code_score_table");
    EXPECT_EQ(parse_institution_code("x", "row_3").error().fields.at(0).field, "row_3");
}

TEST(InstitutionCode, LostZeroIsAskedNotGuessed) {
    const auto code = parse_institution_code("110113719");
    EXPECT_EQ(rule_of(code), "institution_code_zero_lost");
    EXPECT_EQ(code.error().fields.at(0).values.at("candidate"), "0110113719");
    EXPECT_EQ(rule_of(parse_institution_code("110113710")), "institution_code_format");
}

TEST(InstitutionCode, MadeCodesPassInEveryPrefecture) {
    for (const auto& prefecture : prefectures()) {
        for (const auto table :
             {ScoreTable::medical, ScoreTable::dental, ScoreTable::pharmacy, ScoreTable::home_nursing}) {
            const auto made = make_institution_code(prefecture.code, table, prefecture.code * 2, prefecture.code * 97);
            const auto code = parse_institution_code(made);
            ASSERT_TRUE(code) << made;
            EXPECT_FALSE(code->warning) << made;
            EXPECT_EQ(code->prefecture, prefecture.code);
            EXPECT_EQ(code->score_table, table);
        }
    }
    EXPECT_EQ(make_institution_code(1, ScoreTable::medical, 1, 1371), "0110113719");
}

TEST(LocalGovernmentCode, KnownCodesPass) {
    for (const auto* typed : {"011002", "131016", "010006", "０１１００２"}) {
        EXPECT_TRUE(parse_local_government_code(typed)) << typed;
    }
    EXPECT_EQ(parse_local_government_code("０１１００２").value(), "011002");
}

TEST(LocalGovernmentCode, WrongOnesAreRefusedWithTheReason) {
    EXPECT_EQ(rule_of(parse_local_government_code("011003")), "local_government_code_check_digit");
    EXPECT_EQ(rule_of(parse_local_government_code("110002")), "local_government_code_check_digit");
    EXPECT_EQ(rule_of(parse_local_government_code("480002")), "local_government_code_prefecture");
    EXPECT_EQ(rule_of(parse_local_government_code("01100")), "local_government_code_format");
    EXPECT_EQ(rule_of(parse_local_government_code("abcdef")), "local_government_code_format");
}

TEST(Prefectures, FortySevenDistinct) {
    std::set<std::string_view> names;
    std::set<std::string_view> english;
    for (const auto& prefecture : prefectures()) {
        names.insert(prefecture.name);
        english.insert(prefecture.name_en);
        EXPECT_TRUE(parse_local_government_code(prefecture.local_government_code));
        EXPECT_EQ(find_prefecture(prefecture.code), &prefecture);
    }
    EXPECT_EQ(names.size(), 47U);
    EXPECT_EQ(english.size(), 47U);
    EXPECT_EQ(find_prefecture(13)->name, "東京都");
    EXPECT_EQ(find_prefecture(0), nullptr);
    EXPECT_EQ(find_prefecture(48), nullptr);
}

TEST(PostalCode, IsWrittenWithAHyphen) {
    for (const auto* typed : {"1234567", "123-4567", "〒123-4567", "〒１２３ー４５６７", " 123 4567 "}) {
        EXPECT_EQ(parse_postal_code(typed).value(), "123-4567") << typed;
    }
    for (const auto* typed : {"", "12345", "12345678", "123-456a", "〒"}) {
        EXPECT_EQ(rule_of(parse_postal_code(typed)), "postal_code_format") << typed;
    }
}

}  // namespace
}  // namespace madoguchi::directory
