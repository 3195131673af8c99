// Caps on what anybody may do from one address, for pages of other rooms.
#pragma once

#include "base/secret.hpp"
#include "signin/throttle_store.hpp"

namespace madoguchi::signin {

class ThrottleService {
public:
    ThrottleService(db::Database& database, SecretText token_key)
        : database_(database), token_key_(std::move(token_key)) {}

    /// Counts one act called `what` from `source`; after `limit` within an hour, waits. Errors: too_many
    /// (too_many_tries).
    Result<void> count(const std::string& what, const std::string& source, int limit, Instant now);

private:
    db::Database& database_;
    SecretText token_key_;
    ThrottleStore store_;
};

}  // namespace madoguchi::signin
