// The outbox (S24): a row in the transaction of what it tells about, sent later by the worker.
#pragma once

#include "crypto/envelope.hpp"
#include "messages/message_store.hpp"

namespace madoguchi::messages {

/// One message as the development inbox shows it.
struct InboxMessage {
    MessageId id;
    gateway::MessageKind kind = gateway::MessageKind::sms;
    std::string e164;
    SecretText text;
    MessageState state = MessageState::queued;
    Instant created_at;
};

class MessageService {
public:
    MessageService(db::Database& database, const crypto::Envelope& envelope)
        : database_(database), envelope_(envelope) {}

    /// Counts against the caps (S9) and queues. Only in the system's transactions. Errors: too_many.
    Result<MessageId> queue(db::Transaction& tx, const NewMessage& message, Instant now) const;
    /// A notice that must reach its reader, caps or not: a password was reset.
    Result<void> queue_notice(db::Transaction& tx, const NewMessage& message, Instant now) const;
    Result<std::optional<MessageState>> state(db::Transaction& tx, MessageId id) const { return store_.state(tx, id); }

    // The development inbox reads and plays the other side of the line.
    Result<std::vector<InboxMessage>> inbox(Instant now) const;
    Result<bool> play(MessageId id, MessageState state, Instant now) const;

private:
    db::Database& database_;
    const crypto::Envelope& envelope_;
    MessageStore store_;
};

inline constexpr std::string_view kTextContext = "message:text";

}  // namespace madoguchi::messages
