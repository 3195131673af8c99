// What every provider of SMS and voice calls looks like from inside.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/locale.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace madoguchi::gateway {

enum class MessageKind { sms, voice };
std::string_view to_text(MessageKind kind);

struct OutgoingMessage {
    std::string idempotency_key;  // the same key is sent to a phone once, however often the worker retries (S24)
    MessageKind kind = MessageKind::sms;
    std::string e164;
    SecretText text;                      // holds a code: never logged
    Locale locale = Locale::ja;           // the voice that reads it out
    MessageId id = {};                    // stands in the address that receipts come back to
    std::chrono::seconds valid_for{600};  // the provider drops it afterwards: a code that has expired is not news
};

/// accepted: the provider has it. ringing, answered, unanswered, busy: a call. delivered, failed: the last word.
/// unknown: it was handed over and no answer came back; it may have been sent, so it is not sent again.
enum class DeliveryState { accepted, ringing, answered, unanswered, busy, delivered, failed, unknown };

struct Delivery {
    DeliveryState state = DeliveryState::accepted;
    std::string provider_id;   // the provider's name for it, to ask again
    std::string gateway = {};  // which provider has it
    int units = 1;             // what it charges: segments of an SMS, or one call
};

/// The message_id of an error that says that no provider was even asked: all are being skipped, until retry_after.
inline constexpr std::string_view kGatewaySkipped = "gateway_skipped";

class MessageGateway {
public:
    virtual ~MessageGateway() = default;
    /// Errors: unavailable (certainly not taken: try again), invalid (this number or text never goes: give up).
    virtual Result<Delivery> send(const OutgoingMessage& message) = 0;
};

/// What one provider made of a message it was offered.
struct Offer {
    /// taken. unclear: perhaps taken, nobody can tell. down: not taken, the provider is unwell. refused: not taken, the
    /// provider is well. never: no provider can send to this number.
    enum class Outcome { taken, unclear, down, refused, never };
    Outcome outcome = Outcome::down;
    Delivery delivery = {};
    std::string why = {};  // for the log: a status or a curl code, never what the provider wrote (it repeats numbers)
    std::optional<std::chrono::seconds> retry_after = std::nullopt;
};
std::string_view to_text(Offer::Outcome outcome);

/// Safe for many threads.
class Provider {
public:
    virtual ~Provider() = default;
    virtual std::string_view name() const = 0;
    virtual bool carries(MessageKind kind) const = 0;
    /// Within limits::kGatewayAnswer.
    virtual Offer offer(const OutgoingMessage& message) = 0;
};

/// Takes every message and keeps it for the development inbox: SMS count as delivered, calls ring until somebody there
/// answers. Refused in production mode.
class DevelopmentInbox final : public Provider {
public:
    std::string_view name() const override { return "development-inbox"; }
    bool carries(MessageKind) const override { return true; }
    Offer offer(const OutgoingMessage& message) override;
};

}  // namespace madoguchi::gateway
