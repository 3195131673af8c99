#include "gateway/gateway.hpp"

#include <array>

namespace madoguchi::gateway {

std::string_view to_text(MessageKind kind) {
    return kind == MessageKind::sms ? "sms" : "voice";
}

std::string_view to_text(Offer::Outcome outcome) {
    constexpr std::array<std::string_view, 5> kNames = {"taken", "unclear", "down", "refused", "never"};
    return kNames.at(static_cast<std::size_t>(outcome));
}

Offer DevelopmentInbox::offer(const OutgoingMessage& message) {
    const auto state = message.kind == MessageKind::sms ? DeliveryState::delivered : DeliveryState::ringing;
    return {.outcome = Offer::Outcome::taken,
            .delivery = {state, "inbox-" + message.idempotency_key, std::string(name()), 1}};
}

}  // namespace madoguchi::gateway
