#include "messages/outbox_worker.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "messages/message_service.hpp"

namespace madoguchi::messages {

void OutboxWorker::start() {
    for (int i = 0; i < limits::kOutboxSenders; ++i) {
        threads_.emplace_back([this, i] { loop(i == 0 ? Duty::send_and_look_after : Duty::send); });
    }
}

void OutboxWorker::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    for (auto& thread : threads_) {
        thread.join();
    }
    threads_.clear();
}

void OutboxWorker::wake() {
    {
        const std::lock_guard lock(mutex_);
        woken_ = true;
    }
    changed_.notify_one();
}

void OutboxWorker::loop(Duty duty) {
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            changed_.wait_for(lock, limits::kOutboxPoll, [&] { return woken_ || stopping_; });
            woken_ = false;
            if (stopping_) {
                return;
            }
        }
        const auto taken = duty == Duty::send ? send_due() : round();
        if (!taken) {
            parts_.observer.event("outbox_round_failed", MessageId{}, taken.error().message_id);
        } else if (*taken == limits::kOutboxBatch) {
            wake();  // there may be more
        }
    }
}

Result<int> OutboxWorker::round() {
    const int taken = TRY(send_due());
    TRY(look_after());
    return taken;
}

Result<int> OutboxWorker::send_due() {
    const Instant now = parts_.clock.now();
    const auto batch = TRY(parts_.database.transact(Actor::system(), [&](db::Transaction& tx) {
        return store_.lease(tx, limits::kOutboxBatch, now, now + limits::kOutboxLease);
    }));
    std::optional<Error> failed;
    for (const auto& message : batch) {
        if (const auto sent = send(message); !sent) {
            failed = sent.error();  // the others may go nevertheless
        }
    }
    return failed ? Result<int>(failure(*failed)) : Result<int>(static_cast<int>(batch.size()));
}

Result<void> OutboxWorker::look_after() {
    const Instant now = parts_.clock.now();
    std::vector<MessageId> orphans;
    const auto figures =
        TRY(parts_.database.transact(Actor::system(), [&](db::Transaction& tx) -> Result<OutboxFigures> {
            orphans = TRY(store_.end_orphans(tx, now));
            TRY(store_.end_unanswered(tx, now - limits::kVoiceRingTime, now));
            TRY(store_.end_silent_calls(tx, now - limits::kCallReportWait, now));
            TRY(store_.forget_texts(tx, now));
            return store_.figures(tx, now);
        }));
    for (const auto id : orphans) {
        parts_.observer.event("message_outcome_unknown", id, "no_answer");
        parts_.observer.ended(MessageState::unknown);
    }
    parts_.observer.figures(figures);
    if (now >= next_day_figures_ || next_day_figures_ > now + limits::kOutboxUpkeep) {
        next_day_figures_ = now + limits::kOutboxUpkeep;
        parts_.observer.day(TRY(parts_.database.transact(
            Actor::system(), [&](db::Transaction& tx) { return store_.day(tx, start_of_japanese_day(now)); })));
    }
    return {};
}

Result<void> OutboxWorker::send(const StoredMessage& message) {
    const Instant now = parts_.clock.now();
    if (message.expires_at <= now) {
        return drop(message, MessageState::expired, "expired", now);
    }
    const auto phone = parts_.envelope.open(message.phone_sealed, kPhoneContext);
    const auto text = parts_.envelope.open(message.text_sealed, kTextContext);
    if (!phone || !text) {
        // Never readable again: it is given up, so that it doesn't hold up the messages behind it at every round.
        return drop(message, MessageState::failed, phone ? text.error().message_id : phone.error().message_id, now);
    }
    const auto attempts = TRY(parts_.database.transact(Actor::system(), [&](db::Transaction& tx) {
        return store_.offer(tx, message, now, now + limits::kOutboxLease);
    }));
    if (!attempts) {
        return {};  // the one before took too long: somebody else has this one now
    }
    const auto delivery =
        parts_.gateway.send({.idempotency_key = message.idempotency_key,
                             .kind = message.kind,
                             .e164 = phone->reveal(),
                             .text = *text,
                             .locale = message.locale,
                             .id = message.id,
                             .valid_for = std::chrono::ceil<std::chrono::seconds>(message.expires_at - now)});
    return delivery ? note_delivery(message, now, *delivery) : note_failure(message, now, *attempts, delivery.error());
}

Result<void> OutboxWorker::drop(const StoredMessage& message, MessageState state, const std::string& why, Instant now) {
    parts_.observer.event(state == MessageState::expired ? "message_expired" : "message_given_up", message.id, why);
    TRY(parts_.database.transact(Actor::system(),
                                 [&](db::Transaction& tx) { return store_.drop(tx, message, state, why, now); }));
    parts_.observer.ended(state);
    return {};
}

Result<void> OutboxWorker::note_delivery(const StoredMessage& message, Instant offered_at,
                                         const gateway::Delivery& delivery) {
    const auto state = after_delivery(delivery.state);
    if (state == MessageState::unknown) {
        parts_.observer.event("message_outcome_unknown", message.id, delivery.gateway);
    }
    TRY(parts_.database.transact(Actor::system(), [&](db::Transaction& tx) {
        return store_.sent(tx, message.id, offered_at, state, delivery, parts_.keep_texts, parts_.clock.now());
    }));
    parts_.observer.ended(state);
    return {};
}

Result<void> OutboxWorker::note_failure(const StoredMessage& message, Instant offered_at, int attempts,
                                        const Error& error) {
    const Instant now = parts_.clock.now();
    if (error.message_id == gateway::kGatewaySkipped) {
        const Instant next = std::min(now + error.retry_after.value_or(limits::kOutboxPoll), message.expires_at);
        TRY(parts_.database.transact(Actor::system(), [&](db::Transaction& tx) {
            return store_.postpone(tx, message.id, offered_at, next, now);
        }));
        return {};
    }
    const auto next = error.kind == ErrorKind::invalid ? std::nullopt : next_attempt(attempts, now, message.expires_at);
    const std::string detail = error.message_id + (error.detail.empty() ? "" : ": " + error.detail);
    parts_.observer.event(next ? "message_retry" : "message_given_up", message.id, detail);
    TRY(parts_.database.transact(Actor::system(), [&](db::Transaction& tx) -> Result<bool> {
        const bool again = next && TRY(store_.retry(tx, message.id, offered_at, *next, error.message_id, now));
        return again || TRY(store_.give_up(tx, message.id, offered_at, error.message_id, now));
    }));
    if (!next) {
        parts_.observer.ended(MessageState::failed);
    }
    return {};
}

}  // namespace madoguchi::messages
