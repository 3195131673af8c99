// From a queued code to what its provider reports, with real gateways, real sockets, the real schema and the routes
// that providers call back. Providers are down, slow, answer twice, answer nonsense (S9, S24).
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crypto/hmac.hpp"
#include "gateway/fallback_gateway.hpp"
#include "gateway/kannel_provider.hpp"
#include "gateway/twilio_form.hpp"
#include "gateway/twilio_provider.hpp"
#include "messages/receipt_api.hpp"
#include "support/fake_provider.hpp"
#include "support/world.hpp"
#include "unit/http_fixture.hpp"

namespace madoguchi::test {
namespace {

using gateway::MessageKind;
using messages::MessageState;
using signin::MethodKind;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using namespace std::chrono_literals;

const std::string kCallbackOrigin = "https://madoguchi.example.jp";
const SecretText kTwilioToken{"twilio token"};
const SecretText kReceiptKey{"receipt key"};

class DeliveryTest : public ::testing::Test {
protected:
    static void SetUpTestSuite() { world_ = std::make_unique<World>(); }
    static void TearDownTestSuite() { world_.reset(); }
    void SetUp() override {
        w().look("truncate messages");
        w().clock.advance(1h);
        twilio_.answer([](const auto& seen) { return http_answer(201, taken(seen)); });
        kannel_.answer([](const auto&) { return http_answer(202, "0: Accepted for delivery"); });
        messages::add_receipt_routes(edge_.routes, w().messages,
                                     {.twilio_origin = kCallbackOrigin,
                                      .twilio_token = kTwilioToken,
                                      .kannel_key = kReceiptKey,
                                      .kannel = true,
                                      .counted = [this](std::string_view gateway, std::string_view outcome) {
                                          counted_.push_back(std::string(gateway) + " " + std::string(outcome));
                                      }});
    }

    World& w() { return *world_; }

    static std::string taken(const FakeProvider::Seen& seen) {
        return seen.target.ends_with("/Calls.json") ? R"({"sid":"CA1","status":"queued"})"
                                                    : R"({"sid":"SM1","status":"queued"})";
    }

    void down(FakeProvider& provider) {
        provider.answer([](const auto&) { return http_answer(503, ""); });
    }

    // --- sending ---

    MessageId queue(const std::string& key, MessageKind kind = MessageKind::sms) {
        const messages::NewMessage message{
            .idempotency_key = key,
            .kind = kind,
            .purpose = "code",
            .phone_sealed = must(w().envelope.seal(SecretText("+819012345678"), messages::kPhoneContext)),
            .phone_masked = "090-****-5678",
            .phone_digest = "digest-" + key,
            .text = SecretText("コードは、1、2、3、4、5、6、です。"),
            .source = "source-" + key,
            .expires_at = w().now() + limits::kCodeLife};
        return must(w().database.transact(
            Actor::system(), [&](db::Transaction& tx) { return w().messages.queue(tx, message, w().now()); }));
    }
    int round() { return must(worker_.round()); }
    std::string state(const std::string& key) {
        return w().look("select state from messages where idempotency_key = '" + key + "'");
    }
    MessageId sent(const std::string& key, MessageKind kind = MessageKind::sms) {
        const auto id = queue(key, kind);
        round();
        EXPECT_EQ(state(key), "sent");
        return id;
    }

    // --- what comes back ---

    struct Report {
        http::Method method = http::Method::post;
        std::string target;
        std::string body = {};
        std::string signature = {};
    };
    int answer(const Report& report) {
        const bool get = report.method == http::Method::get;
        http::Head head{.method = get ? "GET" : "POST", .target = report.target, .headers = {}};
        head.headers.add("host", "madoguchi.example.jp");
        if (!get) {
            head.headers.add("content-type", "application/x-www-form-urlencoded; charset=UTF-8");
        }
        if (!report.signature.empty()) {
            head.headers.add("x-twilio-signature", report.signature);
        }
        const auto bytes = edge_.dispatcher().answer(std::move(head), report.body, "203.0.113.9",
                                                     [] { return http::ConnectionAfter::closed; });
        last_ = http::testing::read_answer(bytes);
        return last_.status;
    }
    Report of_twilio(MessageId id, const gateway::FormFields& fields) {
        const std::string target = "/gateway/twilio/" + std::to_string(id.value);
        return {.target = target,
                .body = gateway::form_encoded(fields),
                .signature = gateway::twilio_signature(kTwilioToken, kCallbackOrigin + target, fields)};
    }
    int twilio_says(MessageId id, const std::string& status, const std::string& sid = "SM1") {
        return answer(of_twilio(id, {{"AccountSid", "AC1"}, {"MessageSid", sid}, {"MessageStatus", status}}));
    }
    int call_says(MessageId id, const std::string& status) {
        return answer(of_twilio(id, {{"CallSid", "CA1"}, {"CallStatus", status}}));
    }
    int kannel_says(MessageId id, const std::string& state, const std::string& proof) {
        return answer(
            {.method = http::Method::get,
             .target = "/gateway/kannel/" + std::to_string(id.value) + "?state=" + state + "&proof=" + proof});
    }
    int kannel_says(MessageId id, const std::string& state) {
        return kannel_says(id, state, gateway::kannel_proof(kReceiptKey, id));
    }

    inline static std::unique_ptr<World> world_;
    FakeProvider twilio_;
    FakeProvider kannel_;
    gateway::CurlHttpClient http_{{}, {.connect = 400ms, .answer = 400ms}};
    std::shared_ptr<gateway::Provider> by_twilio_ =
        std::make_shared<gateway::TwilioProvider>(gateway::TwilioSettings{.base_url = twilio_.url(),
                                                                          .account = "AC1",
                                                                          .auth_token = kTwilioToken,
                                                                          .sms_from = "+815000000000",
                                                                          .voice_from = "+815000000000",
                                                                          .callback_origin = kCallbackOrigin},
                                                  http_);
    std::shared_ptr<gateway::Provider> by_kannel_ =
        std::make_shared<gateway::KannelProvider>(gateway::KannelSettings{.url = kannel_.url(),
                                                                          .username = "u",
                                                                          .password = SecretText("p"),
                                                                          .from = "",
                                                                          .callback_origin = "http://127.0.0.1:8081",
                                                                          .receipt_key = kReceiptKey},
                                                  http_);
    std::vector<std::string> skipped_;
    gateway::FallbackGateway gateway_{{by_twilio_, by_kannel_},
                                      {by_twilio_},
                                      w().clock,
                                      {[](std::string_view, MessageId, const gateway::Offer&) {},
                                       [this](std::string_view provider, bool skipped) {
                                           skipped_.push_back(std::string(provider) + (skipped ? " skipped" : " back"));
                                       }}};
    std::vector<std::string> events_;
    std::vector<messages::DayFigure> day_;
    messages::OutboxWorker worker_{
        {.database = w().database,
         .envelope = w().envelope,
         .gateway = gateway_,
         .clock = w().clock,
         .observer = {.event =
                          [this](std::string_view event, MessageId, std::string_view detail) {
                              events_.push_back(std::string(event) + " " + std::string(detail));
                          },
                      .figures = [](const messages::OutboxFigures&) {},
                      .day = [this](const auto& day) { day_ = day; }}}};
    http::testing::World edge_;
    http::testing::Answer last_;
    std::vector<std::string> counted_;
};

// --- providers in trouble ---

TEST_F(DeliveryTest, TheFirstProviderThatCanSends) {
    sent("one");
    EXPECT_THAT(twilio_.seen(), SizeIs(1));
    EXPECT_THAT(kannel_.seen(), IsEmpty());
    down(twilio_);
    sent("two");
    EXPECT_THAT(kannel_.seen(), SizeIs(1));
    EXPECT_EQ(w().look("select string_agg(gateway, ' ' order by id) from messages"), "twilio kannel");
}

TEST_F(DeliveryTest, ADeadProviderIsSkippedAndTriedAgainLater) {
    down(twilio_);
    for (int i = 0; i < limits::kGatewayFailures + 4; ++i) {
        sent(fmt::format("m{}", i));
    }
    EXPECT_THAT(twilio_.seen(), SizeIs(limits::kGatewayFailures)) << "then it is left alone";
    EXPECT_THAT(kannel_.seen(), SizeIs(limits::kGatewayFailures + 4));
    w().clock.advance(limits::kGatewayFirstSkip);
    twilio_.answer([](const auto& seen) { return http_answer(201, taken(seen)); });
    sent("again");
    sent("and again");
    EXPECT_THAT(twilio_.seen(), SizeIs(limits::kGatewayFailures + 2));
    EXPECT_THAT(skipped_, ElementsAre("twilio skipped", "twilio back"));
}

TEST_F(DeliveryTest, ASlowProviderIsNeitherTriedTwiceNorReplaced) {
    twilio_.hang();
    const auto id = queue("one");
    round();
    EXPECT_EQ(state("one"), "unknown");
    EXPECT_THAT(kannel_.seen(), IsEmpty()) << "it may have been sent: nobody else sends it";
    for (int i = 0; i < 12; ++i) {
        w().clock.advance(1min);
        round();
    }
    EXPECT_THAT(twilio_.seen(), SizeIs(1));
    EXPECT_THAT(events_, ElementsAre("message_outcome_unknown twilio"));
    // It had taken it after all, and says so.
    EXPECT_EQ(twilio_says(id, "delivered", "SM7"), 204);
    EXPECT_EQ(state("one"), "delivered");
    EXPECT_EQ(w().look("select provider_id from messages"), "SM7");
}

TEST_F(DeliveryTest, NonsenseIsNoAnswer) {
    twilio_.answer([](const auto&) { return http_answer(201, "<html>welcome</html>"); });
    queue("one");
    round();
    EXPECT_EQ(state("one"), "unknown");
    EXPECT_THAT(kannel_.seen(), IsEmpty());
}

TEST_F(DeliveryTest, ASlowProviderIsSkippedToo) {
    twilio_.hang();
    for (int i = 0; i < limits::kGatewayFailures; ++i) {
        queue(fmt::format("slow{}", i));
    }
    round();
    sent("quick");
    EXPECT_THAT(twilio_.seen(), SizeIs(limits::kGatewayFailures));
    EXPECT_THAT(kannel_.seen(), SizeIs(1));
}

TEST_F(DeliveryTest, WithNobodyThereCodesExpireUnsent) {
    down(twilio_);
    down(kannel_);
    queue("one");
    const auto end = w().now() + limits::kCodeLife;
    while (w().now() < end) {
        round();
        w().clock.advance(5s);
    }
    EXPECT_THAT(state("one"), testing::AnyOf("failed", "expired"));
    EXPECT_THAT(events_,
                testing::Contains(testing::AnyOf(HasSubstr("message_given_up"), HasSubstr("message_expired"))));
    const auto asked = twilio_.seen().size() + kannel_.seen().size();
    twilio_.answer([](const auto& seen) { return http_answer(201, taken(seen)); });
    w().clock.advance(1h);
    EXPECT_EQ(round(), 0);
    EXPECT_EQ(twilio_.seen().size() + kannel_.seen().size(), asked) << "no code arrives after its end";
    for (const auto& event : events_) {
        EXPECT_THAT(event, Not(HasSubstr("9012345678"))) << "S20";
    }
}

TEST_F(DeliveryTest, WhatNoProviderTakesIsSaidAtOnceAndAnotherWayNeedsNoWait) {
    const auto region = w().region();
    const auto issued = w().issue(region);
    const auto from = w().client("192.0.2.79");
    const auto flow = w().flow_after_password(issued.account.login_id, issued.initial, from);
    const signin::Step step{flow, std::nullopt};
    const auto stuck = [&] { return must(w().sign_in.view(flow, w().now())).message->stuck; };
    down(twilio_);
    down(kannel_);
    must(w().sign_in.register_phone(step, MethodKind::sms, World::mobile("090-1111-0003"), from));
    EXPECT_EQ(outcome(w().sign_in.send_again(step, MethodKind::voice, from)), "resend_wait") << "it may go yet";
    round();
    EXPECT_TRUE(stuck()) << "both were asked, and neither took it";
    ASSERT_EQ(outcome(w().sign_in.send_again(step, MethodKind::voice, from)), "ok");
    EXPECT_EQ(w().look("select string_agg(kind || ' ' || state, ',' order by id) from messages"),
              "sms expired,voice queued")
        << "taken back: it is never sent beside the call";
    EXPECT_FALSE(stuck()) << "nobody was asked to call yet";
    while (skipped_.empty()) {
        round();
        w().clock.advance(2s);
    }
    EXPECT_TRUE(stuck()) << "also where all are skipped and nobody is asked";
}

TEST_F(DeliveryTest, AMessageThatWaitsTooLongIsTakenBackForAnotherWay) {
    const auto region = w().region();
    const auto issued = w().issue(region);
    const auto from = w().client("192.0.2.80");
    const auto flow = w().flow_after_password(issued.account.login_id, issued.initial, from);
    const signin::Step step{flow, std::nullopt};
    must(w().sign_in.register_phone(step, MethodKind::sms, World::mobile("090-1111-0004"), from));
    w().clock.advance(limits::kMessageDelayShown - 1s);
    EXPECT_EQ(outcome(w().sign_in.send_again(step, MethodKind::voice, w().client("192.0.2.80"))), "resend_wait");
    w().look("update messages set state = 'sending', leased_until = now() + interval '1 day'");
    w().clock.advance(1s);
    EXPECT_EQ(outcome(w().sign_in.send_again(step, MethodKind::voice, w().client("192.0.2.80"))), "resend_wait")
        << "a worker has it in hand";
    w().look("update messages set state = 'queued', leased_until = null");
    EXPECT_EQ(outcome(w().sign_in.send_again(step, MethodKind::voice, w().client("192.0.2.80"))), "ok");
}

TEST_F(DeliveryTest, ANumberThatCantReceiveIsGivenUpAtOnce) {
    twilio_.answer(
        [](const auto&) { return http_answer(400, R"({"code":21614,"message":"+819012345678 is no mobile"})"); });
    queue("one");
    round();
    EXPECT_EQ(state("one"), "failed");
    EXPECT_THAT(kannel_.seen(), IsEmpty());
    EXPECT_THAT(events_, ElementsAre("message_given_up number_refused: twilio"));
    EXPECT_THAT(skipped_, IsEmpty()) << "a bad number is no fault of the provider";
}

TEST_F(DeliveryTest, TheProviderIsToldHowLongACodeIsGood) {
    queue("one");
    w().clock.advance(9min + 30s);
    round();
    EXPECT_THAT(twilio_.seen().front().body, HasSubstr("ValidityPeriod=30&"));
}

// --- what providers report ---

TEST_F(DeliveryTest, ReceiptsMoveAnSmsToDeliveredOrFailed) {
    const auto good = sent("good");
    EXPECT_EQ(twilio_says(good, "sent"), 204);
    EXPECT_EQ(state("good"), "sent");
    EXPECT_EQ(twilio_says(good, "delivered"), 204);
    EXPECT_EQ(state("good"), "delivered");
    const auto bad = sent("bad");
    EXPECT_EQ(twilio_says(bad, "undelivered"), 204);
    EXPECT_EQ(state("bad"), "failed");
    down(twilio_);
    const auto other = sent("other");
    EXPECT_EQ(kannel_says(other, "8"), 204);
    EXPECT_EQ(state("other"), "sent");
    EXPECT_EQ(kannel_says(other, "1"), 204);
    EXPECT_EQ(state("other"), "delivered");
    const auto refused = sent("refused");
    EXPECT_EQ(kannel_says(refused, "16"), 204);
    EXPECT_EQ(state("refused"), "failed");
}

TEST_F(DeliveryTest, ReceiptsFollowACall) {
    for (const auto& [status, wanted] : std::vector<std::pair<std::string, std::string>>{{"in-progress", "answered"},
                                                                                         {"no-answer", "unanswered"},
                                                                                         {"busy", "busy"},
                                                                                         {"failed", "failed"},
                                                                                         {"completed", "answered"}}) {
        const auto key = "call " + status;
        const auto id = sent(key, MessageKind::voice);
        EXPECT_EQ(call_says(id, "initiated"), 204);
        EXPECT_EQ(state(key), "sent");
        EXPECT_EQ(call_says(id, "ringing"), 204);
        EXPECT_EQ(state(key), "ringing");
        EXPECT_EQ(call_says(id, status), 204);
        EXPECT_EQ(state(key), wanted);
        EXPECT_EQ(call_says(id, "completed"), 204) << "the end of the call is no news";
        EXPECT_EQ(state(key), status == "no-answer" ? "answered" : wanted);
    }
}

TEST_F(DeliveryTest, ForgedReceiptsAreRefused) {
    const auto id = sent("one");
    const gateway::FormFields fields = {{"MessageSid", "SM1"}, {"MessageStatus", "delivered"}};
    auto report = of_twilio(id, fields);
    report.signature.clear();
    EXPECT_EQ(answer(report), 403) << "unsigned";
    report = of_twilio(id, fields);
    report.signature.front() = report.signature.front() == 'A' ? 'B' : 'A';
    EXPECT_EQ(answer(report), 403) << "wrongly signed";
    report = of_twilio(id, {{"MessageSid", "SM1"}, {"MessageStatus", "sent"}});
    report.body = gateway::form_encoded(fields);
    EXPECT_EQ(answer(report), 403) << "signed for another state";
    report = of_twilio(MessageId{id.value + 1}, fields);
    report.target = "/gateway/twilio/" + std::to_string(id.value);
    EXPECT_EQ(answer(report), 403) << "signed for another message";
    report = of_twilio(id, fields);
    report.signature = gateway::twilio_signature(SecretText("guessed"), kCallbackOrigin + report.target, fields);
    EXPECT_EQ(answer(report), 403) << "another account's token";
    EXPECT_EQ(state("one"), "sent");
    EXPECT_EQ(kannel_says(id, "1", ""), 403);
    EXPECT_EQ(kannel_says(id, "1", gateway::kannel_proof(kReceiptKey, MessageId{id.value + 1})), 403);
    EXPECT_EQ(kannel_says(id, "1", std::string(64, 'a')), 403);
    EXPECT_EQ(state("one"), "sent");
    EXPECT_THAT(counted_, SizeIs(8));
    EXPECT_THAT(counted_, testing::Each(HasSubstr("forged")));
    EXPECT_THAT(edge_.logged(), HasSubstr("receipt_forged")) << "and it is logged, with its source";
    EXPECT_THAT(edge_.logged(), HasSubstr("203.0.113.9"));
    EXPECT_THAT(edge_.logged(), Not(HasSubstr("proof=")));
}

TEST_F(DeliveryTest, ReplayedAndLateReceiptsChangeNothing) {
    const auto id = sent("one");
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(twilio_says(id, "delivered"), 204);
    }
    for (const char* late : {"queued", "sent", "failed", "undelivered"}) {
        EXPECT_EQ(twilio_says(id, late), 204);
        EXPECT_EQ(state("one"), "delivered") << late;
    }
    EXPECT_EQ(counted_.front(), "twilio changed");
    EXPECT_THAT(std::vector<std::string>(counted_.begin() + 1, counted_.end()), testing::Each("twilio unchanged"));
}

TEST_F(DeliveryTest, AReceiptOfAnotherMessageOrProviderChangesNothing) {
    const auto id = sent("one");
    EXPECT_EQ(twilio_says(id, "failed", "SM2"), 204) << "genuine, but not of this message";
    EXPECT_EQ(kannel_says(id, "2"), 204) << "genuine, but Kannel never had it";
    EXPECT_EQ(state("one"), "sent");
    EXPECT_EQ(twilio_says(MessageId{id.value + 1000}, "delivered"), 204);
    const auto waiting = queue("waiting");
    EXPECT_EQ(twilio_says(waiting, "delivered"), 204);
    EXPECT_EQ(state("waiting"), "queued") << "nobody was offered it";
    EXPECT_THAT(counted_, ElementsAre("twilio foreign", "kannel foreign", "twilio no_such_message", "twilio foreign"));
}

TEST_F(DeliveryTest, AReceiptBeforeTheAnswerIsKept) {
    MessageId id;
    twilio_.answer([&](const auto& seen) {
        EXPECT_EQ(twilio_says(id, "delivered"), 204);
        return http_answer(201, taken(seen));
    });
    id = queue("one");
    round();
    EXPECT_EQ(state("one"), "delivered");
    EXPECT_EQ(w().look("select provider_id || ' ' || units || ' ' || coalesce(text_sealed, 'forgotten') from messages"),
              "SM1 1 forgotten");
}

TEST_F(DeliveryTest, MalformedReportsAndOtherMethodsAreRefused) {
    const auto id = sent("one");
    EXPECT_EQ(twilio_says(id, "enlightened"), 400);
    EXPECT_EQ(kannel_says(id, "99"), 400);
    EXPECT_EQ(answer({.method = http::Method::get, .target = "/gateway/twilio/1"}), 405);
    EXPECT_EQ(answer({.method = http::Method::post, .target = "/gateway/kannel/1"}), 405);
    EXPECT_EQ(answer({.target = "/gateway/twilio/not-a-number", .body = "a=b", .signature = "x"}), 403);
    EXPECT_EQ(state("one"), "sent");
    EXPECT_THAT(last_.all("Set-Cookie"), IsEmpty()) << "a provider is no visitor";
}

TEST_F(DeliveryTest, ACallOfWhichNothingIsHeardEndsUnknown) {
    sent("call", MessageKind::voice);
    w().clock.advance(limits::kCallReportWait - 1s);
    round();
    EXPECT_EQ(state("call"), "sent");
    w().clock.advance(1s);
    round();
    EXPECT_EQ(state("call"), "unknown");
}

TEST_F(DeliveryTest, TheDaysFiguresCountWhatMayBeCharged) {
    w().clock.set(start_of_japanese_day(w().now()) + 12h);
    sent("one");
    sent("call", MessageKind::voice);
    down(twilio_);
    sent("other");
    twilio_.hang();
    kannel_.answer([](const auto&) { return http_answer(400, ""); });
    queue("slow");
    round();
    w().clock.advance(limits::kOutboxUpkeep);
    round();
    std::vector<std::string> said;
    for (const auto& figure : day_) {
        said.push_back(fmt::format("{} {} {} {}", figure.gateway, to_text(figure.kind), figure.messages, figure.units));
    }
    EXPECT_THAT(said, ElementsAre("kannel sms 1 1", "twilio sms 2 2", "twilio voice 1 1"));
    w().clock.set(start_of_japanese_day(w().now()) + 24h);
    round();
    EXPECT_THAT(day_, IsEmpty()) << "a new day";
}

// --- what the person sees ---

TEST_F(DeliveryTest, ABusyLineIsCalledAgainAtOnceAndASentMessageIsNot) {
    const auto region = w().region();
    const auto issued = w().issue(region);
    const auto from = w().client("192.0.2.77");
    const auto flow = w().flow_after_password(issued.account.login_id, issued.initial, from);
    const signin::Step step{flow, std::nullopt};
    must(w().sign_in.register_phone(step, MethodKind::voice, World::fixed_line("03-0000-4100"), from));
    round();
    EXPECT_EQ(outcome(w().sign_in.send_again(step, MethodKind::voice, from)), "resend_wait");
    const auto id = std::stoll(w().look("select max(id) from messages"));
    EXPECT_EQ(call_says(MessageId{id}, "busy"), 204);
    EXPECT_EQ(must(w().sign_in.view(flow, w().now())).message->state, MessageState::busy);
    EXPECT_EQ(outcome(w().sign_in.send_again(step, MethodKind::voice, from)), "ok");
    EXPECT_EQ(w().look("select count(*) from messages"), "2");
}

TEST_F(DeliveryTest, ACodeThatIsReplacedOrLeftNeverGoes) {
    const auto region = w().region();
    const auto issued = w().issue(region);
    const auto from = w().client("192.0.2.78");
    const auto flow = w().flow_after_password(issued.account.login_id, issued.initial, from);
    const signin::Step step{flow, std::nullopt};
    must(w().sign_in.register_phone(step, MethodKind::sms, World::mobile("090-1111-0001"), from));
    w().clock.advance(limits::kResendWait);
    auto later = w().client("192.0.2.78");
    must(w().sign_in.send_again(step, MethodKind::sms, later));
    EXPECT_EQ(w().look("select string_agg(state || ' ' || failure, ',' order by id) from messages"),
              "expired superseded,queued ");
    must(w().sign_in.register_phone(step, MethodKind::sms, World::mobile("090-1111-0002"), later));
    EXPECT_EQ(w().look("select count(*) from messages where state = 'queued'"), "1") << "the number was corrected";
    EXPECT_EQ(round(), 1);
    ASSERT_THAT(twilio_.seen(), SizeIs(1));
    EXPECT_THAT(twilio_.seen().front().body, HasSubstr("To=%2B819011110002"));
}

}  // namespace
}  // namespace madoguchi::test
