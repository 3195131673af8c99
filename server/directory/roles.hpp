// Roles and what each may do: the one table of the product's permissions. Pure.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string_view>

namespace madoguchi::directory {

enum class OrganizationKind { ministry, prefecture, health_center, facility, follow_up_center, helpdesk };
inline constexpr std::array kOrganizationKinds = {OrganizationKind::ministry,         OrganizationKind::prefecture,
                                                  OrganizationKind::health_center,    OrganizationKind::facility,
                                                  OrganizationKind::follow_up_center, OrganizationKind::helpdesk};
std::string_view to_text(OrganizationKind kind);
std::optional<OrganizationKind> organization_kind(std::string_view text);

enum class Role {
    ministry_admin,
    prefecture_admin,
    health_center_admin,
    health_center_staff,
    facility_admin,
    facility_staff,
    helpdesk_operator,
    auditor
};
inline constexpr std::array kRoles = {Role::ministry_admin,      Role::prefecture_admin, Role::health_center_admin,
                                      Role::health_center_staff, Role::facility_admin,   Role::facility_staff,
                                      Role::helpdesk_operator,   Role::auditor};
std::string_view to_text(Role role);
std::optional<Role> role(std::string_view text);

enum class Permission {
    read_directory,       // see organizations and accounts
    create_organization,  // below one's own
    issue_account,        // and close, suspend, resume
    reset_account,        // a new initial password, a second step bound anew
    start_reset,          // a reset that only the registered channel can finish
    unlock_account,
    assign_role,
    report_own,
    report_proxy,
    correct_reports,
    see_reports,
    read_audit,
    read_own_audit,
};
inline constexpr std::array kPermissions = {
    Permission::read_directory, Permission::create_organization, Permission::issue_account, Permission::reset_account,
    Permission::start_reset,    Permission::unlock_account,      Permission::assign_role,   Permission::report_own,
    Permission::report_proxy,   Permission::correct_reports,     Permission::see_reports,   Permission::read_audit,
    Permission::read_own_audit};
std::string_view to_text(Permission permission);

/// How far below the grant's organization a permission reaches.
enum class Reach {
    none,
    own_organization,     // the grant's organization alone
    kinds,                // organizations of the kinds that the role issues for, anywhere below
    kinds_and_own_staff,  // those and the grant's own organization
    subtree               // everything below and including the grant's organization
};

/// The reach of `permission` for `role`. Source: the permission table of the product description.
Reach reach(Role role, Permission permission);
/// The kinds of organization whose accounts `role` issues, where the reach says `kinds`.
std::span<const OrganizationKind> issues_for(Role role);
/// Nobody acts on an account that holds a role of a higher rank than their own.
int rank(Role role);
bool is_administrator(Role role);
/// May a grant of `role` stand at an organization of this kind?
bool fits(Role role, OrganizationKind kind);
/// The role that an account of such an organization gets unless another one is asked for.
Role usual_role(OrganizationKind kind);

}  // namespace madoguchi::directory
