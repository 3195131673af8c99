#include "messages/message.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>

#include "base/limits.hpp"

namespace madoguchi::messages {
namespace {

using namespace std::chrono_literals;

const Instant kNow = from_microseconds(1'780'000'000'000'000);

struct Cap {
    std::int64_t MessageCounts::*count;
    int limit;
    std::chrono::seconds wait;
};

TEST(MessageCaps, EachIsReachedExactlyAtItsLimit) {
    const std::array<Cap, 5> caps = {{{&MessageCounts::number_hour, limits::kMessagesPerNumberHour, 1h},
                                      {&MessageCounts::number_day, limits::kMessagesPerNumberDay, 24h},
                                      {&MessageCounts::account_day, limits::kMessagesPerAccountDay, 24h},
                                      {&MessageCounts::source_hour, limits::kMessagesPerSourceHour, 1h},
                                      {&MessageCounts::total_minute, limits::kMessagesTotalMinute, 1min}}};
    for (const Cap& cap : caps) {
        MessageCounts counts;
        counts.*cap.count = cap.limit - 1;
        EXPECT_TRUE(within_caps(counts)) << cap.limit;
        counts.*cap.count = cap.limit;
        const auto refused = within_caps(counts);
        ASSERT_FALSE(refused) << cap.limit;
        EXPECT_EQ(refused.error().kind, ErrorKind::too_many);
        EXPECT_EQ(refused.error().message_id, "phone_too_many_messages");
        EXPECT_EQ(refused.error().retry_after, cap.wait);
    }
}

TEST(MessageRetries, WaitTwiceAsLongEachTimeAndGiveUp) {
    const Instant end = kNow + 1h;
    EXPECT_EQ(next_attempt(1, kNow, end), kNow + 2s);
    EXPECT_EQ(next_attempt(2, kNow, end), kNow + 4s);
    EXPECT_EQ(next_attempt(3, kNow, end), kNow + 8s);
    EXPECT_EQ(next_attempt(5, kNow, end), kNow + 32s);
    EXPECT_EQ(next_attempt(limits::kOutboxAttempts, kNow, end), std::nullopt);
    EXPECT_EQ(next_attempt(limits::kOutboxAttempts + 1000, kNow, end), std::nullopt);
}

TEST(MessageRetries, NeverAfterTheMessageIsWorthless) {
    EXPECT_EQ(next_attempt(1, kNow, kNow + 2s), std::nullopt);
    EXPECT_EQ(next_attempt(1, kNow, kNow + 2s + 1us), kNow + 2s);
    EXPECT_EQ(next_attempt(1, kNow, kNow - 1s), std::nullopt);
}

TEST(MessageStates, FollowWhatTheGatewaySaid) {
    using gateway::DeliveryState;
    const std::map<DeliveryState, MessageState> expected = {
        {DeliveryState::accepted, MessageState::sent},     {DeliveryState::ringing, MessageState::ringing},
        {DeliveryState::answered, MessageState::answered}, {DeliveryState::unanswered, MessageState::unanswered},
        {DeliveryState::busy, MessageState::busy},         {DeliveryState::delivered, MessageState::delivered},
        {DeliveryState::failed, MessageState::failed}};
    for (const auto& [said, state] : expected) {
        EXPECT_EQ(after_delivery(said), state);
    }
}

TEST(MessageStates, FinalOnesAndNames) {
    const std::map<MessageState, bool> final_ones = {{MessageState::queued, false},    {MessageState::sending, false},
                                                     {MessageState::sent, false},      {MessageState::delivered, true},
                                                     {MessageState::ringing, false},   {MessageState::answered, true},
                                                     {MessageState::unanswered, true}, {MessageState::busy, true},
                                                     {MessageState::failed, true},     {MessageState::expired, true}};
    for (const auto& [state, is_last] : final_ones) {
        EXPECT_EQ(is_final(state), is_last) << to_text(state);
        EXPECT_EQ(message_state(to_text(state)), state);
    }
}

}  // namespace
}  // namespace madoguchi::messages
