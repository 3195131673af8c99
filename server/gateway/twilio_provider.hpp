// SMS and calls through Twilio's HTTP interface (2010-04-01), or another vendor's that speaks the same.
#pragma once

#include "gateway/gateway.hpp"
#include "gateway/http_client.hpp"

namespace madoguchi::gateway {

struct TwilioSettings {
    std::string base_url;  // "https://api.twilio.com"
    std::string account;   // AccountSid, also the user of basic authentication
    SecretText auth_token;
    std::string sms_from;         // a number, a sender's name, or a messaging service ("MG...")
    std::string voice_from;       // a number
    std::string callback_origin;  // receipts come to {callback_origin}/gateway/twilio/{message}
};

class TwilioProvider final : public Provider {
public:
    TwilioProvider(TwilioSettings settings, const HttpClient& http) : settings_(std::move(settings)), http_(http) {}

    std::string_view name() const override { return "twilio"; }
    bool carries(MessageKind) const override { return true; }
    Offer offer(const OutgoingMessage& message) override;

private:
    TwilioSettings settings_;
    const HttpClient& http_;
};

}  // namespace madoguchi::gateway
