#include "crypto/one_time_secrets.hpp"

#include <gtest/gtest.h>
#include <cmath>
#include <set>

namespace madoguchi::crypto {
namespace {

const SecretText kKey(std::string(32, 'k'));

TEST(InitialPassword, HasEnoughBitsAndNoLookAlikes) {
    OsEntropy entropy;
    std::set<std::string> made;
    std::set<char> seen;
    for (int i = 0; i < 200; ++i) {
        const auto password = make_initial_password(entropy);
        made.insert(password.reveal());
        seen.insert(password.reveal().begin(), password.reveal().end());
        EXPECT_GE(static_cast<double>(password.reveal().size()) * std::log2(kInitialPasswordAlphabet.size()), 80.0);
    }
    EXPECT_EQ(made.size(), 200U);
    EXPECT_EQ(seen.size(), kInitialPasswordAlphabet.size()) << "every character occurs, and no other";
    for (const char look_alike : std::string("01258OISZBU")) {
        EXPECT_FALSE(seen.contains(look_alike)) << look_alike;
    }
}

TEST(InitialPassword, IsShownInGroupsAndReadBackHoweverTyped) {
    const SecretText password("ACDEFGHJKLMNPQRTVWXY");
    EXPECT_EQ(show_initial_password(password).reveal(), "ACDE-FGHJ-KLMN-PQRT-VWXY");
    for (const auto* typed : {"ACDE-FGHJ-KLMN-PQRT-VWXY", "acdefghjklmnpqrtvwxy", " ACDE FGHJ KLMN PQRT VWXY ",
                              "ＡＣＤＥ－ｆｇｈｊ－ＫＬＭＮ－ＰＱＲＴ－ＶＷＸＹ", "ACDEーFGHJ—KLMN−PQRT‐VWXY"}) {
        EXPECT_EQ(fold_initial_password(typed).reveal(), password.reveal()) << typed;
    }
}

TEST(InitialPassword, WhatCannotBeOneIsEmpty) {
    for (const auto* typed : {"", "ACDE", "ACDE-FGHJ-KLMN-PQRT-VWX0", "ACDE-FGHJ-KLMN-PQRT-VWXYA",
                              "ACDE-FGHJ-KLMN-PQRT-VWX窓", "correct horse battery"}) {
        EXPECT_TRUE(fold_initial_password(typed).empty()) << typed;
    }
}

TEST(Digests, DependOnKeyPurposeAndEveryPart) {
    const SecretText token("123456");
    const std::set<std::string> digests = {digest_code(kKey, "1", "123456"),
                                           digest_code(kKey, "2", "123456"),
                                           digest_code(kKey, "1", "123457"),
                                           digest_code(kKey, "11", "23456"),
                                           digest_code(SecretText("other"), "1", "123456"),
                                           digest_token(kKey, "1", token),
                                           digest_initial_password(kKey, "1", token),
                                           digest_lookup(kKey, "1", "123456")};
    EXPECT_EQ(digests.size(), 8U);
    EXPECT_EQ(digest_code(kKey, "1", "123456"), digest_code(kKey, "1", "123456"));
    EXPECT_EQ(digests.begin()->size(), 64U);
}

}  // namespace
}  // namespace madoguchi::crypto
