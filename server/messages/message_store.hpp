// SQL of the outbox.
#pragma once

#include <vector>

#include "db/database.hpp"
#include "messages/message.hpp"

namespace madoguchi::messages {

struct StoredMessage {
    MessageId id;
    std::string idempotency_key;
    gateway::MessageKind kind = gateway::MessageKind::sms;
    std::string phone_sealed;
    std::string text_sealed;  // empty: no longer kept
    Locale locale = Locale::ja;
    MessageState state = MessageState::queued;
    int attempts = 0;
    Instant created_at;
    Instant expires_at;
    Instant leased_until;
};

/// What a receipt is compared with.
struct HandedOver {
    MessageState state = MessageState::queued;
    std::string gateway;      // empty: nobody's answer is noted yet
    std::string provider_id;  // empty: that provider gives no names, or its answer is not noted yet
    int attempts = 0;
};

/// What went out since the day began, as one gateway charges it.
struct DayFigure {
    std::string gateway;
    gateway::MessageKind kind = gateway::MessageKind::sms;
    std::int64_t messages = 0;
    std::int64_t units = 0;
};

struct OutboxFigures {
    std::int64_t waiting = 0;
    std::int64_t oldest_waiting_seconds = 0;
    std::int64_t failed_last_day = 0;
};

class MessageStore {
public:
    /// One sender at a time counts and adds, so that no race passes a cap.
    Result<MessageCounts> lock_and_count(db::Transaction& tx, const NewMessage& message, Instant now) const;
    /// No id comes back: who writes may not be allowed to read. The idempotency key finds it.
    Result<void> insert(db::Transaction& tx, const NewMessage& message, const std::string& text_sealed,
                        Instant now) const;
    Result<std::optional<MessageId>> find(db::Transaction& tx, const std::string& idempotency_key) const;
    Result<std::optional<MessageStanding>> standing(db::Transaction& tx, MessageId id) const;

    /// Due messages, now leased to this worker; others skip them.
    Result<std::vector<StoredMessage>> lease(db::Transaction& tx, int limit, Instant now, Instant leased_until) const;
    /// Messages that a worker handed over before it died: nobody knows whether they went, so they end as `unknown`.
    Result<std::vector<MessageId>> end_orphans(db::Transaction& tx, Instant now) const;
    /// Ours, immediately before it is handed to a gateway: what comes back counts for this `now`. Gives the attempts;
    /// nothing: the lease ran out and somebody else has it.
    Result<std::optional<int>> offer(db::Transaction& tx, const StoredMessage& message, Instant now,
                                     Instant leased_until) const;

    // What became of a message offered at `offered_at`. False: it is no longer ours to change.
    Result<bool> sent(db::Transaction& tx, MessageId id, Instant offered_at, MessageState state,
                      const gateway::Delivery& delivery, bool keep_text, Instant now) const;
    Result<bool> retry(db::Transaction& tx, MessageId id, Instant offered_at, Instant next_attempt_at,
                       const std::string& failure, Instant now) const;
    /// The same, where no gateway was asked: it doesn't count as an attempt.
    Result<bool> postpone(db::Transaction& tx, MessageId id, Instant offered_at, Instant next_attempt_at,
                          Instant now) const;
    Result<bool> give_up(db::Transaction& tx, MessageId id, Instant offered_at, const std::string& failure,
                         Instant now) const;
    /// One that was leased and never offered.
    Result<bool> drop(db::Transaction& tx, const StoredMessage& message, MessageState state, const std::string& failure,
                      Instant now) const;

    /// False: it is not waiting any more.
    Result<bool> withdraw(db::Transaction& tx, MessageId id, Instant now) const;

    /// Locked, for a receipt.
    Result<std::optional<HandedOver>> lock(db::Transaction& tx, MessageId id) const;
    Result<void> received(db::Transaction& tx, MessageId id, MessageState state, const std::string& gateway,
                          const std::string& provider_id, Instant now) const;
    /// A call's or an SMS's later fate. False: it was final already.
    Result<bool> progress(db::Transaction& tx, MessageId id, MessageState state, Instant now) const;
    Result<std::int64_t> end_unanswered(db::Transaction& tx, Instant ringing_since, Instant now) const;
    /// Calls of which the provider never said anything.
    Result<std::int64_t> end_silent_calls(db::Transaction& tx, Instant taken_since, Instant now) const;
    Result<std::int64_t> forget_old(db::Transaction& tx, Instant queued_before, int limit) const;
    Result<std::int64_t> forget_texts(db::Transaction& tx, Instant now) const;
    Result<std::vector<StoredMessage>> newest(db::Transaction& tx, int limit) const;
    Result<OutboxFigures> figures(db::Transaction& tx, Instant now) const;
    Result<std::vector<DayFigure>> day(db::Transaction& tx, Instant since) const;
};

}  // namespace madoguchi::messages
