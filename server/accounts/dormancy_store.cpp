#include "accounts/dormancy_store.hpp"

namespace madoguchi::accounts {
namespace {

constexpr db::Query kList = {"dormancy.list", R"(
    select d.account_id, a.login_id, a.family_name, a.given_name, a.state, o.id as organization_id, o.kind, o.path, o.name, d.why,
           us(a.created_at) as created_at, us(a.last_signed_in_at) as last_signed_in_at, us(d.listed_at) as listed_at,
           us(d.suspend_at) as suspend_at, us(d.suspended_at) as suspended_at, us(d.kept_until) as kept_until, d.kept_by_name
    from dormant_accounts d
    join accounts a on a.id = d.account_id
    join organizations o on o.id = a.organization_id
    where d.account_id > :after
      and case cast(:state as text)
              when 'suspended' then d.suspended_at is not null
              when 'kept' then d.suspended_at is null and d.kept_until is not null
              else d.suspended_at is null and d.kept_until is null
          end
      and (cast(:why as text) is null or d.why = :why2)
    order by d.account_id limit :limit)"};

constexpr db::Query kFind = {"dormancy.find", R"(
    select d.account_id, a.login_id, a.family_name, a.given_name, a.state, o.id as organization_id, o.kind, o.path, o.name, d.why,
           us(a.created_at) as created_at, us(a.last_signed_in_at) as last_signed_in_at, us(d.listed_at) as listed_at,
           us(d.suspend_at) as suspend_at, us(d.suspended_at) as suspended_at, us(d.kept_until) as kept_until, d.kept_by_name
    from dormant_accounts d
    join accounts a on a.id = d.account_id
    join organizations o on o.id = a.organization_id
    where d.account_id = :id)"};

constexpr db::Query kCountWarned = {"dormancy.count_warned", R"(
    select count(*) as warned from (
        select 1 from dormant_accounts where suspended_at is null and kept_until is null limit 1000) as counted)"};

constexpr db::Query kTryLock = {"dormancy.try_lock", "select pg_try_advisory_xact_lock(7238462) as locked"};

constexpr db::Query kRanFor = {"dormancy.ran_for", "select us(ran_for) as ran_for from daily_tasks where name = :name"};

constexpr db::Query kNoteRan = {"dormancy.note_ran", R"(
    insert into daily_tasks (name, ran_for) values (:name, instant(:day))
    on conflict (name) do update set ran_for = excluded.ran_for)"};

constexpr db::Query kForgetUsed = {"dormancy.forget_used", R"(
    delete from dormant_accounts d using accounts a
    where a.id = d.account_id and (a.state = 'closed' or a.last_signed_in_at > d.listed_at))"};

constexpr db::Query kCandidates = {"dormancy.candidates", R"(
    select a.id, us(a.created_at) as created_at, us(a.last_signed_in_at) as last_signed_in_at,
           exists (select 1 from grants g where g.account_id = a.id and g.role = 'ministry_admin' and g.revoked_at is null) as ministry_administrator
    from accounts a left join dormant_accounts d on d.account_id = a.id
    where a.state in ('pending', 'active')
      and coalesce(a.last_signed_in_at, a.created_at) <= greatest(instant(:never_before), instant(:unused_before))
      and ((a.last_signed_in_at is null and a.created_at <= instant(:never_before2)) or a.last_signed_in_at <= instant(:unused_before2))
      and (d.account_id is null or d.suspended_at is not null or d.kept_until <= instant(:now))
      and a.id > :after
    order by a.id limit :limit)"};

constexpr db::Query kWarn = {"dormancy.warn", R"(
    insert into dormant_accounts (account_id, organization_path, why, listed_at, suspend_at)
    values (:account, :path, :why, instant(:now), instant(cast(:suspend_at as bigint)))
    on conflict (account_id) do update
    set why = excluded.why, listed_at = excluded.listed_at, suspend_at = excluded.suspend_at, suspended_at = null, kept_until = null,
        kept_by_name = '', organization_path = excluded.organization_path)"};

constexpr db::Query kDue = {"dormancy.due", R"(
    select d.account_id from dormant_accounts d join accounts a on a.id = d.account_id
    where d.suspended_at is null and d.kept_until is null and d.suspend_at <= instant(:now) and a.state in ('pending', 'active')
      and (a.last_signed_in_at is null or a.last_signed_in_at <= d.listed_at)
    order by d.suspend_at limit :limit)"};

constexpr db::Query kNoteSuspended = {"dormancy.note_suspended", R"(
    update dormant_accounts set suspended_at = instant(:now) where account_id = :account)"};

constexpr db::Query kKeep = {"dormancy.keep", R"(
    update dormant_accounts set kept_until = instant(:until), kept_by_name = :by
    where account_id = :account and suspended_at is null)"};

DormantAccount to_dormant(const db::Row& row) {
    const auto given = row.get<std::string>("given_name");
    return {.account = {row.get<std::int64_t>("account_id")},
            .login_id = row.get<std::string>("login_id"),
            .person = row.get<std::string>("family_name") + (given.empty() ? "" : " " + given),
            .organization = {{row.get<std::int64_t>("organization_id")},
                             directory::organization_kind(row.get<std::string>("kind")).value(),
                             row.get<std::string>("path"),
                             row.get<std::string>("name")},
            .account_state = account_state(row.get<std::string>("state")).value(),
            .why = why_dormant(row.get<std::string>("why")),
            .issued_at = row.get<Instant>("created_at"),
            .last_signed_in_at = row.get<std::optional<Instant>>("last_signed_in_at"),
            .listed_at = row.get<Instant>("listed_at"),
            .suspend_at = row.get<std::optional<Instant>>("suspend_at"),
            .suspended_at = row.get<std::optional<Instant>>("suspended_at"),
            .kept_until = row.get<std::optional<Instant>>("kept_until"),
            .kept_by = row.get<std::string>("kept_by_name")};
}

}  // namespace

DormancyState DormantAccount::state() const {
    if (suspended_at) {
        return DormancyState::suspended;
    }
    return kept_until ? DormancyState::kept : DormancyState::warned;
}

Result<std::vector<DormantAccount>> DormancyStore::list(db::Transaction& tx, const DormancyFilter& filter) const {
    std::vector<DormantAccount> out;
    for (const auto& row :
         TRY(tx.many(kList, filter.after, to_text(filter.state), filter.why, filter.why, filter.limit))) {
        out.push_back(to_dormant(row));
    }
    return out;
}

Result<std::optional<DormantAccount>> DormancyStore::find(db::Transaction& tx, AccountId account) const {
    const auto row = TRY(tx.maybe_one(kFind, account));
    return row ? std::optional(to_dormant(*row)) : std::nullopt;
}

Result<std::int64_t> DormancyStore::count_warned(db::Transaction& tx) const {
    return TRY(tx.one(kCountWarned)).get<std::int64_t>("warned");
}

Result<bool> DormancyStore::try_lock(db::Transaction& tx) const {
    return TRY(tx.one(kTryLock)).get<bool>("locked");
}

Result<std::optional<Instant>> DormancyStore::ran_for(db::Transaction& tx, std::string_view task) const {
    const auto row = TRY(tx.maybe_one(kRanFor, task));
    return row ? std::optional(row->get<Instant>("ran_for")) : std::nullopt;
}

Result<void> DormancyStore::note_ran(db::Transaction& tx, std::string_view task, Instant day) const {
    TRY(tx.execute(kNoteRan, task, day));
    return {};
}

Result<std::int64_t> DormancyStore::forget_used(db::Transaction& tx) const {
    return tx.execute(kForgetUsed);
}

Result<std::vector<DormancyCandidate>> DormancyStore::candidates(db::Transaction& tx, const DormancyPolicy& policy,
                                                                 AccountId after, int limit, Instant now) const {
    const Instant never_before = now - std::chrono::days(policy.never_days);
    const Instant unused_before = now - std::chrono::days(policy.unused_days);
    std::vector<DormancyCandidate> out;
    for (const auto& row :
         TRY(tx.many(kCandidates, never_before, unused_before, never_before, unused_before, now, after, limit))) {
        out.push_back({.account = {row.get<std::int64_t>("id")},
                       .usage = {row.get<Instant>("created_at"), row.get<std::optional<Instant>>("last_signed_in_at")},
                       .ministry_administrator = row.get<bool>("ministry_administrator")});
    }
    return out;
}

Result<void> DormancyStore::warn(db::Transaction& tx, const Account& account, WhyDormant why,
                                 std::optional<Instant> suspend_at, Instant now) const {
    TRY(tx.execute(kWarn, account.id, account.organization.path, to_text(why), now, suspend_at));
    return {};
}

Result<std::vector<AccountId>> DormancyStore::due(db::Transaction& tx, int limit, Instant now) const {
    std::vector<AccountId> out;
    for (const auto& row : TRY(tx.many(kDue, now, limit))) {
        out.push_back({row.get<std::int64_t>("account_id")});
    }
    return out;
}

Result<void> DormancyStore::note_suspended(db::Transaction& tx, AccountId account, Instant now) const {
    TRY(tx.execute(kNoteSuspended, now, account));
    return {};
}

Result<bool> DormancyStore::keep(db::Transaction& tx, AccountId account, Instant until, const std::string& by) const {
    return TRY(tx.execute(kKeep, until, by, account)) == 1;
}

}  // namespace madoguchi::accounts
