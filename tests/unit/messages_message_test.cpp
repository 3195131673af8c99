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
    const std::array<Cap, 6> caps = {{{&MessageCounts::total_day, limits::kMessagesTotalDay, 1h},
                                      {&MessageCounts::number_hour, limits::kMessagesPerNumberHour, 1h},
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
        {DeliveryState::failed, MessageState::failed},     {DeliveryState::unknown, MessageState::unknown}};
    for (const auto& [said, state] : expected) {
        EXPECT_EQ(after_delivery(said), state);
    }
}

TEST(MessageCaps, AnOperatorsOwnAndAFullQueue) {
    MessageCaps caps;
    caps.number_hour = 2;
    MessageCounts counts;
    counts.number_hour = 1;
    EXPECT_TRUE(within_caps(counts, caps));
    counts.number_hour = 2;
    EXPECT_FALSE(within_caps(counts, caps));
    EXPECT_TRUE(within_caps(counts));
    counts = {};
    counts.waiting = limits::kOutboxWaiting;
    const auto refused = within_caps(counts);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
}

TEST(MessageReceipts, MoveForwardOnly) {
    using gateway::DeliveryState;
    using S = MessageState;
    using D = DeliveryState;
    const auto all_states = {S::queued,     S::sending, S::sent,   S::delivered, S::ringing, S::answered,
                             S::unanswered, S::busy,    S::failed, S::expired,   S::unknown};
    const auto all_said = {D::accepted, D::ringing, D::answered, D::unanswered, D::busy, D::delivered, D::failed};
    for (const auto said : all_said) {
        for (const auto open : {S::queued, S::sending, S::unknown}) {
            EXPECT_EQ(after_receipt(open, said), after_delivery(said)) << to_text(open);
        }
        for (const auto last : {S::delivered, S::answered, S::busy, S::failed, S::expired}) {
            EXPECT_EQ(after_receipt(last, said), std::nullopt) << to_text(last);
        }
        // Twice is as once.
        for (const auto state : all_states) {
            if (const auto next = after_receipt(state, said)) {
                EXPECT_EQ(after_receipt(*next, said), std::nullopt) << to_text(state);
            }
        }
    }
    EXPECT_EQ(after_receipt(S::sent, D::accepted), std::nullopt);
    EXPECT_EQ(after_receipt(S::sent, D::ringing), S::ringing);
    EXPECT_EQ(after_receipt(S::sent, D::delivered), S::delivered);
    EXPECT_EQ(after_receipt(S::ringing, D::accepted), std::nullopt) << "late";
    EXPECT_EQ(after_receipt(S::ringing, D::busy), S::busy);
    EXPECT_EQ(after_receipt(S::unanswered, D::ringing), std::nullopt);
    EXPECT_EQ(after_receipt(S::unanswered, D::busy), std::nullopt);
    EXPECT_EQ(after_receipt(S::unanswered, D::answered), S::answered) << "we had only waited no longer";
    for (const auto state : all_states) {
        EXPECT_EQ(after_receipt(state, D::unknown), std::nullopt);
    }
}

TEST(MessageStates, WhatReachedNobodyMayBeSentAgainAtOnce) {
    for (const auto state :
         {MessageState::unanswered, MessageState::busy, MessageState::failed, MessageState::expired}) {
        EXPECT_TRUE(came_to_nothing(state)) << to_text(state);
    }
    for (const auto state : {MessageState::queued, MessageState::sending, MessageState::sent, MessageState::delivered,
                             MessageState::ringing, MessageState::answered, MessageState::unknown}) {
        EXPECT_FALSE(came_to_nothing(state)) << to_text(state);
    }
}

TEST(MessageStates, FinalOnesAndNames) {
    const std::map<MessageState, bool> final_ones = {
        {MessageState::queued, false},    {MessageState::sending, false}, {MessageState::sent, false},
        {MessageState::delivered, true},  {MessageState::ringing, false}, {MessageState::answered, true},
        {MessageState::unanswered, true}, {MessageState::busy, true},     {MessageState::failed, true},
        {MessageState::expired, true},    {MessageState::unknown, false}};
    for (const auto& [state, is_last] : final_ones) {
        EXPECT_EQ(is_final(state), is_last) << to_text(state);
        EXPECT_EQ(message_state(to_text(state)), state);
    }
}

}  // namespace
}  // namespace madoguchi::messages
