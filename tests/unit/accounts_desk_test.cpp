// Rules of the desk: callers compared, unused accounts, applications.
#include <gtest/gtest.h>

#include "accounts/application.hpp"
#include "accounts/dormancy.hpp"
#include "accounts/helpdesk.hpp"
#include "console/audit_pages.hpp"

namespace madoguchi::accounts {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

const OnFile kOnFile{.family_name = "山野",
                     .given_name = "緑",
                     .family_kana = "ヤマノ",
                     .given_kana = "ミドリ",
                     .institution_code = "1310112342",
                     .organization_phone = "03-0000-1042"};

TEST(HelpdeskRules, ANameMatchesInKanjiOrKanaOfAnyWidth) {
    for (const char* said : {"山野緑", "山野 緑", "やまの みどり", "ﾔﾏﾉ ﾐﾄﾞﾘ", "山野　みどり"}) {
        EXPECT_TRUE(person_matches(kOnFile, said)) << said;
    }
    for (const char* said : {"", " ", "山野", "みどり", "緑", "山野 緑子", "緑 山野"}) {
        EXPECT_FALSE(person_matches(kOnFile, said)) << said;
    }
    EXPECT_FALSE(person_matches(OnFile{.family_name = "山野", .given_name = "緑"}, "やまの みどり"))
        << "no kana is on file";
}

TEST(HelpdeskRules, TheCodesLastFourDigitsAndTheDialledNumber) {
    EXPECT_EQ(question_for(kOnFile), OrganizationQuestion::institution_code);
    EXPECT_TRUE(organization_matches(kOnFile, "２３４２"));
    for (const char* said : {"", "342", "1042", "1310112342", "23 4x"}) {
        EXPECT_FALSE(organization_matches(kOnFile, said)) << said;
    }
    EXPECT_TRUE(callback_matches(kOnFile, "０３ー0000ー1042"));
    EXPECT_FALSE(callback_matches(kOnFile, "1042"));
    OnFile other = kOnFile;
    other.institution_code.clear();
    EXPECT_EQ(question_for(other), OrganizationQuestion::phone);
    EXPECT_TRUE(organization_matches(other, "1042"));
    other.organization_phone.clear();
    EXPECT_EQ(question_for(other), OrganizationQuestion::none);
    EXPECT_FALSE(organization_matches(other, ""));
    EXPECT_FALSE(callback_matches(other, "")) << "nothing on file never matches nothing";
}

TEST(HelpdeskRules, MasksLeaveTooLittleToSignInOrToCall) {
    EXPECT_EQ(masked_login_id("f13-00142@madoguchi.example"), "f13-001••");
    EXPECT_EQ(masked_person(Account{.family_name = "山野", .given_name = "みどり"}), "山野 み••");
    EXPECT_EQ(masked_person(Account{.family_name = "山野", .given_name = "緑"}), "山野 ••");
    EXPECT_EQ(masked_person(Account{.family_name = "管理者"}), "管••");
    EXPECT_EQ(number_end("090-****-5678"), "78");
    EXPECT_EQ(number_end(""), "");
}

TEST(DormancyRules, WholeDaysMustHavePassed) {
    const DormancyPolicy policy;
    const Instant now = from_microseconds(1'780'000'000'000'000);
    EXPECT_FALSE(dormant({now - days(30) + 1s, std::nullopt}, policy, now));
    EXPECT_EQ(dormant({now - days(30), std::nullopt}, policy, now), WhyDormant::never_signed_in);
    EXPECT_FALSE(dormant({now - days(900), now - days(90) + 1s}, policy, now));
    EXPECT_EQ(dormant({now - days(900), now - days(90)}, policy, now), WhyDormant::unused);
    EXPECT_FALSE(dormant({now - days(30), std::nullopt}, {.never_days = 31}, now));
}

TEST(ApplicationRules, EachStateAllowsItsEventsOnly) {
    using enum ApplicationState;
    using enum ApplicationEvent;
    const auto leads = [](ApplicationState state, ApplicationEvent event) {
        const auto next = advance(state, event);
        return next ? std::string(to_text(*next)) : next.error().message_id;
    };
    EXPECT_EQ(leads(unconfirmed, code_right), "open");
    EXPECT_EQ(leads(open, ask), "asked");
    EXPECT_EQ(leads(asked, reply), "open");
    EXPECT_EQ(leads(open, accept), "accepted");
    EXPECT_EQ(leads(asked, decline), "declined");
    for (const auto state : {unconfirmed, accepted, declined}) {
        for (const auto event : {ask, reply, accept, decline}) {
            EXPECT_EQ(leads(state, event), "already_decided");
        }
    }
    EXPECT_EQ(leads(open, reply), "already_decided");
    EXPECT_EQ(leads(open, code_right), "already_decided");
}

TEST(ApplicationRules, WhatIsTypedIsFoldedAndEveryBadFieldTold) {
    ApplyForm form{.institution_code = "１３１０１１２３４２",
                   .institution_name = "みどりの森クリニック",
                   .institution_kana = "みどりのもりくりにっく",
                   .postal_code = "100-0001",
                   .prefecture = "13",
                   .address = "千代田区千代田１ー１",
                   .names = {"山野", "みどり", "", ""},
                   .phone = "",
                   .by = "sms",
                   .note = ""};
    const auto good = check(form);
    ASSERT_TRUE(good) << good.error().message_id;
    EXPECT_EQ(good->institution_code, "1310112342");
    EXPECT_EQ(good->institution_kana, "ミドリノモリクリニック");
    EXPECT_TRUE(good->address.starts_with("東京都千代田区"));
    form = {};
    const auto bad = check(form);
    ASSERT_FALSE(bad);
    std::set<std::string> fields;
    for (const auto& field : bad.error().fields) {
        fields.insert(field.field);
    }
    for (const char* field : {"institution_code", "institution_name", "institution_kana", "postal_code", "prefecture",
                              "address", "family_name", "given_name"}) {
        EXPECT_TRUE(fields.contains(field)) << field;
    }
}

TEST(ApplicationRules, AReceiptNumberIsReadInAnyForm) {
    EXPECT_EQ(fold_application_number(" acde-fghj "), "ACDE-FGHJ");
    EXPECT_EQ(fold_application_number("ＡＣＤＥＦＧＨＪ"), "ACDE-FGHJ");
    EXPECT_EQ(fold_application_number("ACDE-FGH"), "");
    EXPECT_EQ(fold_application_number("ABCD-1234"), "");
}

TEST(AuditCsv, NoCellIsALiveFormula) {
    EXPECT_EQ(console::csv_line({"a", "=1+1", "+81", "-1", "@x", "\t=1", "x\"y", ""}),
              "\"a\",\"'=1+1\",\"'+81\",\"'-1\",\"'@x\",\"'\t=1\",\"x\"\"y\",\"\"\r\n");
}

}  // namespace
}  // namespace madoguchi::accounts
