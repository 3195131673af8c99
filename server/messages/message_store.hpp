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
    Result<std::optional<MessageState>> state(db::Transaction& tx, MessageId id) const;

    /// Due messages, now leased to this worker; others skip them.
    Result<std::vector<StoredMessage>> lease(db::Transaction& tx, int limit, Instant now, Instant leased_until) const;
    /// False: no longer ours to change.
    Result<bool> sent(db::Transaction& tx, MessageId id, MessageState state, const std::string& provider_id,
                      bool keep_text, Instant now) const;
    Result<bool> retry(db::Transaction& tx, MessageId id, Instant next_attempt_at, const std::string& failure,
                       Instant now) const;
    Result<bool> give_up(db::Transaction& tx, MessageId id, MessageState state, const std::string& failure,
                         Instant now) const;
    /// A call's or an SMS's later fate. False: it was final already.
    Result<bool> progress(db::Transaction& tx, MessageId id, MessageState state, Instant now) const;
    Result<std::int64_t> end_unanswered(db::Transaction& tx, Instant ringing_since, Instant now) const;
    Result<std::int64_t> forget_texts(db::Transaction& tx, Instant now) const;
    Result<std::vector<StoredMessage>> newest(db::Transaction& tx, int limit) const;
    Result<OutboxFigures> figures(db::Transaction& tx, Instant now) const;
};

}  // namespace madoguchi::messages
