// Addresses, signatures and tries of webhooks.
#include <gmock/gmock.h>

#include "events/delivery_service.hpp"
#include "events/webhook.hpp"
#include "gateway/public_address.hpp"

namespace madoguchi::events {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;

std::string refusal(const std::string& url, const UrlPolicy& policy = {}) {
    const auto fits = check_url(url, policy);
    return fits ? "ok" : fits.error().fields.front().message_id;
}

TEST(WebhookUrl, HttpsToThePublicInternetOnly) {
    EXPECT_EQ(refusal("https://hooks.example/in?key=1"), "ok");
    EXPECT_EQ(refusal("https://hooks.example:8443/"), "ok");
    EXPECT_EQ(refusal("https://8.8.8.8/"), "ok");
    for (const auto* url : {"http://hooks.example/", "ftp://hooks.example/", "hooks.example", "https://", "https:///x",
                            "https://user:pw@hooks.example/", "https://hooks.example/#x", "https://hooks example/",
                            "https://hooks.example\\@inside/", "https://%31%32%37.0.0.1/", "https://a\r\nHost: b/",
                            "file:///etc/passwd"}) {
        EXPECT_EQ(refusal(url), "webhook_url") << url;
    }
    EXPECT_EQ(refusal("https://hooks.example/" + std::string(500, 'x')), "webhook_url");
    for (const auto* url : {"https://127.0.0.1/", "https://localhost/", "https://LOCALHOST/", "https://[::1]/",
                            "https://10.1.2.3/", "https://169.254.169.254/latest", "https://[fe80::1]/",
                            "https://[::ffff:192.168.0.1]/", "https://db.internal/"}) {
        EXPECT_EQ(refusal(url), "url_not_public") << url;
    }
}

TEST(WebhookUrl, AnOperatorAllowsHostsAndPlainHttpOnThisMachineInDevelopmentOnly) {
    const UrlPolicy allows{.allowed_hosts = {"127.0.0.1", "relay.internal"}};
    EXPECT_EQ(refusal("https://relay.internal/in", allows), "ok");
    EXPECT_EQ(refusal("https://RELAY.internal:444/in", allows), "ok");
    EXPECT_EQ(refusal("https://other.internal/in", allows), "url_not_public");
    EXPECT_EQ(refusal("http://127.0.0.1:9000/in", allows), "webhook_url");
    EXPECT_EQ(refusal("http://127.0.0.1:9000/in", {.allowed_hosts = {"127.0.0.1"}, .plain_http = true}), "ok");
    EXPECT_EQ(refusal("http://relay.internal/in", {.allowed_hosts = {"relay.internal"}, .plain_http = true}),
              "webhook_url");
    EXPECT_EQ(refusal("http://127.0.0.1:9000/in", {.allowed_hosts = {}, .plain_http = true}), "webhook_url");
}

TEST(PublicAddress, OfBothFamiliesAndOfOneWithinTheOther) {
    for (const auto* text : {"8.8.8.8", "172.15.255.255", "172.32.0.1", "100.63.0.1", "2001:4860:4860::8888",
                             "64:ff9b::8.8.8.8", "::ffff:8.8.8.8"}) {
        EXPECT_EQ(gateway::is_public_literal(text), true) << text;
    }
    for (const auto* text : {"0.0.0.0",           "10.0.0.1",      "100.64.0.1",      "127.0.0.1", "127.255.255.254",
                             "169.254.169.254",   "172.16.0.1",    "172.31.255.255",  "192.0.2.1", "192.168.1.1",
                             "198.18.0.1",        "224.0.0.1",     "255.255.255.255", "::",        "::1",
                             "fe80::1",           "fc00::1",       "fd12::1",         "ff02::1",   "::ffff:127.0.0.1",
                             "64:ff9b::10.0.0.1", "2002:7f00:1::", "2001:db8::1",     "2001::1"}) {
        EXPECT_EQ(gateway::is_public_literal(text), false) << text;
    }
    EXPECT_EQ(gateway::is_public_literal("hooks.example"), std::nullopt);
}

// The specification's own example: key, id, timestamp and body give this signature.
TEST(WebhookSignature, IsTheOneOfStandardWebhooks) {
    const SecretText secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    const auto headers = signed_headers("msg_p5jXN8AQM9LWM0D4loKWxJek", from_microseconds(1'614'265'330'000'000),
                                        R"({"test": 2432232314})", {secret});
    EXPECT_THAT(headers, ElementsAre("webhook-id: msg_p5jXN8AQM9LWM0D4loKWxJek", "webhook-timestamp: 1614265330",
                                     "webhook-signature: v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
}

TEST(WebhookSignature, TwoSecretsGiveTwoSignatures) {
    OsEntropy entropy;
    const auto one = make_secret(entropy);
    const auto other = make_secret(entropy);
    EXPECT_EQ(one.reveal().size(), 6U + 44U) << "256 bits";
    EXPECT_NE(one.reveal(), other.reveal());
    const Instant now = from_microseconds(1'780'000'000'000'000);
    const std::string start = "webhook-signature: ";
    const auto first = signed_headers("e1", now, "{}", {one}).back();
    const auto second = signed_headers("e1", now, "{}", {other}).back();
    EXPECT_EQ(signed_headers("e1", now, "{}", {one, other}).back(), first + " " + second.substr(start.size()));
}

TEST(WebhookAnswer, OnlyTwoHundredsAreTaken) {
    const auto kind = [](int status) {
        return judge(gateway::HttpReply{.status = status, .body = {}, .retry_after = {}}).kind;
    };
    EXPECT_EQ(kind(200), Verdict::Kind::delivered);
    EXPECT_EQ(kind(204), Verdict::Kind::delivered);
    EXPECT_EQ(kind(410), Verdict::Kind::gone);
    for (const int status : {0, 100, 199, 301, 302, 307, 400, 401, 404, 429, 500, 503}) {
        EXPECT_EQ(kind(status), Verdict::Kind::again) << status;
    }
    const auto none = judge(tl::unexpected<gateway::HttpTrouble>({gateway::HttpTrouble::Reach::unclear, "timeout"}));
    EXPECT_EQ(none.kind, Verdict::Kind::again);
    EXPECT_EQ(none.problem, "timeout");
}

TEST(WebhookTries, DoubleUpToTwoHoursForADay) {
    const Instant start = from_microseconds(1'780'000'000'000'000);
    const auto give_up = start + 24h;
    EXPECT_EQ(next_attempt(1, start, give_up, 0, {}), start + 5s);
    EXPECT_EQ(next_attempt(2, start, give_up, 0, {}), start + 10s);
    EXPECT_EQ(next_attempt(4, start, give_up, 0, {}), start + 40s);
    EXPECT_EQ(next_attempt(30, start, give_up, 0, {}), start + 2h);
    EXPECT_EQ(next_attempt(30, start, give_up, 1, {}), start + 2h + 30min) << "a quarter more at most";
    EXPECT_EQ(next_attempt(1, start, give_up, 0, 60s), start + 60s) << "the receiver asked for it";
    EXPECT_EQ(next_attempt(1, start, give_up, 0, 30h), start + 6h);
    EXPECT_EQ(next_attempt(30, start + 23h, give_up, 0, {}), give_up) << "one last time";
    EXPECT_EQ(next_attempt(31, give_up, give_up, 0, {}), std::nullopt);
}

TEST(WebhookTries, AReceiverThatFailsRestsForAMinuteAtMostUnlessItAsksForMore) {
    EXPECT_EQ(rest_after(1, {}), 1s);
    EXPECT_EQ(rest_after(3, {}), 4s);
    EXPECT_EQ(rest_after(1000, {}), 60s);
    EXPECT_EQ(rest_after(1, 300s), 300s);
    EXPECT_EQ(rest_after(1, 100h), 6h);
}

TEST(WebhookTold, WithinItsOrganizationItsTypesAndWhatItsMakerMaySeeNow) {
    const Instant now = from_microseconds(1'780'000'000'000'000);
    const directory::OrganizationRef center{{3}, directory::OrganizationKind::health_center, "1.2.3.", "みなと保健所"};
    directory::Principal maker{.account = {7}, .home = center};
    maker.grants.push_back(
        {.id = {1}, .role = directory::Role::health_center_admin, .organization = center, .from = now - 1h});
    Webhook webhook;
    webhook.organization = {{4}, directory::OrganizationKind::facility, "1.2.3.4.", "しおかぜ診療所"};
    Event event;
    event.type = "account.issued";
    event.organization_path = "1.2.3.4.";
    EXPECT_TRUE(may_be_told(maker, webhook, event, now));
    event.organization_path = "1.2.3.5.";
    EXPECT_FALSE(may_be_told(maker, webhook, event, now)) << "of a neighbour, which its maker sees";
    webhook.organization = {{2}, directory::OrganizationKind::prefecture, "1.2.", "東京都"};
    event.organization_path = "1.2.31.";
    EXPECT_FALSE(may_be_told(maker, webhook, event, now)) << "its maker was moved";
    event.organization_path = "1.2.3.4.";
    EXPECT_TRUE(may_be_told(maker, webhook, event, now));
    webhook.types = {"report.submitted"};
    EXPECT_FALSE(may_be_told(maker, webhook, event, now));
    webhook.types = {};
    maker.grants.front().until = now;
    EXPECT_FALSE(may_be_told(maker, webhook, event, now)) << "the right has ended";
    EXPECT_FALSE(may_be_told(std::nullopt, webhook, event, now)) << "nobody may act for it";
}

}  // namespace
}  // namespace madoguchi::events
