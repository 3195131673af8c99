// The yearly review: who holds what, confirmed or taken away.
#include "accounts/role_service.hpp"

#include <algorithm>

#include "base/desk_limits.hpp"

namespace madoguchi::accounts {
namespace {

using directory::Permission;
using directory::ReviewedGrant;

constexpr auto kPermission = Permission::assign_role;

tl::unexpected<Error> hidden() {
    return failure(ErrorKind::not_found, "not_found");
}

}  // namespace

bool RoleService::may_change(const Principal& principal, const ReviewedGrant& grant, Instant now) {
    return principal.account != grant.record.account &&
           directory::may_assign(principal, grant.record.grant.role, grant.record.grant.organization, now).has_value();
}

Result<std::vector<ReviewedGrant>> RoleService::review(const Principal& principal, directory::ReviewFilter filter,
                                                       Instant now) {
    filter.now = now;
    filter.reviewed_before = now - limits::kRoleReview;
    filter.ends_before = now + limits::kRoleEndsSoon;
    std::vector<ReviewedGrant> out;
    for (const Actor& actor : TRY(directory::acting(principal, kPermission, now))) {
        auto some = TRY(database_.transact(actor, [&](db::Transaction& tx) { return grants_.review(tx, filter); }));
        std::ranges::move(some, std::back_inserter(out));
    }
    std::ranges::sort(out, {}, [](const ReviewedGrant& grant) { return grant.record.grant.id; });
    if (out.size() > static_cast<std::size_t>(filter.limit)) {
        out.resize(static_cast<std::size_t>(filter.limit));
    }
    return out;
}

Result<ReviewedGrant> RoleService::reviewed(const Principal& principal, GrantId id, Instant now) {
    // One row of the same list, so that nothing is seen here that is not seen there.
    auto found =
        TRY(review(principal, {.which = directory::ReviewWhich::all, .after_id = id.value - 1, .limit = 1}, now));
    if (found.empty() || found.front().record.grant.id != id) {
        return hidden();
    }
    return std::move(found.front());
}

Result<std::int64_t> RoleService::count_due(const Principal& principal, Instant now) {
    std::int64_t count = 0;
    for (const Actor& actor : TRY(directory::acting(principal, kPermission, now))) {
        count += TRY(database_.transact(
            actor, [&](db::Transaction& tx) { return grants_.count_due(tx, now - limits::kRoleReview, now); }));
    }
    return count;
}

Result<OrganizationId> RoleService::home_of(const Principal& principal, const AccountKey& key, Instant now) {
    for (const Actor& actor : TRY(directory::acting(principal, kPermission, now))) {
        const auto account =
            TRY(database_.transact(actor, [&](db::Transaction& tx) { return accounts_.find(tx, key, now); }));
        if (account) {
            return account->organization.id;
        }
    }
    return hidden();
}

Result<bool> RoleService::confirm_one(db::Transaction& tx, const Principal& principal, const Actor& actor, GrantId id,
                                      Instant now) {
    const auto record = TRY(grants_.find(tx, id));
    if (!record) {
        return false;
    }
    const auto standing = TRY(grants_.standing(tx, record->account, now));
    const bool allowed =
        directory::may_assign(principal, record->grant.role, record->grant.organization, now).has_value() &&
        directory::may_act_on(principal, kPermission, record->account, standing, now).has_value();
    return allowed ? grants_.confirm(tx, actor, *record, now) : Result<bool>(false);
}

Result<int> RoleService::confirm(const Principal& principal, const std::vector<GrantId>& ids, Instant now) {
    const audit::Entry attempt{.action = "role.confirm",
                               .organization_path = principal.home.path,
                               .target_kind = "grant",
                               .target_id = ids.empty() ? 0 : ids.front().value,
                               .target_name = {}};
    const auto actors = directory::acting(principal, kPermission, now);
    if (!actors) {
        audit_.refused(directory::as_oneself(principal), attempt, actors.error(), now);
        return failure(actors.error());
    }
    if (ids.empty()) {
        return invalid_field("grant", "choice_required");
    }
    if (ids.size() > limits::kRolesConfirmed) {
        return failure(ErrorKind::invalid, "malformed_request", "more roles than two pages hold");
    }
    int confirmed = 0;
    for (const Actor& actor : *actors) {
        confirmed += TRY(audit_.audited(actor, attempt, now, [&](db::Transaction& tx) -> Result<int> {
            int done = 0;
            for (const GrantId id : ids) {
                done += TRY(confirm_one(tx, principal, actor, id, now)) ? 1 : 0;
            }
            return done;
        }));
    }
    return confirmed;
}

}  // namespace madoguchi::accounts
