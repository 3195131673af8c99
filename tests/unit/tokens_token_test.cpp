#include <gmock/gmock.h>

#include "directory/authorization.hpp"
#include "tokens/api_token.hpp"
#include "tokens/token_store.hpp"

namespace madoguchi::tokens {
namespace {

using directory::OrganizationKind;
using directory::OrganizationRef;
using directory::Permission;
using directory::Principal;
using directory::Role;
using ::testing::ElementsAre;

constexpr Instant kNow{std::chrono::microseconds(1'780'000'000'000'000)};

const OrganizationRef kPrefecture{{2}, OrganizationKind::prefecture, "1.2.", "東京都"};
const OrganizationRef kHealthCenter{{3}, OrganizationKind::health_center, "1.2.3.", "みなと保健所"};
const OrganizationRef kFacility{{4}, OrganizationKind::facility, "1.2.3.4.", "しおかぜ診療所"};
const OrganizationRef kOtherFacility{{5}, OrganizationKind::facility, "1.2.3.5.", "うみねこ医院"};
const OrganizationRef kOtherHealthCenter{{31}, OrganizationKind::health_center, "1.2.31.", "やまて保健所"};

Principal with_token(Role role, const OrganizationRef& place, const std::string& path,
                     const std::vector<Scope>& scopes) {
    Principal principal;
    principal.account = {7};
    principal.login_id = "sato@madoguchi.example";
    principal.home = place;
    principal.grants.push_back({.id = {1}, .role = role, .organization = place, .from = kNow});
    principal.limits =
        directory::TokenLimits{.token = {9}, .name = "夜間連携", .path = path, .permissions = permissions_of(scopes)};
    return principal;
}

// --- scopes ---

TEST(Scopes, EachHasANameThatIsReadBack) {
    for (const Scope one : kScopes) {
        EXPECT_EQ(scope(to_text(one)), one);
        EXPECT_FALSE(permissions_of(one).empty()) << to_text(one);
    }
    EXPECT_FALSE(scope("accounts:everything"));
}

TEST(Scopes, TogetherOpenEachPermissionOnce) {
    EXPECT_THAT(permissions_of({Scope::directory_read, Scope::accounts_write}),
                ElementsAre(Permission::read_directory, Permission::issue_account));
}

// --- what a token leaves ---

TEST(TokenLimits, LeaveOnlyWhatTheScopesOpen) {
    const auto token = with_token(Role::health_center_admin, kHealthCenter, "1.2.3.", {Scope::directory_read});
    EXPECT_TRUE(may(token, Permission::read_directory, kFacility, kNow));
    EXPECT_FALSE(may(token, Permission::issue_account, kFacility, kNow));
    EXPECT_FALSE(acting(token, Permission::issue_account, kNow));
    EXPECT_THAT(permissions(token, kNow), ElementsAre(Permission::read_directory));
}

TEST(TokenLimits, LeaveOnlyWhatStandsBelowItsOrganization) {
    const auto token = with_token(Role::prefecture_admin, kPrefecture, "1.2.3.", {Scope::directory_read});
    EXPECT_TRUE(may(token, Permission::read_directory, kHealthCenter, kNow));
    EXPECT_FALSE(may(token, Permission::read_directory, kOtherHealthCenter, kNow)) << "1.2.31. is not below 1.2.3.";
    const auto actors = acting(token, Permission::read_directory, kNow);
    ASSERT_TRUE(actors);
    ASSERT_EQ(actors->size(), 1U);
    EXPECT_EQ(actors->front().jurisdiction.setting(), "1.2.3.");
}

TEST(TokenLimits, NeverReachFurtherThanTheirMaker) {
    // The maker was moved to a facility after the token was made for a whole health centre.
    const auto token = with_token(Role::facility_admin, kFacility, "1.2.3.", {Scope::accounts_write});
    EXPECT_TRUE(may(token, Permission::issue_account, kFacility, kNow));
    EXPECT_FALSE(may(token, Permission::issue_account, kOtherFacility, kNow));
    const auto actors = acting(token, Permission::issue_account, kNow);
    ASSERT_TRUE(actors);
    EXPECT_EQ(actors->front().jurisdiction.setting(), "1.2.3.4.");
}

TEST(TokenLimits, NothingInCommonIsNothing) {
    const auto token = with_token(Role::health_center_admin, kHealthCenter, "1.2.31.", {Scope::directory_read});
    EXPECT_FALSE(acting(token, Permission::read_directory, kNow));
    EXPECT_EQ(as_oneself(token).jurisdiction.setting(), "") << "sees no row at all";
}

TEST(TokenLimits, GiveNoRoleTheirMakerCannot) {
    const auto token = with_token(Role::health_center_admin, kHealthCenter, "1.2.3.", {Scope::roles_write});
    EXPECT_TRUE(may_assign(token, Role::facility_staff, kFacility, kNow));
    EXPECT_FALSE(may_assign(token, Role::prefecture_admin, kPrefecture, kNow));
    const auto reading = with_token(Role::health_center_admin, kHealthCenter, "1.2.3.", {Scope::directory_read});
    EXPECT_FALSE(may_assign(reading, Role::facility_staff, kFacility, kNow));
    EXPECT_FALSE(may_assign(with_token(Role::health_center_admin, kHealthCenter, "1.2.3.5.", {Scope::roles_write}),
                            Role::facility_staff, kFacility, kNow));
}

TEST(TokenLimits, TheLogNamesMakerAndToken) {
    const auto token = with_token(Role::health_center_admin, kHealthCenter, "1.2.3.", {Scope::directory_read});
    EXPECT_EQ(as_oneself(token).name, "sato@madoguchi.example / 夜間連携");
}

// --- where from ---

TEST(SourceRange, ContainsItsAddressesAlone) {
    const auto range = SourceRange::parse("192.0.2.77/24");
    ASSERT_TRUE(range);
    EXPECT_EQ(range->text(), "192.0.2.0/24");
    EXPECT_TRUE(range->contains("192.0.2.255"));
    EXPECT_FALSE(range->contains("192.0.3.0"));
    EXPECT_FALSE(range->contains("2001:db8::1"));
    EXPECT_FALSE(range->contains("nowhere"));
    EXPECT_TRUE(SourceRange::parse("10.1.2.3/9")->contains("10.127.255.255"));
    EXPECT_FALSE(SourceRange::parse("10.1.2.3/9")->contains("10.128.0.0"));
}

TEST(SourceRange, OneAddressAndSixteenBytes) {
    EXPECT_EQ(SourceRange::parse("192.0.2.7")->text(), "192.0.2.7/32");
    EXPECT_EQ(SourceRange::parse("2001:DB8:0::5/64")->text(), "2001:db8::/64");
    EXPECT_TRUE(SourceRange::parse("2001:db8::/64")->contains("2001:db8::ffff"));
    EXPECT_FALSE(SourceRange::parse("2001:db8::/64")->contains("2001:db8:0:1::"));
    EXPECT_TRUE(SourceRange::parse("0.0.0.0/0")->contains("198.51.100.1"));
}

TEST(SourceRange, RefusesWhatIsNone) {
    for (const char* bad : {"", "192.0.2", "192.0.2.0/33", "192.0.2.0/", "192.0.2.0/-1", "192.0.2.0/8x", "::1/129",
                            "example.org", "192.0.2.0/24/1", "192.0.2.256"}) {
        EXPECT_FALSE(SourceRange::parse(bad)) << bad;
    }
}

TEST(SourceRange, NoneNamedIsAnywhere) {
    EXPECT_TRUE(may_come_from({}, "198.51.100.1"));
    EXPECT_FALSE(may_come_from({*SourceRange::parse("192.0.2.0/24")}, "198.51.100.1"));
}

// --- the token itself ---

TEST(ApiTokens, AreToldFromSessionsByTheirForm) {
    EXPECT_TRUE(is_token("mdg_" + std::string(43, 'a')));
    EXPECT_FALSE(is_token(std::string(43, 'a')));
    EXPECT_FALSE(is_token("mdg_" + std::string(44, 'a')));
    EXPECT_EQ(hint_of("mdg_" + std::string(43, 'a')), "mdg_aaaaaa");
}

TEST(ApiTokens, StateSaysTheStrongestReason) {
    ApiToken token{.maker_may = true, .expires_at = kNow + std::chrono::hours(1)};
    EXPECT_EQ(state_of(token, kNow), TokenState::active);
    token.maker_may = false;
    EXPECT_EQ(state_of(token, kNow), TokenState::maker_gone);
    EXPECT_EQ(state_of(token, kNow + std::chrono::hours(1)), TokenState::expired);
    token.revoked_at = kNow;
    EXPECT_EQ(state_of(token, kNow + std::chrono::hours(1)), TokenState::revoked);
}

}  // namespace
}  // namespace madoguchi::tokens
