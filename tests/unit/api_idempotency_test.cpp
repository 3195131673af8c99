#include <gmock/gmock.h>

#include "api/idempotency.hpp"
#include "base/api_limits.hpp"

namespace madoguchi::api {
namespace {

constexpr Instant kNow{std::chrono::microseconds(1'780'000'000'000'000)};

std::string said(const Result<void>& result) {
    return result ? "again" : result.error().message_id;
}

TEST(IdempotencyKey, IsVisibleAsciiOfBoundedLength) {
    EXPECT_TRUE(is_key("8e03978e-40d5-43e8-bc93-6894a57f9324"));
    EXPECT_TRUE(is_key(std::string(limits::kIdempotencyKeyCharacters, '~')));
    EXPECT_FALSE(is_key(std::string(limits::kIdempotencyKeyCharacters + 1, 'a')));
    EXPECT_FALSE(is_key(""));
    EXPECT_FALSE(is_key("two words"));
    EXPECT_FALSE(is_key("鍵"));
}

TEST(IdempotencyKey, AnswersTheSameRequestAlone) {
    const StoredKey done{.request_digest = "a", .state = KeyState::done, .answer_sealed = "v1.", .created_at = kNow};
    EXPECT_EQ(said(may_repeat(done, "a", kNow)), "again");
    EXPECT_EQ(said(may_repeat(done, "b", kNow)), "idempotency_key_reused");
}

TEST(IdempotencyKey, WaitsForAnAnswerThatMayStillCome) {
    const StoredKey running{.request_digest = "a", .state = KeyState::running, .created_at = kNow};
    const auto soon = may_repeat(running, "a", kNow + limits::kIdempotencyRunning - std::chrono::seconds(1));
    EXPECT_EQ(said(soon), "idempotency_running");
    EXPECT_EQ(soon.error().retry_after, limits::kIdempotencyRetryAfter);
    EXPECT_EQ(said(may_repeat(running, "a", kNow + limits::kIdempotencyRunning)), "idempotency_unknown");
    EXPECT_EQ(said(may_repeat(running, "b", kNow)), "idempotency_key_reused");
}

TEST(IdempotencyKey, AnAnswerThatWasTooLargeIsNotMadeUp) {
    const StoredKey done{.request_digest = "a", .state = KeyState::done, .answer_sealed = "", .created_at = kNow};
    EXPECT_EQ(said(may_repeat(done, "a", kNow)), "idempotency_unknown");
}

TEST(IdempotencyKey, IsFreeAgainOnlyWhereNothingWasDone) {
    EXPECT_TRUE(frees_key({.kind = ErrorKind::invalid}));
    EXPECT_TRUE(frees_key({.kind = ErrorKind::unavailable, .message_id = "unavailable"}));
    EXPECT_FALSE(frees_key({.kind = ErrorKind::unavailable, .message_id = "outcome_unknown"}));
    EXPECT_FALSE(frees_key({.kind = ErrorKind::internal}));
}

}  // namespace
}  // namespace madoguchi::api
