#include "signin/second_step_store.hpp"

#include "base/limits.hpp"

namespace madoguchi::signin {
namespace {

constexpr db::Query kInsert = {"second_step.insert", R"(
    insert into second_steps (account_id, organization_path, kind, phone_sealed, phone_masked, phone_digest, phone_mobile, seed_sealed,
                              last_step, is_default, registered_at)
    select :account, :path, :kind, nullif(:sealed, ''), nullif(:masked, ''), nullif(:digest, ''), :mobile, nullif(:seed, ''), :last_step,
           not exists (select 1 from second_steps where account_id = :account2 and removed_at is null), instant(:now)
    returning id)"};

constexpr db::Query kList = {"second_step.list", R"(
    select id, account_id, kind, coalesce(phone_sealed, '') as phone_sealed, coalesce(phone_masked, '') as phone_masked,
           coalesce(phone_digest, '') as phone_digest, phone_mobile, coalesce(seed_sealed, '') as seed_sealed, last_step, is_default,
           disabled_at is not null as disabled, us(registered_at) as registered_at, us(last_used_at) as last_used_at, label
    from second_steps where account_id = :account and removed_at is null order by is_default desc, id)"};

constexpr db::Query kFind = {"second_step.find", R"(
    select id, account_id, kind, coalesce(phone_sealed, '') as phone_sealed, coalesce(phone_masked, '') as phone_masked,
           coalesce(phone_digest, '') as phone_digest, phone_mobile, coalesce(seed_sealed, '') as seed_sealed, last_step, is_default,
           disabled_at is not null as disabled, us(registered_at) as registered_at, us(last_used_at) as last_used_at, label
    from second_steps where id = :id and account_id = :account and removed_at is null)"};

constexpr db::Query kLock = {"second_step.lock", R"(
    select id, account_id, kind, coalesce(phone_sealed, '') as phone_sealed, coalesce(phone_masked, '') as phone_masked,
           coalesce(phone_digest, '') as phone_digest, phone_mobile, coalesce(seed_sealed, '') as seed_sealed, last_step, is_default,
           disabled_at is not null as disabled, us(registered_at) as registered_at, us(last_used_at) as last_used_at, label,
           us(slow_until) as slow_until
    from second_steps where id = :id and account_id = :account and removed_at is null for update)"};

constexpr db::Query kCountWrong = {"second_step.count_wrong", R"(
    update second_steps set failures = failures + 1,
           slow_until = case when failures + 1 >= :slow_at then instant(:now) + :slow_seconds * interval '1 second' end,
           disabled_at = case when failures + 1 >= :disabled_at then instant(:now) end
    where id = :id)"};

constexpr db::Query kAccept = {"second_step.accept", R"(
    update second_steps set failures = 0, slow_until = null, disabled_at = null, last_used_at = instant(:now),
           last_step = greatest(last_step, :step1)
    where id = :id and removed_at is null and (kind <> 'totp' or last_step < :step2))"};

constexpr db::Query kNoDefault = {"second_step.no_default", R"(
    update second_steps set is_default = false where account_id = :account and is_default and removed_at is null)"};

constexpr db::Query kMakeDefault = {"second_step.make_default", R"(
    update second_steps set is_default = true, kind = case when phone_mobile then :kind else kind end where id = :id and account_id = :account and removed_at is null)"};

constexpr db::Query kRename = {"second_step.rename", R"(
    update second_steps set label = :label where id = :id and account_id = :account and removed_at is null)"};

constexpr db::Query kRemove = {"second_step.remove", R"(
    update second_steps set removed_at = instant(:now), is_default = false where id = :id and account_id = :account and removed_at is null)"};

constexpr db::Query kRemoveAll = {"second_step.remove_all", R"(
    update second_steps set removed_at = instant(:now), is_default = false where account_id = :account and removed_at is null)"};

constexpr db::Query kForgetFailures = {"second_step.forget_failures", R"(
    update second_steps set failures = 0, slow_until = null where account_id = :account and removed_at is null and disabled_at is null)"};

SecondStep to_second_step(const db::Row& row) {
    return {.id = {row.get<std::int64_t>("id")},
            .account = {row.get<std::int64_t>("account_id")},
            .kind = method_kind(row.get<std::string>("kind")).value(),
            .phone_sealed = row.get<std::string>("phone_sealed"),
            .phone_masked = row.get<std::string>("phone_masked"),
            .phone_digest = row.get<std::string>("phone_digest"),
            .phone_mobile = row.get<bool>("phone_mobile"),
            .seed_sealed = row.get<std::string>("seed_sealed"),
            .last_step = row.get<std::int64_t>("last_step"),
            .is_default = row.get<bool>("is_default"),
            .disabled = row.get<bool>("disabled"),
            .registered_at = row.get<Instant>("registered_at"),
            .last_used_at = row.get<std::optional<Instant>>("last_used_at"),
            .label = row.get<std::string>("label")};
}

}  // namespace

Result<SecondStepId> SecondStepStore::insert(db::Transaction& tx, const SecondStep& step, const std::string& path,
                                             Instant now) const {
    const auto row =
        TRY(tx.one(kInsert, step.account, path, to_text(step.kind), step.phone_sealed, step.phone_masked,
                   step.phone_digest, step.phone_mobile, step.seed_sealed, step.last_step, step.account, now));
    return SecondStepId{row.get<std::int64_t>("id")};
}

Result<std::vector<SecondStep>> SecondStepStore::list(db::Transaction& tx, AccountId account) const {
    const auto rows = TRY(tx.many(kList, account));
    std::vector<SecondStep> out;
    out.reserve(rows.size());
    for (const auto& row : rows) {
        out.push_back(to_second_step(row));
    }
    return out;
}

Result<std::optional<SecondStep>> SecondStepStore::find(db::Transaction& tx, SecondStepId id, AccountId account) const {
    const auto row = TRY(tx.maybe_one(kFind, id, account));
    return row ? std::optional(to_second_step(*row)) : std::nullopt;
}

Result<SecondStep> SecondStepStore::lock_for_guess(db::Transaction& tx, SecondStepId id, AccountId account,
                                                   Instant now) const {
    const auto row = TRY(tx.maybe_one(kLock, id, account));
    if (!row || row->get<bool>("disabled")) {
        return failure(ErrorKind::forbidden, "second_step_disabled");
    }
    if (const auto until = row->get<std::optional<Instant>>("slow_until"); until && *until > now) {
        return failure(Error{.kind = ErrorKind::too_many,
                             .message_id = "too_many_tries",
                             .retry_after = std::chrono::ceil<std::chrono::seconds>(*until - now)});
    }
    return to_second_step(*row);
}

Result<void> SecondStepStore::count_wrong(db::Transaction& tx, SecondStepId id, Instant now) const {
    const std::int64_t slow_seconds = std::chrono::seconds(limits::kSecondStepSlowWait).count();
    TRY(tx.execute(kCountWrong, limits::kSecondStepSlowFailures, now, slow_seconds, limits::kSecondStepDisabledFailures,
                   id));
    return {};
}

Result<bool> SecondStepStore::accept(db::Transaction& tx, SecondStepId id, std::int64_t step, Instant now) const {
    return TRY(tx.execute(kAccept, now, step, id, step)) == 1;
}

Result<void> SecondStepStore::make_default(db::Transaction& tx, SecondStepId id, AccountId account,
                                           MethodKind kind) const {
    TRY(tx.execute(kNoDefault, account));
    TRY(tx.execute(kMakeDefault, to_text(kind), id, account));
    return {};
}

Result<void> SecondStepStore::rename(db::Transaction& tx, SecondStepId id, AccountId account,
                                     const std::string& label) const {
    TRY(tx.execute(kRename, label, id, account));
    return {};
}

Result<bool> SecondStepStore::remove(db::Transaction& tx, SecondStepId id, AccountId account, Instant now) const {
    return TRY(tx.execute(kRemove, now, id, account)) == 1;
}

Result<std::int64_t> SecondStepStore::remove_all(db::Transaction& tx, AccountId account, Instant now) const {
    return tx.execute(kRemoveAll, now, account);
}

Result<void> SecondStepStore::forget_failures(db::Transaction& tx, AccountId account) const {
    TRY(tx.execute(kForgetFailures, account));
    return {};
}

}  // namespace madoguchi::signin
