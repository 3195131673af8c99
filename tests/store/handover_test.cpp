// Initial passwords by a one-time link, against a real PostgreSQL, as the service's own role.
#include <gmock/gmock.h>

#include <fmt/format.h>
#include <thread>

#include "accounts/batch_service.hpp"
#include "accounts/handover_service.hpp"
#include "base/file_limits.hpp"
#include "support/world.hpp"

namespace madoguchi::accounts {
namespace {

using directory::Mode;
using directory::Role;
using test::must;
using test::outcome;
using ::testing::HasSubstr;
using ::testing::Not;

class HandoverTest : public ::testing::Test {
protected:
    static void SetUpTestSuite() { world_ = std::make_unique<test::World>(); }
    static void TearDownTestSuite() { world_.reset(); }

    test::World& world() { return *world_; }
    LetterService letters{{.database = world_->database,
                           .audit = world_->audit,
                           .organizations = world_->organizations,
                           .entropy = world_->entropy,
                           .token_key = world_->token_key,
                           .service = {"https://madoguchi.example", "03-0000-4100", 12},
                           .texts = world_->texts}};
    HandoverService handover{{.database = world_->database,
                              .audit = world_->audit,
                              .organizations = world_->organizations,
                              .letters = letters,
                              .envelope = world_->envelope,
                              .phones = world_->phones,
                              .messages = world_->messages,
                              .texts = world_->texts,
                              .entropy = world_->entropy,
                              .token_key = world_->token_key,
                              .origin = "https://madoguchi.example",
                              .message_queued = [] {}}};

    Account waiting(const test::Region& region, const std::string& name = "山野") {
        return must(world().accounts.issue(region.health_center_admin,
                                           {.organization = region.facility.id,
                                            .names = {name, "みどり", "", ""},
                                            .handover = Handover::by_letter},
                                           Mode::real, world().now()))
            .account;
    }
    /// A clinic with a mobile number that nobody else in this world has.
    test::Region region_with_contact() {
        auto region = world().region();
        phone_ = fmt::format("090-0000-{:04}", ++phones_);
        must(handover.register_contact(region.health_center_admin, region.facility.id, phone_, world().now()));
        return region;
    }
    std::string text_sent() { return must(world().messages.inbox(world().now())).front().text.reveal(); }
    SecretText token_sent() {
        const auto text = text_sent();
        const auto at = text.find("/handover?t=") + 12;
        return SecretText(text.substr(at, 43));
    }
    SecretText link_to(const test::Region& region, const Account& account) {
        const auto links = must(handover.links(region.health_center_admin, account.id, 1, world().now()));
        const auto seen = links.empty() ? HandoverLinkId{} : links.front().id;
        const auto prints = must(letters.show(region.health_center_admin, account.id, world().now())).prints;
        must(handover.send(region.health_center_admin, account.id, prints, seen, Locale::ja, world().now()));
        return token_sent();
    }
    HandoverClient client() { return {"192.0.2.77", "REQUEST", world().now()}; }
    LinkState state_of_newest(const test::Region& region, const Account& account) {
        const auto links = must(handover.links(region.health_center_admin, account.id, 1, world().now()));
        return state_of(links.at(0), world().now());
    }

    std::string phone_;
    inline static int phones_ = 0;
    static std::unique_ptr<test::World> world_;
};
std::unique_ptr<test::World> HandoverTest::world_;

TEST_F(HandoverTest, ALinkOpensAnInitialPasswordOnceAndItSignsIn) {
    const auto region = region_with_contact();
    const auto account = waiting(region);
    const auto token = link_to(region, account);
    EXPECT_THAT(text_sent(), Not(HasSubstr(account.login_id))) << "whoever gets it by a mistake has no ID";
    EXPECT_EQ(world().look(
                  fmt::format("select coalesce(initial_digest, 'none') from accounts where id = {}", account.id.value)),
              "none")
        << "the password is made when the link is opened";
    const auto opened = must(handover.open(token, client()));
    EXPECT_EQ(opened.shown.reveal().size(), 24U);
    EXPECT_EQ(opened.expires_at, world().now() + limits::kInitialPasswordByLink);
    EXPECT_EQ(outcome(handover.open(token, client())), "handover_gone");
    EXPECT_EQ(state_of_newest(region, account), LinkState::opened);
    EXPECT_EQ(world().audited("handover.send", "done", account.login_id), 1);
    EXPECT_EQ(world().audited("handover.open", "done", account.login_id), 1);
    EXPECT_EQ(world().audited("handover.open", "refused", account.login_id), 1);
    world().first_sign_in_by_application({account, opened.shown});
    EXPECT_EQ(world().account(account.id).state, AccountState::active);
}

TEST_F(HandoverTest, NeitherTokenNorNumberIsReadableAtRest) {
    const auto region = region_with_contact();
    const auto account = waiting(region);
    const auto token = link_to(region, account);
    const auto dump = world().look("select string_agg(l::text, ' ') from handover_links l") +
                      world().look("select string_agg(c::text, ' ') from organization_contacts c") +
                      world().look("select string_agg(m::text, ' ') from messages m") +
                      world().look("select string_agg(e::text, ' ') from audit_events e");
    EXPECT_THAT(dump, Not(HasSubstr(token.reveal())));
    EXPECT_THAT(dump, Not(HasSubstr("+8190" + phone_.substr(4, 4) + phone_.substr(9))));
    EXPECT_THAT(dump, Not(HasSubstr(phone_)));
    EXPECT_THAT(dump, HasSubstr("090-****-" + phone_.substr(9)));
}

TEST_F(HandoverTest, FiftyOpensAtOnceHaveOneWinner) {
    const auto region = region_with_contact();
    const auto account = waiting(region);
    const auto token = link_to(region, account);
    std::atomic<int> won = 0;
    std::vector<std::thread> presses;
    for (int i = 0; i < 50; ++i) {
        presses.emplace_back([&] { won += handover.open(token, client()) ? 1 : 0; });
    }
    for (auto& press : presses) {
        press.join();
    }
    EXPECT_EQ(won, 1);
}

TEST_F(HandoverTest, WhateverEndsALinkReadsTheSameAsOneThatNeverWas) {
    const auto region = region_with_contact();
    const auto& by = region.health_center_admin;
    const auto gone = [&](const SecretText& token) { return outcome(handover.open(token, client())); };
    EXPECT_EQ(gone(SecretText("none")), "handover_gone");
    EXPECT_EQ(gone(world().entropy.token()), "handover_gone");

    const auto lapsed = waiting(region, "川野");
    const auto old = link_to(region, lapsed);
    world().clock.advance(limits::kHandoverLinkLife);
    EXPECT_EQ(gone(old), "handover_gone");
    EXPECT_EQ(state_of_newest(region, lapsed), LinkState::lapsed);

    const auto another = waiting(region, "森");
    const auto first = link_to(region, another);
    const auto second = link_to(region, another);
    EXPECT_EQ(gone(first), "handover_gone");
    must(letters.print(by, another.id, 0, Locale::ja, world().now()));
    EXPECT_EQ(gone(second), "handover_gone") << "a letter was printed since";
    EXPECT_EQ(state_of_newest(region, another), LinkState::replaced);

    const auto reset = waiting(region, "林");
    const auto before_reset = link_to(region, reset);
    must(world().accounts.act(by, reset.id, AccountAct::reset_password, "電話", Mode::real, world().now()));
    EXPECT_EQ(gone(before_reset), "handover_gone");

    const auto suspended = waiting(region, "岸");
    const auto before_suspension = link_to(region, suspended);
    must(world().accounts.act(by, suspended.id, AccountAct::suspend, "電話", Mode::real, world().now()));
    EXPECT_EQ(gone(before_suspension), "handover_gone");
}

TEST_F(HandoverTest, SendingALinkEndsTheLetterBeforeIt) {
    const auto region = region_with_contact();
    const auto account = waiting(region);
    must(letters.print(region.health_center_admin, account.id, 0, Locale::ja, world().now()));
    link_to(region, account);
    EXPECT_EQ(world().look(fmt::format("select initial_digest is null from accounts where id = {}", account.id.value)),
              "t");
    const auto paper = must(handover.print_ids(region.health_center_admin, account.id, Locale::ja, world().now()));
    EXPECT_TRUE(paper.pdf.starts_with("%PDF-"));
    EXPECT_EQ(world().look(fmt::format("select initial_digest is null from accounts where id = {}", account.id.value)),
              "t")
        << "the letter beside a link makes no password";
}

TEST_F(HandoverTest, OfTwoWhoPressOnTheSamePageOneSends) {
    const auto region = region_with_contact();
    const auto account = waiting(region);
    const auto before = world().look("select count(*) from messages");
    const auto press = [&] {
        return outcome(
            handover.send(region.health_center_admin, account.id, 0, HandoverLinkId{}, Locale::ja, world().now()));
    };
    std::array<std::string, 2> said;
    std::thread other([&] { said[1] = press(); });
    said[0] = press();
    other.join();
    EXPECT_TRUE((said[0] == "ok" && said[1] == "handover_stale") || (said[1] == "ok" && said[0] == "handover_stale"))
        << said[0] << " " << said[1];
    EXPECT_EQ(std::stoi(world().look("select count(*) from messages")), std::stoi(before) + 1);
}

TEST_F(HandoverTest, WithoutARegisteredMobileNothingIsSent) {
    const auto region = world().region();
    const auto account = waiting(region);
    const auto& by = region.health_center_admin;
    const auto send = [&] {
        return outcome(handover.send(by, account.id, 0, HandoverLinkId{}, Locale::ja, world().now()));
    };
    EXPECT_EQ(send(), "handover_no_contact");
    EXPECT_EQ(outcome(handover.register_contact(by, region.facility.id, "03-0000-4100", world().now())),
              "phone:phone_fixed_line_no_sms");
    must(handover.register_contact(by, region.facility.id, "０９０ー００００ー９９９９", world().now()));
    EXPECT_EQ(send(), "ok");
    must(handover.remove_contact(by, region.facility.id, world().now()));
    EXPECT_EQ(outcome(handover.send(by, account.id, 0, HandoverLinkId{1'000'000}, Locale::ja, world().now())),
              "handover_no_contact");
    EXPECT_EQ(world().audited("contact.register", "done", region.facility.name), 1);
    EXPECT_EQ(world().audited("contact.remove", "done", region.facility.name), 1);
}

TEST_F(HandoverTest, TwoHealthCentresNeverSeeEachOthersLinksOrContacts) {
    const auto here = region_with_contact();
    const auto there = world().region();
    const auto& stranger = there.health_center_admin;
    const auto account = waiting(here);
    link_to(here, account);
    EXPECT_TRUE(must(handover.links(stranger, account.id, 5, world().now())).empty());
    EXPECT_TRUE(must(handover.links(stranger, {}, 50, world().now())).empty());
    EXPECT_EQ(outcome(handover.contact(stranger, account.id, world().now())), "not_found");
    EXPECT_EQ(outcome(handover.send(stranger, account.id, 0, HandoverLinkId{1'000'000}, Locale::ja, world().now())),
              "not_found");
    EXPECT_EQ(outcome(handover.print_ids(stranger, account.id, Locale::ja, world().now())), "not_found");
    EXPECT_EQ(outcome(handover.registered(stranger, here.facility.id, world().now())), "not_found");
    EXPECT_EQ(outcome(handover.register_contact(stranger, here.facility.id, "090-0000-9998", world().now())),
              "not_found");
    EXPECT_EQ(outcome(handover.remove_contact(stranger, here.facility.id, world().now())), "not_found");
    EXPECT_FALSE(must(handover.links(here.health_center_admin, account.id, 5, world().now())).empty());
}

// Each policy by itself: no service that refuses before it, no join with a table that has a policy of its own.
TEST_F(HandoverTest, TheDatabaseAloneKeepsLinksAndContactsApart) {
    const auto here = region_with_contact();
    const auto there = region_with_contact();
    link_to(here, waiting(here));
    link_to(there, waiting(there));
    constexpr std::array<db::Query, 2> kEverything = {
        {{"handover_links", "select organization_path as path from handover_links"},
         {"organization_contacts", "select organization_path as path from organization_contacts"}}};
    for (const auto& query : kEverything) {
        for (const auto& centre : {here.health_center, there.health_center}) {
            Actor actor = Actor::system();
            actor.jurisdiction = Jurisdiction(centre.path);
            const auto rows =
                must(world().database.transact(actor, [&](db::Transaction& tx) { return tx.many(query); }));
            EXPECT_FALSE(rows.empty()) << query.name << ": an empty answer proves nothing";
            for (const auto& row : rows) {
                EXPECT_TRUE(row.get<std::string>("path").starts_with(centre.path)) << query.name;
            }
        }
    }
    Actor actor = Actor::system();
    actor.jurisdiction = Jurisdiction(there.health_center.path);
    for (const auto& change : {db::Query{"take_link",
                                         "update handover_links set sent_to = sent_to where "
                                         "organization_path = :path"},
                               db::Query{"take_contact",
                                         "delete from organization_contacts where organization_path = "
                                         ":path"}}) {
        const auto changed = must(world().database.transact(
            actor, [&](db::Transaction& tx) { return tx.execute(change, here.facility.path); }));
        EXPECT_EQ(changed, 0) << change.name;
    }
}

TEST_F(HandoverTest, ABatchIsSentToThoseWhoCanBeReachedOnceEach) {
    const auto region = region_with_contact();
    auto by = region.health_center_admin;
    const auto administrator = world().issue(by, region.health_center, Role::health_center_staff);
    world().look(fmt::format("update accounts set state = 'active', password_phc = 'x' where id = {}",
                             administrator.account.id.value));
    world().look(fmt::format("update grants set role = 'health_center_admin' where account_id = {}",
                             administrator.account.id.value));
    by.account = administrator.account.id;
    BatchService batches{{.database = world().database,
                          .audit = world().audit,
                          .grants = world().grants,
                          .accounts = world().accounts,
                          .login_ids = {}}};
    const auto code = [&](const directory::OrganizationRef& place) {
        return world().look(fmt::format("select institution_code from organizations where id = {}", place.id.value));
    };
    std::string file = "医療機関コード,氏\n" + code(region.other_facility) + ",海野\n";
    for (int i = 0; i < limits::kMessagesPerNumberHour + 2; ++i) {
        file += code(region.facility) + fmt::format(",山野{}\n", i);
    }
    const auto batch = must(batches.upload(by, "a.csv", file, world().now()));
    must(batches.act(by, batch, BatchEvent::confirm, 1, world().now()));
    while (must(batches.work(world().now()))) {
    }
    const auto sent = must(handover.send_batch(by, batch, 0, 100, Locale::ja, world().now()));
    EXPECT_EQ(sent.sent, limits::kMessagesPerNumberHour) << "one number takes so many an hour (S9)";
    EXPECT_EQ(sent.capped, 2);
    EXPECT_EQ(sent.without_contact, 1);
    EXPECT_EQ(must(handover.counts(by, batch, world().now())).out, limits::kMessagesPerNumberHour);
    world().clock.advance(std::chrono::hours(1) + std::chrono::seconds(1));
    EXPECT_EQ(must(handover.send_batch(by, batch, 0, 100, Locale::ja, world().now())).sent, 2);
    EXPECT_EQ(must(handover.send_batch(by, batch, 0, 100, Locale::ja, world().now())).sent, 0);
    EXPECT_EQ(must(handover.print_batch_ids(by, batch, 0, 100, Locale::ja, world().now())).letters,
              limits::kMessagesPerNumberHour + 2);
    EXPECT_EQ(
        must(handover.send_batch(world().region().health_center_admin, batch, 0, 100, Locale::ja, world().now())).sent,
        0);
}

TEST_F(HandoverTest, ALinkIsSaidToBeSentOnlyWhenAGatewayTookIt) {
    const auto region = region_with_contact();
    const auto account = waiting(region);
    link_to(region, account);
    EXPECT_EQ(state_of_newest(region, account), LinkState::sending);
    const auto message = world().look("select max(id) from messages");
    world().look("update messages set state = 'sent' where id = " + message);
    EXPECT_EQ(state_of_newest(region, account), LinkState::sent);
    world().look("update messages set state = 'failed' where id = " + message);
    EXPECT_EQ(state_of_newest(region, account), LinkState::undelivered);
}

}  // namespace
}  // namespace madoguchi::accounts
