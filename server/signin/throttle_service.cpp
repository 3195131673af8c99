#include "signin/throttle_service.hpp"

#include "crypto/one_time_secrets.hpp"

namespace madoguchi::signin {

Result<void> ThrottleService::count(const std::string& what, const std::string& source, int limit, Instant now) {
    const std::array<Bucket, 1> buckets = {{{crypto::digest_lookup(token_key_, "throttle-" + what, source), limit}}};
    return database_.transact(Actor::system(), [&](db::Transaction& tx) { return store_.attempt(tx, buckets, now); });
}

}  // namespace madoguchi::signin
