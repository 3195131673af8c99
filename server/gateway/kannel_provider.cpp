#include "gateway/kannel_provider.hpp"

#include <algorithm>

#include "base/encoding.hpp"
#include "base/limits.hpp"
#include "crypto/hmac.hpp"
#include "gateway/spoken_text.hpp"

namespace madoguchi::gateway {
namespace {

using Outcome = Offer::Outcome;

constexpr int kEveryReport = 31;  // 1 + 2 + 4 + 8 + 16
constexpr int kSevenBits = 0;
constexpr int kUcs2 = 2;

HttpCall call_of(const KannelSettings& settings, const OutgoingMessage& message) {
    const auto& text = message.text.reveal();
    const bool ascii = std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 128; });
    const auto minutes = std::max(std::chrono::minutes(1), std::chrono::floor<std::chrono::minutes>(message.valid_for));
    const std::string report = settings.callback_origin + "/gateway/kannel/" + std::to_string(message.id.value) +
                               "?state=%d&proof=" + kannel_proof(settings.receipt_key, message.id);
    HttpCall call{.url = settings.url,
                  .user = "",
                  .password = {},
                  .headers = {"Content-Type: text/plain; charset=UTF-8", "X-Kannel-Username: " + settings.username,
                              "X-Kannel-Password: " + settings.password.reveal(), "X-Kannel-To: " + message.e164,
                              "X-Kannel-Coding: " + std::to_string(ascii ? kSevenBits : kUcs2),
                              "X-Kannel-Validity: " + std::to_string(minutes.count()),
                              "X-Kannel-DLR-Mask: " + std::to_string(kEveryReport), "X-Kannel-DLR-Url: " + report},
                  .body = message.text};
    if (!settings.from.empty()) {
        call.headers.push_back("X-Kannel-From: " + settings.from);
    }
    return call;
}

}  // namespace

Offer KannelProvider::offer(const OutgoingMessage& message) {
    const int units = sms_segments(message.text.reveal());
    const Delivery perhaps{DeliveryState::unknown, "", std::string(name()), units};
    const auto reply = http_.post(call_of(settings_, message));
    if (!reply) {
        const bool reached = reply.error().reach == HttpTrouble::Reach::unclear;
        return {.outcome = reached ? Outcome::unclear : Outcome::down, .delivery = perhaps, .why = reply.error().why};
    }
    const std::string why = "status " + std::to_string(reply->status);
    if (reply->status == 202) {
        // "0: Accepted for delivery" or "3: Queued for later delivery"; it gives a message no name of its own.
        const bool plain = reply->body.starts_with("0:") || reply->body.starts_with("3:");
        return plain ? Offer{.outcome = Outcome::taken,
                             .delivery = {DeliveryState::accepted, "", std::string(name()), units}}
                     : Offer{.outcome = Outcome::unclear, .delivery = perhaps, .why = "an answer that is none"};
    }
    // 503 is smsbox without its bearerbox; 403 our password. A 4xx is about this message.
    const bool down = reply->status == 503 || reply->status == 403 || reply->status == 404;
    const bool refused = reply->status >= 300 && reply->status < 500;
    return {.outcome = down      ? Outcome::down
                       : refused ? Outcome::refused
                                 : Outcome::unclear,
            .delivery = perhaps,
            .why = why};
}

std::string kannel_proof(const SecretText& receipt_key, MessageId message) {
    return to_hex(crypto::hmac_sha256(receipt_key, "kannel-receipt:" + std::to_string(message.value)));
}

std::optional<DeliveryState> kannel_state(std::string_view dlr_type) {
    if (dlr_type == "1") {
        return DeliveryState::delivered;
    }
    if (dlr_type == "2" || dlr_type == "16") {
        return DeliveryState::failed;
    }
    return dlr_type == "4" || dlr_type == "8" ? std::optional(DeliveryState::accepted) : std::nullopt;
}

}  // namespace madoguchi::gateway
