#include "messages/message.hpp"

#include <algorithm>
#include <array>

#include "base/limits.hpp"

namespace madoguchi::messages {
namespace {

constexpr std::array<std::string_view, 10> kStates = {"queued",   "sending",    "sent", "delivered", "ringing",
                                                      "answered", "unanswered", "busy", "failed",    "expired"};

tl::unexpected<Error> too_many(std::chrono::seconds wait) {
    return failure(Error{.kind = ErrorKind::too_many, .message_id = "phone_too_many_messages", .retry_after = wait});
}

}  // namespace

std::string_view to_text(MessageState state) {
    return kStates.at(static_cast<std::size_t>(state));
}

MessageState message_state(std::string_view text) {
    return static_cast<MessageState>(std::ranges::find(kStates, text) - kStates.begin());
}

bool is_final(MessageState state) {
    return state != MessageState::queued && state != MessageState::sending && state != MessageState::ringing &&
           state != MessageState::sent;
}

MessageState after_delivery(gateway::DeliveryState delivery) {
    switch (delivery) {
        case gateway::DeliveryState::accepted:
            return MessageState::sent;
        case gateway::DeliveryState::ringing:
            return MessageState::ringing;
        case gateway::DeliveryState::answered:
            return MessageState::answered;
        case gateway::DeliveryState::unanswered:
            return MessageState::unanswered;
        case gateway::DeliveryState::busy:
            return MessageState::busy;
        case gateway::DeliveryState::delivered:
            return MessageState::delivered;
        case gateway::DeliveryState::failed:
            break;
    }
    return MessageState::failed;
}

std::optional<Instant> next_attempt(int attempts, Instant now, Instant expires_at) {
    if (attempts >= limits::kOutboxAttempts) {
        return std::nullopt;
    }
    const Instant next = now + limits::kOutboxFirstRetry * (1 << std::max(0, attempts - 1));
    return next < expires_at ? std::optional(next) : std::nullopt;
}

Result<void> within_caps(const MessageCounts& counts) {
    if (counts.total_minute >= limits::kMessagesTotalMinute) {
        return too_many(std::chrono::minutes(1));
    }
    if (counts.number_hour >= limits::kMessagesPerNumberHour || counts.source_hour >= limits::kMessagesPerSourceHour) {
        return too_many(std::chrono::hours(1));
    }
    if (counts.number_day >= limits::kMessagesPerNumberDay || counts.account_day >= limits::kMessagesPerAccountDay) {
        return too_many(std::chrono::hours(24));
    }
    return {};
}

}  // namespace madoguchi::messages
