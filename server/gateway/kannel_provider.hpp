// SMS through Kannel's smsbox (kannel.org, "Using the HTTP interface to send SMS messages"), in its POST form: number,
// text and password stand in headers and body, where no access log sees them.
#pragma once

#include "gateway/gateway.hpp"
#include "gateway/http_client.hpp"

namespace madoguchi::gateway {

struct KannelSettings {
    std::string url;  // of sendsms: "http://127.0.0.1:13013/cgi-bin/sendsms"
    std::string username;
    SecretText password;
    std::string from;             // empty: Kannel's own default sender
    std::string callback_origin;  // receipts come to {callback_origin}/gateway/kannel/{message}?state=N&proof=...
    SecretText receipt_key;
};

class KannelProvider final : public Provider {
public:
    KannelProvider(KannelSettings settings, const HttpClient& http) : settings_(std::move(settings)), http_(http) {}

    std::string_view name() const override { return "kannel"; }
    bool carries(MessageKind kind) const override { return kind == MessageKind::sms; }
    Offer offer(const OutgoingMessage& message) override;

private:
    KannelSettings settings_;
    const HttpClient& http_;
};

/// Stands in the address that Kannel reports to: who has seen it was told by us. Kannel signs nothing itself.
std::string kannel_proof(const SecretText& receipt_key, MessageId message);
/// 1 delivered, 2 failed, 4 buffered, 8 with the SMS centre, 16 refused by it; nothing for anything else.
std::optional<DeliveryState> kannel_state(std::string_view dlr_type);

}  // namespace madoguchi::gateway
