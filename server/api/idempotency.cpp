#include "api/idempotency.hpp"

#include <algorithm>

#include "base/api_limits.hpp"

namespace madoguchi::api {

bool is_key(std::string_view key) {
    return !key.empty() && key.size() <= limits::kIdempotencyKeyCharacters &&
           std::ranges::all_of(key, [](char c) { return c > ' ' && c <= '~'; });
}

Result<void> may_repeat(const StoredKey& stored, const std::string& request_digest, Instant now) {
    if (stored.request_digest != request_digest) {
        return failure(ErrorKind::invalid, "idempotency_key_reused");
    }
    if (stored.state == KeyState::done && !stored.answer_sealed.empty()) {
        return {};
    }
    const bool may_still_answer =
        stored.state == KeyState::running && now - stored.created_at < limits::kIdempotencyRunning;
    if (may_still_answer) {
        return failure(Error{.kind = ErrorKind::conflict,
                             .message_id = "idempotency_running",
                             .retry_after = limits::kIdempotencyRetryAfter});
    }
    return failure(ErrorKind::conflict, "idempotency_unknown");
}

bool frees_key(const Error& error) {
    return error.kind != ErrorKind::internal && error.message_id != "outcome_unknown";
}

}  // namespace madoguchi::api
