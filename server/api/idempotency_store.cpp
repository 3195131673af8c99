#include "api/idempotency_store.hpp"

namespace madoguchi::api {
namespace {

// A key that has expired is anybody's again.
constexpr db::Query kClaim = {"idempotency.claim", R"(
    insert into idempotency_keys (key_digest, request_digest, state, created_at, expires_at)
    values (:key, :request, 'running', instant(:now), instant(:expires_at))
    on conflict (key_digest) do update
        set request_digest = excluded.request_digest, state = 'running', answer_sealed = null, created_at = excluded.created_at,
            expires_at = excluded.expires_at
        where idempotency_keys.expires_at <= excluded.created_at)"};

constexpr db::Query kFind = {"idempotency.find", R"(
    select request_digest, state, coalesce(answer_sealed, '') as answer_sealed, us(created_at) as created_at
    from idempotency_keys where key_digest = :key)"};

constexpr db::Query kFinish = {"idempotency.finish", R"(
    update idempotency_keys set state = 'done', answer_sealed = nullif(:answer, '') where key_digest = :key)"};

constexpr db::Query kRelease = {"idempotency.release", "delete from idempotency_keys where key_digest = :key"};

constexpr db::Query kForget = {"idempotency.forget", R"(
    delete from idempotency_keys where key_digest in (
        select key_digest from idempotency_keys where expires_at <= instant(:now) order by expires_at limit :limit))"};

}  // namespace

Result<bool> IdempotencyStore::claim(db::Transaction& tx, const std::string& key_digest,
                                     const std::string& request_digest, Instant now, Instant expires_at) const {
    return TRY(tx.execute(kClaim, key_digest, request_digest, now, expires_at)) == 1;
}

Result<std::optional<StoredKey>> IdempotencyStore::find(db::Transaction& tx, const std::string& key_digest) const {
    const auto row = TRY(tx.maybe_one(kFind, key_digest));
    if (!row) {
        return std::optional<StoredKey>();
    }
    return std::optional(
        StoredKey{.request_digest = row->get<std::string>("request_digest"),
                  .state = row->get<std::string>("state") == "done" ? KeyState::done : KeyState::running,
                  .answer_sealed = row->get<std::string>("answer_sealed"),
                  .created_at = row->get<Instant>("created_at")});
}

Result<void> IdempotencyStore::finish(db::Transaction& tx, const std::string& key_digest,
                                      const std::string& answer_sealed) const {
    TRY(tx.execute(kFinish, answer_sealed, key_digest));
    return {};
}

Result<void> IdempotencyStore::release(db::Transaction& tx, const std::string& key_digest) const {
    TRY(tx.execute(kRelease, key_digest));
    return {};
}

Result<std::int64_t> IdempotencyStore::forget(db::Transaction& tx, Instant now, int limit) const {
    return tx.execute(kForget, now, limit);
}

}  // namespace madoguchi::api
