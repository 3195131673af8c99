// "Who may do what to whom": one question asked in one place. Pure; the database's policies ask it again (S16).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/actor.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "directory/roles.hpp"

namespace madoguchi::directory {

struct OrganizationRef {
    OrganizationId id;
    OrganizationKind kind = OrganizationKind::facility;
    std::string path;
    std::string name;
};

struct Grant {
    GrantId id;
    Role role = Role::facility_staff;
    OrganizationRef organization;
    Instant from;
    std::optional<Instant> until;

    bool active(Instant now) const { return from <= now && (!until || now < *until); }
};

/// What a token leaves of its maker's rights: some permissions, below one organization.
struct TokenLimits {
    TokenId token;
    std::string name;
    std::string path;
    std::vector<Permission> permissions;
};

/// Somebody signed in, as their session says on this request; or a script with a token that they made.
struct Principal {
    AccountId account;
    std::string login_id;
    std::string name;
    OrganizationRef home;
    std::vector<Grant> grants;
    SessionId session;
    std::string channel;
    std::string source;
    std::string request_id;
    std::optional<TokenLimits> limits = std::nullopt;
};

/// Does this grant of theirs give the permission now, and a token, if it is one, leave it?
bool gives(const Principal& principal, const Grant& grant, Permission permission, Instant now);

/// Does one of the active grants reach an organization at `path` of `kind`?
bool may(const Principal& principal, Permission permission, const OrganizationRef& target, Instant now);

/// May they open lists and pages of accounts and organizations? A helpdesk reads the directory too, but only caller by
/// caller on its own masked screens.
bool browses_directory(const Principal& principal, Instant now);

/// The same person without the grants that give no lists: what a helpdesk may look up stays on its own screens.
Principal browsing(const Principal& principal);

/// The permissions that any active grant gives, for home pages and /me.
std::vector<Permission> permissions(const Principal& principal, Instant now);

/// The actors as whom the principal may look for something under `permission`: one a grant, widest first, none inside
/// another one. Errors: forbidden (no grant gives the permission).
Result<std::vector<Actor>> acting(const Principal& principal, Permission permission, Instant now);

/// For refusals and for acts on oneself: sees only the own organization.
Actor as_oneself(const Principal& principal);

/// Nobody acts on their own account, nor on one that holds a higher role, nor a helpdesk on administrators.
/// Errors: forbidden (own_account, higher_role).
Result<void> may_act_on(const Principal& principal, Permission permission, AccountId account,
                        const std::vector<Grant>& account_grants, Instant now);

/// May `principal` give or take `role` at `target`? `by`: what gives them the right to. Errors: forbidden
/// (higher_role), invalid (role_does_not_fit).
Result<void> may_assign(const Principal& principal, Role role, const OrganizationRef& target, Instant now,
                        Permission by = Permission::assign_role);

/// May `principal` move something from below one organization to below another? Only who stands above both of them.
bool may_move(const Principal& principal, const OrganizationRef& from, const OrganizationRef& to, Instant now);

/// The highest rank among active and future grants.
int highest_rank(const std::vector<Grant>& grants, Instant now);

}  // namespace madoguchi::directory
