// Providers over real sockets: what is sent to them, and what becomes of every way in which they answer or don't.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "gateway/fallback_gateway.hpp"
#include "gateway/kannel_provider.hpp"
#include "gateway/twilio_provider.hpp"
#include "http/fields.hpp"
#include "support/fake_provider.hpp"
#include "support/world.hpp"

namespace madoguchi::test {
namespace {

using gateway::DeliveryState;
using gateway::HttpTrouble;
using gateway::MessageKind;
using gateway::Offer;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using namespace std::chrono_literals;

const gateway::HttpTimes kHurried{.connect = 400ms, .answer = 400ms};

gateway::OutgoingMessage message(MessageKind kind = MessageKind::sms) {
    return {.idempotency_key = "key",
            .kind = kind,
            .e164 = "+819012345678",
            .text = SecretText(kind == MessageKind::sms ? "【窓口】コード 123456" : "コードは、1、2、です。"),
            .id = MessageId{42},
            .valid_for = 595s};
}

class GatewayClientTest : public ::testing::Test {
protected:
    gateway::HttpOutcome post(const std::string& url, const std::string& body = "a=b") {
        return http_.post({.url = url, .user = "", .password = {}, .headers = {}, .body = SecretText(body)});
    }
    static HttpTrouble::Reach reach(const gateway::HttpOutcome& outcome) {
        return outcome ? throw std::runtime_error("an answer") : outcome.error().reach;
    }

    FakeProvider provider_;
    gateway::CurlHttpClient http_{{}, kHurried};
};

TEST_F(GatewayClientTest, CarriesRequestAndAnswer) {
    provider_.answer([](const auto&) { return http_answer(201, "{}", "Retry-After: 7\r\n"); });
    const auto reply = http_.post({.url = provider_.url() + "/a?b=c",
                                   .user = "AC1",
                                   .password = SecretText("secret"),
                                   .headers = {"X-Own: value"},
                                   .body = SecretText("a=b&c=d")});
    ASSERT_TRUE(reply) << reply.error().why;
    EXPECT_EQ(reply->status, 201);
    EXPECT_EQ(reply->body, "{}");
    EXPECT_EQ(reply->retry_after, 7s);
    ASSERT_THAT(provider_.seen(), SizeIs(1));
    const auto seen = provider_.seen().front();
    EXPECT_EQ(seen.target, "/a?b=c");
    EXPECT_EQ(seen.body, "a=b&c=d");
    EXPECT_THAT(seen.head, HasSubstr("POST "));
    EXPECT_THAT(seen.head, HasSubstr("X-Own: value\r\n"));
    EXPECT_THAT(seen.head, HasSubstr("Authorization: Basic QUMxOnNlY3JldA==\r\n"));
    EXPECT_THAT(seen.head, Not(HasSubstr("Expect:")));
}

TEST_F(GatewayClientTest, AClosedDoorIsCertain) {
    EXPECT_EQ(reach(post("http://127.0.0.1:" + std::to_string(closed_port()))), HttpTrouble::Reach::not_reached);
}

TEST_F(GatewayClientTest, AHandshakeThatHangsIsCertain) {
    // The listener takes the connection and never speaks TLS: not a byte of the request has left.
    EXPECT_EQ(reach(post("https://127.0.0.1:" + std::to_string(provider_.port()))), HttpTrouble::Reach::not_reached);
    EXPECT_THAT(provider_.seen(), SizeIs(0));
}

TEST_F(GatewayClientTest, NoAnswerInTimeIsUnclear) {
    provider_.hang();
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_EQ(reach(post(provider_.url())), HttpTrouble::Reach::unclear);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
    EXPECT_THAT(provider_.seen(), SizeIs(1));
}

TEST_F(GatewayClientTest, AHangUpIsUnclearAndNothingIsSentAgain) {
    provider_.answer([](const auto&) { return std::string(); });
    EXPECT_EQ(reach(post(provider_.url())), HttpTrouble::Reach::unclear);
    EXPECT_EQ(reach(post(provider_.url())), HttpTrouble::Reach::unclear);
    EXPECT_THAT(provider_.seen(), SizeIs(2)) << "one request a call, however the connection ended";
}

TEST_F(GatewayClientTest, WhatIsNoHttpIsUnclear) {
    provider_.answer([](const auto&) { return std::string("220 mail.example ESMTP\r\n"); });
    EXPECT_EQ(reach(post(provider_.url())), HttpTrouble::Reach::unclear);
}

TEST_F(GatewayClientTest, AnEndlessAnswerIsCut) {
    provider_.answer([](const auto&) { return http_answer(200, std::string(limits::kGatewayAnswerBytes + 1, 'a')); });
    EXPECT_EQ(reach(post(provider_.url())), HttpTrouble::Reach::unclear);
}

TEST_F(GatewayClientTest, ARedirectIsNotFollowed) {
    provider_.answer([&](const auto&) { return http_answer(307, "", "Location: " + provider_.url() + "/else\r\n"); });
    const auto reply = post(provider_.url());
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 307);
    EXPECT_THAT(provider_.seen(), SizeIs(1));
}

// Not the text of the address counts but where it leads: "localhost" is a name.
TEST_F(GatewayClientTest, OnlyPublicAddressesAreReached) {
    provider_.answer([](const auto&) { return http_answer(200, "{}"); });
    const gateway::CurlHttpClient outside({}, kHurried, gateway::Reachable::only_public);
    for (const auto& host : {"127.0.0.1", "localhost"}) {
        const auto url = "http://" + std::string(host) + ":" + std::to_string(provider_.port()) + "/";
        const auto refused =
            outside.post({.url = url, .user = "", .password = {}, .headers = {}, .body = SecretText("a")});
        ASSERT_FALSE(refused) << host;
        EXPECT_EQ(refused.error().why, "address is not public");
        EXPECT_EQ(refused.error().reach, HttpTrouble::Reach::not_reached);
    }
    EXPECT_THAT(provider_.seen(), SizeIs(0));
    EXPECT_TRUE(post(provider_.url() + "/"));
}

TEST_F(GatewayClientTest, SecretsGoNowhereElseInTheClear) {
    for (const char* url : {"http://provider.example/x", "http://127.0.0.1.example:80/", "ftp://127.0.0.1:1/", "",
                            "https://", "https://a b/", "http://127.0.0.2:80/"}) {
        EXPECT_FALSE(gateway::is_safe_url(url)) << url;
        EXPECT_EQ(reach(post(url)), HttpTrouble::Reach::not_reached) << url;
    }
    for (const char* url : {"https://api.twilio.com", "http://127.0.0.1:13013/cgi-bin/sendsms", "http://[::1]:1/"}) {
        EXPECT_TRUE(gateway::is_safe_url(url)) << url;
    }
}

class TwilioProviderTest : public ::testing::Test {
protected:
    Offer offer(MessageKind kind = MessageKind::sms) { return twilio_.offer(message(kind)); }
    Offer offer_after(int status, const std::string& body, const std::string& headers = "") {
        provider_.answer([=](const auto&) { return http_answer(status, body, headers); });
        return offer();
    }
    http::Fields sent() { return must(http::parse_urlencoded(provider_.seen().back().body)); }

    FakeProvider provider_;
    gateway::CurlHttpClient http_{{}, kHurried};
    gateway::TwilioProvider twilio_{{.base_url = provider_.url(),
                                     .account = "AC1",
                                     .auth_token = SecretText("secret"),
                                     .sms_from = "+815000000000",
                                     .voice_from = "+815000000001",
                                     .callback_origin = "https://madoguchi.example.jp"},
                                    http_};
};

TEST_F(TwilioProviderTest, SendsAnSmsInTwiliosForm) {
    const auto made = offer_after(201, R"({"sid":"SM1","status":"queued","error_code":null})");
    EXPECT_EQ(made.outcome, Offer::Outcome::taken);
    EXPECT_EQ(made.delivery.state, DeliveryState::accepted);
    EXPECT_EQ(made.delivery.provider_id, "SM1");
    EXPECT_EQ(made.delivery.gateway, "twilio");
    EXPECT_EQ(made.delivery.units, 1);
    EXPECT_EQ(provider_.seen().back().target, "/2010-04-01/Accounts/AC1/Messages.json");
    EXPECT_THAT(provider_.seen().back().head, HasSubstr("Authorization: Basic QUMxOnNlY3JldA==\r\n"));
    const auto fields = sent();
    EXPECT_EQ(fields.text("To"), "+819012345678");
    EXPECT_EQ(fields.text("From"), "+815000000000");
    EXPECT_EQ(fields.text("Body"), "【窓口】コード 123456");
    EXPECT_EQ(fields.text("ValidityPeriod"), "595") << "the provider must not deliver a code that has expired";
    EXPECT_EQ(fields.text("StatusCallback"), "https://madoguchi.example.jp/gateway/twilio/42");
}

TEST_F(TwilioProviderTest, CallsWithSpokenInstructions) {
    provider_.answer([](const auto&) { return http_answer(201, R"({"sid":"CA1","status":"queued"})"); });
    const auto made = offer(MessageKind::voice);
    EXPECT_EQ(made.outcome, Offer::Outcome::taken);
    EXPECT_EQ(provider_.seen().back().target, "/2010-04-01/Accounts/AC1/Calls.json");
    const auto fields = sent();
    EXPECT_EQ(fields.text("From"), "+815000000001");
    EXPECT_THAT(fields.text("Twiml"), HasSubstr("<Say language=\"ja-JP\">いち</Say><Pause length=\"1\"/>"));
    EXPECT_EQ(fields.text("Timeout"), "30");
    std::vector<std::string> events;
    for (const auto& [name, value] : fields.all()) {
        if (name == "StatusCallbackEvent") {
            events.push_back(value);
        }
    }
    EXPECT_THAT(events, testing::ElementsAre("initiated", "ringing", "answered", "completed"));
}

TEST_F(TwilioProviderTest, AMessagingServiceIsNamedAsOne) {
    gateway::TwilioProvider by_service({.base_url = provider_.url(),
                                        .account = "AC1",
                                        .auth_token = SecretText("secret"),
                                        .sms_from = "MG1",
                                        .voice_from = "+815000000001",
                                        .callback_origin = "https://madoguchi.example.jp"},
                                       http_);
    static_cast<void>(by_service.offer(message()));
    EXPECT_EQ(sent().text("MessagingServiceSid"), "MG1");
    EXPECT_FALSE(sent().find("From"));
}

TEST_F(TwilioProviderTest, EveryAnswerHasItsMeaning) {
    using Outcome = Offer::Outcome;
    struct Case {
        int status;
        const char* body;
        Outcome outcome;
    };
    for (const auto& [status, body, outcome] : std::vector<Case>{
             {400, R"({"code":21211,"message":"invalid +819012345678"})", Outcome::never},
             {400, R"({"code":21610})", Outcome::never},
             {400, R"({"code":21614})", Outcome::never},
             {400, R"({"code":21606})", Outcome::refused},
             {400, "nonsense", Outcome::refused},
             {302, "", Outcome::refused},
             {401, R"({"code":20003})", Outcome::down},
             {404, "", Outcome::down},
             {429, R"({"code":20429})", Outcome::down},
             {503, "", Outcome::down},
             {500, "", Outcome::unclear},
             {502, "<html>", Outcome::unclear},
             {504, "", Outcome::unclear},
             {201, "", Outcome::unclear},
             {201, "[]", Outcome::unclear},
             {201, R"({"sid":7,"status":"queued"})", Outcome::unclear},
             {201, R"({"sid":"SM1"})", Outcome::unclear},
             {201, R"({"sid":"SM 1<","status":"queued"})", Outcome::unclear},
             {201, R"({"sid":"SM1","status":"thinking"})", Outcome::unclear},
             {204, "", Outcome::unclear},
         }) {
        const auto made = offer_after(status, body);
        EXPECT_EQ(made.outcome, outcome) << status << " " << body << " " << to_text(made.outcome);
        EXPECT_THAT(made.why, Not(HasSubstr("9012345678"))) << "no number in what is logged (S20)";
        if (outcome == Outcome::unclear) {
            EXPECT_EQ(made.delivery.state, DeliveryState::unknown);
            EXPECT_EQ(made.delivery.gateway, "twilio");
        }
    }
    EXPECT_EQ(offer_after(429, "", "Retry-After: 30\r\n").retry_after, 30s);
    provider_.hang();
    EXPECT_EQ(offer().outcome, Outcome::unclear);
}

TEST(KannelProviderTest, SendsAnSmsToSmsboxWithoutATraceInItsAddress) {
    FakeProvider provider;
    provider.answer([](const auto&) { return http_answer(202, "0: Accepted for delivery"); });
    gateway::CurlHttpClient http({}, kHurried);
    gateway::KannelProvider kannel({.url = provider.url() + "/cgi-bin/sendsms",
                                    .username = "madoguchi",
                                    .password = SecretText("secret"),
                                    .from = "0312345678",
                                    .callback_origin = "http://127.0.0.1:8081",
                                    .receipt_key = SecretText("key")},
                                   http);
    EXPECT_TRUE(kannel.carries(MessageKind::sms));
    EXPECT_FALSE(kannel.carries(MessageKind::voice));
    const auto made = kannel.offer(message());
    EXPECT_EQ(made.outcome, Offer::Outcome::taken);
    EXPECT_EQ(made.delivery.state, DeliveryState::accepted);
    const auto seen = provider.seen().front();
    EXPECT_EQ(seen.target, "/cgi-bin/sendsms");
    EXPECT_EQ(seen.body, "【窓口】コード 123456");
    const auto proof = gateway::kannel_proof(SecretText("key"), MessageId{42});
    for (const std::string& header : std::vector<std::string>{
             "X-Kannel-Username: madoguchi", "X-Kannel-Password: secret", "X-Kannel-To: +819012345678",
             "X-Kannel-From: 0312345678", "X-Kannel-Coding: 2", "X-Kannel-Validity: 9", "X-Kannel-DLR-Mask: 31",
             "X-Kannel-DLR-Url: http://127.0.0.1:8081/gateway/kannel/42?state=%d&proof=" + proof}) {
        EXPECT_THAT(seen.head, HasSubstr(header + "\r\n"));
    }
    EXPECT_THAT(proof, SizeIs(64));
    EXPECT_NE(proof, gateway::kannel_proof(SecretText("key"), MessageId{43}));
    EXPECT_NE(proof, gateway::kannel_proof(SecretText("yek"), MessageId{42}));
}

TEST(KannelProviderTest, EveryAnswerHasItsMeaning) {
    using Outcome = Offer::Outcome;
    FakeProvider provider;
    gateway::CurlHttpClient http({}, kHurried);
    gateway::KannelProvider kannel({.url = provider.url(),
                                    .username = "u",
                                    .password = SecretText("p"),
                                    .from = "",
                                    .callback_origin = "http://127.0.0.1:1",
                                    .receipt_key = SecretText("key")},
                                   http);
    struct Case {
        int status;
        const char* body;
        Outcome outcome;
    };
    for (const auto& [status, body, outcome] : std::vector<Case>{{202, "3: Queued for later delivery", Outcome::taken},
                                                                 {202, "<html>", Outcome::unclear},
                                                                 {202, "", Outcome::unclear},
                                                                 {200, "0: Accepted", Outcome::unclear},
                                                                 {400, "Empty text", Outcome::refused},
                                                                 {403, "Authorization failed", Outcome::down},
                                                                 {404, "", Outcome::down},
                                                                 {503, "Temporal failure", Outcome::down},
                                                                 {500, "", Outcome::unclear}}) {
        provider.answer([status = status, body = body](const auto&) { return http_answer(status, body); });
        const auto made = kannel.offer(message());
        EXPECT_EQ(made.outcome, outcome) << status << " " << body << " " << to_text(made.outcome);
    }
    EXPECT_EQ(gateway::kannel_state("1"), DeliveryState::delivered);
    EXPECT_EQ(gateway::kannel_state("2"), DeliveryState::failed);
    EXPECT_EQ(gateway::kannel_state("4"), DeliveryState::accepted);
    EXPECT_EQ(gateway::kannel_state("8"), DeliveryState::accepted);
    EXPECT_EQ(gateway::kannel_state("16"), DeliveryState::failed);
    for (const char* nonsense : {"", "0", "3", "31", "1 ", "%d"}) {
        EXPECT_FALSE(gateway::kannel_state(nonsense)) << nonsense;
    }
}

}  // namespace
}  // namespace madoguchi::test
