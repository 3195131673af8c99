#include "messages/outbox_worker.hpp"

#include "base/limits.hpp"
#include "messages/message_service.hpp"

namespace madoguchi::messages {

void OutboxWorker::start() {
    thread_ = std::thread([this] { loop(); });
}

void OutboxWorker::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void OutboxWorker::wake() {
    {
        const std::lock_guard lock(mutex_);
        woken_ = true;
    }
    changed_.notify_all();
}

void OutboxWorker::loop() {
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            changed_.wait_for(lock, limits::kOutboxPoll, [&] { return woken_ || stopping_; });
            woken_ = false;
            if (stopping_) {
                return;
            }
        }
        const auto taken = round(parts_.clock.now());
        if (!taken) {
            parts_.observer.event("outbox_round_failed", MessageId{}, taken.error().message_id);
        }
    }
}

Result<int> OutboxWorker::round(Instant now) {
    const auto batch = TRY(parts_.database.transact(Actor::system(), [&](db::Transaction& tx) {
        return store_.lease(tx, limits::kOutboxBatch, now, now + limits::kOutboxLease);
    }));
    for (const auto& message : batch) {
        TRY(send(message, now));
    }
    const auto figures =
        TRY(parts_.database.transact(Actor::system(), [&](db::Transaction& tx) -> Result<OutboxFigures> {
            TRY(store_.end_unanswered(tx, now - limits::kVoiceRingTime, now));
            TRY(store_.forget_texts(tx, now));
            return store_.figures(tx, now);
        }));
    parts_.observer.figures(figures);
    return static_cast<int>(batch.size());
}

Result<void> OutboxWorker::send(const StoredMessage& message, Instant now) {
    if (message.expires_at <= now) {
        parts_.observer.event("message_expired", message.id, "");
        TRY(parts_.database.transact(Actor::system(), [&](db::Transaction& tx) {
            return store_.give_up(tx, message.id, MessageState::expired, "expired", now);
        }));
        return {};
    }
    const auto phone = parts_.envelope.open(message.phone_sealed, kPhoneContext);
    const auto text = parts_.envelope.open(message.text_sealed, kTextContext);
    if (!phone || !text) {
        // Never readable again: it is given up, so that it doesn't hold up the messages behind it at every round.
        const auto& error = phone ? text.error() : phone.error();
        return note_failure(message, {.kind = ErrorKind::invalid, .message_id = error.message_id}, now);
    }
    const gateway::OutgoingMessage outgoing{.idempotency_key = message.idempotency_key,
                                            .kind = message.kind,
                                            .e164 = phone->reveal(),
                                            .text = *text,
                                            .locale = message.locale};
    const auto delivery = parts_.gateway.send(outgoing);
    if (!delivery) {
        return note_failure(message, delivery.error(), now);
    }
    TRY(parts_.database.transact(Actor::system(), [&](db::Transaction& tx) {
        return store_.sent(tx, message.id, after_delivery(delivery->state), delivery->provider_id, parts_.keep_texts,
                           now);
    }));
    return {};
}

Result<void> OutboxWorker::note_failure(const StoredMessage& message, const Error& error, Instant now) {
    const auto next =
        error.kind == ErrorKind::invalid ? std::nullopt : next_attempt(message.attempts, now, message.expires_at);
    parts_.observer.event(next ? "message_retry" : "message_given_up", message.id, error.message_id);
    TRY(parts_.database.transact(Actor::system(), [&](db::Transaction& tx) {
        return next ? store_.retry(tx, message.id, *next, error.message_id, now)
                    : store_.give_up(tx, message.id, MessageState::failed, error.message_id, now);
    }));
    return {};
}

Result<gateway::Delivery> DevelopmentInboxGateway::send(const gateway::OutgoingMessage& message) {
    const auto state =
        message.kind == gateway::MessageKind::sms ? gateway::DeliveryState::delivered : gateway::DeliveryState::ringing;
    return gateway::Delivery{state, "inbox-" + message.idempotency_key};
}

}  // namespace madoguchi::messages
