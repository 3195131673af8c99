// The epidemic curve against a real database: each organization once a day, versions as of an instant, adjustments and
// follow-up centres apart, jurisdiction (S16).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "reports/curve_service.hpp"
#include "reports/daily_report_service.hpp"
#include "support/world.hpp"

namespace madoguchi::test {
namespace {

using directory::Principal;
using directory::Role;
using reports::CurveQuestion;
using reports::days_before;
using reports::ReportDate;
using std::chrono::hours;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class CurveTest : public ::testing::Test {
protected:
    CurveTest() {
        world.clock.set(reports::begin_of(*reports::report_date("2026-06-02")) + hours(15));
        world.look("update organizations set created_at = '2026-05-01'");
        center = world.principal(Role::health_center_staff, region.health_center);
        clinic = with_account(world.principal(Role::facility_staff, region.facility));
        neighbour = with_account(world.principal(Role::facility_staff, region.other_facility));
        follow_up = with_account(world.principal(Role::facility_staff, region.follow_up_center));
    }

    Principal with_account(Principal principal) {
        principal.account = world.issue(region.health_center_admin, region.facility).account.id;
        return principal;
    }
    ReportDate today() { return reports::date_at(world.now()); }
    static reports::AgeBandCounts people(std::int64_t count) {
        reports::AgeBandCounts out;
        out.of.at(3) = count;
        return out;
    }
    reports::Report report(const Principal& who, std::int64_t count,
                           std::optional<reports::Adjustment> adjustment = std::nullopt) {
        return must(daily.submit(who,
                                 {.date = today(),
                                  .kind = reports::kind_of(people(count)),
                                  .counts = people(count),
                                  .adjustment = std::move(adjustment),
                                  .key = reports::to_text(today())},
                                 reports::ReportChannel::api, reports::Mode::real, world.now()));
    }
    CurveQuestion asked() { return {.from = days_before(today(), 6), .to = today(), .as_of = world.now()}; }
    reports::Curve figures(const Principal& who, const CurveQuestion& question) {
        return must(service.figures(who, question, world.now()));
    }

    World world;
    Region region = world.region();
    reports::DailyReportService daily{{.database = world.database,
                                       .audit = world.audit,
                                       .token_key = world.token_key,
                                       .policy = {.corrections = reports::Corrections::same_day}}};
    reports::CompletenessService completeness{{.database = world.database, .audit = world.audit}};
    reports::CurveService service{world.database, completeness};
    Principal center;
    Principal clinic;
    Principal neighbour;
    Principal follow_up;
};

TEST_F(CurveTest, ACorrectionReplacesAndAnEarlierInstantStillShowsWhatItReplaced) {
    report(clinic, 5);
    report(neighbour, 10);
    const Instant first = world.now();
    world.clock.advance(hours(1));
    must(daily.correct(clinic,
                       {.organization = region.facility.id,
                        .date = today(),
                        .seen_version = 1,
                        .kind = reports::ReportKind::figures,
                        .counts = people(7),
                        .reason = "一人多かった"},
                       world.now()));
    auto question = asked();
    const auto now = figures(center, question).at(today());
    EXPECT_EQ(now.organizations.total(), 17) << "seven and ten, not five and seven and ten";
    EXPECT_EQ(now.received, 2) << "two versions are one report";
    question.as_of = first;
    const auto then = figures(center, question).at(today());
    EXPECT_EQ(then.organizations.total(), 15);
    EXPECT_EQ(then.received, 2);
    question.as_of = first - hours(1);
    EXPECT_EQ(figures(center, question).at(today()).received, 0) << "before anybody had reported";
    EXPECT_EQ(figures(center, asked()).size(), 7U) << "days without a report too";
}

TEST_F(CurveTest, AdjustmentsAndFollowUpCentresAreInNoTotalUnasked) {
    const auto yesterday = today();
    report(clinic, 5);
    world.clock.advance(hours(24));
    report(clinic, 6, reports::Adjustment{.date = yesterday, .differences = people(-2), .reason = "数え直した"});
    report(follow_up, 100);
    const auto found = figures(center, asked());
    EXPECT_EQ(found.at(yesterday).organizations.total(), 5) << "as it was reported";
    EXPECT_EQ(found.at(yesterday).adjustments.total(), -2);
    EXPECT_EQ(found.at(today()).organizations.total(), 6);
    EXPECT_EQ(found.at(today()).follow_up.total(), 100);
    EXPECT_EQ(found.at(today()).counted(true).total(), 106);
    EXPECT_EQ(found.at(today()).adjustments.total(), 0);
}

TEST_F(CurveTest, OneDayLeadsDownToWhoReportedIt) {
    report(clinic, 5);
    report(neighbour, 10);
    report(follow_up, 3);
    CurveQuestion question{.from = today(), .to = today(), .as_of = world.now()};
    auto day = must(service.day(region.prefecture_admin, question, {}, 2, world.now()));
    ASSERT_THAT(day.reports, SizeIs(2));
    EXPECT_TRUE(day.more);
    EXPECT_EQ(day.reports[0].organization.id, region.other_facility.id);
    EXPECT_EQ(day.reports[1].total, 5);
    ASSERT_THAT(day.units, SizeIs(1));
    EXPECT_EQ(day.units[0].organizations, 15);
    EXPECT_EQ(day.units[0].follow_up, 3);
    day = must(service.day(region.prefecture_admin, question, day.reports[1].organization.id, 2, world.now()));
    ASSERT_THAT(day.reports, SizeIs(1));
    EXPECT_EQ(day.reports[0].kind, "follow_up_center");
    EXPECT_FALSE(day.more);
}

TEST_F(CurveTest, ACentreSeesTheFiguresOfItsOwnAlone) {
    report(clinic, 5);
    const auto there = world.region();
    EXPECT_EQ(figures(there.health_center_admin, asked()).at(today()).organizations.total(), 0);
    auto question = asked();
    question.under = region.health_center.id;
    EXPECT_EQ(outcome(service.figures(there.health_center_admin, question, world.now())), "not_found");
    EXPECT_EQ(outcome(service.day(there.health_center_admin, question, {}, 10, world.now())), "not_found");
    EXPECT_EQ(figures(region.prefecture_admin, question).at(today()).organizations.total(), 5);
    question.under = {};
    question.from = today();
    EXPECT_THAT(must(service.day(there.health_center_admin, question, {}, 10, world.now())).reports, IsEmpty());
    for (const auto role : {Role::facility_admin, Role::facility_staff}) {
        EXPECT_EQ(outcome(service.figures(world.principal(role, region.facility), asked(), world.now())), "forbidden");
    }
}

}  // namespace
}  // namespace madoguchi::test
