#include "app/gateway_configuration.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <boost/program_options/value_semantic.hpp>
#include <sstream>

#include "gateway/http_client.hpp"
#include "gateway/phone_number.hpp"

namespace madoguchi::app {
namespace {

namespace po = boost::program_options;

constexpr std::string_view kInbox = "development-inbox";

tl::unexpected<Error> wrong(std::string detail) {
    return failure(ErrorKind::invalid, "configuration", std::move(detail));
}

// "twilio, kannel"
std::vector<std::string> list(const std::string& text) {
    std::vector<std::string> out;
    std::istringstream stream(text);
    for (std::string word; std::getline(stream, word, ',');) {
        std::erase_if(word, [](char c) { return c == ' ' || c == '\t'; });
        out.push_back(word);
    }
    return out;
}

void add_cap_keys(po::options_description& keys) {
    const auto number = [](int value) { return po::value<int>()->default_value(value); };
    const messages::MessageCaps caps;
    keys.add_options()("phone.countries", po::value<std::string>()->default_value("JP"),
                       "countries whose numbers may be registered, as JP,KR (ISO 3166-1)");
    keys.add_options()("messages.per-number-hour", number(caps.number_hour), "SMS and calls to one number in an hour");
    keys.add_options()("messages.per-number-day", number(caps.number_day), "in a day");
    keys.add_options()("messages.per-account-day", number(caps.account_day), "for one account in a day");
    keys.add_options()("messages.per-source-hour", number(caps.source_hour), "asked for from one address in an hour");
    keys.add_options()("messages.total-minute", number(caps.total_minute), "of everybody in a minute");
    keys.add_options()("messages.total-day", number(caps.total_day), "of everybody in a day");
    keys.add_options()("messages.daily-budget", po::value<double>()->default_value(0),
                       "yen: when a day's estimated cost passes it, an alarm is logged and measured; 0: none");
}

Result<void> check_order(const std::string& key, const std::vector<std::string>& order, bool voice) {
    if (order.empty() || order.size() > limits::kGatewayProviders) {
        return wrong("the key " + key + " names the providers in the order in which they are tried, one to three");
    }
    for (const auto& name : order) {
        const bool known = name == "twilio" || name == "kannel" || name == kInbox;
        if (!known) {
            return wrong(fmt::format("{} is made of twilio, kannel and development-inbox, not {}", key, name));
        }
        if (std::ranges::count(order, name) > 1) {
            return wrong(fmt::format("{} names {} twice", key, name));
        }
        if (voice && name == "kannel") {
            return wrong(key + ": kannel can't call; fixed lines can only be called, so name a provider that can");
        }
    }
    return {};
}

Result<void> check_text(const std::string& key, const std::string& text, const std::string& example) {
    const bool printable = std::ranges::all_of(text, [](char c) { return c >= ' ' && c < 127; });
    return text.empty() || !printable || text.size() > 200 ? wrong("the key " + key + " is missing, as " + example)
                                                           : Result<void>();
}

Result<void> check_url(const std::string& key, const std::string& url) {
    return !gateway::is_safe_url(url) || url.ends_with('/')
               ? wrong(key +
                       " is https://..., or http:// on this machine with its port, and has no slash at its end: " +
                       "credentials and numbers go there")
               : Result<void>();
}

Result<void> check_twilio(const GatewayConfiguration& gateway) {
    TRY(check_url("gateway.twilio.url", gateway.twilio_url));
    TRY(check_text("gateway.twilio.account", gateway.twilio_account, "AC0123456789abcdef0123456789abcdef"));
    const bool plain = std::ranges::all_of(gateway.twilio_account, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
    });
    if (!plain) {
        return wrong("gateway.twilio.account is the account's id (AC...), of letters and digits");
    }
    TRY(check_text("gateway.twilio.token-file", gateway.twilio_token_file.string(), "/etc/madoguchi/twilio.token"));
    TRY(check_text("gateway.twilio.from", gateway.twilio_from, "+815012345678, or a messaging service MG..."));
    const bool calls = std::ranges::find(gateway.voice_order, "twilio") != gateway.voice_order.end();
    if (calls && !gateway.twilio_voice_from.starts_with("+")) {
        return wrong("gateway.twilio.voice-from is the number that calls, as +815012345678");
    }
    return {};
}

Result<void> check_kannel(const GatewayConfiguration& gateway) {
    TRY(check_url("gateway.kannel.url", gateway.kannel_url));
    TRY(check_text("gateway.kannel.username", gateway.kannel_username, "madoguchi"));
    TRY(check_text("gateway.kannel.password-file", gateway.kannel_password_file.string(),
                   "/etc/madoguchi/kannel.password"));
    return gateway.kannel_from.empty() ? Result<void>()
                                       : check_text("gateway.kannel.from", gateway.kannel_from, "0312345678");
}

Result<void> check_limits(const GatewayConfiguration& gateway) {
    const auto& caps = gateway.caps;
    const std::array<std::pair<const char*, int>, 6> all = {{{"messages.per-number-hour", caps.number_hour},
                                                             {"messages.per-number-day", caps.number_day},
                                                             {"messages.per-account-day", caps.account_day},
                                                             {"messages.per-source-hour", caps.source_hour},
                                                             {"messages.total-minute", caps.total_minute},
                                                             {"messages.total-day", caps.total_day}}};
    for (const auto& [key, cap] : all) {
        if (cap < 1 || cap > limits::kMessagesConfigured) {
            return wrong(std::string(key) + " is 1 to " + std::to_string(limits::kMessagesConfigured));
        }
    }
    for (const double yen : {gateway.twilio_prices.sms, gateway.twilio_prices.voice, gateway.kannel_prices.sms,
                             gateway.daily_budget_yen}) {
        if (!(yen >= 0 && yen <= 1e9)) {
            return wrong("prices and messages.daily-budget are yen, 0 or more");
        }
    }
    if (gateway.countries.empty()) {
        return wrong("phone.countries names at least one country, as JP");
    }
    for (const auto& country : gateway.countries) {
        if (gateway::PhoneNumbers::calling_code(country) == "0") {
            return wrong("phone.countries is made of codes as JP and KR, not " + country);
        }
    }
    return {};
}

}  // namespace

void add_gateway_keys(po::options_description& keys) {
    const auto text = [](const char* value) { return po::value<std::string>()->default_value(value); };
    const auto yen = [] { return po::value<double>()->default_value(0); };
    keys.add_options()("gateway.kind", po::value<std::string>(),
                       "providers; or development-inbox: messages arrive on a page (development mode only)");
    keys.add_options()("gateway.sms-order", text(""), "who sends SMS, tried in this order: twilio, kannel");
    keys.add_options()("gateway.voice-order", text(""), "who calls, tried in this order: twilio");
    keys.add_options()("gateway.callback-origin", text(""), "where providers find this service (default: the origin)");
    keys.add_options()("gateway.ca-file", text(""),
                       "certificates that providers are checked against (default: Debian's)");
    keys.add_options()("gateway.twilio.url", text("https://api.twilio.com"),
                       "Twilio, or another vendor with the same interface");
    keys.add_options()("gateway.twilio.account", text(""), "account id (AC...)");
    keys.add_options()("gateway.twilio.token-file", text(""),
                       "its token: for requests, and for the signatures of reports");
    keys.add_options()("gateway.twilio.from", text(""),
                       "who SMS come from: a number, a name, or a messaging service (MG...)");
    keys.add_options()("gateway.twilio.voice-from", text(""), "the number that calls");
    keys.add_options()("gateway.twilio.price-sms", yen(), "yen for a segment of an SMS");
    keys.add_options()("gateway.twilio.price-voice", yen(), "yen for a call");
    keys.add_options()("gateway.kannel.url", text("http://127.0.0.1:13013/cgi-bin/sendsms"), "smsbox");
    keys.add_options()("gateway.kannel.username", text(""), "of its sendsms-user");
    keys.add_options()("gateway.kannel.password-file", text(""), "its password");
    keys.add_options()("gateway.kannel.from", text(""), "who SMS come from (default: Kannel's own)");
    keys.add_options()("gateway.kannel.callback-origin", text(""),
                       "where Kannel finds this service (default: gateway.callback-origin)");
    keys.add_options()("gateway.kannel.price-sms", yen(), "yen for a segment of an SMS");
    keys.add_options()("webhooks.allow-hosts", text(""),
                       "hosts of the own network that webhooks may reach, as relay.example,10.1.2.3 (default: none)");
    add_cap_keys(keys);
}

GatewayConfiguration read_gateway_configuration(const po::variables_map& values) {
    const auto text = [&](const char* key) { return values[key].as<std::string>(); };
    const auto number = [&](const char* key) { return values[key].as<int>(); };
    const auto yen = [&](const char* key) { return values[key].as<double>(); };
    const bool inbox = text("gateway.kind") == kInbox;
    const std::vector<std::string> inbox_only = {std::string(kInbox)};
    const std::string callback =
        text("gateway.callback-origin").empty() ? text("origin") : text("gateway.callback-origin");
    const std::string kannel_callback = text("gateway.kannel.callback-origin");
    return {.kind = text("gateway.kind"),
            .sms_order = inbox ? inbox_only : list(text("gateway.sms-order")),
            .voice_order = inbox ? inbox_only : list(text("gateway.voice-order")),
            .callback_origin = callback,
            .ca_file = text("gateway.ca-file"),
            .twilio_url = text("gateway.twilio.url"),
            .twilio_account = text("gateway.twilio.account"),
            .twilio_token_file = text("gateway.twilio.token-file"),
            .twilio_from = text("gateway.twilio.from"),
            .twilio_voice_from = text("gateway.twilio.voice-from"),
            .twilio_prices = {yen("gateway.twilio.price-sms"), yen("gateway.twilio.price-voice")},
            .kannel_url = text("gateway.kannel.url"),
            .kannel_username = text("gateway.kannel.username"),
            .kannel_password_file = text("gateway.kannel.password-file"),
            .kannel_from = text("gateway.kannel.from"),
            .kannel_callback_origin = kannel_callback.empty() ? callback : kannel_callback,
            .kannel_prices = {yen("gateway.kannel.price-sms"), 0},
            .webhook_hosts = list(text("webhooks.allow-hosts")),
            .countries = list(text("phone.countries")),
            .caps = {.number_hour = number("messages.per-number-hour"),
                     .number_day = number("messages.per-number-day"),
                     .account_day = number("messages.per-account-day"),
                     .source_hour = number("messages.per-source-hour"),
                     .total_minute = number("messages.total-minute"),
                     .total_day = number("messages.total-day")},
            .daily_budget_yen = yen("messages.daily-budget")};
}

Result<void> check_gateway(const GatewayConfiguration& gateway) {
    if (gateway.kind != kInbox && gateway.kind != "providers") {
        return wrong("gateway.kind is providers or development-inbox, not " + gateway.kind);
    }
    TRY(check_order("gateway.sms-order", gateway.sms_order, false));
    TRY(check_order("gateway.voice-order", gateway.voice_order, true));
    TRY(check_limits(gateway));
    if (uses(gateway, "twilio")) {
        TRY(check_url("gateway.callback-origin", gateway.callback_origin));
        TRY(check_twilio(gateway));
    }
    if (uses(gateway, "kannel")) {
        TRY(check_url("gateway.kannel.callback-origin", gateway.kannel_callback_origin));
        TRY(check_kannel(gateway));
    }
    return {};
}

bool uses(const GatewayConfiguration& gateway, const std::string& provider) {
    return std::ranges::find(gateway.sms_order, provider) != gateway.sms_order.end() ||
           std::ranges::find(gateway.voice_order, provider) != gateway.voice_order.end();
}

bool uses_development_inbox(const GatewayConfiguration& gateway) {
    return uses(gateway, std::string(kInbox));
}

std::vector<std::string> gateway_refusals(const GatewayConfiguration& gateway) {
    std::vector<std::string> out;
    const bool local = gateway.callback_origin.starts_with("http://") ||
                       gateway.callback_origin.starts_with("https://localhost") ||
                       gateway.callback_origin.starts_with("https://127.");
    if (uses(gateway, "twilio") && local) {
        out.emplace_back("gateway.callback-origin is on this machine: set the address that the provider can reach");
    }
    if (uses(gateway, "twilio") && gateway.twilio_url.starts_with("http://")) {
        out.emplace_back("gateway.twilio.url is on this machine: production mode sends to a provider, by https");
    }
    if (gateway.daily_budget_yen == 0) {
        out.emplace_back("messages.daily-budget is 0: set the yen a day from which an alarm is raised");
    }
    return out;
}

}  // namespace madoguchi::app
