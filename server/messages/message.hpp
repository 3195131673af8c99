// Rules of outgoing messages (S9, S24). Pure.
//
//   queued ──lease──▶ sending ──▶ sent ──▶ delivered | failed          SMS
//      ▲                 │  └───▶ ringing ──▶ answered | unanswered | busy | failed   calls
//      └──── retry ──────┘
//   queued, sending ── validity over ──▶ expired;   retries used up ──▶ failed
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/locale.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"
#include "gateway/gateway.hpp"

namespace madoguchi::messages {

enum class MessageState { queued, sending, sent, delivered, ringing, answered, unanswered, busy, failed, expired };
std::string_view to_text(MessageState state);
MessageState message_state(std::string_view text);
bool is_final(MessageState state);

/// What a gateway's answer makes of a message that was being sent.
MessageState after_delivery(gateway::DeliveryState delivery);

/// When to try again after `attempts` tries; nothing: give up.
std::optional<Instant> next_attempt(int attempts, Instant now, Instant expires_at);

struct NewMessage {
    std::string idempotency_key;
    gateway::MessageKind kind = gateway::MessageKind::sms;
    std::string purpose;  // "code", "password_reset" ...
    AccountId account;
    std::string phone_sealed;
    std::string phone_masked;
    std::string phone_digest;
    SecretText text;
    Locale locale = Locale::ja;
    std::string source;
    Instant expires_at;
};

/// How many went out before, as the caps count them.
struct MessageCounts {
    std::int64_t number_hour = 0;
    std::int64_t number_day = 0;
    std::int64_t account_day = 0;
    std::int64_t source_hour = 0;
    std::int64_t total_minute = 0;
};
/// Errors: too_many (phone_too_many_messages, retry_after).
Result<void> within_caps(const MessageCounts& counts);

/// Context under which phone numbers are sealed, wherever they are stored.
inline constexpr std::string_view kPhoneContext = "phone";

}  // namespace madoguchi::messages
