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

/// A receipt whose origin has been checked.
struct ProviderReceipt {
    std::string gateway;
    std::string provider_id;  // empty: that provider gives no names
    gateway::DeliveryState state = gateway::DeliveryState::accepted;
};
/// foreign: another provider's, or of another message than its address says.
enum class ReceiptEffect { changed, unchanged, no_such_message, foreign };

class MessageService {
public:
    MessageService(db::Database& database, const crypto::Envelope& envelope, const MessageCaps& caps = {})
        : database_(database), envelope_(envelope), caps_(caps) {}

    /// Counts against the caps (S9) and queues. Only in the system's transactions. Errors: too_many, unavailable
    /// (full).
    Result<MessageId> queue(db::Transaction& tx, const NewMessage& message, Instant now) const;
    /// A notice that must reach its reader, caps or not: a password was reset.
    Result<void> queue_notice(db::Transaction& tx, const NewMessage& message, Instant now) const;
    /// Its code is worth nothing any more: if it still waits, it never goes. No id is no message. False: it did not
    /// wait any more.
    Result<bool> withdraw(db::Transaction& tx, MessageId id, Instant now) const;
    Result<std::optional<MessageStanding>> standing(db::Transaction& tx, MessageId id) const {
        return store_.standing(tx, id);
    }

    /// What a provider reports of a message; it changes something at most once, however often it comes.
    Result<ReceiptEffect> receive(MessageId id, const ProviderReceipt& receipt, Instant now) const;

    /// Deletes what was queued before; bounded, so more may be left. How many.
    Result<std::int64_t> forget_old(Instant queued_before) const;

    // The development inbox reads and plays the other side of the line.
    Result<std::vector<InboxMessage>> inbox(Instant now) const;
    Result<bool> play(MessageId id, MessageState state, Instant now) const;

private:
    db::Database& database_;
    const crypto::Envelope& envelope_;
    MessageCaps caps_;
    MessageStore store_;
};

inline constexpr std::string_view kTextContext = "message:text";

}  // namespace madoguchi::messages
