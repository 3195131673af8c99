// The permission table of the product description, written down a second time: every cell in its words.
#include "directory/roles.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>
#include <vector>

namespace madoguchi::directory {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Columns: issue & close accounts | reset, unlock | assign roles | daily report | see reports | audit
using Words = std::array<std::string_view, 6>;
const std::map<Role, Words> kProductTable = {
    {Role::ministry_admin, {"prefectures, helpdesk", "below", "below", "–", "all", "all"}},
    {Role::prefecture_admin,
     {"health centres", "below", "below", "retroactive corrections", "its prefecture", "its prefecture"}},
    {Role::health_center_admin,
     {"facilities, follow-up centres, own staff", "below", "below", "own and proxy", "its jurisdiction",
      "its jurisdiction"}},
    {Role::health_center_staff, {"–", "–", "–", "own and proxy", "its jurisdiction", "–"}},
    {Role::facility_admin, {"own staff", "own staff", "own staff", "own", "own", "–"}},
    {Role::facility_staff, {"–", "–", "–", "own", "own", "–"}},
    {Role::helpdesk_operator, {"–", "start a reset, unlock (never for administrators)", "–", "–", "–", "own actions"}},
    {Role::auditor, {"–", "–", "–", "–", "–", "all, read only"}},
};

// What a cell's words give, for every permission of its column.
using Meaning = std::map<Permission, Reach>;
const std::array<std::map<std::string_view, Meaning>, 6> kMeanings = {{
    {{"prefectures, helpdesk", {{Permission::issue_account, Reach::kinds}}},
     {"health centres", {{Permission::issue_account, Reach::kinds}}},
     {"facilities, follow-up centres, own staff", {{Permission::issue_account, Reach::kinds_and_own_staff}}},
     {"own staff", {{Permission::issue_account, Reach::own_organization}}},
     {"–", {{Permission::issue_account, Reach::none}}}},
    {{"below",
      {{Permission::reset_account, Reach::subtree},
       {Permission::start_reset, Reach::none},
       {Permission::unlock_account, Reach::subtree}}},
     {"own staff",
      {{Permission::reset_account, Reach::own_organization},
       {Permission::start_reset, Reach::none},
       {Permission::unlock_account, Reach::own_organization}}},
     {"start a reset, unlock (never for administrators)",
      {{Permission::reset_account, Reach::none},
       {Permission::start_reset, Reach::subtree},
       {Permission::unlock_account, Reach::subtree}}},
     {"–",
      {{Permission::reset_account, Reach::none},
       {Permission::start_reset, Reach::none},
       {Permission::unlock_account, Reach::none}}}},
    {{"below", {{Permission::assign_role, Reach::subtree}}},
     {"own staff", {{Permission::assign_role, Reach::own_organization}}},
     {"–", {{Permission::assign_role, Reach::none}}}},
    {{"own and proxy",
      {{Permission::report_own, Reach::own_organization},
       {Permission::report_proxy, Reach::subtree},
       {Permission::correct_reports, Reach::none}}},
     {"own",
      {{Permission::report_own, Reach::own_organization},
       {Permission::report_proxy, Reach::none},
       {Permission::correct_reports, Reach::none}}},
     {"retroactive corrections",
      {{Permission::report_own, Reach::none},
       {Permission::report_proxy, Reach::none},
       {Permission::correct_reports, Reach::subtree}}},
     {"–",
      {{Permission::report_own, Reach::none},
       {Permission::report_proxy, Reach::none},
       {Permission::correct_reports, Reach::none}}}},
    {{"all", {{Permission::see_reports, Reach::subtree}}},
     {"its prefecture", {{Permission::see_reports, Reach::subtree}}},
     {"its jurisdiction", {{Permission::see_reports, Reach::subtree}}},
     {"own", {{Permission::see_reports, Reach::own_organization}}},
     {"–", {{Permission::see_reports, Reach::none}}}},
    {{"all", {{Permission::read_audit, Reach::subtree}, {Permission::read_own_audit, Reach::subtree}}},
     {"its prefecture", {{Permission::read_audit, Reach::subtree}, {Permission::read_own_audit, Reach::subtree}}},
     {"its jurisdiction", {{Permission::read_audit, Reach::subtree}, {Permission::read_own_audit, Reach::subtree}}},
     {"all, read only", {{Permission::read_audit, Reach::subtree}, {Permission::read_own_audit, Reach::subtree}}},
     {"own actions", {{Permission::read_audit, Reach::none}, {Permission::read_own_audit, Reach::subtree}}},
     {"–", {{Permission::read_audit, Reach::none}, {Permission::read_own_audit, Reach::none}}}},
}};

TEST(Roles, EveryCellOfTheProductsTableIsWhatTheCodeSays) {
    int cells = 0;
    for (const Role role : kRoles) {
        const Words& words = kProductTable.at(role);
        for (std::size_t column = 0; column < words.size(); ++column, ++cells) {
            for (const auto& [permission, expected] : kMeanings.at(column).at(words.at(column))) {
                EXPECT_EQ(static_cast<int>(reach(role, permission)), static_cast<int>(expected))
                    << to_text(role) << ", column " << column << " says \"" << words.at(column)
                    << "\": " << to_text(permission);
            }
        }
    }
    EXPECT_EQ(cells, 48);
}

TEST(Roles, EveryPermissionButReadingAndCreatingStandsInAColumn) {
    std::set<Permission> seen = {Permission::read_directory, Permission::create_organization};
    for (const auto& column : kMeanings) {
        for (const auto& [permission, reach] : column.begin()->second) {
            EXPECT_TRUE(seen.insert(permission).second) << to_text(permission) << " stands in two columns";
        }
    }
    EXPECT_EQ(seen.size(), kPermissions.size());
}

TEST(Roles, IssueForTheKindsOfTheirCell) {
    const auto kinds = [](Role role) {
        const auto issued = issues_for(role);
        return std::vector<OrganizationKind>(issued.begin(), issued.end());
    };
    EXPECT_THAT(kinds(Role::ministry_admin), ElementsAre(OrganizationKind::prefecture, OrganizationKind::helpdesk));
    EXPECT_THAT(kinds(Role::prefecture_admin), ElementsAre(OrganizationKind::health_center));
    EXPECT_THAT(kinds(Role::health_center_admin),
                ElementsAre(OrganizationKind::facility, OrganizationKind::follow_up_center));
    for (const Role role : {Role::health_center_staff, Role::facility_admin, Role::facility_staff,
                            Role::helpdesk_operator, Role::auditor}) {
        EXPECT_THAT(kinds(role), IsEmpty()) << to_text(role);
    }
}

TEST(Roles, WhoCreatesOrganizationsCreatesTheKindsTheyIssueFor) {
    for (const Role role : kRoles) {
        const Reach expected = issues_for(role).empty() ? Reach::none : Reach::kinds;
        EXPECT_EQ(static_cast<int>(reach(role, Permission::create_organization)), static_cast<int>(expected))
            << to_text(role);
    }
}

TEST(Roles, ReadTheDirectoryWhoActsOnAccountsOrReportsForOthers) {
    const std::map<Role, Reach> expected = {
        {Role::ministry_admin, Reach::subtree},          {Role::prefecture_admin, Reach::subtree},
        {Role::health_center_admin, Reach::subtree},     {Role::health_center_staff, Reach::subtree},
        {Role::facility_admin, Reach::own_organization}, {Role::facility_staff, Reach::none},
        {Role::helpdesk_operator, Reach::none},          {Role::auditor, Reach::none}};
    for (const auto& [role, far] : expected) {
        EXPECT_EQ(static_cast<int>(reach(role, Permission::read_directory)), static_cast<int>(far)) << to_text(role);
    }
}

TEST(Roles, RankDescendsFromMinistryToClinic) {
    const std::vector<Role> descending = {Role::ministry_admin,      Role::prefecture_admin,  Role::auditor,
                                          Role::health_center_admin, Role::helpdesk_operator, Role::health_center_staff,
                                          Role::facility_admin,      Role::facility_staff};
    ASSERT_EQ(descending.size(), kRoles.size());
    for (std::size_t i = 1; i < descending.size(); ++i) {
        EXPECT_GT(rank(descending[i - 1]), rank(descending[i])) << to_text(descending[i]);
    }
    EXPECT_GT(rank(Role::facility_staff), 0) << "an account without a role is below every role";
}

TEST(Roles, AdministratorsAreTheFourWhoseNameSaysSo) {
    for (const Role role : kRoles) {
        EXPECT_EQ(is_administrator(role), to_text(role).ends_with("_admin")) << to_text(role);
    }
}

TEST(Roles, StandAtTheKindsTheyFit) {
    const std::map<Role, std::set<OrganizationKind>> places = {
        {Role::ministry_admin, {OrganizationKind::ministry}},
        {Role::prefecture_admin, {OrganizationKind::prefecture}},
        {Role::health_center_admin, {OrganizationKind::health_center}},
        {Role::health_center_staff, {OrganizationKind::health_center}},
        {Role::facility_admin, {OrganizationKind::facility, OrganizationKind::follow_up_center}},
        {Role::facility_staff, {OrganizationKind::facility, OrganizationKind::follow_up_center}},
        {Role::helpdesk_operator, {OrganizationKind::ministry, OrganizationKind::prefecture}},
        {Role::auditor, {OrganizationKind::ministry, OrganizationKind::prefecture}},
    };
    for (const Role role : kRoles) {
        for (const OrganizationKind kind : kOrganizationKinds) {
            EXPECT_EQ(fits(role, kind), places.at(role).contains(kind)) << to_text(role) << " at " << to_text(kind);
        }
    }
}

TEST(Roles, TheUsualRoleOfEachKind) {
    EXPECT_EQ(usual_role(OrganizationKind::ministry), Role::ministry_admin);
    EXPECT_EQ(usual_role(OrganizationKind::prefecture), Role::prefecture_admin);
    EXPECT_EQ(usual_role(OrganizationKind::health_center), Role::health_center_staff);
    EXPECT_EQ(usual_role(OrganizationKind::facility), Role::facility_staff);
    EXPECT_EQ(usual_role(OrganizationKind::follow_up_center), Role::facility_staff);
    EXPECT_EQ(usual_role(OrganizationKind::helpdesk), Role::helpdesk_operator);
}

TEST(Roles, NamesReadBack) {
    for (const Role each : kRoles) {
        EXPECT_EQ(role(to_text(each)), each);
    }
    for (const OrganizationKind kind : kOrganizationKinds) {
        EXPECT_EQ(organization_kind(to_text(kind)), kind);
    }
    EXPECT_EQ(role("root"), std::nullopt);
    EXPECT_EQ(role("ADMIN"), std::nullopt);
    EXPECT_EQ(role(""), std::nullopt);
    EXPECT_EQ(organization_kind("clinic"), std::nullopt);
}

}  // namespace
}  // namespace madoguchi::directory
