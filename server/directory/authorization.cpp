#include "directory/authorization.hpp"

#include <algorithm>

namespace madoguchi::directory {
namespace {

bool reaches(const Grant& grant, Permission permission, const OrganizationRef& target) {
    const bool own = target.path == grant.organization.path;
    const bool below = target.path.starts_with(grant.organization.path);
    const auto kinds = issues_for(grant.role);
    const bool of_kind = std::ranges::find(kinds, target.kind) != kinds.end();
    switch (reach(grant.role, permission)) {
        case Reach::none:
            return false;
        case Reach::own_organization:
            return own;
        case Reach::kinds:
            return below && of_kind;
        case Reach::kinds_and_own_staff:
            return own || (below && of_kind);
        case Reach::subtree:
            return below;
    }
    return false;
}

}  // namespace

bool may(const Principal& principal, Permission permission, const OrganizationRef& target, Instant now) {
    return std::ranges::any_of(
        principal.grants, [&](const Grant& grant) { return grant.active(now) && reaches(grant, permission, target); });
}

Principal browsing(const Principal& principal) {
    Principal out = principal;
    std::erase_if(out.grants, [](const Grant& grant) { return grant.role == Role::helpdesk_operator; });
    return out;
}

bool browses_directory(const Principal& principal, Instant now) {
    return std::ranges::any_of(browsing(principal).grants, [&](const Grant& grant) {
        return grant.active(now) && reach(grant.role, Permission::read_directory) != Reach::none;
    });
}

std::vector<Permission> permissions(const Principal& principal, Instant now) {
    std::vector<Permission> out;
    for (const Permission permission : kPermissions) {
        if (std::ranges::any_of(principal.grants, [&](const Grant& grant) {
                return grant.active(now) && reach(grant.role, permission) != Reach::none;
            })) {
            out.push_back(permission);
        }
    }
    return out;
}

Actor as_oneself(const Principal& principal) {
    return Actor{.account = principal.account,
                 .organization = principal.home.id,
                 .name = principal.login_id,
                 .jurisdiction = Jurisdiction(principal.home.path),
                 .source = principal.source,
                 .request_id = principal.request_id,
                 .channel = principal.channel};
}

Result<std::vector<Actor>> acting(const Principal& principal, Permission permission, Instant now) {
    std::vector<const Grant*> holding;
    for (const Grant& grant : principal.grants) {
        if (grant.active(now) && reach(grant.role, permission) != Reach::none) {
            holding.push_back(&grant);
        }
    }
    std::ranges::stable_sort(holding, {}, [](const Grant* grant) { return grant->organization.path.size(); });
    std::vector<Actor> out;
    for (const Grant* grant : holding) {
        const bool inside = std::ranges::any_of(
            out, [&](const Actor& actor) { return actor.jurisdiction.contains(grant->organization.path); });
        if (!inside) {
            Actor actor = as_oneself(principal);
            actor.organization = grant->organization.id;
            actor.jurisdiction = Jurisdiction(grant->organization.path);
            out.push_back(std::move(actor));
        }
    }
    if (out.empty()) {
        return failure(ErrorKind::forbidden, "forbidden",
                       std::string("no grant gives ") + std::string(to_text(permission)));
    }
    return out;
}

int highest_rank(const std::vector<Grant>& grants, Instant now) {
    int highest = 0;
    for (const Grant& grant : grants) {
        if (!grant.until || now < *grant.until) {
            highest = std::max(highest, rank(grant.role));
        }
    }
    return highest;
}

Result<void> may_act_on(const Principal& principal, Permission permission, AccountId account,
                        const std::vector<Grant>& account_grants, Instant now) {
    if (principal.account == account) {
        return failure(ErrorKind::forbidden, "own_account");
    }
    int own_rank = 0;
    bool only_helpdesk = true;
    for (const Grant& grant : principal.grants) {
        if (grant.active(now) && reach(grant.role, permission) != Reach::none) {
            own_rank = std::max(own_rank, rank(grant.role));
            only_helpdesk = only_helpdesk && grant.role == Role::helpdesk_operator;
        }
    }
    const bool administrator = std::ranges::any_of(account_grants, [&](const Grant& grant) {
        return (!grant.until || now < *grant.until) && is_administrator(grant.role);
    });
    if (highest_rank(account_grants, now) > own_rank || (only_helpdesk && administrator)) {
        return failure(ErrorKind::forbidden, "higher_role");
    }
    return {};
}

Result<void> may_assign(const Principal& principal, Role role, const OrganizationRef& target, Instant now) {
    if (!fits(role, target.kind)) {
        return invalid_field("role", "role_does_not_fit");
    }
    const bool allowed = std::ranges::any_of(principal.grants, [&](const Grant& grant) {
        return grant.active(now) && reaches(grant, Permission::assign_role, target) && rank(role) <= rank(grant.role);
    });
    if (!allowed) {
        return failure(ErrorKind::forbidden, "higher_role");
    }
    return {};
}

bool may_move(const Principal& principal, const OrganizationRef& from, const OrganizationRef& to, Instant now) {
    return std::ranges::any_of(principal.grants, [&](const Grant& grant) {
        const auto above = [&](const OrganizationRef& place) {
            return place.path != grant.organization.path && place.path.starts_with(grant.organization.path);
        };
        return grant.active(now) && reach(grant.role, Permission::create_organization) != Reach::none && above(from) &&
               above(to);
    });
}

}  // namespace madoguchi::directory
