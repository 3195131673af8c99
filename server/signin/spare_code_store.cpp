#include "signin/spare_code_store.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace madoguchi::signin {
namespace {

constexpr db::Query kEndRecoveryCodes = {"recovery_code.end", R"(
    update recovery_codes set ended_at = instant(:now) where account_id = :account and ended_at is null)"};

constexpr db::Query kInsertRecoveryCodes = {"recovery_code.insert", R"(
    insert into recovery_codes (account_id, organization_path, digest, created_at)
    select :account, :path, digest, instant(:now) from unnest(cast(:digests as text[])) as made (digest))"};

constexpr db::Query kRecoveryCodes = {"recovery_code.left", R"(
    select cast(count(*) filter (where used_at is null) as integer) as left_over, us(max(created_at)) as made_at
    from recovery_codes where account_id = :account and ended_at is null)"};

constexpr db::Query kUseRecoveryCode = {"recovery_code.use", R"(
    update recovery_codes set used_at = instant(:now)
    where account_id = :account and digest = :digest and used_at is null and ended_at is null)"};

constexpr db::Query kWasRecoveryCode = {"recovery_code.was", R"(
    select count(*) > 0 as was from recovery_codes where account_id = :account and digest = :digest)"};

constexpr db::Query kEndAccessCodes = {"access_code.end", R"(
    update access_codes set ended_at = instant(:now) where account_id = :account and used_at is null and ended_at is null)"};

constexpr db::Query kInsertAccessCode = {"access_code.insert", R"(
    insert into access_codes (account_id, organization_path, digest, created_at, created_by, expires_at)
    values (:account, :path, :digest, instant(:now), nullif(cast(:by as bigint), 0), instant(:expires_at)))"};

constexpr db::Query kHasAccessCode = {"access_code.has", R"(
    select count(*) > 0 as has from access_codes
    where account_id = :account and used_at is null and ended_at is null and expires_at > instant(:now))"};

constexpr db::Query kUseAccessCode = {"access_code.use", R"(
    update access_codes set used_at = instant(:now1)
    where account_id = :account and digest = :digest and used_at is null and ended_at is null and expires_at > instant(:now2)
    returning id)"};

}  // namespace

Result<void> SpareCodeStore::end_recovery_codes(db::Transaction& tx, AccountId account, Instant now) const {
    TRY(tx.execute(kEndRecoveryCodes, now, account));
    return {};
}

Result<void> SpareCodeStore::replace_recovery_codes(db::Transaction& tx, AccountId account,
                                                    const std::string& organization_path,
                                                    const std::vector<std::string>& digests, Instant now) const {
    TRY(end_recovery_codes(tx, account, now));
    TRY(tx.execute(kInsertRecoveryCodes, account, organization_path, now,
                   fmt::format("{{{}}}", fmt::join(digests, ","))));
    return {};
}

Result<RecoveryCodesLeft> SpareCodeStore::recovery_codes(db::Transaction& tx, AccountId account) const {
    const auto row = TRY(tx.one(kRecoveryCodes, account));
    return RecoveryCodesLeft{row.get<int>("left_over"), row.get<std::optional<Instant>>("made_at")};
}

Result<SpareCodeUse> SpareCodeStore::use_recovery_code(db::Transaction& tx, AccountId account,
                                                       const std::string& digest, Instant now) const {
    if (TRY(tx.execute(kUseRecoveryCode, now, account, digest)) == 1) {
        return SpareCodeUse::accepted;
    }
    const bool was = TRY(tx.one(kWasRecoveryCode, account, digest)).get<bool>("was");
    return was ? SpareCodeUse::used_before : SpareCodeUse::unknown;
}

Result<void> SpareCodeStore::end_access_codes(db::Transaction& tx, AccountId account, Instant now) const {
    TRY(tx.execute(kEndAccessCodes, now, account));
    return {};
}

Result<void> SpareCodeStore::replace_access_code(db::Transaction& tx, const NewAccessCode& code, Instant now) const {
    TRY(end_access_codes(tx, code.account, now));
    TRY(tx.execute(kInsertAccessCode, code.account, code.organization_path, code.digest, now, code.created_by,
                   code.expires_at));
    return {};
}

Result<bool> SpareCodeStore::has_access_code(db::Transaction& tx, AccountId account, Instant now) const {
    return TRY(tx.one(kHasAccessCode, account, now)).get<bool>("has");
}

Result<std::optional<std::int64_t>> SpareCodeStore::use_access_code(db::Transaction& tx, AccountId account,
                                                                    const std::string& digest, Instant now) const {
    const auto row = TRY(tx.maybe_one(kUseAccessCode, now, account, digest, now));
    return row ? std::optional(row->get<std::int64_t>("id")) : std::nullopt;
}

}  // namespace madoguchi::signin
