#include "directory/roles.hpp"

#include <algorithm>
#include <cassert>

namespace madoguchi::directory {
namespace {

using Kinds = std::span<const OrganizationKind>;
constexpr std::array kMinistryIssues = {OrganizationKind::prefecture, OrganizationKind::helpdesk};
constexpr std::array kPrefectureIssues = {OrganizationKind::health_center};
constexpr std::array kHealthCenterIssues = {OrganizationKind::facility, OrganizationKind::follow_up_center};

struct RoleRow {
    Role role;
    std::string_view name;
    int rank;
    Kinds issues_for;
    // In the order of kPermissions:
    // read, create organization, issue, reset, start reset, unlock, assign, report own, proxy, correct, see, audit, own
    // audit
    std::array<Reach, kPermissions.size()> reach;
};

constexpr Reach kNone = Reach::none;
constexpr Reach kOwn = Reach::own_organization;
constexpr Reach kKinds = Reach::kinds;
constexpr Reach kStaff = Reach::kinds_and_own_staff;
constexpr Reach kAll = Reach::subtree;

constexpr std::array<RoleRow, kRoles.size()> kTable = {{
    {Role::ministry_admin,
     "ministry_admin",
     60,
     kMinistryIssues,
     {kAll, kKinds, kKinds, kAll, kNone, kAll, kAll, kNone, kNone, kNone, kAll, kAll, kAll}},
    {Role::prefecture_admin,
     "prefecture_admin",
     50,
     kPrefectureIssues,
     {kAll, kKinds, kKinds, kAll, kNone, kAll, kAll, kNone, kNone, kAll, kAll, kAll, kAll}},
    {Role::health_center_admin,
     "health_center_admin",
     40,
     kHealthCenterIssues,
     {kAll, kKinds, kStaff, kAll, kNone, kAll, kAll, kOwn, kAll, kNone, kAll, kAll, kAll}},
    {Role::health_center_staff,
     "health_center_staff",
     30,
     {},
     {kAll, kNone, kNone, kNone, kNone, kNone, kNone, kOwn, kAll, kNone, kAll, kNone, kNone}},
    {Role::facility_admin,
     "facility_admin",
     20,
     {},
     {kOwn, kNone, kOwn, kOwn, kNone, kOwn, kOwn, kOwn, kNone, kNone, kOwn, kNone, kNone}},
    {Role::facility_staff,
     "facility_staff",
     10,
     {},
     {kNone, kNone, kNone, kNone, kNone, kNone, kNone, kOwn, kNone, kNone, kOwn, kNone, kNone}},
    {Role::helpdesk_operator,
     "helpdesk_operator",
     35,
     {},
     {kNone, kNone, kNone, kNone, kAll, kAll, kNone, kNone, kNone, kNone, kNone, kNone, kAll}},
    {Role::auditor,
     "auditor",
     45,
     {},
     {kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone, kAll, kAll}},
}};

const RoleRow& row(Role role) {
    const auto& found = kTable.at(static_cast<std::size_t>(role));
    assert(found.role == role);
    return found;
}

constexpr std::array<std::string_view, kOrganizationKinds.size()> kKindNames = {
    "ministry", "prefecture", "health_center", "facility", "follow_up_center", "helpdesk"};

constexpr std::array<std::string_view, kPermissions.size()> kPermissionNames = {
    "read_directory", "create_organization", "issue_account", "reset_account", "start_reset",
    "unlock_account", "assign_role",         "report_own",    "report_proxy",  "correct_reports",
    "see_reports",    "read_audit",          "read_own_audit"};

}  // namespace

std::string_view to_text(OrganizationKind kind) {
    return kKindNames.at(static_cast<std::size_t>(kind));
}

std::optional<OrganizationKind> organization_kind(std::string_view text) {
    const auto found = std::ranges::find(kKindNames, text);
    if (found == kKindNames.end()) {
        return std::nullopt;
    }
    return kOrganizationKinds.at(static_cast<std::size_t>(found - kKindNames.begin()));
}

std::string_view to_text(Role role) {
    return row(role).name;
}

std::optional<Role> role(std::string_view text) {
    const auto found = std::ranges::find(kTable, text, &RoleRow::name);
    return found == kTable.end() ? std::nullopt : std::optional(found->role);
}

std::string_view to_text(Permission permission) {
    return kPermissionNames.at(static_cast<std::size_t>(permission));
}

Reach reach(Role role, Permission permission) {
    return row(role).reach.at(static_cast<std::size_t>(permission));
}

std::span<const OrganizationKind> issues_for(Role role) {
    return row(role).issues_for;
}

int rank(Role role) {
    return row(role).rank;
}

bool is_administrator(Role role) {
    return role == Role::ministry_admin || role == Role::prefecture_admin || role == Role::health_center_admin ||
           role == Role::facility_admin;
}

bool fits(Role role, OrganizationKind kind) {
    switch (role) {
        case Role::ministry_admin:
            return kind == OrganizationKind::ministry;
        case Role::prefecture_admin:
            return kind == OrganizationKind::prefecture;
        case Role::health_center_admin:
        case Role::health_center_staff:
            return kind == OrganizationKind::health_center;
        case Role::facility_admin:
        case Role::facility_staff:
            return kind == OrganizationKind::facility || kind == OrganizationKind::follow_up_center;
        case Role::helpdesk_operator:  // stands where it helps, not where it sits
        case Role::auditor:
            return kind == OrganizationKind::ministry || kind == OrganizationKind::prefecture;
    }
    return false;
}

Role usual_role(OrganizationKind kind) {
    switch (kind) {
        case OrganizationKind::ministry:
            return Role::ministry_admin;
        case OrganizationKind::prefecture:
            return Role::prefecture_admin;
        case OrganizationKind::health_center:
            return Role::health_center_staff;
        case OrganizationKind::helpdesk:
            return Role::helpdesk_operator;
        case OrganizationKind::facility:
        case OrganizationKind::follow_up_center:
            break;
    }
    return Role::facility_staff;
}

}  // namespace madoguchi::directory
