// Webhooks against a real PostgreSQL: who is told what, in which order, how often, and until when.
#include <gmock/gmock.h>

#include <future>

#include "base/event_limits.hpp"
#include "events/delivery_service.hpp"
#include "events/webhook_service.hpp"
#include "support/world.hpp"

namespace madoguchi::events {
namespace {

using directory::Mode;
using directory::Role;
using test::must;
using test::outcome;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

/// The other side: answers as it is told, and keeps what came.
class Receiver final : public gateway::HttpClient {
public:
    struct Taken {
        std::string url, id, signature, body;
    };
    gateway::HttpOutcome post(const gateway::HttpCall& call) const override {
        const std::lock_guard lock(mutex_);
        const auto value = [&](std::size_t i) { return call.headers.at(i).substr(call.headers.at(i).find(' ') + 1); };
        taken_.push_back({call.url, value(0), value(2), call.body.reveal()});
        const auto found = answers_.find(nlohmann::json::parse(call.body.reveal())["data"]["subject"]["name"]);
        const int status = found == answers_.end() ? status_ : found->second;
        if (status == 0) {
            return tl::unexpected<gateway::HttpTrouble>({gateway::HttpTrouble::Reach::unclear, "timeout"});
        }
        return gateway::HttpReply{.status = status, .body = {}, .retry_after = retry_after_};
    }
    std::vector<std::string> names() const {
        const std::lock_guard lock(mutex_);
        std::vector<std::string> out;
        for (const auto& one : taken_) {
            const auto body = nlohmann::json::parse(one.body);
            out.push_back(body["type"].get<std::string>() + " " + body["data"]["subject"]["name"].get<std::string>());
        }
        return out;
    }
    mutable std::mutex mutex_;
    mutable std::vector<Taken> taken_;
    std::map<std::string, int> answers_;  // by the name of the subject
    int status_ = 200;
    std::optional<std::chrono::seconds> retry_after_;
};

class WebhooksTest : public ::testing::Test {
protected:
    static void SetUpTestSuite() { world_ = std::make_unique<test::World>(); }
    static void TearDownTestSuite() { world_.reset(); }
    void SetUp() override {
        world().look("delete from webhook_deliveries");
        world().look("delete from webhooks");
        world().clock.advance(1h);
    }

    test::World& world() { return *world_; }
    Instant now() { return world().now(); }
    EventService events{world_->database};
    WebhookService webhooks{{.database = world_->database,
                             .audit = world_->audit,
                             .organizations = world_->organizations,
                             .envelope = world_->envelope,
                             .entropy = world_->entropy,
                             .urls = {},
                             .confirmed = [this](db::Transaction&, const Principal&, Instant) -> Result<void> {
                                 return proven_ ? Result<void>() : failure(ErrorKind::forbidden, "confirmation_needed");
                             }}};
    Receiver outside;
    Receiver inside;
    DeliveryService deliveries{{.database = world_->database,
                                .envelope = world_->envelope,
                                .entropy = world_->entropy,
                                .clock = world_->clock,
                                .outside = outside,
                                .inside = inside,
                                .urls = {},
                                .source = "https://madoguchi.example",
                                .note = [this](std::string_view event, WebhookId, std::string_view detail) {
                                    notes_.push_back(std::string(event) + " " + std::string(detail));
                                }}};

    /// Makers are through their first sign-in.
    test::Region region() {
        auto out = world().region();
        world().look("update accounts set state = 'active' where state = 'pending'");
        while (must(events.order_new()) > 0) {
        }
        return out;
    }
    MakeWebhook command(const directory::OrganizationRef& place, std::vector<std::string> types = {}) {
        return {.name = "連携 " + std::to_string(++count_),
                .url = "https://hooks.example/in",
                .types = std::move(types),
                .organization = place.id};
    }
    MadeWebhook made(const test::Region& region, std::vector<std::string> types = {}) {
        return must(webhooks.make(region.health_center_admin, command(region.health_center, std::move(types)), now()));
    }
    void act(const directory::OrganizationRef& place, const std::string& name, std::int64_t subject,
             const std::string& action = "account.issue") {
        must(world().database.transact(Actor::system(), [&](db::Transaction& tx) {
            return world().audit.append(tx, Actor::system(),
                                        {.action = action,
                                         .organization_path = place.path,
                                         .target_kind = "account",
                                         .target_id = subject,
                                         .target_name = name},
                                        now());
        }));
    }
    void tell() {
        while (must(events.order_new()) > 0) {
        }
        while (must(deliveries.tell_next(now()))) {
        }
    }
    void run() {
        tell();
        while (must(deliveries.take_turn(now()))) {
        }
    }
    Webhook shown(const test::Region& region, const MadeWebhook& hook) {
        return must(webhooks.show(region.health_center_admin, hook.webhook.id, now()));
    }
    std::vector<Delivery> kept(const test::Region& region, const MadeWebhook& hook) {
        return must(
            webhooks.deliveries(region.health_center_admin, hook.webhook.id, {.state = {}, .limit = 100}, now()));
    }

    bool proven_ = true;
    std::vector<std::string> notes_;
    inline static int count_ = 0;
    inline static std::unique_ptr<test::World> world_;
};

TEST_F(WebhooksTest, WhatHappensIsSentOnceSignedAndWithTheIdOfTheFeed) {
    const auto region = this->region();
    const auto hook = made(region);
    act(region.facility, "clinic", 1);
    run();
    run();
    ASSERT_THAT(outside.names(), ElementsAre("account.issued clinic"));
    const auto& taken = outside.taken_.front();
    EXPECT_EQ(taken.url, "https://hooks.example/in");
    EXPECT_EQ(taken.id, nlohmann::json::parse(taken.body)["id"]);
    EXPECT_EQ("webhook-signature: " + taken.signature,
              signed_headers(taken.id, now(), taken.body, {hook.secret}).back());
    const auto after = shown(region, hook);
    EXPECT_EQ(after.waiting, 0);
    EXPECT_EQ(after.delivered_at, now());
}

TEST_F(WebhooksTest, BeginsWithWhatHappensAfterItWasMadeAndHearsOfItsTypesOnly) {
    const auto region = this->region();
    act(region.facility, "before", 1);
    must(events.order_new());
    const auto hook = made(region, {"account.closed"});
    act(region.facility, "issued", 2);
    act(region.facility, "closed", 2, "account.close");
    run();
    EXPECT_THAT(outside.names(), ElementsAre("account.closed closed"));
    EXPECT_THAT(kept(region, hook), SizeIs(1));
}

TEST_F(WebhooksTest, TheSecretIsSealedAndNeverShownAgain) {
    const auto region = this->region();
    const auto hook = made(region);
    const auto bare = hook.secret.reveal().substr(6);
    EXPECT_EQ(world().look("select count(*) from webhooks w where w::text like '%" + bare + "%'"), "0");
    EXPECT_EQ(world().look("select count(*) from audit_events e where e::text like '%" + bare + "%'"), "0");
    EXPECT_EQ(world().audited("webhook.make", "done", hook.webhook.name), 1);
}

TEST_F(WebhooksTest, WhatFailsHoldsUpItsOwnSubjectAndNoOther) {
    const auto region = this->region();
    made(region);
    outside.answers_["bad"] = 500;
    act(region.facility, "bad", 1);
    act(region.facility, "bad", 1, "account.suspend");
    act(region.facility, "good", 2);
    run();
    EXPECT_THAT(outside.names(), ElementsAre("account.issued bad"));
    world().clock.advance(1s);  // the receiver has rested
    run();
    EXPECT_THAT(outside.names(), ElementsAre("account.issued bad", "account.issued good"));
    outside.answers_.clear();
    world().clock.advance(10s);
    run();
    EXPECT_THAT(outside.names(), ElementsAre("account.issued bad", "account.issued good", "account.issued bad",
                                             "account.suspended bad"));
    EXPECT_EQ(outside.taken_[0].id, outside.taken_[2].id) << "the same event has the same id";
}

TEST_F(WebhooksTest, AfterADayItIsADeadLetterThatCanBeSentAgain) {
    const auto region = this->region();
    const auto hook = made(region);
    outside.status_ = 0;
    act(region.facility, "lost", 1);
    for (int hour = 0; hour <= 30; ++hour) {
        run();
        world().clock.advance(1h);
    }
    ASSERT_EQ(shown(region, hook).dead, 1);
    const auto dead = kept(region, hook).front();
    EXPECT_EQ(dead.state, DeliveryState::dead);
    EXPECT_GT(dead.attempts, 10);
    EXPECT_EQ(dead.last_problem, "timeout");
    EXPECT_EQ(notes_.back(), "webhook_dead timeout");
    const auto tries = outside.taken_.size();
    run();
    EXPECT_EQ(outside.taken_.size(), tries) << "given up";
    EXPECT_EQ(must(deliveries.figures(now())).dead, 1);

    outside.status_ = 200;
    EXPECT_EQ(must(webhooks.send_dead_again(region.health_center_admin, hook.webhook.id, now())), 1);
    world().clock.advance(1min);
    run();
    EXPECT_EQ(shown(region, hook).dead, 0);
    EXPECT_EQ(kept(region, hook).front().state, DeliveryState::delivered);
}

TEST_F(WebhooksTest, ADeliveredEventIsReplayedByItsIdAlsoWhenItsDeliveryIsForgotten) {
    const auto region = this->region();
    const auto hook = made(region);
    act(region.facility, "again", 1);
    run();
    const auto position = kept(region, hook).front().event.position;
    must(webhooks.send_again(region.health_center_admin, hook.webhook.id, position, now()));
    run();
    EXPECT_THAT(outside.names(), SizeIs(2));
    world().clock.advance(31 * 24h);
    EXPECT_EQ(must(webhooks.forget_old(now() - limits::kDeliveriesKept)), 1);
    EXPECT_THAT(kept(region, hook), IsEmpty());
    must(webhooks.send_again(region.health_center_admin, hook.webhook.id, position, now()));
    run();
    EXPECT_THAT(outside.names(), SizeIs(3));
    EXPECT_EQ(outside.taken_.front().id, outside.taken_.back().id);
}

TEST_F(WebhooksTest, NothingIsReplayedFromElsewhere) {
    const auto one = region();
    const auto other = region();
    const auto hook = made(one);
    act(other.facility, "foreign", 1);
    run();
    const auto position = std::stoll(world().look("select max(position) from events"));
    EXPECT_EQ(outcome(webhooks.send_again(one.health_center_admin, hook.webhook.id, position, now())), "not_found");
    EXPECT_EQ(outcome(webhooks.send_again(one.health_center_admin, hook.webhook.id, position + 99, now())),
              "not_found");
    EXPECT_THAT(outside.names(), IsEmpty());
}

TEST_F(WebhooksTest, TwoHealthCentresNeverSeeEachOthersWebhooks) {
    const auto one = region();
    const auto other = region();
    const auto hook = made(one);
    const auto id = hook.webhook.id;
    const auto& stranger = other.health_center_admin;
    EXPECT_THAT(must(webhooks.list(stranger, 0, 10, now())), IsEmpty());
    EXPECT_EQ(outcome(webhooks.show(stranger, id, now())), "not_found");
    EXPECT_EQ(outcome(webhooks.act(stranger, id, WebhookAct::remove, now())), "not_found");
    EXPECT_EQ(outcome(webhooks.rotate(stranger, id, now())), "not_found");
    EXPECT_EQ(outcome(webhooks.deliveries(stranger, id, {.state = {}, .limit = 1}, now())), "not_found");
    EXPECT_EQ(outcome(webhooks.send_dead_again(stranger, id, now())), "not_found");
    EXPECT_EQ(outcome(webhooks.make(stranger, command(one.health_center), now())), "organization_id:not_found");
    EXPECT_EQ(outcome(webhooks.make(world().principal(Role::health_center_staff, one.health_center),
                                    command(one.health_center), now())),
              "forbidden");
}

TEST_F(WebhooksTest, DiesWithItsMakersRightAlsoForWhatWaits) {
    const auto region = this->region();
    const auto maker = world().principal(Role::health_center_admin, region.health_center);
    world().look("update accounts set state = 'active' where state = 'pending'");
    const auto hook = must(webhooks.make(maker, command(region.health_center), now()));
    outside.status_ = 503;
    act(region.facility, "waits", 1);
    run();
    world().look("update grants set revoked_at = now() where account_id = " + std::to_string(maker.account.value));
    outside.status_ = 200;
    act(region.facility, "later", 2);
    world().clock.advance(10min);
    run();
    EXPECT_THAT(outside.names(), ElementsAre("account.issued waits")) << "the first try, and none after";
    EXPECT_THAT(kept(region, hook), SizeIs(1));
    EXPECT_EQ(kept(region, hook).front().state, DeliveryState::withheld);
}

TEST_F(WebhooksTest, EndsWhenItsMakerIsSuspendedOrTheirPasswordReset) {
    const auto region = this->region();
    const auto maker = world().principal(Role::health_center_admin, region.health_center);
    world().look("update accounts set state = 'active' where state = 'pending'");
    const auto hook = must(webhooks.make(maker, command(region.health_center), now()));
    EXPECT_TRUE(shown(region, hook).maker_may);
    must(world().accounts.act(region.prefecture_admin, maker.account, accounts::AccountAct::suspend, "休職", Mode::real,
                              now()));
    EXPECT_FALSE(shown(region, hook).maker_may);
    run();
    EXPECT_THAT(outside.names(), IsEmpty());
}

TEST_F(WebhooksTest, AReceiverThatIsGonePausesAndWaitsForWhoResumes) {
    const auto region = this->region();
    const auto hook = made(region);
    outside.status_ = 410;
    act(region.facility, "kept", 1);
    run();
    EXPECT_EQ(shown(region, hook).state, WebhookState::paused);
    EXPECT_EQ(shown(region, hook).paused_why, "receiver_gone");
    world().clock.advance(48h);
    act(region.facility, "meanwhile", 2);
    run();
    EXPECT_THAT(outside.names(), SizeIs(1));
    outside.status_ = 200;
    must(webhooks.act(region.health_center_admin, hook.webhook.id, WebhookAct::resume, now()));
    EXPECT_EQ(outcome(webhooks.act(region.health_center_admin, hook.webhook.id, WebhookAct::resume, now())),
              "changed_meanwhile");
    run();
    EXPECT_THAT(outside.names(), ElementsAre("account.issued kept", "account.issued kept", "account.issued meanwhile"));
}

TEST_F(WebhooksTest, RetryAfterIsHonoured) {
    const auto region = this->region();
    made(region);
    outside.status_ = 429;
    outside.retry_after_ = 600s;
    act(region.facility, "slow down", 1);
    run();
    world().clock.advance(599s);
    run();
    EXPECT_THAT(outside.names(), SizeIs(1));
    world().clock.advance(1s);
    run();
    EXPECT_THAT(outside.names(), SizeIs(2));
}

TEST_F(WebhooksTest, SomebodyAboveMakesOneForAPlaceBelow) {
    const auto region = this->region();
    const auto hook = must(webhooks.make(region.prefecture_admin, command(region.health_center, {}), now()));
    EXPECT_EQ(must(webhooks.show(region.prefecture_admin, hook.webhook.id, now())).id, hook.webhook.id);
    EXPECT_EQ(must(webhooks.rotate(region.prefecture_admin, hook.webhook.id, now())).webhook.id, hook.webhook.id);
    act(region.facility, "below", 1);
    run();
    EXPECT_THAT(outside.names(), SizeIs(1));
}

TEST_F(WebhooksTest, BothSecretsSignForADayAfterARotation) {
    const auto region = this->region();
    const auto hook = made(region);
    proven_ = false;
    EXPECT_EQ(outcome(webhooks.rotate(region.health_center_admin, hook.webhook.id, now())), "confirmation_needed");
    proven_ = true;
    EXPECT_EQ(outcome(webhooks.rotate(region.prefecture_admin, hook.webhook.id, now())), "webhook_of_another");
    const auto fresh = must(webhooks.rotate(region.health_center_admin, hook.webhook.id, now()));
    act(region.facility, "both", 1);
    run();
    const auto signature = [&](const std::vector<SecretText>& secrets) {
        const auto& taken = outside.taken_.back();
        return signed_headers(taken.id, now(), taken.body, secrets)
            .back()
            .substr(std::string("webhook-signature: ").size());
    };
    EXPECT_EQ(outside.taken_.back().signature, signature({fresh.secret, hook.secret}));
    world().clock.advance(25h);
    act(region.facility, "one", 2);
    run();
    EXPECT_EQ(outside.taken_.back().signature, signature({fresh.secret}));
}

TEST_F(WebhooksTest, OfManyServersEachEventIsSentOnceAndInOrder) {
    const auto region = this->region();
    made(region);
    for (int i = 0; i < 60; ++i) {
        act(region.facility, std::to_string(i), i % 3);
    }
    tell();
    std::vector<std::future<void>> servers;
    servers.reserve(4);
    for (int server = 0; server < 4; ++server) {
        servers.push_back(std::async(std::launch::async, [&] {
            while (outside.names().size() < 60U) {
                must(deliveries.take_turn(now()));
            }
        }));
    }
    for (auto& server : servers) {
        server.get();
    }
    std::vector<std::string> expected;
    expected.reserve(60);
    for (int i = 0; i < 60; ++i) {
        expected.push_back("account.issued " + std::to_string(i));
    }
    EXPECT_EQ(outside.names(), expected);
}

TEST_F(WebhooksTest, WhatAKilledServerHeldIsSentByAnotherWhenItsLeaseHasPassed) {
    const auto region = this->region();
    made(region);
    act(region.facility, "held", 1);
    tell();
    WebhookStore store;
    const auto turn = must(world().database.transact(
        Actor::system(), [&](db::Transaction& tx) { return store.lease(tx, now(), now() + limits::kWebhookLease); }));
    ASSERT_TRUE(turn);  // and the server dies here
    EXPECT_FALSE(must(deliveries.take_turn(now())));
    world().clock.advance(limits::kWebhookLease);
    EXPECT_TRUE(must(deliveries.take_turn(now())));
    EXPECT_THAT(outside.names(), ElementsAre("account.issued held"));
}

TEST_F(WebhooksTest, OneReceiverThatIsDownDoesNotKeepTheOthersWaiting) {
    const auto one = region();
    const auto other = region();
    made(one);
    made(other);
    outside.answers_["down"] = 0;
    for (int i = 0; i < 50; ++i) {
        act(one.facility, "down", i);
    }
    act(other.facility, "well", 1);
    run();
    EXPECT_THAT(outside.names(), UnorderedElementsAre("account.issued down", "account.issued well"))
        << "one try for fifty that wait";
}

TEST_F(WebhooksTest, ADeletedOneKeepsNeitherSecretsNorDeliveries) {
    const auto region = this->region();
    const auto hook = made(region);
    act(region.facility, "x", 1);
    tell();
    must(webhooks.act(region.health_center_admin, hook.webhook.id, WebhookAct::remove, now()));
    run();
    EXPECT_THAT(outside.names(), IsEmpty());
    EXPECT_EQ(outcome(webhooks.show(region.health_center_admin, hook.webhook.id, now())), "not_found");
    EXPECT_EQ(world().look("select count(*) from webhook_deliveries"), "0");
    EXPECT_EQ(world().look("select secret_sealed from webhooks where id = " + std::to_string(hook.webhook.id.value)),
              "");
}

TEST_F(WebhooksTest, FieldsAreCheckedAndNoTokenMakesOne) {
    const auto region = this->region();
    const auto& admin = region.health_center_admin;
    auto wrong = command(region.health_center, {"account.exploded"});
    wrong.name = " ";
    wrong.url = "http://hooks.example/";
    EXPECT_EQ(outcome(webhooks.make(admin, wrong, now())), "name:required url:webhook_url types:unknown_value");
    auto again = command(region.health_center);
    must(webhooks.make(admin, again, now()));
    EXPECT_EQ(outcome(webhooks.make(admin, again, now())), "webhook_name_taken");
    proven_ = false;
    EXPECT_EQ(outcome(webhooks.make(admin, command(region.health_center), now())), "confirmation_needed");
    proven_ = true;
    auto script = admin;
    script.limits = directory::TokenLimits{
        .token = {1},
        .name = "夜間",
        .path = region.health_center.path,
        .permissions = {directory::Permission::assign_role, directory::Permission::read_directory}};
    EXPECT_EQ(outcome(webhooks.make(script, command(region.health_center), now())), "token_makes_no_webhook");
    EXPECT_EQ(outcome(webhooks.rotate(script, must(webhooks.list(admin, 0, 1, now())).front().id, now())),
              "token_makes_no_webhook");
}

}  // namespace
}  // namespace madoguchi::events
