// Where providers report what became of a message. They are no browsers and hold no session: who may report is told by
// a signature (Twilio's form) or by a proof in the address (Kannel).
#pragma once

#include "http/route_table.hpp"
#include "messages/message_service.hpp"

namespace madoguchi::messages {

struct ReceiptSettings {
    std::string twilio_origin;  // what stands before the path in the addresses that Twilio was given, and signs
    SecretText twilio_token;    // empty: no such provider, every report of it is forged
    SecretText kannel_key;
    bool kannel = false;  // without it, every report is forged
    /// For the metrics: changed, unchanged, foreign, no_such_message, forged, malformed.
    std::function<void(std::string_view gateway, std::string_view outcome)> counted;
};

/// POST /gateway/twilio/{message}, GET /gateway/kannel/{message}. A forged report gets 403; one that comes twice or
/// late gets 204 as any other, and changes nothing.
void add_receipt_routes(http::RouteTable& routes, const MessageService& service, const ReceiptSettings& settings);

}  // namespace madoguchi::messages
