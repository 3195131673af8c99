// SQL of idempotency keys. Only digests of them are kept.
#pragma once

#include "api/idempotency.hpp"
#include "db/database.hpp"

namespace madoguchi::api {

class IdempotencyStore {
public:
    /// False: the key is there already, of this request or another one.
    Result<bool> claim(db::Transaction& tx, const std::string& key_digest, const std::string& request_digest,
                       Instant now, Instant expires_at) const;
    Result<std::optional<StoredKey>> find(db::Transaction& tx, const std::string& key_digest) const;
    Result<void> finish(db::Transaction& tx, const std::string& key_digest, const std::string& answer_sealed) const;
    Result<void> release(db::Transaction& tx, const std::string& key_digest) const;
    Result<std::int64_t> forget(db::Transaction& tx, Instant now, int limit) const;
};

}  // namespace madoguchi::api
