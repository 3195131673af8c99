#include "signin/passkey_store.hpp"

#include "base/encoding.hpp"
#include "base/limits.hpp"

namespace madoguchi::signin {
namespace {

constexpr db::Query kUserHandle = {"passkey.user_handle", R"(
    select k.user_handle from passkeys k join second_steps s on s.id = k.second_step_id
    where s.account_id = :account order by s.id desc limit 1)"};

constexpr db::Query kReferences = {"passkey.references", R"(
    select k.credential_id, k.transports from passkeys k join second_steps s on s.id = k.second_step_id
    where s.account_id = :account and s.removed_at is null and s.disabled_at is null
    order by s.is_default desc, s.id limit :most)"};

constexpr db::Query kFind = {"passkey.find", R"(
    select s.id, s.account_id, k.algorithm, k.public_key, k.user_handle, s.label, s.disabled_at is not null as disabled
    from passkeys k join second_steps s on s.id = k.second_step_id
    where k.credential_id = :credential and s.removed_at is null)"};

constexpr db::Query kKnown = {"passkey.known", "select second_step_id from passkeys where credential_id = :credential"};

constexpr db::Query kCount = {"passkey.count", R"(
    update passkeys set sign_count = :count1
    where second_step_id = :step and (sign_count < :count2 or (sign_count = 0 and cast(:count3 as bigint) = 0)))"};

constexpr db::Query kDisable = {"passkey.disable", R"(
    update second_steps set disabled_at = instant(:now) where id = :step and disabled_at is null)"};

constexpr db::Query kBegin = {"passkey.begin", R"(
    update sign_in_flows set passkey_challenge = :challenge, passkey_expires_at = instant(:expires_at),
           passkey_user_handle = coalesce(nullif(:handle, ''), passkey_user_handle)
    where id = :flow)"};

constexpr db::Query kCeremony = {"passkey.ceremony", R"(
    select coalesce(passkey_challenge, '') as challenge, coalesce(passkey_user_handle, '') as user_handle,
           case when access_code_id is null then coalesce(account_id, 0) else 0 end as account_id
    from sign_in_flows where id = :flow)"};

constexpr db::Query kTakeChallenge = {"passkey.take_challenge", R"(
    update sign_in_flows f set passkey_challenge = null
    from (select id, passkey_challenge, passkey_expires_at from sign_in_flows where id = :flow for update) as held
    where f.id = held.id and held.passkey_challenge is not null
    returning held.passkey_challenge as challenge, held.passkey_expires_at > instant(:now) as lives)"};

constexpr db::Query kKeep = {"passkey.keep", R"(
    update sign_in_flows set passkey_credential_id = :credential, passkey_algorithm = :algorithm, passkey_public_key = :key,
           passkey_sign_count = :count, passkey_transports = :transports, passkey_name = :name
    where id = :flow)"};

constexpr db::Query kPendingName = {"passkey.pending_name", R"(
    select coalesce(passkey_name, '') as name from sign_in_flows where id = :flow)"};

constexpr db::Query kBind = {"passkey.bind", R"(
    insert into passkeys (second_step_id, organization_path, credential_id, algorithm, public_key, sign_count, transports, user_handle)
    select :step, :path, passkey_credential_id, passkey_algorithm, passkey_public_key, passkey_sign_count, passkey_transports,
           passkey_user_handle
    from sign_in_flows where id = :flow)"};

constexpr db::Query kName = {"passkey.name", R"(
    update second_steps set label = (select passkey_name from sign_in_flows where id = :flow) where id = :step)"};

// What we wrote ourselves: anything else is a damaged row, and matches nothing.
std::string raw(const std::string& text) {
    return from_base64url(text).value_or(std::string());
}

}  // namespace

Result<std::optional<std::string>> PasskeyStore::user_handle(db::Transaction& tx, AccountId account) const {
    const auto row = TRY(tx.maybe_one(kUserHandle, account));
    return row ? std::optional(raw(row->get<std::string>("user_handle"))) : std::nullopt;
}

Result<std::vector<PasskeyReference>> PasskeyStore::references(db::Transaction& tx, AccountId account) const {
    std::vector<PasskeyReference> out;
    for (const auto& row : TRY(tx.many(kReferences, account, limits::kMethodsPerAccount))) {
        out.push_back({raw(row.get<std::string>("credential_id")), row.get<std::string>("transports")});
    }
    return out;
}

Result<std::optional<Passkey>> PasskeyStore::find(db::Transaction& tx, const std::string& credential_id) const {
    const auto row = TRY(tx.maybe_one(kFind, to_base64url(credential_id)));
    if (!row) {
        return std::nullopt;
    }
    return Passkey{.step = {row->get<std::int64_t>("id")},
                   .account = {row->get<std::int64_t>("account_id")},
                   .key = {row->get<int>("algorithm"), raw(row->get<std::string>("public_key"))},
                   .user_handle = raw(row->get<std::string>("user_handle")),
                   .label = row->get<std::string>("label"),
                   .disabled = row->get<bool>("disabled")};
}

Result<bool> PasskeyStore::known(db::Transaction& tx, const std::string& credential_id) const {
    return TRY(tx.maybe_one(kKnown, to_base64url(credential_id))).has_value();
}

Result<bool> PasskeyStore::count(db::Transaction& tx, SecondStepId step, std::uint32_t sign_count) const {
    const std::int64_t count = sign_count;
    return TRY(tx.execute(kCount, count, step, count, count)) == 1;
}

Result<bool> PasskeyStore::disable(db::Transaction& tx, SecondStepId step, Instant now) const {
    return TRY(tx.execute(kDisable, now, step)) == 1;
}

Result<void> PasskeyStore::begin(db::Transaction& tx, std::int64_t flow, const std::string& challenge,
                                 const std::string& user_handle, Instant expires_at) const {
    TRY(tx.execute(kBegin, to_base64url(challenge), expires_at, to_base64url(user_handle), flow));
    return {};
}

Result<PasskeyCeremony> PasskeyStore::ceremony(db::Transaction& tx, std::int64_t flow) const {
    const auto row = TRY(tx.one(kCeremony, flow));
    auto known = TRY(references(tx, AccountId{row.get<std::int64_t>("account_id")}));
    return PasskeyCeremony{.challenge = raw(row.get<std::string>("challenge")),
                           .user_handle = raw(row.get<std::string>("user_handle")),
                           .known = std::move(known)};
}

Result<std::optional<std::string>> PasskeyStore::take_challenge(db::Transaction& tx, std::int64_t flow,
                                                                Instant now) const {
    const auto row = TRY(tx.maybe_one(kTakeChallenge, flow, now));
    return row && row->get<bool>("lives") ? std::optional(raw(row->get<std::string>("challenge"))) : std::nullopt;
}

Result<void> PasskeyStore::keep(db::Transaction& tx, std::int64_t flow, const PendingPasskey& pending) const {
    TRY(tx.execute(kKeep, to_base64url(pending.registered.credential_id), pending.registered.key.algorithm,
                   to_base64url(pending.registered.key.bytes), std::int64_t{pending.registered.sign_count},
                   pending.transports, pending.name, flow));
    return {};
}

Result<std::string> PasskeyStore::pending_name(db::Transaction& tx, std::int64_t flow) const {
    return TRY(tx.one(kPendingName, flow)).get<std::string>("name");
}

Result<void> PasskeyStore::bind(db::Transaction& tx, std::int64_t flow, SecondStepId step,
                                const std::string& path) const {
    TRY(tx.execute(kBind, step, path, flow));
    TRY(tx.execute(kName, flow, step));
    return {};
}

}  // namespace madoguchi::signin
