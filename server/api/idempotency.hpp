// Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): what a repeated POST is answered. Pure.
//
//   first request        answered
//  ─────────────▶ running ───────▶ done ──▶ the same answer again
//                    │
//                    │ refused: the key is free again
//                    └ killed: nobody can tell; later requests are told to look first
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace madoguchi::api {

enum class KeyState { running, done };

struct StoredKey {
    std::string request_digest;
    KeyState state = KeyState::running;
    std::string answer_sealed;  // empty: none was kept
    Instant created_at;
};

/// Is it one? Visible ASCII, of limits::kIdempotencyKeyCharacters at most.
bool is_key(std::string_view key);

/// May the stored answer be given again? Errors: invalid (idempotency_key_reused: it was another request), conflict
/// (idempotency_running; idempotency_unknown: its server never answered, or the answer was too large to keep).
Result<void> may_repeat(const StoredKey& stored, const std::string& request_digest, Instant now);

/// After this error, may the same key do it again? Not where something may have been done.
bool frees_key(const Error& error);

}  // namespace madoguchi::api
