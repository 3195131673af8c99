#include "signin/password_policy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace madoguchi::signin {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> rules(const std::string& password, PasswordContext context = {}) {
    static const crypto::PasswordBlocklist list({"password", "sunshine"});
    std::vector<std::string> out;
    for (const auto& error : check_password(SecretText(password), context, list)) {
        EXPECT_EQ(error.field, "new_password");
        out.push_back(error.message_id);
    }
    return out;
}

const PasswordContext kClinic{.login_id = "mdn-00120@madoguchi.example",
                              .organization_names = {"みどりの中央内科", "ミドリノチュウオウナイカ"},
                              .service_names = {"窓口", "Madoguchi"}};

TEST(PasswordPolicy, LengthIsCountedInCodePointsAfterComposition) {
    EXPECT_THAT(rules("x7!Kq2#Wv9u"), ElementsAre("too_short"));
    EXPECT_THAT(rules("x7!Kq2#Wv9uZ"), IsEmpty());
    EXPECT_THAT(rules("𠮷野家で牛丼を食べた日"), ElementsAre("too_short"));
    EXPECT_THAT(rules("𠮷野家で牛丼を食べた日曜"), IsEmpty());
    EXPECT_THAT(rules("か\u3099x7!Kq2#Wv9"), ElementsAre("too_short")) << "が is one";
    EXPECT_THAT(rules(""), ElementsAre("required"));
}

TEST(PasswordPolicy, LongOnesAreRefusedNeverCut) {
    std::string phrase;
    for (int i = 0; i < 32; ++i) {
        phrase += "word" + std::to_string(1000 + i * 7 % 31);
    }
    ASSERT_EQ(phrase.size(), 256U);
    EXPECT_THAT(rules(phrase), IsEmpty());
    EXPECT_THAT(rules(phrase + "x"), ElementsAre("too_long"));
}

TEST(PasswordPolicy, ValuesAreGivenForTheText) {
    const crypto::PasswordBlocklist none({});
    EXPECT_EQ(check_password(SecretText("x7!Kq2"), {}, none).at(0).values.at("minimum"), "12");
    EXPECT_EQ(check_password(SecretText(std::string(257, 'x')), {}, none).at(0).values.at("maximum"), "256");
    PasswordContext low;
    low.minimum_code_points = 3;
    EXPECT_EQ(check_password(SecretText("x7!Kq2"), low, none).at(0).values.at("minimum"), "8") << "never under eight";
}

TEST(PasswordPolicy, EveryPrintableCharacterAndSpaceIsWelcome) {
    EXPECT_THAT(rules("  spaces at ends  "), IsEmpty());
    EXPECT_THAT(rules("emoji 🍙🍵 with tea"), IsEmpty());
    EXPECT_THAT(rules("<script>'\";--&%\\"), IsEmpty());
    EXPECT_THAT(rules("no composition rules"), IsEmpty());
}

TEST(PasswordPolicy, WhatCannotBeSeenIsRefused) {
    EXPECT_THAT(rules("tab\tin the middle"), ElementsAre("password_unprintable"));
    EXPECT_THAT(rules(std::string("nul\0in the middle", 17)), ElementsAre("password_unprintable"));
    EXPECT_THAT(rules("not \xff\xfe utf-8 at all"), ElementsAre("password_unprintable"));
}

TEST(PasswordPolicy, CommonOnesAreRefused) {
    EXPECT_THAT(rules("passwordpassword"), ElementsAre("password_common"));
    EXPECT_THAT(rules("Sunshine1234"), ElementsAre("password_common"));
    EXPECT_THAT(rules("aaaa"), ElementsAre("too_short", "password_common")) << "all reasons at once";
}

TEST(PasswordPolicy, LoginIdInAnyForm) {
    EXPECT_THAT(rules("mdn-00120-himitsu", kClinic), ElementsAre("password_contains_login_id"));
    EXPECT_THAT(rules("himitsu MDN００１２０", kClinic), ElementsAre("password_contains_login_id"));
    EXPECT_THAT(rules("mdn-00121-himitsu", kClinic), IsEmpty());
}

TEST(PasswordPolicy, OrganizationNameInAnyScript) {
    EXPECT_THAT(rules("みどりの中央内科2026!", kClinic), ElementsAre("password_contains_organization"));
    EXPECT_THAT(rules("ﾐﾄﾞﾘﾉ中央内科2026!", kClinic), ElementsAre("password_contains_organization"));
    EXPECT_THAT(rules("みどりのちゅうおうないか", kClinic), ElementsAre("password_contains_organization"));
    EXPECT_THAT(rules("みどりの風が吹く中央公園", kClinic), IsEmpty());
}

TEST(PasswordPolicy, ServiceName) {
    EXPECT_THAT(rules("MADOGUCHI-himitsu", kClinic), ElementsAre("password_contains_service"));
    EXPECT_THAT(rules("窓口窓口窓口窓口窓口の窓", kClinic), ElementsAre("password_contains_service"));
    EXPECT_THAT(rules("役所の窓口は三階の奥にある", kClinic), IsEmpty())
        << "a short name in a long sentence is no weakness";
}

TEST(PasswordPolicy, NamesThatAreMissingRefuseNothing) {
    const PasswordContext empty_names{.login_id = "", .organization_names = {"", "医"}, .service_names = {""}};
    EXPECT_THAT(rules("x7!Kq2#Wv9uZ", empty_names), IsEmpty());
}

}  // namespace
}  // namespace madoguchi::signin
