#include "base/japanese_text.hpp"

#include <gtest/gtest.h>

namespace madoguchi {
namespace {

TEST(JapaneseText, FoldsWidthOfWhatPeopleType) {
    EXPECT_EQ(fold_width("０９０－１２３４－５６７８"), "090-1234-5678");
    EXPECT_EQ(fold_width("ＡＢＣ　医院"), "ABC 医院");
    EXPECT_EQ(fold_width("ﾐﾄﾞﾘﾉ ｸﾘﾆｯｸ"), "ミドリノ クリニック");
    EXPECT_EQ(fold_width("㈱みどり"), "(株)みどり");
}

TEST(JapaneseText, UnifiesEveryHyphenBetweenDigits) {
    for (const auto* hyphen : {"-", "‐", "‑", "‒", "–", "—", "―", "−", "－", "ー", "ｰ", "~", "～", "〜", "﹣", "⁻"}) {
        EXPECT_EQ(fold_width(std::string("03") + hyphen + "0000"), "03-0000") << hyphen;
        EXPECT_EQ(fold_digits(std::string("03") + hyphen + "0000"), "030000") << hyphen;
        EXPECT_EQ(fold_login_id(std::string("mdn") + hyphen + "1"), "mdn-1") << hyphen;
    }
}

TEST(JapaneseText, LongVowelStaysAfterKanaAndIdeographs) {
    EXPECT_EQ(fold_width("健康フォローアップセンター"), "健康フォローアップセンター");
    EXPECT_EQ(fold_width("ｾﾝﾀｰ"), "センター");
    EXPECT_EQ(fold_width("らーめん"), "らーめん");
    EXPECT_EQ(fold_width("東京〜大阪"), "東京〜大阪");
}

TEST(JapaneseText, SpacesAreTrimmedAndCollapsed) {
    EXPECT_EQ(fold_width(" \t山田　 太郎\n"), "山田 太郎");
    EXPECT_EQ(fold_width("　"), "");
    EXPECT_EQ(strip_spaces("　a b　\n"), "a b");
    EXPECT_EQ(strip_spaces("　 "), "");
    EXPECT_EQ(strip_spaces("𠮷"), "𠮷");
}

TEST(JapaneseText, IdeographsOfNamesStayAsTheyAre) {
    for (const auto* name : {"髙橋", "𠮷野家", "山﨑", "\uFA19田", "\uFA1Bさん", "葛\U000E0100飾"}) {
        EXPECT_EQ(fold_width(name), name);
    }
}

TEST(JapaneseText, InvisibleAndControlCharactersGo) {
    EXPECT_EQ(fold_width("a\u202Eb\u200Bc\uFEFF"), "abc");
    EXPECT_EQ(fold_width(std::string_view("a\0b\x1B[31m", 8)), "ab[31m");
    EXPECT_EQ(fold_login_id("a\u200Bb"), "ab");
}

TEST(JapaneseText, FoldingTwiceChangesNothing) {
    for (const auto* text : {"Ａー１～２　ﾊﾟ", "e\u200B\u0301", "か\u200B゙", "ﾊ ﾟ", "ǅﬃ①㍻", "ẞß", "—ー—", "ー"}) {
        EXPECT_EQ(fold_width(fold_width(text)), fold_width(text)) << text;
        EXPECT_EQ(fold_login_id(fold_login_id(text)), fold_login_id(text)) << text;
        EXPECT_EQ(search_key(search_key(text)), search_key(text)) << text;
    }
}

TEST(JapaneseText, LoginIdsFallIntoOneBucket) {
    const auto key = fold_login_id("mdn-00120@madoguchi.example");
    EXPECT_EQ(key, "mdn-00120@madoguchi.example");
    for (const auto* typed : {"MDN-00120@Madoguchi.Example", "ｍｄｎ－００１２０＠ｍａｄｏｇｕｃｈｉ．ｅｘａｍｐｌｅ",
                              " mdn-00120 @madoguchi.example　", "mdn‐00120@madoguchi.example"}) {
        EXPECT_EQ(fold_login_id(typed), key);
    }
    EXPECT_NE(fold_login_id("mdn-00121@madoguchi.example"), key);
}

TEST(JapaneseText, PasswordsAreComposedAndNothingElse) {
    EXPECT_EQ(normalize_password("か\u3099").reveal(), "が");
    EXPECT_EQ(normalize_password("ＡＢＣ　ｶﾞ ①").reveal(), "ＡＢＣ　ｶﾞ ①");
    EXPECT_EQ(normalize_password("  Aa  ").reveal(), "  Aa  ");
}

TEST(JapaneseText, CountsCodePoints) {
    EXPECT_EQ(code_points("𠮷野家"), 3U);
    EXPECT_EQ(code_points(""), 0U);
    EXPECT_EQ(code_points("abc"), 3U);
}

TEST(JapaneseText, KnowsValidUtf8) {
    EXPECT_TRUE(valid_utf8("窓口 𠮷"));
    EXPECT_TRUE(valid_utf8(""));
    for (const auto* bad : {"\xff", "\xc0\xaf", "\xed\xa0\x80", "\xe7\xaa", "\xf5\x80\x80\x80"}) {
        EXPECT_FALSE(valid_utf8(bad));
    }
}

TEST(JapaneseText, DigitsOrNothing) {
    EXPECT_EQ(fold_digits("０１１０１１３７１９"), "0110113719");
    EXPECT_EQ(fold_digits(" 01-1011 371-9 "), "0110113719");
    EXPECT_EQ(fold_digits(""), "");
    EXPECT_EQ(fold_digits("110113719.0"), std::nullopt);
    EXPECT_EQ(fold_digits("1.1E9"), std::nullopt);
    EXPECT_EQ(fold_digits("12a"), std::nullopt);
    EXPECT_EQ(fold_digits("+81"), std::nullopt);
    EXPECT_EQ(fold_digits("十"), std::nullopt);
}

TEST(JapaneseText, KanaOfAnyScriptAndWidth) {
    EXPECT_EQ(fold_kana("みどりの　たろう"), "ミドリノ タロウ");
    EXPECT_EQ(fold_kana("ﾐﾄﾞﾘﾉｸﾘﾆｯｸ"), "ミドリノクリニック");
    EXPECT_EQ(fold_kana("センタ－"), "センター");
    EXPECT_EQ(fold_kana("らーめん"), "ラーメン");
    EXPECT_EQ(fold_kana("ジョン・スミス"), "ジョン・スミス");
    EXPECT_EQ(fold_kana("ヴァイオリン"), "ヴァイオリン");
    EXPECT_EQ(fold_kana("ゔ"), "ヴ");
    EXPECT_EQ(fold_kana("  "), "");
    EXPECT_EQ(fold_kana("山田"), std::nullopt);
    EXPECT_EQ(fold_kana("ABC"), std::nullopt);
    EXPECT_EQ(fold_kana("-タロウ"), std::nullopt);
}

TEST(JapaneseText, SearchIgnoresWidthCaseScriptAndSpaces) {
    EXPECT_EQ(search_key("みどりの 医院"), search_key("ﾐﾄﾞﾘﾉ医院"));
    EXPECT_EQ(search_key("ＡＢＣ"), search_key("abc"));
    EXPECT_NE(search_key("みどり"), search_key("みとり"));
    EXPECT_EQ(search_key("センター"), "センター");
}

}  // namespace
}  // namespace madoguchi
