// What an operator configures of SMS and calls: which providers in which order, caps, countries, prices.
#pragma once

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/variables_map.hpp>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "messages/message.hpp"

namespace madoguchi::app {

/// What providers charge, in yen: an SMS by the segment, a call by the call.
struct Prices {
    double sms = 0;
    double voice = 0;
};

struct GatewayConfiguration {
    std::string kind;  // "development-inbox" or "providers"
    std::vector<std::string> sms_order;
    std::vector<std::string> voice_order;
    std::string callback_origin;  // where providers find this service; empty: the origin
    std::filesystem::path ca_file;

    std::string twilio_url;
    std::string twilio_account;
    std::filesystem::path twilio_token_file;
    std::string twilio_from;
    std::string twilio_voice_from;
    Prices twilio_prices;

    std::string kannel_url;
    std::string kannel_username;
    std::filesystem::path kannel_password_file;
    std::string kannel_from;
    std::string kannel_callback_origin;  // empty: callback_origin
    Prices kannel_prices;

    std::vector<std::string> webhook_hosts;  // that webhooks may reach though they are no public addresses
    std::vector<std::string> countries;      // ISO 3166-1 alpha-2
    messages::MessageCaps caps;
    double daily_budget_yen = 0;  // an alarm beyond it; 0: none
};

void add_gateway_keys(boost::program_options::options_description& keys);
GatewayConfiguration read_gateway_configuration(const boost::program_options::variables_map& values);

/// Errors: invalid (configuration), whose detail names the key at fault and what would be right.
Result<void> check_gateway(const GatewayConfiguration& gateway);

/// Does `provider` stand in one of the orders?
bool uses(const GatewayConfiguration& gateway, const std::string& provider);
bool uses_development_inbox(const GatewayConfiguration& gateway);
/// What production mode refuses besides; one sentence each.
std::vector<std::string> gateway_refusals(const GatewayConfiguration& gateway);

}  // namespace madoguchi::app
