#include "app/gateways.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>
#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace madoguchi::app {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

using Lines = std::vector<std::string>;

const Lines kProviders = {"origin = https://madoguchi.example.jp",
                          "edge.secret-file = /run/edge",
                          "database.url = postgresql:///madoguchi",
                          "keys.directory = keys",
                          "templates.directory = templates",
                          "migrations.directory = migrations",
                          "audit.head-file = head",
                          "gateway.kind = providers",
                          "gateway.sms-order = twilio, kannel",
                          "gateway.voice-order = twilio",
                          "gateway.twilio.account = AC0123",
                          "gateway.twilio.token-file = /etc/token",
                          "gateway.twilio.from = MG0123",
                          "gateway.twilio.voice-from = +815000000000",
                          "gateway.kannel.username = madoguchi",
                          "gateway.kannel.password-file = /etc/password"};

// With `changed` instead of the line of the same key; an empty value takes the line away.
Result<CommandLine> read(const std::string& changed = "") {
    const std::string key = changed.substr(0, changed.find(" ="));
    std::string file = "/tmp/madoguchi-gateway-XXXXXX";
    const int descriptor = mkstemp(file.data());
    std::ofstream stream(file);
    for (const auto& line : kProviders) {
        if (changed.empty() || line.substr(0, line.find(" =")) != key) {
            stream << line << '\n';
        }
    }
    stream << (changed.ends_with("= ") ? "" : changed) << '\n';
    stream.close();
    const std::vector<const char*> arguments = {"madoguchi-server", "check", "--config", file.c_str()};
    auto out = read_command_line(static_cast<int>(arguments.size()), arguments.data(), nullptr);
    close(descriptor);
    std::remove(file.c_str());
    return out;
}

std::string why(const std::string& changed) {
    const auto result = read(changed);
    return result ? "accepted" : result.error().detail;
}

TEST(GatewayConfiguration, AWholeOneIsRead) {
    const auto result = read();
    ASSERT_TRUE(result) << result.error().detail;
    const auto& gateway = result->configuration.gateway;
    EXPECT_THAT(gateway.sms_order, ElementsAre("twilio", "kannel"));
    EXPECT_THAT(gateway.voice_order, ElementsAre("twilio"));
    EXPECT_EQ(gateway.callback_origin, "https://madoguchi.example.jp") << "the origin, unless another is named";
    EXPECT_EQ(gateway.kannel_callback_origin, "https://madoguchi.example.jp");
    EXPECT_THAT(gateway.countries, ElementsAre("JP"));
    EXPECT_EQ(gateway.caps.number_hour, limits::kMessagesPerNumberHour);
}

TEST(GatewayConfiguration, WhatIsWrongNamesItsKey) {
    const std::vector<std::pair<std::string, std::string>> wrong = {
        {"gateway.kind = pigeon", "gateway.kind"},
        {"gateway.sms-order = ", "gateway.sms-order"},
        {"gateway.sms-order = pigeon", "not pigeon"},
        {"gateway.sms-order = kannel,kannel", "twice"},
        {"gateway.voice-order = ", "gateway.voice-order"},
        {"gateway.voice-order = kannel", "can't call"},
        {"gateway.twilio.account = ", "gateway.twilio.account"},
        {"gateway.twilio.account = AC1/../x", "gateway.twilio.account"},
        {"gateway.twilio.token-file = ", "gateway.twilio.token-file"},
        {"gateway.twilio.from = ", "gateway.twilio.from"},
        {"gateway.twilio.voice-from = 05012345678", "gateway.twilio.voice-from"},
        {"gateway.twilio.url = http://provider.example", "gateway.twilio.url"},
        {"gateway.twilio.url = https://provider.example/", "slash"},
        {"gateway.kannel.url = http://192.0.2.1:13013/cgi-bin/sendsms", "gateway.kannel.url"},
        {"gateway.kannel.username = ", "gateway.kannel.username"},
        {"gateway.kannel.password-file = ", "gateway.kannel.password-file"},
        {"gateway.kannel.callback-origin = http://192.0.2.1:8081", "gateway.kannel.callback-origin"},
        {"gateway.callback-origin = http://madoguchi.example.jp", "gateway.callback-origin"},
        {"messages.per-number-hour = 0", "messages.per-number-hour"},
        {"messages.total-day = 100000000", "messages.total-day"},
        {"messages.daily-budget = -1", "messages.daily-budget"},
        {"phone.countries = JP,Atlantis", "not Atlantis"}};
    for (const auto& [line, told] : wrong) {
        EXPECT_THAT(why(line), HasSubstr(told)) << line;
    }
}

TEST(GatewayConfiguration, OnlyWhatIsUsedIsDemanded) {
    EXPECT_EQ(why("gateway.sms-order = twilio"), "accepted");
    const auto inbox = read("gateway.kind = development-inbox");
    ASSERT_TRUE(inbox) << inbox.error().detail;
    EXPECT_TRUE(uses_development_inbox(inbox->configuration.gateway));
    EXPECT_FALSE(uses(inbox->configuration.gateway, "twilio")) << "the orders are of providers";
}

TEST(GatewayConfiguration, CapsCountriesAndPricesAreAnOperatorsOwn) {
    EXPECT_EQ(read("messages.per-number-hour = 3")->configuration.gateway.caps.number_hour, 3);
    EXPECT_THAT(read("phone.countries = JP, KR")->configuration.gateway.countries, ElementsAre("JP", "KR"));
    auto gateway = read()->configuration.gateway;
    gateway.twilio_prices = {11.5, 16};
    gateway.kannel_prices = {3, 0};
    EXPECT_DOUBLE_EQ(cost_yen(gateway, "twilio", gateway::MessageKind::sms, 2), 23);
    EXPECT_DOUBLE_EQ(cost_yen(gateway, "twilio", gateway::MessageKind::voice, 2), 32);
    EXPECT_DOUBLE_EQ(cost_yen(gateway, "kannel", gateway::MessageKind::sms, 2), 6);
    EXPECT_DOUBLE_EQ(cost_yen(gateway, "", gateway::MessageKind::sms, 2), 23) << "nobody knows whose: the dearer one";
    EXPECT_DOUBLE_EQ(cost_yen(gateway, "development-inbox", gateway::MessageKind::sms, 2), 0);
}

TEST(GatewayConfiguration, SecretsAreReadFromFilesAndNamed) {
    auto configuration = read()->configuration;
    const auto missing = read_gateway_secrets(configuration, SecretText("key"));
    ASSERT_FALSE(missing);
    EXPECT_THAT(missing.error().detail, HasSubstr("/etc/token"));
    configuration.gateway.sms_order = {"development-inbox"};
    configuration.gateway.voice_order = {"development-inbox"};
    const auto none = read_gateway_secrets(configuration, SecretText("key"));
    ASSERT_TRUE(none);
    EXPECT_TRUE(none->twilio_token.empty());
    EXPECT_FALSE(none->receipt_key.empty());
}

}  // namespace
}  // namespace madoguchi::app
