// The outbox (S24, S9) against the real schema, with a gateway that does what a test tells it.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <map>

#include "base/limits.hpp"
#include "support/world.hpp"

namespace madoguchi::test {
namespace {

using messages::MessageState;
using testing::ElementsAre;
using testing::SizeIs;
using namespace std::chrono_literals;

class FakeGateway final : public gateway::MessageGateway {
public:
    Result<gateway::Delivery> send(const gateway::OutgoingMessage& message) override {
        std::function<Result<gateway::Delivery>()> answer;
        {
            const std::lock_guard lock(mutex_);
            ++sent_[message.idempotency_key];
            answer = answer_;
        }
        return answer();
    }
    void answer(std::function<Result<gateway::Delivery>()> answer) {
        const std::lock_guard lock(mutex_);
        answer_ = std::move(answer);
    }
    std::map<std::string, int> sent() {
        const std::lock_guard lock(mutex_);
        return sent_;
    }

private:
    std::mutex mutex_;
    std::map<std::string, int> sent_;
    std::function<Result<gateway::Delivery>()> answer_ = [] {
        return gateway::Delivery{gateway::DeliveryState::accepted, "provider-1"};
    };
};

class OutboxTest : public ::testing::Test {
protected:
    static void SetUpTestSuite() { world_ = std::make_unique<World>(); }
    static void TearDownTestSuite() { world_.reset(); }
    void SetUp() override {
        look("truncate messages");
        w().clock.advance(1h);
    }

    World& w() { return *world_; }
    std::string look(const std::string& sql) { return w().look(sql); }

    std::unique_ptr<messages::OutboxWorker> worker() {
        return std::make_unique<messages::OutboxWorker>(
            messages::OutboxWorker::Parts{.database = w().database,
                                          .envelope = w().envelope,
                                          .gateway = gateway_,
                                          .clock = w().clock,
                                          .observer = {[this](std::string_view event, MessageId, std::string_view) {
                                                           const std::lock_guard lock(mutex_);
                                                           events_.emplace_back(event);
                                                       },
                                                       [](const messages::OutboxFigures&) {}}});
    }
    int round(messages::OutboxWorker& of) { return must(of.round()); }
    int round() { return round(*worker_); }

    messages::NewMessage message(const std::string& key) {
        return {.idempotency_key = key,
                .kind = gateway::MessageKind::sms,
                .purpose = "code",
                .account = w().ministry_admin.account,
                .phone_sealed = must(w().envelope.seal(SecretText("+819012345678"), messages::kPhoneContext)),
                .phone_masked = "090-****-5678",
                .phone_digest = "digest-" + key,
                .text = SecretText("コード 123456"),
                .source = "source-" + key,
                .expires_at = w().now() + limits::kCodeLife};
    }
    Result<MessageId> queue(const messages::NewMessage& of) {
        return w().database.transact(Actor::system(),
                                     [&](db::Transaction& tx) { return w().messages.queue(tx, of, w().now()); });
    }
    std::string state(const std::string& key) {
        return look("select state from messages where idempotency_key = '" + key + "'");
    }

    inline static std::unique_ptr<World> world_;
    FakeGateway gateway_;
    std::mutex mutex_;
    std::vector<std::string> events_;
    std::unique_ptr<messages::OutboxWorker> worker_ = worker();
};

TEST_F(OutboxTest, SentIsSaidOnlyWhenTheGatewaySaidSo) {
    must(queue(message("one")));
    EXPECT_EQ(state("one"), "queued");
    gateway_.answer([&] {
        EXPECT_EQ(state("one"), "sending");
        return gateway::Delivery{gateway::DeliveryState::accepted, "p"};
    });
    EXPECT_EQ(round(), 1);
    EXPECT_EQ(state("one"), "sent");
    EXPECT_EQ(look("select coalesce(text_sealed, 'forgotten') from messages"), "forgotten") << "S19";
    EXPECT_EQ(round(), 0);
}

TEST_F(OutboxTest, NeitherNumberNorTextIsReadableAtRest) {
    must(queue(message("one")));
    EXPECT_THAT(look("select m::text from messages m"), Not(testing::HasSubstr("123456")));
    EXPECT_THAT(look("select m::text from messages m"), Not(testing::HasSubstr("9012345678")));
}

TEST_F(OutboxTest, ARolledBackActSendsNothing) {
    const auto refused = w().database.transact(Actor::system(), [&](db::Transaction& tx) -> Result<void> {
        must(w().messages.queue(tx, message("one"), w().now()));
        return failure(ErrorKind::conflict, "stale");
    });
    EXPECT_FALSE(refused);
    EXPECT_EQ(round(), 0);
}

TEST_F(OutboxTest, TwoWorkersShareWithoutSendingTwice) {
    for (int i = 0; i < 60; ++i) {
        auto one = message(fmt::format("m{}", i));
        one.account = {};  // an account has a cap of its own
        must(queue(one));
    }
    const auto other = worker();
    std::vector<std::future<int>> workers;
    for (auto* each : {worker_.get(), other.get()}) {
        workers.push_back(std::async(std::launch::async, [&, each] {
            int taken = 0;
            for (int some = 1; some > 0; taken += some) {
                some = round(*each);
            }
            return taken;
        }));
    }
    EXPECT_EQ(workers[0].get() + workers[1].get(), 60);
    EXPECT_THAT(gateway_.sent(), SizeIs(60));
    for (const auto& [key, times] : gateway_.sent()) {
        EXPECT_EQ(times, 1) << key;
    }
    EXPECT_EQ(look("select count(*) from messages where state = 'sent'"), "60");
}

TEST_F(OutboxTest, ALockedRowIsPassedOverNotWaitedFor) {
    must(queue(message("held")));
    must(queue(message("free")));
    must(w().database.transact(Actor::system(), [&](db::Transaction& tx) -> Result<void> {
        static constexpr db::Query kHold{"hold", "select id from messages where idempotency_key = 'held' for update"};
        must(tx.one(kHold));
        EXPECT_EQ(round(), 1) << "the other worker's row is its own affair";
        return {};
    }));
    EXPECT_EQ(state("held"), "queued");
    EXPECT_EQ(state("free"), "sent");
}

TEST_F(OutboxTest, AFailureIsTriedAgainLaterAndLaterThenGivenUp) {
    auto notice = message("one");
    notice.expires_at = w().now() + 24h;
    must(queue(notice));
    gateway_.answer([] { return failure(ErrorKind::unavailable, "provider_down"); });
    std::vector<std::int64_t> waits;
    for (int attempt = 1; attempt < limits::kOutboxAttempts; ++attempt) {
        EXPECT_EQ(round(), 1);
        EXPECT_EQ(state("one"), "queued");
        EXPECT_EQ(round(), 0) << "not before its time";
        const auto wait =
            std::stoll(look(fmt::format("select round(extract(epoch from next_attempt_at - instant({}))) from messages",
                                        to_microseconds(w().now()))));
        waits.push_back(wait);
        w().clock.advance(std::chrono::seconds(wait));
    }
    EXPECT_THAT(waits, ElementsAre(2, 4, 8, 16, 32));
    EXPECT_EQ(round(), 1);
    EXPECT_EQ(state("one"), "failed");
    EXPECT_EQ(look("select failure from messages"), "provider_down");
    EXPECT_EQ(events_.back(), "message_given_up") << "loudly";
    w().clock.advance(24h);
    EXPECT_EQ(round(), 0);
    EXPECT_EQ(gateway_.sent().at("one"), limits::kOutboxAttempts) << "with one key";
}

TEST_F(OutboxTest, AFailureThatPassesIsSent) {
    must(queue(message("one")));
    gateway_.answer([] { return failure(ErrorKind::unavailable, "provider_down"); });
    round();
    gateway_.answer([] { return gateway::Delivery{gateway::DeliveryState::delivered, "p"}; });
    w().clock.advance(2s);
    round();
    EXPECT_EQ(state("one"), "delivered");
}

TEST_F(OutboxTest, ANumberThatNeverWorksIsGivenUpAtOnce) {
    must(queue(message("one")));
    gateway_.answer([] { return failure(ErrorKind::invalid, "number_refused"); });
    round();
    EXPECT_EQ(state("one"), "failed");
    EXPECT_THAT(events_, ElementsAre("message_given_up"));
}

TEST_F(OutboxTest, AWorthlessMessageExpiresUnsent) {
    must(queue(message("one")));
    w().clock.advance(limits::kCodeLife);
    EXPECT_EQ(round(), 1);
    EXPECT_EQ(state("one"), "expired");
    EXPECT_TRUE(gateway_.sent().empty());
    EXPECT_EQ(look("select coalesce(text_sealed, 'forgotten') from messages"), "forgotten");
}

TEST_F(OutboxTest, WhatADeadWorkerHadNotHandedOverIsSent) {
    must(queue(message("one")));
    // A worker that leased and died before it came to this message.
    look(fmt::format("update messages set state = 'sending', leased_until = instant({})",
                     to_microseconds(w().now() + limits::kOutboxLease)));
    EXPECT_EQ(round(), 0) << "the lease still stands";
    w().clock.advance(limits::kOutboxLease);
    EXPECT_EQ(round(), 1);
    EXPECT_EQ(state("one"), "sent");
    EXPECT_EQ(gateway_.sent().at("one"), 1);
}

TEST_F(OutboxTest, WhatADeadWorkerHandedOverIsNotSentAgain) {
    must(queue(message("one")));
    look(fmt::format(
        "update messages set state = 'sending', attempts = 1, leased_until = instant({}), offered_at = instant({})",
        to_microseconds(w().now() + limits::kOutboxLease), to_microseconds(w().now())));
    EXPECT_EQ(round(), 0);
    w().clock.advance(limits::kOutboxLease);
    EXPECT_EQ(round(), 0);
    EXPECT_EQ(state("one"), "unknown");
    EXPECT_THAT(events_, ElementsAre("message_outcome_unknown")) << "loudly";
    EXPECT_TRUE(gateway_.sent().empty());
    EXPECT_EQ(look("select coalesce(text_sealed, 'forgotten') from messages"), "forgotten");
    w().clock.advance(24h);
    EXPECT_EQ(round(), 0);
}

TEST_F(OutboxTest, AnUnclearAnswerIsNotSentAgain) {
    must(queue(message("one")));
    gateway_.answer([] { return gateway::Delivery{gateway::DeliveryState::unknown, "", "slow", 2}; });
    EXPECT_EQ(round(), 1);
    EXPECT_EQ(state("one"), "unknown");
    EXPECT_EQ(look("select gateway || ' ' || units from messages"), "slow 2") << "it may have been charged";
    for (int i = 0; i < 10; ++i) {
        w().clock.advance(1min);
        EXPECT_EQ(round(), 0);
    }
    EXPECT_EQ(gateway_.sent().at("one"), 1);
}

TEST_F(OutboxTest, EachMessageIsSentByTheTimeThatItIs) {
    must(queue(message("first")));
    must(queue(message("second")));
    // The first one's provider takes as long as the second one is good for.
    gateway_.answer([&] {
        w().clock.advance(limits::kCodeLife);
        return gateway::Delivery{gateway::DeliveryState::accepted, "p"};
    });
    EXPECT_EQ(round(), 2);
    EXPECT_EQ(gateway_.sent().size(), 1U);
    EXPECT_EQ(look("select count(*) from messages where state = 'expired'"), "1");
}

TEST_F(OutboxTest, ALeaseThatRanOutInTheBatchIsNotUsed) {
    must(queue(message("first")));
    must(queue(message("second")));
    gateway_.answer([&] {
        gateway_.answer([] { return gateway::Delivery{gateway::DeliveryState::accepted, "p"}; });
        w().clock.advance(limits::kOutboxLease);
        const auto other = worker();
        EXPECT_EQ(round(*other), 1) << "the one that this worker had leased and not come to";
        return gateway::Delivery{gateway::DeliveryState::accepted, "p"};
    });
    round();
    for (const auto& [key, times] : gateway_.sent()) {
        EXPECT_EQ(times, 1) << key;
    }
    EXPECT_EQ(look("select count(*) from messages where state = 'sent'"), "2");
}

TEST_F(OutboxTest, WhatNobodyWasAskedForIsNoAttempt) {
    must(queue(message("one")));
    gateway_.answer([] {
        return failure(Error{
            .kind = ErrorKind::unavailable, .message_id = std::string(gateway::kGatewaySkipped), .retry_after = 15s});
    });
    for (int i = 0; i < limits::kOutboxAttempts * 2; ++i) {
        EXPECT_EQ(round(), 1);
        EXPECT_EQ(state("one"), "queued");
        EXPECT_EQ(round(), 0) << "not before the provider is tried again";
        w().clock.advance(15s);
    }
    EXPECT_EQ(look("select attempts from messages"), "0");
    gateway_.answer([] { return gateway::Delivery{gateway::DeliveryState::accepted, "p"}; });
    EXPECT_EQ(round(), 1);
    EXPECT_EQ(state("one"), "sent");
}

TEST_F(OutboxTest, TheQueueIsBounded) {
    must(queue(message("one")));
    look(fmt::format(
        "insert into messages (idempotency_key, kind, purpose, recipient_sealed, recipient_masked, recipient_digest, "
        "text_sealed, locale, next_attempt_at, expires_at, source, created_at, changed_at) "
        "select 'filler-' || n, kind, purpose, recipient_sealed, recipient_masked, 'd' || n, text_sealed, locale, "
        "next_attempt_at, expires_at, 's' || n, created_at - interval '2 hours', changed_at "
        "from messages, generate_series(1, {}) n where idempotency_key = 'one'",
        limits::kOutboxWaiting - 1));
    const auto refused = queue(message("too many"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::unavailable);
    EXPECT_EQ(refused.error().message_id, "messages_full");
    EXPECT_TRUE(refused.error().retry_after);
    look("delete from messages where idempotency_key = 'filler-1'");
    EXPECT_EQ(outcome(queue(message("one more"))), "ok");
}

TEST_F(OutboxTest, AnAnswerAfterTheLeaseSendsNothingTwice) {
    must(queue(message("one")));
    gateway_.answer([&] {
        // While this one waits for the provider, its lease runs out: nobody can tell, and nobody sends it again.
        w().clock.advance(limits::kOutboxLease);
        const auto other = worker();
        EXPECT_EQ(round(*other), 0);
        EXPECT_EQ(state("one"), "unknown");
        return gateway::Delivery{gateway::DeliveryState::accepted, "first"};
    });
    round();
    EXPECT_EQ(state("one"), "sent") << "an answer that came after all is still true";
    EXPECT_EQ(look("select provider_id from messages"), "first");
    EXPECT_EQ(gateway_.sent().at("one"), 1);
}

TEST_F(OutboxTest, AMessageThatCantBeOpenedHoldsNobodyUp) {
    auto poisoned = message("poisoned");
    poisoned.phone_sealed = "v1.gone.AAAA";
    must(queue(poisoned));
    must(queue(message("healthy")));
    EXPECT_EQ(round(), 2);
    EXPECT_EQ(state("healthy"), "sent");
    EXPECT_EQ(state("poisoned"), "failed");
    EXPECT_THAT(events_, ElementsAre("message_given_up"));
}

TEST_F(OutboxTest, AnIdempotencyKeyIsQueuedOnce) {
    must(queue(message("one")));
    EXPECT_EQ(outcome(queue(message("one"))), "already_exists");
    EXPECT_EQ(look("select count(*) from messages"), "1");
}

TEST_F(OutboxTest, AnUnansweredCallEndsAfterItsRinging) {
    auto call = message("call");
    call.kind = gateway::MessageKind::voice;
    const auto id = must(queue(call));
    gateway_.answer([] { return gateway::Delivery{gateway::DeliveryState::ringing, "p"}; });
    round();
    EXPECT_EQ(state("call"), "ringing");
    w().clock.advance(limits::kVoiceRingTime - 1s);
    round();
    EXPECT_EQ(state("call"), "ringing");
    w().clock.advance(1s);
    round();
    EXPECT_EQ(state("call"), "unanswered");
    EXPECT_FALSE(must(w().messages.play(id, MessageState::answered, w().now()))) << "too late";
}

// --- caps (S9) ---

TEST_F(OutboxTest, AThousandMessagesToOneNumberGetTheCap) {
    auto one = message("flood");
    int sent = 0;
    std::optional<Error> refused;
    for (int i = 0; i < 1000; ++i) {
        one.idempotency_key = fmt::format("flood-{}", i);
        if (const auto queued = queue(one)) {
            ++sent;
        } else {
            refused = queued.error();
        }
    }
    EXPECT_EQ(sent, limits::kMessagesPerNumberHour);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->kind, ErrorKind::too_many);
    EXPECT_TRUE(refused->retry_after);
    w().clock.advance(1h + 1s);
    one.idempotency_key = "after an hour";
    EXPECT_EQ(outcome(queue(one)), "ok");
}

TEST_F(OutboxTest, AccountAndSourceHaveCapsOfTheirOwn) {
    int by_account = 0;
    while (queue(message(fmt::format("account-{}", by_account)))) {
        ++by_account;
    }
    EXPECT_EQ(by_account, limits::kMessagesPerAccountDay);
    int by_source = 0;
    for (;; ++by_source) {
        auto one = message(fmt::format("source-{}", by_source));
        one.account = {};
        one.source = "192.0.2.99";
        if (!queue(one)) {
            break;
        }
    }
    EXPECT_EQ(by_source, limits::kMessagesPerSourceHour);
}

TEST_F(OutboxTest, ParallelRequestsNeverPassACap) {
    std::vector<std::future<std::string>> tries;
    for (int i = 0; i < 20; ++i) {
        tries.push_back(std::async(std::launch::async, [&, i] {
            auto one = message("parallel");
            one.idempotency_key = fmt::format("parallel-{}", i);
            return outcome(queue(one));
        }));
    }
    int sent = 0;
    for (auto& attempt : tries) {
        sent += attempt.get() == "ok" ? 1 : 0;
    }
    EXPECT_EQ(sent, limits::kMessagesPerNumberHour);
}

TEST_F(OutboxTest, ANoticeIsQueuedCapOrNot) {
    auto one = message("notice");
    for (int i = 0; i < limits::kMessagesPerNumberHour; ++i) {
        one.idempotency_key = fmt::format("notice-{}", i);
        must(queue(one));
    }
    one.idempotency_key = "password_reset";
    must(w().database.transact(Actor::system(),
                               [&](db::Transaction& tx) { return w().messages.queue_notice(tx, one, w().now()); }));
    EXPECT_EQ(state("password_reset"), "queued");
}

}  // namespace
}  // namespace madoguchi::test
