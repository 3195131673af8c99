// Limits of what scripts send, each with its reason.
#pragma once

#include <chrono>
#include <cstddef>

namespace madoguchi::limits {

using namespace std::chrono_literals;

/// Bodies of routes that take thousands of rows: 40,000 accounts of some 200 bytes, and room.
inline constexpr std::size_t kApiRowsBytes = 16 * 1024 * 1024;
inline constexpr std::size_t kApiRows = 40000;
/// Rows that are issued in one transaction, all or none: it holds its locks for about a second.
inline constexpr std::size_t kApiRowsAtomic = 1000;
/// Printable ASCII (draft-ietf-httpapi-idempotency-key-header §2.1); a UUID has 36.
inline constexpr std::size_t kIdempotencyKeyCharacters = 128;
/// A nightly script that fails is run again by hand the next day.
inline constexpr auto kIdempotencyKept = 48h;
/// Longer than any answer takes: a key without an answer after this is of a server that was killed.
inline constexpr auto kIdempotencyRunning = 60s;
inline constexpr auto kIdempotencyRetryAfter = 2s;
/// Of one stored answer; larger ones are not kept, and a repeated request is told so.
inline constexpr std::size_t kIdempotencyAnswerBytes = 256 * 1024;

}  // namespace madoguchi::limits
