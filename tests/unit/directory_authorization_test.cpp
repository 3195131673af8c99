#include "directory/authorization.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace madoguchi::directory {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

const Instant kNow = from_microseconds(1'780'000'000'000'000);

// 1 ministry > 2 and 21 prefectures > 3 and 31 health centres > facilities, a follow-up centre; 9 a helpdesk.
const OrganizationRef kMinistry{{1}, OrganizationKind::ministry, "1.", "本省"};
const OrganizationRef kHelpdesk{{9}, OrganizationKind::helpdesk, "1.9.", "相談窓口"};
const OrganizationRef kPrefecture{{2}, OrganizationKind::prefecture, "1.2.", "東京都"};
const OrganizationRef kOtherPrefecture{{21}, OrganizationKind::prefecture, "1.21.", "大阪府"};
const OrganizationRef kHealthCenter{{3}, OrganizationKind::health_center, "1.2.3.", "保健所"};
const OrganizationRef kOtherHealthCenter{{31}, OrganizationKind::health_center, "1.2.31.", "隣の保健所"};
const OrganizationRef kFacility{{4}, OrganizationKind::facility, "1.2.3.4.", "内科"};
const OrganizationRef kOtherFacility{{41}, OrganizationKind::facility, "1.2.3.41.", "外科"};
const OrganizationRef kFarFacility{{5}, OrganizationKind::facility, "1.2.31.5.", "遠い内科"};
const OrganizationRef kFollowUp{{6}, OrganizationKind::follow_up_center, "1.2.3.6.", "センター"};

Grant grant(Role role, const OrganizationRef& place, Instant from = kNow - 1h,
            std::optional<Instant> until = std::nullopt) {
    return {{100}, role, place, from, until};
}

Principal holding(std::vector<Grant> grants) {
    return {.account = {7},
            .login_id = "x@madoguchi.example",
            .home = grants.empty() ? kMinistry : grants[0].organization,
            .grants = std::move(grants)};
}

const std::map<Role, OrganizationRef> kPlaces = {
    {Role::ministry_admin, kMinistry},          {Role::prefecture_admin, kPrefecture},
    {Role::health_center_admin, kHealthCenter}, {Role::health_center_staff, kHealthCenter},
    {Role::facility_admin, kFacility},          {Role::facility_staff, kFacility},
    {Role::helpdesk_operator, kMinistry},       {Role::auditor, kMinistry}};

std::string said(const Result<void>& result) {
    if (result) {
        return "ok";
    }
    return result.error().fields.empty() ? result.error().message_id : result.error().fields[0].message_id;
}

TEST(May, IssueForTheRightKindsBelowAndNowhereElse) {
    const auto issues = [](Role role, const OrganizationRef& target) {
        return may(holding({grant(role, kPlaces.at(role))}), Permission::issue_account, target, kNow);
    };
    EXPECT_TRUE(issues(Role::ministry_admin, kPrefecture));
    EXPECT_TRUE(issues(Role::ministry_admin, kHelpdesk));
    EXPECT_FALSE(issues(Role::ministry_admin, kMinistry));
    EXPECT_FALSE(issues(Role::ministry_admin, kHealthCenter));
    EXPECT_FALSE(issues(Role::ministry_admin, kFacility));
    EXPECT_TRUE(issues(Role::prefecture_admin, kHealthCenter));
    EXPECT_FALSE(issues(Role::prefecture_admin, kPrefecture));
    EXPECT_FALSE(issues(Role::prefecture_admin, kOtherPrefecture));
    EXPECT_FALSE(issues(Role::prefecture_admin, kFacility));
    EXPECT_TRUE(issues(Role::health_center_admin, kFacility));
    EXPECT_TRUE(issues(Role::health_center_admin, kFollowUp));
    EXPECT_TRUE(issues(Role::health_center_admin, kHealthCenter)) << "own staff";
    EXPECT_FALSE(issues(Role::health_center_admin, kFarFacility));
    EXPECT_FALSE(issues(Role::health_center_admin, kOtherHealthCenter)) << "1.2.31. is not below 1.2.3.";
    EXPECT_TRUE(issues(Role::facility_admin, kFacility)) << "own staff";
    EXPECT_FALSE(issues(Role::facility_admin, kOtherFacility));
    for (const Role role : {Role::health_center_staff, Role::facility_staff, Role::helpdesk_operator, Role::auditor}) {
        for (const auto& target : {kMinistry, kPrefecture, kHealthCenter, kFacility, kFollowUp, kHelpdesk}) {
            EXPECT_FALSE(issues(role, target)) << to_text(role) << " at " << target.path;
        }
    }
}

TEST(May, OnlyWhileTheGrantIsActive) {
    const auto at = [](Instant from, std::optional<Instant> until) {
        return may(holding({grant(Role::prefecture_admin, kPrefecture, from, until)}), Permission::see_reports,
                   kFacility, kNow);
    };
    EXPECT_TRUE(at(kNow, std::nullopt)) << "from is included";
    EXPECT_FALSE(at(kNow + 1us, std::nullopt));
    EXPECT_TRUE(at(kNow - 1h, kNow + 1us));
    EXPECT_FALSE(at(kNow - 1h, kNow)) << "until is not";
}

TEST(May, NeverOutsideOwnOrganizationForOwnReports) {
    for (const Role role :
         {Role::health_center_admin, Role::health_center_staff, Role::facility_admin, Role::facility_staff}) {
        const auto who = holding({grant(role, kPlaces.at(role))});
        EXPECT_TRUE(may(who, Permission::report_own, kPlaces.at(role), kNow)) << to_text(role);
        EXPECT_FALSE(may(who, Permission::report_own, kOtherFacility, kNow)) << to_text(role);
    }
}

TEST(May, WithoutAGrantNothing) {
    for (const Permission permission : kPermissions) {
        for (const auto& target : {kMinistry, kPrefecture, kFacility}) {
            EXPECT_FALSE(may(holding({}), permission, target, kNow)) << to_text(permission);
        }
    }
    EXPECT_THAT(permissions(holding({}), kNow), IsEmpty());
}

TEST(Permissions, AreThoseOfActiveGrantsTogether) {
    const auto who = holding({grant(Role::facility_staff, kFacility), grant(Role::auditor, kPrefecture),
                              grant(Role::ministry_admin, kMinistry, kNow + 1h)});
    EXPECT_THAT(permissions(who, kNow), ElementsAre(Permission::report_own, Permission::see_reports,
                                                    Permission::read_audit, Permission::read_own_audit));
}

std::vector<std::string> jurisdictions(const Result<std::vector<Actor>>& actors) {
    std::vector<std::string> out;
    for (const Actor& actor : actors.value_or(std::vector<Actor>{})) {
        out.push_back(actor.jurisdiction.setting());
    }
    return out;
}

TEST(Acting, OneActorAGrantWidestFirstNoneInsideAnother) {
    const auto who = holding({grant(Role::facility_admin, kFacility), grant(Role::health_center_admin, kHealthCenter),
                              grant(Role::facility_admin, kFarFacility)});
    const auto actors = acting(who, Permission::issue_account, kNow);
    EXPECT_THAT(jurisdictions(actors), ElementsAre("1.2.3.", "1.2.31.5."));
    EXPECT_EQ(actors->at(0).organization, kHealthCenter.id);
    EXPECT_EQ(actors->at(0).account, who.account);
    EXPECT_EQ(actors->at(0).name, who.login_id);
}

TEST(Acting, NeighboursWithAlikePathsAreNotInsideEachOther) {
    const auto who = holding(
        {grant(Role::health_center_admin, kHealthCenter), grant(Role::health_center_admin, kOtherHealthCenter)});
    EXPECT_THAT(jurisdictions(acting(who, Permission::issue_account, kNow)), ElementsAre("1.2.3.", "1.2.31."));
}

TEST(Acting, RefusedWhereNoActiveGrantGivesIt) {
    const auto staff = acting(holding({grant(Role::facility_staff, kFacility)}), Permission::issue_account, kNow);
    ASSERT_FALSE(staff);
    EXPECT_EQ(staff.error().kind, ErrorKind::forbidden);
    const auto over = holding({grant(Role::ministry_admin, kMinistry, kNow - 2h, kNow - 1h)});
    EXPECT_FALSE(acting(over, Permission::issue_account, kNow));
}

TEST(AsOneself, SeesTheOwnOrganizationOnly) {
    const auto who = holding({grant(Role::facility_admin, kFacility), grant(Role::ministry_admin, kMinistry)});
    EXPECT_EQ(as_oneself(who).jurisdiction.setting(), kFacility.path);
    EXPECT_TRUE(as_oneself(who).jurisdiction.contains("1.2.3.4."));
    EXPECT_FALSE(as_oneself(who).jurisdiction.contains("1.2.3.41."));
}

TEST(MayActOn, NobodyActsOnTheirOwnAccount) {
    for (const Role role : kRoles) {
        const auto who = holding({grant(role, kPlaces.at(role))});
        EXPECT_EQ(said(may_act_on(who, Permission::reset_account, who.account, {}, kNow)), "own_account");
    }
}

TEST(MayActOn, NobodyActsOnAHigherRole) {
    for (const Role actor :
         {Role::ministry_admin, Role::prefecture_admin, Role::health_center_admin, Role::facility_admin}) {
        for (const Role target : kRoles) {
            const auto result = may_act_on(holding({grant(actor, kPlaces.at(actor))}), Permission::reset_account, {8},
                                           {grant(target, kPlaces.at(target))}, kNow);
            EXPECT_EQ(said(result), rank(target) > rank(actor) ? "higher_role" : "ok")
                << to_text(actor) << " on " << to_text(target);
        }
    }
}

TEST(MayActOn, AFutureHigherRoleCountsAnEndedOneDoesNot) {
    const auto who = holding({grant(Role::health_center_admin, kHealthCenter)});
    const auto future = grant(Role::prefecture_admin, kPrefecture, kNow + 24h);
    const auto ended = grant(Role::prefecture_admin, kPrefecture, kNow - 24h, kNow);
    EXPECT_EQ(said(may_act_on(who, Permission::reset_account, {8}, {future}, kNow)), "higher_role");
    EXPECT_EQ(said(may_act_on(who, Permission::reset_account, {8}, {ended}, kNow)), "ok");
}

TEST(MayActOn, TheRankOfAnotherPermissionsGrantLendsNothing) {
    // An auditor's high rank must not lift somebody's facility_admin over a health centre's people.
    const auto who = holding({grant(Role::facility_admin, kFacility), grant(Role::auditor, kMinistry)});
    EXPECT_EQ(
        said(may_act_on(who, Permission::reset_account, {8}, {grant(Role::health_center_staff, kHealthCenter)}, kNow)),
        "higher_role");
}

TEST(MayActOn, AHelpdeskNeverTouchesAdministrators) {
    const auto helpdesk = holding({grant(Role::helpdesk_operator, kMinistry)});
    for (const Permission permission : {Permission::unlock_account, Permission::start_reset}) {
        for (const Role target : kRoles) {
            const bool allowed = !is_administrator(target) && rank(target) <= rank(Role::helpdesk_operator);
            EXPECT_EQ(said(may_act_on(helpdesk, permission, {8}, {grant(target, kPlaces.at(target))}, kNow)),
                      allowed ? "ok" : "higher_role")
                << to_text(target);
        }
    }
}

TEST(MayAssign, UpToTheOwnRankWithinReach) {
    const auto assigns = [](Role role, Role given, const OrganizationRef& target) {
        return said(may_assign(holding({grant(role, kPlaces.at(role))}), given, target, kNow));
    };
    EXPECT_EQ(assigns(Role::ministry_admin, Role::ministry_admin, kMinistry), "ok");
    EXPECT_EQ(assigns(Role::ministry_admin, Role::auditor, kMinistry), "ok");
    EXPECT_EQ(assigns(Role::prefecture_admin, Role::health_center_admin, kHealthCenter), "ok");
    EXPECT_EQ(assigns(Role::prefecture_admin, Role::prefecture_admin, kOtherPrefecture), "higher_role");
    EXPECT_EQ(assigns(Role::health_center_admin, Role::facility_admin, kFacility), "ok");
    EXPECT_EQ(assigns(Role::health_center_admin, Role::facility_staff, kFarFacility), "higher_role");
    EXPECT_EQ(assigns(Role::health_center_admin, Role::prefecture_admin, kPrefecture), "higher_role");
    EXPECT_EQ(assigns(Role::facility_admin, Role::facility_staff, kFacility), "ok");
    EXPECT_EQ(assigns(Role::facility_admin, Role::facility_staff, kOtherFacility), "higher_role");
    for (const Role role : {Role::health_center_staff, Role::facility_staff, Role::helpdesk_operator, Role::auditor}) {
        EXPECT_EQ(assigns(role, Role::facility_staff, kFacility), "higher_role") << to_text(role);
    }
}

TEST(MayAssign, RolesMustFitTheirPlace) {
    const auto ministry = holding({grant(Role::ministry_admin, kMinistry)});
    for (const Role role : kRoles) {
        for (const auto& place : {kMinistry, kPrefecture, kHealthCenter, kFacility, kFollowUp, kHelpdesk}) {
            EXPECT_EQ(said(may_assign(ministry, role, place, kNow)),
                      fits(role, place.kind) ? "ok" : "role_does_not_fit")
                << to_text(role) << " at " << place.path;
        }
    }
}

TEST(HighestRank, OfStandingGrants) {
    EXPECT_EQ(highest_rank({}, kNow), 0);
    EXPECT_EQ(
        highest_rank({grant(Role::facility_staff, kFacility), grant(Role::health_center_staff, kHealthCenter)}, kNow),
        rank(Role::health_center_staff));
    EXPECT_EQ(highest_rank({grant(Role::ministry_admin, kMinistry, kNow - 2h, kNow)}, kNow), 0);
}

}  // namespace
}  // namespace madoguchi::directory
