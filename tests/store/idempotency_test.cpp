// Repeated POSTs against a real PostgreSQL, as the service's own role.
#include <gmock/gmock.h>

#include <condition_variable>
#include <future>
#include <mutex>
#include <nlohmann/json.hpp>

#include "api/idempotency_service.hpp"
#include "base/api_limits.hpp"
#include "support/world.hpp"

namespace madoguchi::api {
namespace {

using http::Request;
using http::Response;
using test::must;
using test::outcome;

class IdempotencyTest : public ::testing::Test {
protected:
    static void SetUpTestSuite() { world_ = std::make_unique<test::World>(); }
    static void TearDownTestSuite() { world_.reset(); }

    test::World& world() { return *world_; }
    IdempotencyService service{{.database = world_->database,
                                .envelope = world_->envelope,
                                .token_key = world_->token_key,
                                .guard = [this](const Request&) { return asker_; }}};

    void SetUp() override { asker_ = world().ministry_admin; }

    Request request(const std::string& key, const std::string& body = R"({"name":"しおかぜ診療所"})") {
        Request out;
        out.method = http::Method::post;
        out.path = out.raw_target = "/api/v1/organizations";
        out.headers.add("idempotency-key", key);
        out.body = body;
        out.now = world().now();
        return out;
    }
    /// Counts how often it was carried out, and answers each time something else.
    http::Handler counting() {
        return service.once([this](const Request&) -> Result<Response> {
            const int count = ++carried_out_;
            return Response::json(201, {{"secret", "ACDE-" + std::to_string(count)}}).with_header("Location", "/it");
        });
    }

    Result<directory::Principal> asker_ = failure(ErrorKind::unauthenticated, "session_lost");
    std::atomic<int> carried_out_ = 0;
    inline static std::unique_ptr<test::World> world_;
};

TEST_F(IdempotencyTest, TheSameRequestIsAnsweredTheSameAndCarriedOutOnce) {
    const auto handler = counting();
    const auto first = must(handler(request("same")));
    const auto again = must(handler(request("same")));
    EXPECT_EQ(carried_out_, 1);
    EXPECT_EQ(again.status, first.status);
    EXPECT_EQ(again.body, first.body);
    EXPECT_TRUE(again.has_header("Location"));
    EXPECT_TRUE(again.has_header("Idempotency-Replayed"));
    EXPECT_FALSE(first.has_header("Idempotency-Replayed"));
}

TEST_F(IdempotencyTest, AnotherBodyIsRefused) {
    const auto handler = counting();
    must(handler(request("body")));
    EXPECT_EQ(outcome(handler(request("body", "{}"))), "idempotency_key_reused");
    auto elsewhere = request("body");
    elsewhere.path = elsewhere.raw_target = "/api/v1/accounts";
    EXPECT_EQ(outcome(handler(elsewhere)), "idempotency_key_reused");
    EXPECT_EQ(carried_out_, 1);
}

TEST_F(IdempotencyTest, AKeyBelongsToWhoNamedIt) {
    const auto handler = counting();
    must(handler(request("whose")));
    asker_ = world().region().health_center_admin;
    must(handler(request("whose")));
    EXPECT_EQ(carried_out_, 2);
    asker_->limits = directory::TokenLimits{.token = {5}, .name = "夜間連携", .path = "1.", .permissions = {}};
    must(handler(request("whose")));
    EXPECT_EQ(carried_out_, 3);
}

TEST_F(IdempotencyTest, WithoutAKeyNothingIsKept) {
    const auto handler = counting();
    auto plain = request("plain");
    plain.headers = {};
    must(handler(plain));
    must(handler(plain));
    EXPECT_EQ(carried_out_, 2);
}

TEST_F(IdempotencyTest, ARefusalFreesTheKey) {
    int tries = 0;
    const auto handler = service.once([&](const Request&) -> Result<Response> {
        return ++tries == 1 ? Result<Response>(failure(ErrorKind::forbidden, "forbidden"))
                            : Result<Response>(Response::empty(204));
    });
    EXPECT_EQ(outcome(handler(request("refused"))), "forbidden");
    EXPECT_EQ(outcome(handler(request("refused"))), "ok");
}

TEST_F(IdempotencyTest, WhereTheOutcomeIsUnknownNobodyRepeatsIt) {
    const auto handler = service.once([&](const Request&) -> Result<Response> {
        ++carried_out_;
        return failure(ErrorKind::unavailable, "outcome_unknown");
    });
    EXPECT_EQ(outcome(handler(request("lost"))), "outcome_unknown");
    EXPECT_EQ(outcome(handler(request("lost"))), "idempotency_running");
    world().clock.advance(limits::kIdempotencyRunning);
    EXPECT_EQ(outcome(handler(request("lost"))), "idempotency_unknown");
    EXPECT_EQ(carried_out_, 1);
}

TEST_F(IdempotencyTest, TheAnswerIsSealed) {
    must(counting()(request("sealed")));
    EXPECT_EQ(world().look(
                  "select count(*) from idempotency_keys k where k::text like '%ACDE%' or k::text like '%sealed\"%'"),
              "0");
}

TEST_F(IdempotencyTest, KeysAreForgotten) {
    const auto handler = counting();
    must(handler(request("old")));
    world().clock.advance(limits::kIdempotencyKept);
    must(handler(request("old")));
    EXPECT_EQ(carried_out_, 2) << "an expired key is free even before it is deleted";
    world().clock.advance(limits::kIdempotencyKept);
    EXPECT_GE(must(service.forget_old(world().now())), 1);
    EXPECT_EQ(world().look("select count(*) from idempotency_keys"), "0");
}

TEST_F(IdempotencyTest, OfManyAtOnceOneIsCarriedOut) {
    std::mutex mutex;
    std::condition_variable somebody_was_told;
    int told = 0;
    const auto handler = service.once([&](const Request&) -> Result<Response> {
        ++carried_out_;
        std::unique_lock lock(mutex);  // not done before another one has met it
        somebody_was_told.wait_for(lock, std::chrono::seconds(10), [&] { return told > 0; });
        return Response::empty(204);
    });
    std::vector<std::future<std::string>> answers;
    answers.reserve(16);
    for (int i = 0; i < 16; ++i) {
        answers.push_back(std::async(std::launch::async, [&] {
            auto said = outcome(handler(request("race")));
            const std::lock_guard lock(mutex);
            told += said == "idempotency_running" ? 1 : 0;
            somebody_was_told.notify_all();
            return said;
        }));
    }
    int running = 0, done = 0;
    for (auto& answer : answers) {
        const auto said = answer.get();
        running += said == "idempotency_running" ? 1 : 0;
        done += said == "ok" ? 1 : 0;
    }
    EXPECT_EQ(carried_out_, 1);
    EXPECT_GE(running, 1);
    EXPECT_EQ(running + done, 16);
}

TEST_F(IdempotencyTest, BadKeysAreRefused) {
    const auto handler = counting();
    EXPECT_EQ(outcome(handler(request("two words"))), "Idempotency-Key:idempotency_key_form");
    EXPECT_EQ(outcome(handler(request(""))), "Idempotency-Key:idempotency_key_form");
    auto twice = request("one");
    twice.headers.add("idempotency-key", "two");
    EXPECT_EQ(outcome(handler(twice)), "Idempotency-Key:idempotency_key_form");
    EXPECT_EQ(carried_out_, 0);
}

}  // namespace
}  // namespace madoguchi::api
