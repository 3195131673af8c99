#include "crypto/password_blocklist.hpp"

#include <gtest/gtest.h>
#include <fstream>

#include "base/limits.hpp"

namespace madoguchi::crypto {
namespace {

const PasswordBlocklist& debian() {
    static const auto list = PasswordBlocklist::load().value();
    return list;
}

TEST(PasswordBlocklist, EveryWordOfTheListIsFoundInAnyCase) {
    std::ifstream in{std::string(kDebianPasswordList)};
    std::size_t words = 0;
    for (std::string line; std::getline(in, line); ++words) {
        if (line.size() < 4) {
            continue;
        }
        ASSERT_TRUE(debian().common(line)) << line;
        line[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(line[0])));
        ASSERT_TRUE(debian().common(line)) << line;
    }
    EXPECT_GT(words, 50'000U);
}

TEST(PasswordBlocklist, ASmallListFindsItsEndsAndNothingBetween) {
    const PasswordBlocklist list({"delta9x", "alpha9x", "Charlie9x", "bravo9x", "alpha9x"});
    for (const auto* word : {"alpha9x", "bravo9x", "charlie9x", "delta9x", "DELTA9X", "ｂｒａｖｏ９ｘ"}) {
        EXPECT_TRUE(list.common(word)) << word;
    }
    for (const auto* word : {"aaron9x", "beta7x", "zulu9x", "alph", "lpha9x", "lpha9x\nbravo9x"}) {
        EXPECT_FALSE(list.common(word)) << word;
    }
    EXPECT_FALSE(PasswordBlocklist({}).common("anything goes"));
}

TEST(PasswordBlocklist, PatternsThatNeedNoList) {
    for (const auto* text :
         {"aaaaaaaaaaaa", "123456789012", "987654321098", "abcdefghijkl", "qwertyuiop12", "abcabcabcabc",
          "121212121212", "1111aaaa2222", "１２３４５６７８９０１２", "ああああああああああああ", "1q2w3e1q2w3e1q2w",
          "1qaz2wsx3edc", "poiuytrewqas", "xk9!xk9!xk9!", "!@#$%^&*()!@"}) {
        EXPECT_TRUE(debian().common(text)) << text;
    }
}

TEST(PasswordBlocklist, AWordRepeatedOrLightlyDressedIsThatWord) {
    for (const auto* text : {"passwordpassword", "PasswordPassword!", "password1234", "!!Password2024",
                             "password1234567890", "P@ssw0rd2024", "Understanding1", "sakurasakura12"}) {
        EXPECT_TRUE(debian().common(text)) << text;
    }
}

TEST(PasswordBlocklist, GoodPasswordsPass) {
    for (const auto* text :
         {"correct horse battery staple", "Kaze-to-Nami-81", "n7Gq2xW9bT4k", "朝ごはんはパンと牛乳です",
          "password of my aunt Mina", "understanding2839471", "みどりの夜 2026 雨", ""}) {
        EXPECT_FALSE(debian().common(text)) << text;
    }
}

TEST(PasswordBlocklist, IsSmall) {
    EXPECT_LT(debian().bytes(), 1024U * 1024U);
}

TEST(PasswordBlocklist, AMissingListIsNamedWithItsPackage) {
    const auto list = PasswordBlocklist::load("/nonexistent/words");
    ASSERT_FALSE(list);
    EXPECT_NE(list.error().detail.find("cracklib-runtime"), std::string::npos);
}

}  // namespace
}  // namespace madoguchi::crypto
