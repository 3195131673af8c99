#include "gateway/twilio_form.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "support/source_directory.hpp"

namespace madoguchi::gateway {
namespace {

nlohmann::json vectors() {
    std::ifstream stream(test::source_directory() + "/tests/support/twilio/signatures.json");
    return nlohmann::json::parse(stream);
}

FormFields fields_of(const nlohmann::json& vector) {
    FormFields out;
    for (const auto& field : vector.at("fields")) {
        out.emplace_back(field.at(0).get<std::string>(), field.at(1).get<std::string>());
    }
    return out;
}

// Made by npm twilio's getExpectedTwilioSignature; tests/browser/twilio_signatures.test.mjs holds its validator against
// the same file.
TEST(TwilioSignature, IsTheOneOfTwiliosOwnLibrary) {
    const auto all = vectors();
    const SecretText token(all.at("token").get<std::string>());
    ASSERT_GE(all.at("vectors").size(), 10U);
    for (const auto& vector : all.at("vectors")) {
        const auto url = vector.at("url").get<std::string>();
        const auto signature = vector.at("signature").get<std::string>();
        EXPECT_EQ(twilio_signature(token, url, fields_of(vector)), signature) << vector.at("name");
        EXPECT_TRUE(is_signed_by_twilio(token, url, fields_of(vector), signature)) << vector.at("name");
    }
}

TEST(TwilioSignature, RefusesWhatWasTouched) {
    const auto all = vectors();
    const SecretText token(all.at("token").get<std::string>());
    for (const auto& vector : all.at("vectors")) {
        const auto url = vector.at("url").get<std::string>();
        const auto signature = vector.at("signature").get<std::string>();
        const auto fields = fields_of(vector);
        auto more = fields;
        more.emplace_back("MessageStatus", "forged");
        auto touched = signature;
        touched.front() = touched.front() == 'A' ? 'B' : 'A';
        EXPECT_FALSE(is_signed_by_twilio(SecretText("another"), url, fields, signature)) << vector.at("name");
        EXPECT_FALSE(is_signed_by_twilio(token, url + "0", fields, signature)) << vector.at("name");
        EXPECT_FALSE(is_signed_by_twilio(token, url, more, signature)) << vector.at("name");
        EXPECT_FALSE(is_signed_by_twilio(token, url, fields, touched)) << vector.at("name");
        EXPECT_FALSE(is_signed_by_twilio(token, url, fields, "")) << vector.at("name");
        EXPECT_FALSE(is_signed_by_twilio(SecretText(""), url, fields, twilio_signature(SecretText(""), url, fields)))
            << "no token is no key";
    }
}

TEST(TwilioSignature, HoldsForEitherSpellingOfThePort) {
    const SecretText token("t");
    const FormFields fields = {{"MessageSid", "SM1"}};
    const auto without = twilio_signature(token, "https://a.example/gateway/twilio/1", fields);
    const auto with = twilio_signature(token, "https://a.example:443/gateway/twilio/1", fields);
    EXPECT_TRUE(is_signed_by_twilio(token, "https://a.example/gateway/twilio/1", fields, with));
    EXPECT_TRUE(is_signed_by_twilio(token, "https://a.example:443/gateway/twilio/1", fields, without));
    const auto inner = twilio_signature(token, "https://a.example/gateway/twilio/1", fields);
    EXPECT_TRUE(is_signed_by_twilio(token, "https://a.example:8443/gateway/twilio/1", fields, inner));
    EXPECT_FALSE(is_signed_by_twilio(token, "http://a.example/gateway/twilio/1", fields, without));
    EXPECT_FALSE(is_signed_by_twilio(token, "/gateway/twilio/1", fields, without));
}

TEST(TwilioStates, AreThoseOfTheDocumentation) {
    const std::map<std::string, DeliveryState> messages = {
        {"accepted", DeliveryState::accepted},  {"scheduled", DeliveryState::accepted},
        {"queued", DeliveryState::accepted},    {"sending", DeliveryState::accepted},
        {"sent", DeliveryState::accepted},      {"delivered", DeliveryState::delivered},
        {"undelivered", DeliveryState::failed}, {"failed", DeliveryState::failed},
        {"canceled", DeliveryState::failed},    {"read", DeliveryState::delivered}};
    for (const auto& [status, state] : messages) {
        EXPECT_EQ(twilio_message_state(status), state) << status;
    }
    const std::map<std::string, DeliveryState> calls = {
        {"queued", DeliveryState::accepted},      {"initiated", DeliveryState::accepted},
        {"ringing", DeliveryState::ringing},      {"in-progress", DeliveryState::answered},
        {"completed", DeliveryState::answered},   {"busy", DeliveryState::busy},
        {"no-answer", DeliveryState::unanswered}, {"failed", DeliveryState::failed},
        {"canceled", DeliveryState::failed}};
    for (const auto& [status, state] : calls) {
        EXPECT_EQ(twilio_call_state(status), state) << status;
    }
    for (const char* nonsense : {"", "Delivered", "ok", "ringing", "busy"}) {
        EXPECT_FALSE(twilio_message_state(nonsense)) << nonsense;
    }
    for (const char* nonsense : {"", "delivered", "Ringing"}) {
        EXPECT_FALSE(twilio_call_state(nonsense)) << nonsense;
    }
}

TEST(TwilioReceipts, NameAMessageAndAState) {
    const auto message = twilio_receipt({{"MessageSid", "SM1"}, {"MessageStatus", "delivered"}});
    ASSERT_TRUE(message);
    EXPECT_EQ(message->provider_id, "SM1");
    EXPECT_EQ(message->state, DeliveryState::delivered);
    const auto call = twilio_receipt({{"CallSid", "CA1"}, {"CallStatus", "busy"}});
    ASSERT_TRUE(call);
    EXPECT_EQ(call->state, DeliveryState::busy);
    EXPECT_FALSE(twilio_receipt({}));
    EXPECT_FALSE(twilio_receipt({{"MessageSid", "SM1"}}));
    EXPECT_FALSE(twilio_receipt({{"MessageStatus", "delivered"}}));
    EXPECT_FALSE(twilio_receipt({{"MessageSid", "SM 1"}, {"MessageStatus", "delivered"}}));
    EXPECT_FALSE(twilio_receipt({{"MessageSid", std::string(65, 'a')}, {"MessageStatus", "delivered"}}));
    EXPECT_FALSE(twilio_receipt({{"CallSid", "CA1"}, {"CallStatus", "delivered"}}));
}

}  // namespace
}  // namespace madoguchi::gateway
