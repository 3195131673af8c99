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

bool leaves(const Principal& principal, Permission permission) {
    return !principal.limits ||
           std::ranges::find(principal.limits->permissions, permission) != principal.limits->permissions.end();
}

bool within_limits(const Principal& principal, const std::string& path) {
    return !principal.limits || path.starts_with(principal.limits->path);
}

// What is below both. Nothing: they have nothing in common.
std::optional<std::string> narrowed(const Principal& principal, const std::string& path) {
    if (within_limits(principal, path)) {
        return path;
    }
    return principal.limits->path.starts_with(path) ? std::optional(principal.limits->path) : std::nullopt;
}

}  // namespace

bool gives(const Principal& principal, const Grant& grant, Permission permission, Instant now) {
    return grant.active(now) && reach(grant.role, permission) != Reach::none && leaves(principal, permission);
}

bool may(const Principal& principal, Permission permission, const OrganizationRef& target, Instant now) {
    return within_limits(principal, target.path) && std::ranges::any_of(principal.grants, [&](const Grant& grant) {
               return gives(principal, grant, permission, now) && reaches(grant, permission, target);
           });
}

Principal browsing(const Principal& principal) {
    Principal out = principal;
    std::erase_if(out.grants, [](const Grant& grant) { return grant.role == Role::helpdesk_operator; });
    return out;
}

bool browses_directory(const Principal& principal, Instant now) {
    return std::ranges::any_of(browsing(principal).grants, [&](const Grant& grant) {
        return gives(principal, grant, Permission::read_directory, now);
    });
}

std::vector<Permission> permissions(const Principal& principal, Instant now) {
    std::vector<Permission> out;
    for (const Permission permission : kPermissions) {
        if (std::ranges::any_of(principal.grants,
                                [&](const Grant& grant) { return gives(principal, grant, permission, now); })) {
            out.push_back(permission);
        }
    }
    return out;
}

Actor as_oneself(const Principal& principal) {
    return Actor{.account = principal.account,
                 .organization = principal.home.id,
                 .name = principal.limits ? principal.login_id + " / " + principal.limits->name : principal.login_id,
                 .jurisdiction = Jurisdiction(narrowed(principal, principal.home.path).value_or("")),
                 .source = principal.source,
                 .request_id = principal.request_id,
                 .channel = principal.channel};
}

Result<std::vector<Actor>> acting(const Principal& principal, Permission permission, Instant now) {
    std::vector<const Grant*> holding;
    for (const Grant& grant : principal.grants) {
        if (gives(principal, grant, permission, now) && narrowed(principal, grant.organization.path)) {
            holding.push_back(&grant);
        }
    }
    std::ranges::stable_sort(holding, {}, [](const Grant* grant) { return grant->organization.path.size(); });
    std::vector<Actor> out;
    for (const Grant* grant : holding) {
        const auto path = *narrowed(principal, grant->organization.path);
        const bool inside =
            std::ranges::any_of(out, [&](const Actor& actor) { return actor.jurisdiction.contains(path); });
        if (!inside) {
            Actor actor = as_oneself(principal);
            actor.organization = grant->organization.id;
            actor.jurisdiction = Jurisdiction(path);
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
        if (gives(principal, grant, permission, now)) {
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

Result<void> may_assign(const Principal& principal, Role role, const OrganizationRef& target, Instant now,
                        Permission by) {
    if (!fits(role, target.kind)) {
        return invalid_field("role", "role_does_not_fit");
    }
    const bool allowed =
        within_limits(principal, target.path) && std::ranges::any_of(principal.grants, [&](const Grant& grant) {
            return gives(principal, grant, by, now) && reaches(grant, by, target) && rank(role) <= rank(grant.role);
        });
    if (!allowed) {
        return failure(ErrorKind::forbidden, "higher_role");
    }
    return {};
}

bool may_move(const Principal& principal, const OrganizationRef& from, const OrganizationRef& to, Instant now) {
    return std::ranges::any_of(principal.grants, [&](const Grant& grant) {
        const auto above = [&](const OrganizationRef& place) {
            return place.path != grant.organization.path && place.path.starts_with(grant.organization.path) &&
                   within_limits(principal, place.path);
        };
        return gives(principal, grant, Permission::create_organization, now) && above(from) && above(to);
    });
}

}  // namespace madoguchi::directory
