// Rules of outgoing messages (S9, S24). Pure.
//
//   queued ──lease──▶ sending ──▶ sent ──▶ delivered | failed          SMS
//      ▲                 │  └───▶ ringing ──▶ answered | unanswered | busy | failed   calls
//      └──── retry ──────┤
//     (not taken)        └──▶ unknown ── a receipt ──▶ what it says
//   queued, sending ── validity over ──▶ expired;   retries used up ──▶ failed
//
// Providers know no idempotency keys. So a message is sent again only where it is certain that nobody has it. Where no
// answer came back, or the server died meanwhile, it is `unknown`: never sent again by itself, said so on the page.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/limits.hpp"
#include "base/locale.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"
#include "gateway/gateway.hpp"

namespace madoguchi::messages {

enum class MessageState {
    queued,
    sending,
    sent,
    delivered,
    ringing,
    answered,
    unanswered,
    busy,
    failed,
    expired,
    unknown
};
std::string_view to_text(MessageState state);
MessageState message_state(std::string_view text);
bool is_final(MessageState state);
/// It certainly reached nobody: sending again makes nobody's telephone ring twice for one code.
bool came_to_nothing(MessageState state);

/// Where a message stands, as a waiting page tells it.
struct MessageStanding {
    MessageState state = MessageState::queued;
    bool stuck = false;  // providers were asked and none took it, or all are skipped: it is tried again later
};

/// What a gateway's answer makes of a message that was being sent.
MessageState after_delivery(gateway::DeliveryState delivery);

/// What a provider's receipt makes of a message; nothing: it comes twice, late or out of order, and changes nothing.
std::optional<MessageState> after_receipt(MessageState state, gateway::DeliveryState said);

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
    std::int64_t total_day = 0;
    std::int64_t waiting = 0;  // not sent yet, of everybody
};
/// How many may (S9): the defaults, or an operator's own.
struct MessageCaps {
    int number_hour = limits::kMessagesPerNumberHour;
    int number_day = limits::kMessagesPerNumberDay;
    int account_day = limits::kMessagesPerAccountDay;
    int source_hour = limits::kMessagesPerSourceHour;
    int total_minute = limits::kMessagesTotalMinute;
    int total_day = limits::kMessagesTotalDay;
};
/// Errors: too_many (phone_too_many_messages, retry_after), unavailable (messages_full: the queue is).
Result<void> within_caps(const MessageCounts& counts, const MessageCaps& caps = {});

/// Context under which phone numbers are sealed, wherever they are stored.
inline constexpr std::string_view kPhoneContext = "phone";

}  // namespace madoguchi::messages
