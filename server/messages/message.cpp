#include "messages/message.hpp"

#include <algorithm>
#include <array>

#include "base/limits.hpp"

namespace madoguchi::messages {
namespace {

constexpr std::array<std::string_view, 11> kStates = {"queued",  "sending",  "sent",       "delivered",
                                                      "ringing", "answered", "unanswered", "busy",
                                                      "failed",  "expired",  "unknown"};

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
           state != MessageState::sent && state != MessageState::unknown;
}

bool came_to_nothing(MessageState state) {
    return state == MessageState::unanswered || state == MessageState::busy || state == MessageState::failed ||
           state == MessageState::expired;
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
        case gateway::DeliveryState::unknown:
            return MessageState::unknown;
        case gateway::DeliveryState::failed:
            break;
    }
    return MessageState::failed;
}

std::optional<MessageState> after_receipt(MessageState state, gateway::DeliveryState said) {
    // How far a message has come. A provider that reports has it, whatever we thought.
    const auto progress = [](MessageState of) {
        switch (of) {
            case MessageState::queued:
            case MessageState::sending:
            case MessageState::unknown:
                return 0;
            case MessageState::sent:
                return 1;
            case MessageState::ringing:
                return 2;
            case MessageState::unanswered:
                return 3;  // perhaps only our own guess after a while of ringing
            default:
                return 4;
        }
    };
    const MessageState next = after_delivery(said);
    const bool answered_late = state == MessageState::unanswered && next != MessageState::answered;
    return answered_late || progress(next) <= progress(state) ? std::nullopt : std::optional(next);
}

std::optional<Instant> next_attempt(int attempts, Instant now, Instant expires_at) {
    if (attempts >= limits::kOutboxAttempts) {
        return std::nullopt;
    }
    const Instant next = now + limits::kOutboxFirstRetry * (1 << std::max(0, attempts - 1));
    return next < expires_at ? std::optional(next) : std::nullopt;
}

Result<void> within_caps(const MessageCounts& counts, const MessageCaps& caps) {
    if (counts.waiting >= limits::kOutboxWaiting) {
        return failure(
            Error{.kind = ErrorKind::unavailable, .message_id = "messages_full", .retry_after = limits::kOutboxFull});
    }
    if (counts.total_minute >= caps.total_minute) {
        return too_many(std::chrono::minutes(1));
    }
    if (counts.number_hour >= caps.number_hour || counts.source_hour >= caps.source_hour ||
        counts.total_day >= caps.total_day) {
        return too_many(std::chrono::hours(1));
    }
    if (counts.number_day >= caps.number_day || counts.account_day >= caps.account_day) {
        return too_many(std::chrono::hours(24));
    }
    return {};
}

}  // namespace madoguchi::messages
