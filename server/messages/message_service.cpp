#include "messages/message_service.hpp"

#include "base/limits.hpp"
#include "base/retention_limits.hpp"

namespace madoguchi::messages {
namespace {

constexpr int kInboxMessages = 30;

}  // namespace

Result<MessageId> MessageService::queue(db::Transaction& tx, const NewMessage& message, Instant now) const {
    TRY(within_caps(TRY(store_.lock_and_count(tx, message, now)), caps_));
    TRY(store_.insert(tx, message, TRY(envelope_.seal(message.text, kTextContext)), now));
    const auto id = TRY(store_.find(tx, message.idempotency_key));
    if (!id) {
        return failure(ErrorKind::internal, "internal", "a queued message can't be found");
    }
    return *id;
}

Result<void> MessageService::queue_notice(db::Transaction& tx, const NewMessage& message, Instant now) const {
    return store_.insert(tx, message, TRY(envelope_.seal(message.text, kTextContext)), now);
}

Result<bool> MessageService::withdraw(db::Transaction& tx, MessageId id, Instant now) const {
    return id ? store_.withdraw(tx, id, now) : Result<bool>(false);
}

Result<std::int64_t> MessageService::forget_old(Instant queued_before) const {
    return database_.transact(Actor::system(), [&](db::Transaction& tx) {
        return store_.forget_old(tx, queued_before, limits::kForgottenRows);
    });
}

Result<ReceiptEffect> MessageService::receive(MessageId id, const ProviderReceipt& receipt, Instant now) const {
    return database_.transact(Actor::system(), [&](db::Transaction& tx) -> Result<ReceiptEffect> {
        const auto known = TRY(store_.lock(tx, id));
        if (!known) {
            return ReceiptEffect::no_such_message;
        }
        const bool other_gateway = !known->gateway.empty() && known->gateway != receipt.gateway;
        const bool other_message = !known->provider_id.empty() && known->provider_id != receipt.provider_id;
        if (other_gateway || other_message || known->attempts == 0) {
            return ReceiptEffect::foreign;
        }
        const auto next = after_receipt(known->state, receipt.state);
        if (!next) {
            return ReceiptEffect::unchanged;
        }
        TRY(store_.received(tx, id, *next, receipt.gateway, receipt.provider_id, now));
        return ReceiptEffect::changed;
    });
}

Result<std::vector<InboxMessage>> MessageService::inbox(Instant) const {
    const auto rows = TRY(
        database_.transact(Actor::system(), [&](db::Transaction& tx) { return store_.newest(tx, kInboxMessages); }));
    std::vector<InboxMessage> out;
    for (const auto& row : rows) {
        const auto number = TRY(envelope_.open(row.phone_sealed, kPhoneContext));
        InboxMessage message{.id = row.id,
                             .kind = row.kind,
                             .e164 = number.reveal(),
                             .text = {},
                             .state = row.state,
                             .created_at = row.created_at};
        if (!row.text_sealed.empty()) {
            message.text = TRY(envelope_.open(row.text_sealed, kTextContext));
        }
        out.push_back(std::move(message));
    }
    return out;
}

Result<bool> MessageService::play(MessageId id, MessageState state, Instant now) const {
    return database_.transact(Actor::system(),
                              [&](db::Transaction& tx) { return store_.progress(tx, id, state, now); });
}

}  // namespace madoguchi::messages
