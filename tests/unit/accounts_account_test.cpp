#include "accounts/account.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace madoguchi::accounts {
namespace {

using State = AccountState;
using Event = AccountEvent;
using testing::Pair;
using testing::UnorderedElementsAre;
using namespace std::chrono_literals;

constexpr std::array kStates = {State::pending, State::active, State::suspended, State::closed};
constexpr std::array kEvents = {Event::password_set, Event::suspend, Event::resume, Event::close, Event::reset};

// (state, event) -> where it leads without and with a password; what is not here is refused.
const std::map<std::pair<State, Event>, std::pair<State, State>> kDrawing = {
    {{State::pending, Event::password_set}, {State::active, State::active}},
    {{State::active, Event::password_set}, {State::active, State::active}},
    {{State::pending, Event::suspend}, {State::suspended, State::suspended}},
    {{State::active, Event::suspend}, {State::suspended, State::suspended}},
    {{State::suspended, Event::resume}, {State::pending, State::active}},
    {{State::pending, Event::close}, {State::closed, State::closed}},
    {{State::active, Event::close}, {State::closed, State::closed}},
    {{State::suspended, Event::close}, {State::closed, State::closed}},
    {{State::pending, Event::reset}, {State::pending, State::pending}},
    {{State::active, Event::reset}, {State::active, State::active}},
};

TEST(AccountLifecycle, EveryEventInEveryState) {
    for (const State state : kStates) {
        for (const Event event : kEvents) {
            for (const bool has_password : {false, true}) {
                const auto next = advance(state, event, has_password);
                const auto drawn = kDrawing.find({state, event});
                if (drawn == kDrawing.end()) {
                    ASSERT_FALSE(next) << to_text(state) << " " << static_cast<int>(event);
                    EXPECT_EQ(next.error().kind, ErrorKind::conflict);
                    EXPECT_EQ(next.error().message_id, "state_not_allowed");
                    EXPECT_EQ(next.error().values.at("state"), to_text(state));
                } else {
                    ASSERT_TRUE(next) << to_text(state) << " " << static_cast<int>(event);
                    EXPECT_EQ(*next, has_password ? drawn->second.second : drawn->second.first);
                }
            }
        }
    }
}

TEST(AccountLifecycle, NothingLeavesClosed) {
    for (const Event event : kEvents) {
        EXPECT_FALSE(advance(State::closed, event, true));
    }
}

TEST(AccountLifecycle, NamesReadBack) {
    for (const State state : kStates) {
        EXPECT_EQ(account_state(to_text(state)), state);
    }
    EXPECT_EQ(account_state("locked"), std::nullopt);
}

std::string login_id(std::string_view typed) {
    const auto checked = check_login_id(typed, {.domain = "madoguchi.example"});
    return checked ? *checked : checked.error().fields.at(0).message_id;
}

TEST(LoginId, IsFoldedAndGivenTheDomain) {
    EXPECT_EQ(login_id("midori-01"), "midori-01@madoguchi.example");
    EXPECT_EQ(login_id("Midori-01"), "midori-01@madoguchi.example");
    EXPECT_EQ(login_id("ＭＩＤＯＲＩ－０１＠ｍａｄｏｇｕｃｈｉ．ｅｘａｍｐｌｅ"), "midori-01@madoguchi.example");
    EXPECT_EQ(login_id(" midori 01 "), "midori01@madoguchi.example");
    EXPECT_EQ(login_id("midori@MADOGUCHI.Example"), "midori@madoguchi.example");
    EXPECT_EQ(login_id("a.b_c-9"), "a.b_c-9@madoguchi.example");
}

TEST(LoginId, AnotherDomainIsRefusedWithOurs) {
    EXPECT_EQ(login_id("midori@example.com"), "login_id_domain");
    EXPECT_EQ(login_id("midori@"), "login_id_domain");
    EXPECT_EQ(login_id("midori@madoguchi.example@madoguchi.example"), "login_id_domain");
    const auto refused = check_login_id("midori@example.com", {.domain = "madoguchi.example"});
    EXPECT_EQ(refused.error().fields.at(0).values.at("domain"), "madoguchi.example");
    EXPECT_EQ(refused.error().fields.at(0).field, "login_id");
}

TEST(LoginId, FormIsChecked) {
    for (const char* bad : {"ab", "", "-abc", ".abc", "abc.", "みどり", "a/b/c", "a+b+c", "abc<script>",
                            "@madoguchi.example", "a\nb\tc;", "abc'--"}) {
        EXPECT_EQ(login_id(bad), "login_id_format") << bad;
    }
    EXPECT_EQ(login_id(std::string(64, 'a')), std::string(64, 'a') + "@madoguchi.example");
    EXPECT_EQ(login_id(std::string(65, 'a')), "login_id_format");
}

TEST(LoginId, IsMadeByThePattern) {
    using directory::OrganizationKind;
    const LoginIdPolicy usual;
    EXPECT_EQ(make_login_id(usual, OrganizationKind::facility, 13, 142), "f13-00142@madoguchi.example");
    EXPECT_EQ(make_login_id(usual, OrganizationKind::health_center, 1, 7), "h01-00007@madoguchi.example");
    EXPECT_EQ(make_login_id(usual, OrganizationKind::ministry, 0, 1), "m-00001@madoguchi.example");
    EXPECT_EQ(make_login_id(usual, OrganizationKind::follow_up_center, 47, 123456), "u47-123456@madoguchi.example");
    EXPECT_EQ(make_login_id(usual, OrganizationKind::helpdesk, 0, 3), "d-00003@madoguchi.example");
    EXPECT_EQ(make_login_id({"hokenjo.go.jp", "ID{number}"}, OrganizationKind::prefecture, 13, 5),
              "id00005@hokenjo.go.jp");
}

TEST(LoginId, WhatIsMadeIsWhatWouldBeAccepted) {
    for (const auto kind : directory::kOrganizationKinds) {
        for (const int prefecture : {0, 1, 47}) {
            const std::string made = make_login_id({}, kind, prefecture, 99999);
            EXPECT_EQ(login_id(made), made);
        }
    }
}

std::vector<std::pair<std::string, std::string>> broken(const Names& names) {
    std::vector<std::pair<std::string, std::string>> out;
    if (const auto checked = check_names(names); !checked) {
        for (const auto& field : checked.error().fields) {
            out.emplace_back(field.field, field.message_id);
        }
    }
    return out;
}

TEST(Names, AreFoldedAndKanaBecomesKatakana) {
    const auto names = check_names({" 髙橋 ", "　", "たかはし", "ﾊﾅｺ"});
    ASSERT_TRUE(names);
    EXPECT_EQ(names->family_name, "髙橋") << "ideographs stay as they are";
    EXPECT_EQ(names->given_name, "");
    EXPECT_EQ(names->family_kana, "タカハシ");
    EXPECT_EQ(names->given_kana, "ハナコ");
}

TEST(Names, EveryBadFieldIsNamed) {
    EXPECT_THAT(broken({"", std::string(101, 'x'), "山", "8"}),
                UnorderedElementsAre(Pair("family_name", "required"), Pair("given_name", "too_long"),
                                     Pair("family_kana", "kana_format"), Pair("given_kana", "kana_format")));
}

TEST(Reason, IsRequiredAndBounded) {
    EXPECT_EQ(check_reason("　電話で 本人確認 ").value(), "電話で 本人確認");
    EXPECT_EQ(check_reason(" 　").error().fields.at(0).message_id, "reason_required");
    EXPECT_TRUE(check_reason(std::string(500, 'x')));
    EXPECT_EQ(check_reason(std::string(501, 'x')).error().fields.at(0).message_id, "too_long");
}

TEST(ResetApproval, IsNeededWithinTwentyFourHoursOfTheOther) {
    const Instant now = from_microseconds(1'780'000'000'000'000);
    EXPECT_FALSE(reset_needs_approval(std::nullopt, now));
    EXPECT_TRUE(reset_needs_approval(now, now));
    EXPECT_TRUE(reset_needs_approval(now - 24h + 1us, now));
    EXPECT_FALSE(reset_needs_approval(now - 24h, now));
    EXPECT_TRUE(reset_needs_approval(now + 1h, now)) << "a clock that stepped back opens no way round (S28)";
}

}  // namespace
}  // namespace madoguchi::accounts
