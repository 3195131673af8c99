// What every provider of SMS and voice calls looks like from inside.
#pragma once

#include <string>

#include "base/locale.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace madoguchi::gateway {

enum class MessageKind { sms, voice };

struct OutgoingMessage {
    std::string idempotency_key;  // the same key is sent to a phone once, however often the worker retries (S24)
    MessageKind kind = MessageKind::sms;
    std::string e164;
    SecretText text;             // holds a code: never logged
    Locale locale = Locale::ja;  // the voice that reads it out
};

/// accepted: the provider has it. ringing, answered, unanswered, busy: a call. delivered, failed: the last word.
enum class DeliveryState { accepted, ringing, answered, unanswered, busy, delivered, failed };

struct Delivery {
    DeliveryState state = DeliveryState::accepted;
    std::string provider_id;  // the provider's name for it, to ask again
};

class MessageGateway {
public:
    virtual ~MessageGateway() = default;
    /// Errors: unavailable (try again), invalid (this number or text never goes: give up).
    virtual Result<Delivery> send(const OutgoingMessage& message) = 0;
};

}  // namespace madoguchi::gateway
