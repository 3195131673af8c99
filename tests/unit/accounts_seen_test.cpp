// Stale pages: what counts as a change, and what travels in the form.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "accounts/account_list.hpp"
#include "accounts/account_seen.hpp"

namespace madoguchi::accounts {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Account account() {
    Account account{.id = {7}, .login_id = "f13-00007@madoguchi.example"};
    account.organization = {{3}, directory::OrganizationKind::facility, "1.2.3.", "みどり野中央内科"};
    account.family_name = "山野";
    account.given_name = "みどり";
    account.state = AccountState::active;
    account.grants = {{{9}, directory::Role::facility_staff, account.organization, Instant{}, std::nullopt}};
    return account;
}

std::vector<std::string> facts(const std::vector<SeenDifference>& differences) {
    std::vector<std::string> out;
    for (const auto& difference : differences) {
        out.push_back(difference.fact);
    }
    return out;
}

TEST(AccountSeen, WhatAnActDependsOnIsNoticed) {
    const auto then = seen_of(account(), {"sms@1"});
    EXPECT_THAT(differences(then, seen_of(account(), {"sms@1"})), IsEmpty());
    auto suspended = account();
    suspended.state = AccountState::suspended;
    EXPECT_THAT(facts(differences(then, seen_of(suspended, {"sms@1"}))), ElementsAre("state"));
    auto promoted = account();
    promoted.grants.push_back({{10}, directory::Role::facility_admin, promoted.organization, Instant{}, std::nullopt});
    EXPECT_THAT(facts(differences(then, seen_of(promoted, {}))), ElementsAre("roles", "second_steps"));
    EXPECT_THAT(facts(differences(then, seen_of(account(), {"sms@1!"}))), ElementsAre("second_steps"));
}

TEST(AccountSeen, ASignInStopsNobody) {
    const auto then = seen_of(account(), {"sms@1"});
    auto later = account();
    later.last_signed_in_at = from_microseconds(1);
    later.password_reset_at = from_microseconds(1);
    EXPECT_EQ(then, seen_of(later, {"sms@1"}));
}

TEST(AccountSeen, TravelsInAFormAndBackAndNothingElseDoes) {
    const auto seen = seen_of(account(), {"sms@1", "totp@2"});
    EXPECT_EQ(seen_account(to_text(seen)), seen);
    for (const auto* broken : {"", "{", "[]", "7", R"({"state":1})", R"({"state":{"a":"b"}})"}) {
        EXPECT_FALSE(seen_account(broken).has_value()) << broken;
    }
    EXPECT_THAT(parts_of(seen.facts.at("second_steps")), ElementsAre("sms@1", "totp@2"));
}

TEST(AccountList, WordsAreFoldedAndNumbersHaveTheirDigitsToo) {
    const auto name = search_keys(" みどり野　ちゅうおう ");
    ASSERT_TRUE(name.has_value());
    EXPECT_EQ(name->text.key, "ミドリ野チュウオウ");
    EXPECT_EQ(name->digits.key, name->text.key);
    EXPECT_GT(name->text.above, name->text.key + "龥");
    const auto phone = search_keys("０３－００００－４１００");
    ASSERT_TRUE(phone.has_value());
    EXPECT_EQ(phone->digits.key, "0300004100");
    EXPECT_EQ(phone->phone_end, "") << "a whole number is no end of one";
    EXPECT_EQ(search_keys("４１００")->phone_end, "4100");
    EXPECT_EQ(search_keys("41000")->phone_end, "");
    EXPECT_FALSE(search_keys(" 　").has_value());
}

TEST(AccountList, OrdersEndWithTheIdSoThatPagesNeverRepeatARow) {
    ListedAccount one{account(), "ア", {}};
    ListedAccount other = one;
    other.account.id = AccountId{8};
    for (const auto order : kAccountOrders) {
        EXPECT_NE(comes_before(one, other, order), comes_before(other, one, order)) << to_text(order);
        EXPECT_FALSE(comes_before(one, one, order)) << to_text(order);
    }
    other.account.last_signed_in_at = from_microseconds(5);
    EXPECT_TRUE(comes_before(one, other, AccountOrder::unused)) << "never signed in is longest ago";
    EXPECT_TRUE(comes_before(other, one, AccountOrder::signed_in));
}

}  // namespace
}  // namespace madoguchi::accounts
