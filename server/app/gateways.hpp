// The providers that a configuration names, ready to send.
#pragma once

#include "app/configuration.hpp"
#include "gateway/fallback_gateway.hpp"
#include "gateway/http_client.hpp"

namespace madoguchi::app {

struct GatewaySecrets {
    SecretText twilio_token;     // empty: not used
    SecretText kannel_password;  // empty: not used
    SecretText receipt_key;      // of what Kannel reports back
};
/// Errors: invalid (configuration), naming the file.
Result<GatewaySecrets> read_gateway_secrets(const Configuration& configuration, const SecretText& token_key);

/// `http` and `clock` outlive it.
gateway::FallbackGateway make_gateway(const GatewayConfiguration& gateway, const GatewaySecrets& secrets,
                                      const gateway::HttpClient& http, const Clock& clock,
                                      gateway::GatewayObserver observer);

/// What `units` of this kind cost at this provider, in yen.
double cost_yen(const GatewayConfiguration& gateway, const std::string& provider, gateway::MessageKind kind,
                std::int64_t units);

}  // namespace madoguchi::app
