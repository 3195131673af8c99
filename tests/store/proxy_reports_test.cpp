// Proxy entry and the review against a real database: nothing overwritten, nothing twice, who for whom, jurisdiction
// (S16).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <set>

#include "reports/proxy_report_service.hpp"
#include "support/world.hpp"

namespace madoguchi::test {
namespace {

using directory::Principal;
using directory::Role;
using reports::DailyReportService;
using reports::ProxyReportService;
using reports::ReceivedState;
using reports::ReportKind;
using reports::Typed;
using std::chrono::hours;
using std::chrono::minutes;
using testing::IsEmpty;
using testing::SizeIs;

Typed typed(std::initializer_list<const char*> bands) {
    Typed out = reports::nothing_typed();
    std::copy(bands.begin(), bands.end(), out.bands.begin());
    return out;
}

class ProxyReportsTest : public ::testing::Test {
protected:
    ProxyReportsTest() {
        clinic = with_account(world.principal(Role::facility_staff, region.facility), "山野 みどり");
        center = with_account(world.principal(Role::health_center_staff, region.health_center), "保田 和子");
        const Region elsewhere = world.region();
        stranger = with_account(world.principal(Role::health_center_staff, elsewhere.health_center), "他所 太郎");
        world.clock.set(reports::begin_of(reports::date_at(world.now())) + hours(15));
    }

    Principal with_account(Principal principal, const std::string& name) {
        principal.account = world.issue(region.health_center_admin, region.facility).account.id;
        principal.name = name;
        return principal;
    }
    reports::ReportDate today() { return reports::date_at(world.now()); }
    reports::ReceivedDetails by_fax(std::chrono::minutes ago = minutes(30)) {
        return {
            .date = today(), .by = reports::ReceivedBy::fax, .received_at = world.now() - ago, .note = "受付の方から"};
    }
    Result<std::int64_t> receive(const Principal& who, OrganizationId organization) {
        return service.receive(who, {organization, by_fax()}, world.now());
    }
    std::int64_t received() { return must(receive(center, region.facility.id)); }
    int type(std::int64_t id, const Typed& text, int seen = 1) {
        return must(service.save(center, id, seen, text, world.now()));
    }
    Result<reports::Report> submit(std::int64_t id, int seen, std::optional<ReportKind> kind = std::nullopt) {
        return service.submit(center, id, seen, kind, world.now());
    }
    reports::Report reported_by_the_clinic(std::initializer_list<std::int64_t> given) {
        reports::AgeBandCounts counts;
        std::copy(given.begin(), given.end(), counts.of.begin());
        return must(daily.submit(clinic,
                                 {.date = today(),
                                  .kind = reports::kind_of(counts),
                                  .counts = counts,
                                  .adjustment = std::nullopt,
                                  .key = "own"},
                                 reports::ReportChannel::api, reports::Mode::real, world.now()));
    }
    std::string look(const std::string& sql) { return world.look(sql); }

    World world;
    Region region = world.region();
    DailyReportService daily{{.database = world.database, .audit = world.audit, .token_key = world.token_key}};
    DailyReportService open_to_corrections{{.database = world.database,
                                            .audit = world.audit,
                                            .token_key = world.token_key,
                                            .policy = {.corrections = reports::Corrections::retroactive}}};
    ProxyReportService service{
        {.database = world.database, .audit = world.audit, .organizations = world.organizations, .reports = daily}};
    ProxyReportService correcting{{.database = world.database,
                                   .audit = world.audit,
                                   .organizations = world.organizations,
                                   .reports = open_to_corrections}};
    Principal clinic;
    Principal center;
    Principal stranger;
};

TEST_F(ProxyReportsTest, TheDatabaseAloneKeepsReceivedReportsApart) {
    const auto id = received();
    constexpr db::Query kTouch = {"touch", "update received_reports set reason = reason where id = :id"};
    const auto touched_from = [&](const Principal& who) {
        Actor actor = Actor::system();
        actor.jurisdiction = Jurisdiction(who.home.path);
        return must(world.database.transact(actor, [&](db::Transaction& tx) { return tx.execute(kTouch, id); }));
    };
    EXPECT_EQ(touched_from(stranger), 0);
    EXPECT_EQ(touched_from(center), 1) << "its own it may change";
}

TEST_F(ProxyReportsTest, WhatCameIsTypedOnceAndSaysWhoTypedItForWhom) {
    const auto id = received();
    EXPECT_EQ(must(service.count_waiting(center, world.now())), 1);
    const auto version = type(id, typed({"3", "4"}));
    const auto report = must(submit(id, version));
    EXPECT_EQ(must(submit(id, version)).receipt, report.receipt) << "pressed twice";
    EXPECT_EQ(look("select count(*) from reports"), "1");
    EXPECT_EQ(must(service.count_waiting(center, world.now())), 0);
    EXPECT_THAT(must(service.finished_today(center, world.now())), SizeIs(1));
    const auto seen = must(daily.day(clinic, today(), world.now())).versions.at(0);
    ASSERT_TRUE(seen.proxy);
    EXPECT_EQ(seen.proxy->organization, region.health_center.id);
    EXPECT_EQ(seen.organization, region.facility.id);
    EXPECT_EQ(seen.counts.total(), 7);
    EXPECT_EQ(reports::reporter_of(seen), "保田 和子（" + region.health_center.name + "）");
    EXPECT_EQ(look("select after::text like '%fax%' from audit_events where action = 'report.submit'"), "t");
}

TEST_F(ProxyReportsTest, OnTimeIsWhenItCameNotWhenItWasTyped) {
    const auto id = received();
    const auto version = type(id, typed({"3"}));
    world.clock.advance(hours(18));
    EXPECT_FALSE(must(submit(id, version)).late);
    EXPECT_EQ(look("select late from reports"), "f");
}

TEST_F(ProxyReportsTest, NothingIsOverwrittenWhereTheOrganizationWasFirst) {
    const auto id = received();
    const auto version = type(id, typed({"9"}));
    const auto own = reported_by_the_clinic({5});
    const auto refused = submit(id, version);
    EXPECT_EQ(outcome(refused), "already_reported");
    EXPECT_EQ(outcome(submit(id, version, ReportKind::zero)), "already_reported");
    const auto form = must(service.form(center, id, world.now()));
    ASSERT_TRUE(form.reported);
    EXPECT_EQ(form.reported->receipt, own.receipt);
    EXPECT_EQ(form.received.state, ReceivedState::waiting);
    EXPECT_FALSE(form.may_correct);
    EXPECT_EQ(outcome(service.correct(center, id, version, 1, "FAXのとおり", world.now())), "correction_not_by_policy");
    EXPECT_EQ(outcome(service.finish(center, id, ReceivedState::kept, "", world.now())), "reason:required");
    must(service.finish(center, id, ReceivedState::kept, "機関に確かめた", world.now()));
    EXPECT_EQ(look("select count(*) || ' ' || max(total) from reports"), "1 5");
}

TEST_F(ProxyReportsTest, ByPolicyItBecomesAFurtherVersion) {
    const auto id = received();
    const auto version = type(id, typed({"9"}));
    reported_by_the_clinic({5});
    const auto made = must(correcting.correct(center, id, version, 1, "FAXのとおり", world.now()));
    EXPECT_EQ(made.version, 2);
    EXPECT_EQ(look("select string_agg(total || ':' || coalesce(received_by, '-'), ' ' order by version) from reports"),
              "5:- 9:fax");
    EXPECT_EQ(look("select state from received_reports"), "corrected");
    // The clinic's own correction of that is its own again.
    const auto again = must(open_to_corrections.correct(clinic,
                                                        {.organization = region.facility.id,
                                                         .date = today(),
                                                         .seen_version = 2,
                                                         .kind = ReportKind::zero,
                                                         .counts = {},
                                                         .reason = "誤り"},
                                                        world.now()));
    EXPECT_FALSE(again.proxy);
    EXPECT_EQ(look("select received_by is null from reports where version = 3"), "t");
}

TEST_F(ProxyReportsTest, WhatCameTwiceIsRegisteredOnce) {
    const auto id = received();
    const auto twice = receive(center, region.facility.id);
    EXPECT_EQ(outcome(twice), "received_already");
    EXPECT_EQ(twice.error().values.at("id"), std::to_string(id));
}

TEST_F(ProxyReportsTest, OfTwoWhoTypeAtOnceOneIsKept) {
    const auto id = received();
    type(id, typed({"3"}));
    EXPECT_EQ(outcome(service.save(center, id, 1, typed({"4"}), world.now())), "received_changed");
    EXPECT_EQ(outcome(submit(id, 1)), "received_changed");
    EXPECT_EQ(look("select count(*) from reports"), "0");
}

TEST_F(ProxyReportsTest, ThePressOfTheClinicAndOfTheCenterAtOnceMakeOneReport) {
    const auto id = received();
    const auto version = type(id, typed({"9"}));
    const auto opening = must(daily.entry(clinic, std::nullopt, world.now())).opening;
    must(daily.save(clinic, {opening, 0, typed({"5"})}, world.now()));
    auto theirs = std::async(std::launch::async, [&] { return daily.submit_draft(clinic, today(), 1, world.now()); });
    const auto ours = submit(id, version);
    const auto own = theirs.get();
    EXPECT_NE(ours.has_value(), own.has_value());
    EXPECT_EQ(outcome(ours.has_value() ? own : ours), "already_reported");
    EXPECT_EQ(look("select count(*) from reports"), "1");
}

TEST_F(ProxyReportsTest, OnlyTheHealthCenterAboveTypesAndNeverItsOwnAggregate) {
    const auto id = received();
    EXPECT_EQ(outcome(receive(stranger, region.facility.id)), "not_found");
    EXPECT_EQ(outcome(service.form(stranger, id, world.now())), "not_found");
    EXPECT_EQ(outcome(service.save(stranger, id, 1, typed({"1"}), world.now())), "not_found");
    EXPECT_EQ(outcome(service.submit(stranger, id, 1, ReportKind::zero, world.now())), "not_found");
    EXPECT_EQ(outcome(service.finish(stranger, id, ReceivedState::dropped, "x", world.now())), "not_found");
    EXPECT_THAT(must(service.waiting(stranger, world.now())), IsEmpty());
    EXPECT_EQ(outcome(receive(clinic, region.facility.id)), "forbidden");
    EXPECT_EQ(outcome(receive(region.prefecture_admin, region.facility.id)), "forbidden");
    EXPECT_EQ(outcome(receive(center, region.health_center.id)), "organization:proxy_kind");
}

TEST_F(ProxyReportsTest, UnusualFiguresWaitForALookAndCountAllTheSame) {
    const auto report = reported_by_the_clinic({10'000});
    const auto waiting = must(service.unusual(center, world.now()));
    ASSERT_THAT(waiting, SizeIs(1));
    EXPECT_THAT(reports::warnings_from(waiting[0].warnings), SizeIs(1));
    EXPECT_THAT(must(service.unusual(stranger, world.now())), IsEmpty());
    EXPECT_EQ(outcome(service.review(stranger, report.id, {"seen", ""}, world.now())), "not_found");
    EXPECT_EQ(outcome(service.review(clinic, report.id, {"seen", ""}, world.now())), "forbidden");
    EXPECT_EQ(outcome(service.review(center, report.id, {"asked", ""}, world.now())), "note:required");
    must(service.review(center, report.id, {"asked", "10代の人数"}, world.now()));
    EXPECT_EQ(must(daily.day(clinic, today(), world.now())).versions.at(0).review_note, "10代の人数");
    EXPECT_EQ(must(service.count_unusual(center, world.now())), 1);
    must(service.review(center, report.id, {"seen", ""}, world.now()));
    EXPECT_EQ(must(service.count_unusual(center, world.now())), 0);
    EXPECT_EQ(outcome(service.review(center, report.id, {"seen", ""}, world.now())), "changed_meanwhile");
    EXPECT_EQ(look("select total from reports"), "10000");
}

TEST_F(ProxyReportsTest, VersionsOfOthersAreSeenWithinTheJurisdiction) {
    reported_by_the_clinic({5});
    EXPECT_THAT(must(daily.day_of(center, region.facility.id, today(), world.now())).versions, SizeIs(1));
    EXPECT_THAT(must(daily.day_of(region.prefecture_admin, region.facility.id, today(), world.now())).versions,
                SizeIs(1));
    EXPECT_EQ(outcome(daily.day_of(stranger, region.facility.id, today(), world.now())), "not_found");
}

}  // namespace
}  // namespace madoguchi::test
