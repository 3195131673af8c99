// The sending side of webhooks, called by workers of any number of servers: first who is told what, then one receiver's
// turn after the other. At least once; of one subject in order; for a day; what is left then is a dead letter.
#pragma once

#include <functional>

#include "crypto/envelope.hpp"
#include "events/event_service.hpp"
#include "events/webhook_store.hpp"

namespace madoguchi::events {

class DeliveryService {
public:
    struct Parts {
        db::Database& database;
        const crypto::Envelope& envelope;
        Entropy& entropy;
        const Clock& clock;
        const gateway::HttpClient& outside;  // reaches public addresses only
        const gateway::HttpClient& inside;   // for hosts that the operator allows
        UrlPolicy urls;
        std::string source;  // the origin of this service, as events name it
        /// "webhook_retry", "webhook_dead", "webhook_gone", "webhook_unsealable".
        std::function<void(std::string_view event, WebhookId webhook, std::string_view detail)> note;
    };
    explicit DeliveryService(Parts parts) : parts_(std::move(parts)) {}

    /// Makes deliveries of new events for one webhook; false: all of them have heard of everything.
    Result<bool> tell_next(Instant now);
    /// One receiver's turn; false: nobody has anything due.
    Result<bool> take_turn(Instant now);
    Result<DeliveryFigures> figures(Instant now) const;

private:
    struct Receiver {
        Webhook webhook;
        std::optional<directory::Principal> maker;
        std::vector<SecretText> secrets;
    };
    Result<std::optional<Receiver>> receiver(WebhookId id, Instant now) const;
    Result<bool> deliver_one(Turn& turn, const Receiver& receiver);
    Result<Verdict> send(const Receiver& receiver, const Delivery& delivery, Instant now) const;
    Result<void> note_answer(const Delivery& delivery, const Verdict& verdict);

    Parts parts_;
    WebhookStore store_;
    EventStore events_;
};

/// May an event be told to a webhook of this maker now? Within its organization and types, and within what the maker
/// may see themselves.
bool may_be_told(const std::optional<directory::Principal>& maker, const Webhook& webhook, const Event& event,
                 Instant now);

}  // namespace madoguchi::events
