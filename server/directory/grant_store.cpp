#include "directory/grant_store.hpp"

#include "base/limits.hpp"
#include "db/plan.hpp"

namespace madoguchi::directory {
namespace {

constexpr db::Query kInsert = {"grant.insert", R"(
    insert into grants (account_id, account_path, organization_id, organization_path, role, valid_from, valid_until, created_at, created_by)
    values (:account, :account_path, :organization, :organization_path, :role, instant(:valid_from), instant(cast(:valid_until as bigint)),
            instant(:now), :by)
    returning id)"};

constexpr db::Query kInsertMany = {"grant.insert_many", R"(
    insert into grants (account_id, account_path, organization_id, organization_path, role, valid_from, valid_until, created_at, created_by)
    select g.account_id, g.account_path, g.organization_id, g.organization_path, g.role, instant(g.valid_from), instant(nullif(g.valid_until, 0)),
           instant(:now), cast(:by as bigint)
    from unnest(cast(:accounts as bigint[]), cast(:account_paths as text[]), cast(:organizations as bigint[]),
                cast(:organization_paths as text[]), cast(:roles as text[]), cast(:from as bigint[]), cast(:until as bigint[]))
        as g (account_id, account_path, organization_id, organization_path, role, valid_from, valid_until))"};

constexpr db::Query kCloseEnded = {"grant.close_ended", R"(
    update grants set revoked_at = valid_until
    where account_id = :account and organization_id = :organization and role = :role and revoked_at is null and valid_until <= instant(:now))"};

constexpr db::Query kStanding = {"grant.standing", R"(
    select g.id, g.role, g.organization_id, coalesce(o.kind, 'ministry') as kind,
           g.organization_path as path, coalesce(o.name, '') as name, us(g.valid_from) as valid_from, us(g.valid_until) as valid_until
    from grants g left join organizations o on o.id = g.organization_id
    where g.account_id = :account and g.revoked_at is null and (g.valid_until is null or g.valid_until > instant(:now))
    order by g.id)"};

constexpr db::Query kStandingOfMany = {"grant.standing_of_many", R"(
    select g.account_id, g.id, g.role, g.organization_id, coalesce(o.kind, 'ministry') as kind,
           g.organization_path as path, coalesce(o.name, '') as name, us(g.valid_from) as valid_from, us(g.valid_until) as valid_until
    from grants g left join organizations o on o.id = g.organization_id
    where g.account_id = any(cast(:accounts as bigint[])) and g.revoked_at is null
      and (g.valid_until is null or g.valid_until > instant(:now))
    order by g.id)"};

constexpr db::Query kList = {"grant.list", R"(
    select g.id, g.role, g.organization_id, coalesce(o.kind, 'ministry') as kind,
           g.organization_path as path, coalesce(o.name, '') as name, us(g.valid_from) as valid_from, us(g.valid_until) as valid_until,
           g.account_id, g.account_path, a.login_id, us(g.revoked_at) as revoked_at
    from grants g left join organizations o on o.id = g.organization_id join accounts a on a.id = g.account_id
    where g.account_id = :account order by g.id)"};

constexpr db::Query kFind = {"grant.find", R"(
    select g.id, g.role, g.organization_id, coalesce(o.kind, 'ministry') as kind,
           g.organization_path as path, coalesce(o.name, '') as name, us(g.valid_from) as valid_from, us(g.valid_until) as valid_until,
           g.account_id, g.account_path, a.login_id, us(g.revoked_at) as revoked_at
    from grants g left join organizations o on o.id = g.organization_id join accounts a on a.id = g.account_id
    where g.id = :id)"};

constexpr db::Query kRevoke = {"grant.revoke", R"(
    update grants set revoked_at = instant(:now) where id = :id and revoked_at is null)"};

// The bound of review_since is a time in words, which PostgreSQL takes for a constant: a call of instant() would keep
// the index out, below row-level security.
constexpr db::Query kReview = {"grant.review", R"(
    select g.id, g.role, g.organization_id, coalesce(o.kind, 'ministry') as kind,
           g.organization_path as path, coalesce(o.name, '') as name, us(g.valid_from) as valid_from, us(g.valid_until) as valid_until,
           g.account_id, g.account_path, a.login_id, us(g.revoked_at) as revoked_at, a.family_name, a.given_name, a.state as account_state,
           h.id as home_id, h.kind as home_kind, h.path as home_path, h.name as home_name, us(g.created_at) as created_at,
           us(g.confirmed_at) as confirmed_at, g.confirmed_by_name, us(a.last_signed_in_at) as last_signed_in_at
    from grants g
    join accounts a on a.id = g.account_id
    join organizations h on h.id = a.organization_id
    left join organizations o on o.id = g.organization_id
    where g.id > :after and g.revoked_at is null and (g.valid_until is null or g.valid_until > instant(:now)) and a.state <> 'closed'
      and (cast(:role as text) is null or g.role = :role2)
      and (cast(:which as text) <> 'due' or g.review_since <= :reviewed_before)
      and (cast(:which as text) <> 'ends_soon' or g.valid_until <= instant(:ends_before))
    order by g.id limit :limit)"};

// By the beginning of an ID, a name or a kana: few, so their grants are looked up rather than all read through.
constexpr db::Query kReviewOf = {"grant.review_of", R"(
    with found as materialized (
        (select id from accounts where login_key >= :key and login_key < :above limit :candidates)
        union
        (select id from accounts where name_key >= :key and name_key < :above limit :candidates)
        union
        (select id from accounts where kana_key >= :key and kana_key < :above limit :candidates))
    select g.id, g.role, g.organization_id, coalesce(o.kind, 'ministry') as kind,
           g.organization_path as path, coalesce(o.name, '') as name, us(g.valid_from) as valid_from, us(g.valid_until) as valid_until,
           g.account_id, g.account_path, a.login_id, us(g.revoked_at) as revoked_at, a.family_name, a.given_name, a.state as account_state,
           h.id as home_id, h.kind as home_kind, h.path as home_path, h.name as home_name, us(g.created_at) as created_at,
           us(g.confirmed_at) as confirmed_at, g.confirmed_by_name, us(a.last_signed_in_at) as last_signed_in_at
    from found f
    join accounts a on a.id = f.id
    join grants g on g.account_id = a.id
    join organizations h on h.id = a.organization_id
    left join organizations o on o.id = g.organization_id
    where g.id > :after and g.revoked_at is null and (g.valid_until is null or g.valid_until > instant(:now)) and a.state <> 'closed'
      and (cast(:role as text) is null or g.role = :role)
      and (cast(:which as text) <> 'due' or g.review_since <= :reviewed_before)
      and (cast(:which as text) <> 'ends_soon' or g.valid_until <= instant(:ends_before))
    order by g.id limit :limit)"};

constexpr db::Query kCountDue = {"grant.count_due", R"(
    select count(*) as due from (
        select 1 from grants g join accounts a on a.id = g.account_id
        where g.revoked_at is null and (g.valid_until is null or g.valid_until > instant(:now)) and a.state <> 'closed'
          and g.review_since <= :reviewed_before limit 1000) as counted)"};

constexpr db::Query kConfirm = {"grant.confirm", R"(
    update grants set confirmed_at = instant(:now), confirmed_by_name = :by
    where id = :id and revoked_at is null and (valid_until is null or valid_until > instant(:now2)))"};

std::string_view to_text(ReviewWhich which) {
    return which == ReviewWhich::due ? "due" : which == ReviewWhich::ends_soon ? "ends_soon" : "all";
}

Grant to_grant(const db::Row& row) {
    return {.id = {row.get<std::int64_t>("id")},
            .role = role(row.get<std::string>("role")).value(),
            .organization = {{row.get<std::int64_t>("organization_id")},
                             organization_kind(row.get<std::string>("kind")).value(),
                             row.get<std::string>("path"),
                             row.get<std::string>("name")},
            .from = row.get<Instant>("valid_from"),
            .until = row.get<std::optional<Instant>>("valid_until")};
}

GrantRecord to_record(const db::Row& row) {
    return {.grant = to_grant(row),
            .account = {row.get<std::int64_t>("account_id")},
            .account_path = row.get<std::string>("account_path"),
            .login_id = row.get<std::string>("login_id"),
            .revoked_at = row.get<std::optional<Instant>>("revoked_at")};
}

}  // namespace

Result<GrantId> GrantStore::insert(db::Transaction& tx, AccountId account, const std::string& account_path,
                                   const Grant& grant, std::optional<AccountId> by, Instant now) const {
    const std::optional<std::int64_t> creator = by ? std::optional(by->value) : std::nullopt;
    // One that has ended by itself must not keep the same role from being given again.
    TRY(tx.execute(kCloseEnded, account, grant.organization.id, to_text(grant.role), now));
    const auto row = TRY(tx.one(kInsert, account, account_path, grant.organization.id, grant.organization.path,
                                to_text(grant.role), grant.from, grant.until, now, creator));
    return GrantId{row.get<std::int64_t>("id")};
}

Result<void> GrantStore::insert_many(db::Transaction& tx, const std::vector<GrantRecord>& grants,
                                     std::optional<AccountId> by, Instant now) const {
    std::vector<std::int64_t> accounts, organizations, from, until;
    std::vector<std::string> account_paths, organization_paths, roles;
    for (const auto& record : grants) {
        accounts.push_back(record.account.value);
        account_paths.push_back(record.account_path);
        organizations.push_back(record.grant.organization.id.value);
        organization_paths.push_back(record.grant.organization.path);
        roles.emplace_back(to_text(record.grant.role));
        from.push_back(to_microseconds(record.grant.from));
        until.push_back(record.grant.until ? to_microseconds(*record.grant.until) : 0);  // 0: open-ended
    }
    TRY(tx.execute(kInsertMany, now, by, accounts, account_paths, organizations, organization_paths, roles, from,
                   until));
    return {};
}

Result<std::vector<Grant>> GrantStore::standing(db::Transaction& tx, AccountId account, Instant now) const {
    std::vector<Grant> out;
    for (const auto& row : TRY(tx.many(kStanding, account, now))) {
        out.push_back(to_grant(row));
    }
    return out;
}

Result<std::map<AccountId, std::vector<Grant>>> GrantStore::standing(db::Transaction& tx,
                                                                     const std::vector<std::int64_t>& accounts,
                                                                     Instant now) const {
    std::map<AccountId, std::vector<Grant>> out;
    for (const auto& row : TRY(tx.many(kStandingOfMany, accounts, now))) {
        out[AccountId{row.get<std::int64_t>("account_id")}].push_back(to_grant(row));
    }
    return out;
}

Result<std::vector<GrantRecord>> GrantStore::list(db::Transaction& tx, AccountId account) const {
    std::vector<GrantRecord> out;
    for (const auto& row : TRY(tx.many(kList, account))) {
        out.push_back(to_record(row));
    }
    return out;
}

Result<std::optional<GrantRecord>> GrantStore::find(db::Transaction& tx, GrantId id) const {
    const auto row = TRY(tx.maybe_one(kFind, id));
    return row ? std::optional(to_record(*row)) : std::nullopt;
}

Result<std::vector<ReviewedGrant>> GrantStore::review(db::Transaction& tx, const ReviewFilter& filter) const {
    TRY(tx.one(db::kPlanForAPage));
    std::vector<ReviewedGrant> out;
    const auto reviewed_before = format_rfc3339_japan(filter.reviewed_before);
    const auto above = filter.who + "\xF4\x8F\xBF\xBF";  // U+10FFFF, the last one there is
    const auto rows =
        filter.who.empty()
            ? tx.many(kReview, filter.after_id, filter.now, filter.role, filter.role, to_text(filter.which),
                      reviewed_before, filter.ends_before, filter.limit)
            : tx.many(kReviewOf, filter.who, above, limits::kCandidateRows, filter.after_id, filter.now, filter.role,
                      to_text(filter.which), reviewed_before, filter.ends_before, filter.limit);
    for (const auto& row : TRY(rows)) {
        const auto given = row.get<std::string>("given_name");
        out.push_back({.record = to_record(row),
                       .person = row.get<std::string>("family_name") + (given.empty() ? "" : " " + given),
                       .home = {{row.get<std::int64_t>("home_id")},
                                organization_kind(row.get<std::string>("home_kind")).value(),
                                row.get<std::string>("home_path"),
                                row.get<std::string>("home_name")},
                       .account_state = row.get<std::string>("account_state"),
                       .created_at = row.get<Instant>("created_at"),
                       .confirmed_at = row.get<std::optional<Instant>>("confirmed_at"),
                       .confirmed_by = row.get<std::string>("confirmed_by_name"),
                       .last_signed_in_at = row.get<std::optional<Instant>>("last_signed_in_at")});
    }
    return out;
}

Result<std::int64_t> GrantStore::count_due(db::Transaction& tx, Instant reviewed_before, Instant now) const {
    TRY(tx.one(db::kPlanForAPage));
    return TRY(tx.one(kCountDue, now, format_rfc3339_japan(reviewed_before))).get<std::int64_t>("due");
}

Result<bool> GrantStore::confirm(db::Transaction& tx, GrantId id, const std::string& by, Instant now) const {
    return TRY(tx.execute(kConfirm, now, by, id, now)) == 1;
}

Result<bool> GrantStore::revoke(db::Transaction& tx, GrantId id, Instant now) const {
    return TRY(tx.execute(kRevoke, now, id)) == 1;
}

}  // namespace madoguchi::directory
