#include "app/gateways.hpp"

#include <algorithm>
#include <map>

#include "crypto/hmac.hpp"
#include "gateway/kannel_provider.hpp"
#include "gateway/twilio_provider.hpp"

namespace madoguchi::app {
namespace {

constexpr std::string_view kReceiptKeyPurpose = "gateway-receipts";

std::shared_ptr<gateway::Provider> make_provider(const std::string& name, const GatewayConfiguration& configured,
                                                 const GatewaySecrets& secrets, const gateway::HttpClient& http) {
    if (name == "twilio") {
        return std::make_shared<gateway::TwilioProvider>(
            gateway::TwilioSettings{.base_url = configured.twilio_url,
                                    .account = configured.twilio_account,
                                    .auth_token = secrets.twilio_token,
                                    .sms_from = configured.twilio_from,
                                    .voice_from = configured.twilio_voice_from,
                                    .callback_origin = configured.callback_origin},
            http);
    }
    if (name == "kannel") {
        return std::make_shared<gateway::KannelProvider>(
            gateway::KannelSettings{.url = configured.kannel_url,
                                    .username = configured.kannel_username,
                                    .password = secrets.kannel_password,
                                    .from = configured.kannel_from,
                                    .callback_origin = configured.kannel_callback_origin,
                                    .receipt_key = secrets.receipt_key},
            http);
    }
    return std::make_shared<gateway::DevelopmentInbox>();
}

}  // namespace

Result<GatewaySecrets> read_gateway_secrets(const Configuration& configuration, const SecretText& token_key) {
    GatewaySecrets out{.twilio_token = {},
                       .kannel_password = {},
                       .receipt_key = SecretText(crypto::hmac_sha256(token_key, kReceiptKeyPurpose))};
    if (uses(configuration.gateway, "twilio")) {
        out.twilio_token =
            SecretText(TRY(read_secret_file(configuration.gateway.twilio_token_file, configuration.mode)));
    }
    if (uses(configuration.gateway, "kannel")) {
        const auto& file = configuration.gateway.kannel_password_file;
        const std::string password = TRY(read_secret_file(file, configuration.mode));
        // It travels in a header of Kannel's.
        if (!std::ranges::all_of(password, [](char c) { return c > ' ' && c < 127; })) {
            return failure(ErrorKind::invalid, "configuration",
                           "the password in " + file.string() + " is made of printable ASCII without spaces");
        }
        out.kannel_password = SecretText(password);
    }
    return out;
}

gateway::FallbackGateway make_gateway(const GatewayConfiguration& gateway, const GatewaySecrets& secrets,
                                      const gateway::HttpClient& http, const Clock& clock,
                                      gateway::GatewayObserver observer) {
    std::map<std::string, std::shared_ptr<gateway::Provider>> made;
    const auto order = [&](const std::vector<std::string>& names) {
        gateway::FallbackGateway::Order out;
        for (const auto& name : names) {
            auto& provider = made[name];
            if (!provider) {
                provider = make_provider(name, gateway, secrets, http);
            }
            out.push_back(provider);
        }
        return out;
    };
    auto sms = order(gateway.sms_order);
    auto voice = order(gateway.voice_order);
    return {std::move(sms), std::move(voice), clock, std::move(observer)};
}

double cost_yen(const GatewayConfiguration& gateway, const std::string& provider, gateway::MessageKind kind,
                std::int64_t units) {
    Prices prices = provider == "twilio"   ? gateway.twilio_prices
                    : provider == "kannel" ? gateway.kannel_prices
                                           : Prices{};
    if (provider.empty()) {  // nobody knows who has it: the dearer one
        prices = {std::max(gateway.twilio_prices.sms, gateway.kannel_prices.sms), gateway.twilio_prices.voice};
    }
    return static_cast<double>(units) * (kind == gateway::MessageKind::sms ? prices.sms : prices.voice);
}

}  // namespace madoguchi::app
