// Events against a real PostgreSQL: written with their acts, put in order, read with a cursor.
#include <gmock/gmock.h>

#include <future>

#include "events/event_service.hpp"
#include "support/world.hpp"

namespace madoguchi::events {
namespace {

using directory::Mode;
using directory::Role;
using test::must;
using test::outcome;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::Not;

class EventsTest : public ::testing::Test {
protected:
    static void SetUpTestSuite() { world_ = std::make_unique<test::World>(); }
    static void TearDownTestSuite() { world_.reset(); }

    test::World& world() { return *world_; }
    EventService events{world_->database};

    void order() {
        while (must(events.order_new()) > 0) {
        }
    }
    EventPage read(const Principal& who, EventQuestion question = {}) {
        question.limit = question.limit == 0 ? 500 : question.limit;
        return must(events.read(who, question, world().now()));
    }
    static std::vector<std::string> names(const EventPage& page) {
        std::vector<std::string> out;
        for (const auto& event : page.events) {
            out.push_back(event.type + " " + event.subject_name);
        }
        return out;
    }
    /// An act of the log as a service writes it, within a transaction that the test holds open.
    Result<void> act(db::Transaction& tx, const directory::OrganizationRef& place, const std::string& name,
                     const std::string& action = "account.issue") {
        return world().audit.append(tx, Actor::system(),
                                    {.action = action,
                                     .organization_path = place.path,
                                     .target_kind = "account",
                                     .target_id = 1,
                                     .target_name = name},
                                    world().now());
    }
    void act(const directory::OrganizationRef& place, const std::string& name,
             const std::string& action = "account.issue") {
        must(world().database.transact(Actor::system(),
                                       [&](db::Transaction& tx) { return act(tx, place, name, action); }));
    }

    inline static std::unique_ptr<test::World> world_;
};

TEST_F(EventsTest, TheDatabaseNamesTheTypesThatTheProgramKnows) {
    std::string listed;
    for (const auto type : kEventTypes) {
        listed += "," + std::string(type);
    }
    EXPECT_EQ(
        world().look("select ',' || string_agg(event_type_of(a), ',' order by n) from unnest(array['account.issue',"
                     "'account.rename','account.suspend','account.resume','account.close','account.reset_password',"
                     "'account.reset_second_step','role.grant','role.revoke','organization.create','organization.edit',"
                     "'organization.move','organization.close','organization.reopen','report.submit',"
                     "'report.correct']) with ordinality x (a, n)"),
        listed);
    EXPECT_EQ(world().look("select event_type_of('sign_in.password') is null"), "t");
}

TEST_F(EventsTest, ActsOfServicesAreToldOnceAndRefusedOnesNever) {
    const auto region = world().region();
    const auto issued = world().issue(region);
    must(world().accounts.act(region.health_center_admin, issued.account.id, accounts::AccountAct::suspend, "休職",
                              Mode::real, world().now()));
    EXPECT_NE(outcome(world().accounts.act(region.health_center_admin, issued.account.id, accounts::AccountAct::suspend,
                                           "もう一度", Mode::real, world().now())),
              "ok");
    order();
    const auto page = read(region.health_center_admin, {.organization = region.facility.id});
    const auto& id = issued.account.login_id;
    EXPECT_THAT(names(page), ElementsAre("organization.created " + region.facility.name, "account.issued " + id,
                                         "role.granted " + id, "account.suspended " + id));
    const auto told = to_cloud_event(page.events.back(), "")["data"];
    EXPECT_EQ(told["before"]["state"], "pending");
    EXPECT_EQ(told["after"]["state"], "suspended");
    EXPECT_EQ(told["actor"]["login_id"], region.health_center_admin.login_id);
}

TEST_F(EventsTest, WhatIsRolledBackIsNotTold) {
    const auto region = world().region();
    const auto rolled_back = world().database.transact(Actor::system(), [&](db::Transaction& tx) -> Result<void> {
        TRY(act(tx, region.facility, "nobody"));
        return failure(ErrorKind::conflict, "stale");
    });
    EXPECT_FALSE(rolled_back);
    order();
    EXPECT_THAT(names(read(region.health_center_admin)), Not(Contains("account.issued nobody")));
}

// The trap of every feed over a sequence: 1 is taken, 2 is taken and commits, the reader goes past 2, 1 commits.
TEST_F(EventsTest, AnEventThatCommitsLateIsNotPassedBy) {
    const auto region = world().region();
    order();
    const auto start = read(region.health_center_admin).next;
    std::promise<void> written, go_on;
    auto slow = std::async(std::launch::async, [&] {
        return world().database.transact(Actor::system(), [&](db::Transaction& tx) -> Result<void> {
            TRY(act(tx, region.facility, "early id, late commit"));
            written.set_value();
            go_on.get_future().wait();
            return {};
        });
    });
    written.get_future().wait();
    act(region.facility, "late id, early commit");
    order();
    const auto first = read(region.health_center_admin, {.after = start});
    EXPECT_THAT(names(first), ElementsAre("account.issued late id, early commit"));
    go_on.set_value();
    must(slow.get());
    order();
    EXPECT_THAT(names(read(region.health_center_admin, {.after = first.next})),
                ElementsAre("account.issued early id, late commit"));
}

TEST_F(EventsTest, ManyWritersAndOrderersLoseNothingAndRepeatNothing) {
    const auto region = world().region();
    order();
    auto cursor = read(region.health_center_admin).next;
    std::vector<std::future<void>> writers;
    std::atomic<int> writing = 8;
    writers.reserve(8);
    for (int writer = 0; writer < 8; ++writer) {
        writers.push_back(std::async(std::launch::async, [&, writer] {
            const std::shared_ptr<void> done(nullptr, [&](void*) { --writing; });  // also where it failed
            for (int i = 0; i < 20; ++i) {
                act(region.facility, std::to_string(writer * 100 + i));
                must(events.order_new());
            }
        }));
    }
    std::vector<int> seen;
    for (bool more = true; more;) {
        more = writing > 0;
        must(events.order_new());
        const auto page = read(region.health_center_admin, {.after = cursor, .limit = 7});
        for (const auto& event : page.events) {
            seen.push_back(std::stoi(event.subject_name));
        }
        cursor = page.next;
        more = more || page.more;
    }
    for (auto& writer : writers) {
        writer.get();
    }
    EXPECT_EQ(seen.size(), 160U);
    std::map<int, int> last;
    for (const int one : seen) {
        EXPECT_LT(last[one / 100], one + 1) << "each writer's in their order";
        last[one / 100] = one + 1;
    }
    std::ranges::sort(seen);
    EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end());
}

TEST_F(EventsTest, TwoHealthCentresNeverSeeEachOthersEvents) {
    const auto one = world().region();
    const auto other = world().region();
    const auto own = world().issue(one);
    const auto foreign = world().issue(other);
    order();
    const auto seen = names(read(one.health_center_admin));
    EXPECT_THAT(seen, Contains("account.issued " + own.account.login_id));
    EXPECT_THAT(seen, Not(Contains("account.issued " + foreign.account.login_id)));
    EXPECT_THAT(names(read(world().ministry_admin)),
                IsSupersetOf({"account.issued " + own.account.login_id, "account.issued " + foreign.account.login_id}));
    EXPECT_EQ(
        outcome(events.read(one.health_center_admin, {.organization = other.facility.id, .limit = 10}, world().now())),
        "not_found");
    EXPECT_EQ(outcome(events.read(one.health_center_admin, {.organization = OrganizationId{999999}, .limit = 10},
                                  world().now())),
              "not_found");
}

TEST_F(EventsTest, TheDatabaseAloneKeepsEventsApart) {
    const auto one = world().region();
    const auto other = world().region();
    world().issue(other);
    order();
    Actor actor = directory::as_oneself(one.health_center_admin);
    EventStore store;
    const auto found = must(world().database.transact(actor, [&](db::Transaction& tx) {
        return store.read(
            tx, {.up_to = 1'000'000, .types = types_under(directory::Permission::read_audit, {}), .limit = 500});
    }));
    for (const auto& event : found) {
        EXPECT_TRUE(event.organization_path.starts_with(one.health_center.path)) << event.organization_path;
    }
    const auto changed =
        must(world().database.transact(actor, [&](db::Transaction& tx) { return store.order(tx, 10); }));
    EXPECT_EQ(changed, 0);
}

TEST_F(EventsTest, StaffSeeReportsAndNoAccountsAndAFacilityItsOwn) {
    const auto region = world().region();
    world().issue(region);
    act(region.facility, region.facility.name, "report.submit");
    act(region.other_facility, region.other_facility.name, "report.submit");
    order();
    const auto staff = world().principal(Role::health_center_staff, region.health_center);
    EXPECT_THAT(names(read(staff)), ElementsAre("report.submitted " + region.facility.name,
                                                "report.submitted " + region.other_facility.name));
    const auto clinic = world().principal(Role::facility_staff, region.facility);
    EXPECT_THAT(names(read(clinic)), ElementsAre("report.submitted " + region.facility.name));
    EXPECT_THAT(names(read(staff, {.types = {"account.issued"}})), IsEmpty());
    const auto helpdesk = world().principal(Role::helpdesk_operator, region.prefecture);
    EXPECT_EQ(outcome(events.read(helpdesk, {.limit = 10}, world().now())), "forbidden");
}

TEST_F(EventsTest, PagesGoOnWhereTheLastOneEndedAndAnEmptyOneTellsHowFar) {
    const auto region = world().region();
    order();
    const auto start = read(region.health_center_admin).next;
    for (int i = 0; i < 5; ++i) {
        act(region.facility, std::to_string(i));
    }
    order();
    auto page = read(region.health_center_admin, {.after = start, .limit = 2});
    EXPECT_THAT(names(page), ElementsAre("account.issued 0", "account.issued 1"));
    EXPECT_TRUE(page.more);
    page = read(region.health_center_admin, {.after = page.next, .limit = 3});
    EXPECT_THAT(names(page), ElementsAre("account.issued 2", "account.issued 3", "account.issued 4"));
    EXPECT_FALSE(page.more);

    const auto stranger = world().region();  // elsewhere the country goes on
    order();
    const auto empty = read(region.health_center_admin, {.after = page.next});
    EXPECT_THAT(empty.events, IsEmpty());
    EXPECT_GT(empty.next, page.next);
    EXPECT_EQ(outcome(events.read(region.health_center_admin, {.after = empty.next + 1, .limit = 10}, world().now())),
              "cursor_ahead");
}

TEST_F(EventsTest, AnOrganizationThatMovedTakesItsEventsAlong) {
    const auto one = world().region();
    const auto other = world().region();
    act(one.facility, "moved along");
    order();
    must(world().organizations.move(world().ministry_admin, one.facility.id, other.health_center.id, "区域変更",
                                    world().now()));
    EXPECT_THAT(names(read(one.health_center_admin)), Not(Contains("account.issued moved along")));
    EXPECT_THAT(names(read(other.health_center_admin)), Contains("account.issued moved along"));
}

}  // namespace
}  // namespace madoguchi::events
