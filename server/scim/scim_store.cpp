#include "scim/scim_store.hpp"

#include "accounts/account_row.hpp"

namespace madoguchi::scim {
namespace {

constexpr db::Query kCountUsers = {"scim.count_users", R"(
    select count(*) as found from accounts a
    where a.state <> 'closed' and (cast(:id as bigint) is null or a.id = :id)
      and (cast(:login_key as text) is null or a.login_key = :login_key)
      and (cast(:external_id as text) is null or a.external_id = :external_id))"};

constexpr db::Query kUsers = {"scim.users", R"(
    select a.id, a.login_id, a.organization_id, o.kind, o.path, o.name, a.family_name, a.given_name, a.family_kana, a.given_kana, a.state,
           a.password_phc is not null as has_password, us(a.initial_expires_at) as initial_expires_at,
           us(a.password_reset_at) as password_reset_at, us(a.second_step_reset_at) as second_step_reset_at,
           us(a.last_signed_in_at) as last_signed_in_at, us(a.created_at) as created_at,
           coalesce(o.institution_code, '') as institution_code, coalesce(o.local_government_code, '') as local_government_code,
           coalesce(a.external_id, '') as external_id, us(a.changed_at) as changed_at
    from accounts a join organizations o on o.id = a.organization_id
    where a.state <> 'closed' and (cast(:id as bigint) is null or a.id = :id)
      and (cast(:login_key as text) is null or a.login_key = :login_key)
      and (cast(:external_id as text) is null or a.external_id = :external_id)
    order by a.id offset :offset limit :limit)"};

constexpr db::Query kLockUser = {"scim.lock_user", R"(
    select id from accounts where id = :id and state <> 'closed' for update)"};

constexpr db::Query kSetExternalId = {"scim.set_external_id", R"(
    update accounts set external_id = nullif(:external_id, ''), changed_at = instant(:now), version = version + 1 where id = :id)"};

constexpr db::Query kCountGroups = {"scim.count_groups", R"(
    select count(*) as found
    from organizations o join unnest(cast(:kinds as text[]), cast(:roles as text[])) as f(kind, role) on f.kind = o.kind
    where o.state = 'active'
      and (cast(:organization as bigint) is null or (o.id = :organization and f.role = :role))
      and (cast(:organization_name as text) is null or lower(o.name) = lower(:organization_name))
      and (cast(:member as bigint) is null
           or exists (select 1 from grants g
                      where g.account_id = :member and g.organization_id = o.id and g.role = f.role and g.revoked_at is null
                        and g.valid_from <= instant(:now) and (g.valid_until is null or g.valid_until > instant(:now)))))"};

constexpr db::Query kGroups = {"scim.groups", R"(
    select o.id as organization_id, o.kind, o.path, o.name, f.role, us(o.created_at) as created_at,
           us(greatest(s.changed_at, (select max(greatest(g.created_at, g.revoked_at)) from grants g
                                      where g.organization_path = o.path and g.role = f.role))) as changed_at,
           coalesce(s.external_id, '') as external_id
    from organizations o
    join unnest(cast(:kinds as text[]), cast(:roles as text[])) with ordinality as f(kind, role, place) on f.kind = o.kind
    left join scim_groups s on s.organization_id = o.id and s.role = f.role
    where o.state = 'active'
      and (cast(:organization as bigint) is null or (o.id = :organization and f.role = :role))
      and (cast(:organization_name as text) is null or lower(o.name) = lower(:organization_name))
      and (cast(:member as bigint) is null
           or exists (select 1 from grants g
                      where g.account_id = :member and g.organization_id = o.id and g.role = f.role and g.revoked_at is null
                        and g.valid_from <= instant(:now) and (g.valid_until is null or g.valid_until > instant(:now))))
    order by o.id, f.place offset :offset limit :limit)"};

constexpr db::Query kSetGroupExternalId = {"scim.set_group_external_id", R"(
    insert into scim_groups (organization_id, role, external_id, changed_at)
    values (:organization, :role, :external_id, instant(:now))
    on conflict (organization_id, role) do update set external_id = excluded.external_id, changed_at = excluded.changed_at)"};

constexpr db::Query kDropGroupExternalId = {"scim.drop_group_external_id", R"(
    delete from scim_groups where organization_id = :organization and role = :role)"};

constexpr db::Query kMembers = {"scim.members", R"(
    select g.organization_id, g.role, g.id as grant_id, a.id as account_id, a.family_name, a.given_name
    from grants g join accounts a on a.id = g.account_id
    where g.organization_path = any(cast(:paths as text[])) and g.revoked_at is null and g.valid_from <= instant(:now)
      and (g.valid_until is null or g.valid_until > instant(:now)) and a.state <> 'closed'
    order by g.id)"};

UserRow to_user(const db::Row& row) {
    return {.account = accounts::account_of(row),
            .institution_code = row.get<std::string>("institution_code"),
            .local_government_code = row.get<std::string>("local_government_code"),
            .external_id = row.get<std::string>("external_id"),
            .changed_at = row.get<std::optional<Instant>>("changed_at")};
}

// Each role beside each kind of organization at which it may stand.
struct Fitting {
    std::vector<std::string> kinds;
    std::vector<std::string> roles;
};
const Fitting& fitting() {
    static const Fitting kFitting = [] {
        Fitting out;
        for (const auto kind : directory::kOrganizationKinds) {
            for (const auto role : directory::kRoles) {
                if (directory::fits(role, kind)) {
                    out.kinds.emplace_back(to_text(kind));
                    out.roles.emplace_back(to_text(role));
                }
            }
        }
        return out;
    }();
    return kFitting;
}

std::optional<std::int64_t> organization_of(const GroupConditions& conditions) {
    return conditions.key ? std::optional(conditions.key->organization.value) : std::nullopt;
}
std::optional<std::string> role_of(const GroupConditions& conditions) {
    return conditions.key ? std::optional(std::string(to_text(conditions.key->role))) : std::nullopt;
}

GroupRow to_group(const db::Row& row) {
    const OrganizationId organization{row.get<std::int64_t>("organization_id")};
    return {.key = {organization, directory::role(row.get<std::string>("role")).value()},
            .organization = {organization, directory::organization_kind(row.get<std::string>("kind")).value(),
                             row.get<std::string>("path"), row.get<std::string>("name")},
            .created_at = row.get<Instant>("created_at"),
            .changed_at = row.get<std::optional<Instant>>("changed_at"),
            .external_id = row.get<std::string>("external_id")};
}

}  // namespace

Result<std::int64_t> ScimStore::count_users(db::Transaction& tx, const UserConditions& conditions) const {
    const auto row = TRY(tx.one(kCountUsers, conditions.id, conditions.login_key, conditions.external_id));
    return row.get<std::int64_t>("found");
}

Result<std::vector<UserRow>> ScimStore::users(db::Transaction& tx, const UserConditions& conditions,
                                              std::int64_t offset, int limit) const {
    const auto rows = TRY(tx.many(kUsers, conditions.id, conditions.login_key, conditions.external_id, offset, limit));
    std::vector<UserRow> out;
    out.reserve(rows.size());
    for (const auto& row : rows) {
        out.push_back(to_user(row));
    }
    return out;
}

Result<std::optional<UserRow>> ScimStore::lock_user(db::Transaction& tx, AccountId id) const {
    if (!TRY(tx.maybe_one(kLockUser, id))) {
        return std::optional<UserRow>();
    }
    auto found = TRY(users(tx, {.id = id.value}, 0, 1));
    return found.empty() ? std::optional<UserRow>() : std::optional(std::move(found.front()));
}

Result<void> ScimStore::set_external_id(db::Transaction& tx, AccountId id, const std::string& external_id,
                                        Instant now) const {
    TRY(tx.execute(kSetExternalId, external_id, now, id));
    return {};
}

Result<std::int64_t> ScimStore::count_groups(db::Transaction& tx, const GroupConditions& conditions,
                                             Instant now) const {
    const auto row = TRY(tx.one(kCountGroups, fitting().kinds, fitting().roles, organization_of(conditions),
                                role_of(conditions), conditions.organization_name, conditions.member, now));
    return row.get<std::int64_t>("found");
}

Result<std::vector<GroupRow>> ScimStore::groups(db::Transaction& tx, const GroupConditions& conditions,
                                                std::int64_t offset, int limit, Instant now) const {
    const auto rows =
        TRY(tx.many(kGroups, fitting().kinds, fitting().roles, organization_of(conditions), role_of(conditions),
                    conditions.organization_name, conditions.member, now, offset, limit));
    std::vector<GroupRow> out;
    out.reserve(rows.size());
    for (const auto& row : rows) {
        out.push_back(to_group(row));
    }
    return out;
}

Result<void> ScimStore::set_external_id(db::Transaction& tx, const GroupKey& group, const std::string& external_id,
                                        Instant now) const {
    const auto role = directory::to_text(group.role);
    if (external_id.empty()) {
        TRY(tx.execute(kDropGroupExternalId, group.organization, role));
    } else {
        TRY(tx.execute(kSetGroupExternalId, group.organization, role, external_id, now));
    }
    return {};
}

Result<std::map<GroupKey, std::vector<MemberRow>>> ScimStore::members(db::Transaction& tx,
                                                                      const std::vector<GroupRow>& groups,
                                                                      Instant now) const {
    std::vector<std::string> paths;
    paths.reserve(groups.size());
    for (const auto& group : groups) {
        paths.push_back(group.organization.path);
    }
    std::map<GroupKey, std::vector<MemberRow>> out;
    for (const auto& row : TRY(tx.many(kMembers, paths, now))) {
        const GroupKey key{{row.get<std::int64_t>("organization_id")},
                           directory::role(row.get<std::string>("role")).value()};
        const auto given = row.get<std::string>("given_name");
        out[key].push_back({{row.get<std::int64_t>("grant_id")},
                            {row.get<std::int64_t>("account_id")},
                            row.get<std::string>("family_name") + (given.empty() ? "" : " " + given)});
    }
    return out;
}

}  // namespace madoguchi::scim
