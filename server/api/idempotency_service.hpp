// Every POST of the API may name an Idempotency-Key: repeated with the same body it is answered as before and not
// carried out again, however the first answer was lost.
#pragma once

#include "api/idempotency_store.hpp"
#include "base/secret.hpp"
#include "crypto/envelope.hpp"
#include "directory/guard.hpp"
#include "http/route_table.hpp"

namespace madoguchi::api {

class IdempotencyService {
public:
    struct Parts {
        db::Database& database;
        const crypto::Envelope& envelope;
        SecretText token_key;
        directory::Guard guard;
    };
    explicit IdempotencyService(Parts parts) : parts_(std::move(parts)) {}

    /// `handler`, carried out once for each key of one asker. Errors of its own: invalid (idempotency_key_form,
    /// idempotency_key_reused), conflict (idempotency_running, idempotency_unknown), unavailable.
    http::Handler once(http::Handler handler);
    /// Deletes keys that have expired; bounded. How many.
    Result<std::int64_t> forget_old(Instant now);

private:
    Result<http::Response> run(const http::Handler& handler, const http::Request& request);
    Result<http::Response> answer_again(const StoredKey& stored, const std::string& key_digest) const;
    Result<void> keep(const std::string& key_digest, const http::Response& response);

    Parts parts_;
    IdempotencyStore store_;
};

}  // namespace madoguchi::api
