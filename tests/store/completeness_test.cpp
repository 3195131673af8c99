// Completeness against a real database: who is silent, expected days by schedule, jurisdiction (S16), messages to those
// whose report is missing: once a day, also when many press at once.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "reports/daily_report_service.hpp"
#include "reports/missing_report_service.hpp"
#include "reports/report_schedule_service.hpp"
#include "support/world.hpp"

namespace madoguchi::test {
namespace {

using directory::OrganizationKind;
using directory::Principal;
using directory::Role;
using reports::CompletenessQuestion;
using reports::Concern;
using reports::DayMark;
using reports::days_before;
using reports::ReportDate;
using reports::ReportKind;
using reports::Schedule;
using reports::Shown;
using std::chrono::hours;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class CompletenessTest : public ::testing::Test {
protected:
    CompletenessTest() {
        // Tuesday, 2 June 2026, 15:00 in Japan: no holiday for weeks.
        world.clock.set(reports::begin_of(*reports::report_date("2026-06-02")) + hours(15));
        world.look("update organizations set created_at = '2026-05-01'");
        center = with_account(world.principal(Role::health_center_staff, region.health_center));
        issuer = with_account(region.health_center_admin);
    }

    // Reports and schedules name the account that made them, so it must be there.
    Principal with_account(Principal principal) {
        principal.account = world.issue(region.health_center_admin, region.facility).account.id;
        principal.name = "山野 みどり" + std::to_string(principal.account.value);
        return principal;
    }
    ReportDate today() { return reports::date_at(world.now()); }
    CompletenessQuestion asked() { return {.from = days_before(today(), 6), .to = today()}; }
    CompletenessQuestion asked(Shown shown) {
        auto question = asked();
        question.shown = shown;
        return question;
    }
    /// Somebody of `place` reports for the day that was `back` days ago, as it was then.
    void report(const directory::OrganizationRef& place, int back, hours after_midnight = hours(16), int people = 3) {
        auto who = with_account(world.principal(Role::facility_staff, place));
        const auto date = days_before(today(), back);
        const auto at = reports::begin_of(date) + after_midnight;
        for (auto& grant : who.grants) {
            grant.from = at;
        }
        reports::AgeBandCounts counts;
        counts.of.at(0) = people;
        must(daily.submit(who,
                          {.date = date,
                           .kind = reports::kind_of(counts),
                           .counts = counts,
                           .adjustment = std::nullopt,
                           .key = std::to_string(back)},
                          reports::ReportChannel::api, reports::Mode::real, at));
    }
    std::vector<std::string> names(const reports::Completeness& found) {
        std::vector<std::string> out;
        for (const auto& row : found.rows) {
            out.push_back(row.standing.organization.name);
        }
        return out;
    }
    reports::Completeness show(const Principal& who, const CompletenessQuestion& question) {
        return must(service.show(who, question, world.now()));
    }
    reports::CompletenessRow row(const directory::OrganizationRef& place) {
        return must(service.organization(center, place.id, world.now())).row;
    }

    World world;
    Region region = world.region();
    reports::ReportPolicy policy = {.deadline = hours(17)};
    reports::DailyReportService daily{
        {.database = world.database, .audit = world.audit, .token_key = world.token_key, .policy = policy}};
    reports::CompletenessService service{{.database = world.database, .audit = world.audit, .policy = policy}};
    reports::ReportScheduleService schedules{{.database = world.database, .audit = world.audit}};
    std::atomic<int> told = 0;
    std::atomic<int> phones = 1;
    reports::MissingReportService missing{
        {.database = world.database,
         .audit = world.audit,
         .completeness = service,
         .tell = [this](db::Transaction&, const reports::MissingReport&, Instant) -> Result<int> {
             told += phones;
             return phones.load();
         }}};
    Principal center;
    Principal issuer;
};

TEST_F(CompletenessTest, ReceivedOverExpectedByDayAndWhoIsSilent) {
    for (const int back : {6, 5, 4}) {  // 27, 28, 29 May
        report(region.facility, back);
    }
    for (const int back : {6, 5, 4, 3, 1, 0}) {  // not on Sunday, 31 May
        report(region.other_facility, back, back == 5 ? hours(18) : hours(14));
    }
    const auto found = show(center, asked());
    EXPECT_THAT(names(found),
                ElementsAre(region.facility.name, region.other_facility.name, region.follow_up_center.name))
        << "silent ones first, those that never reported last";
    EXPECT_EQ(found.rows[0].silence.days, 2) << "Saturday and Monday, not Sunday, and not today before its deadline";
    EXPECT_EQ(found.rows[0].marks.at(days_before(today(), 3)), DayMark::silent);
    EXPECT_EQ(found.rows[0].marks.at(days_before(today(), 2)), DayMark::none);
    EXPECT_EQ(found.rows[0].marks.at(today()), DayMark::due);
    EXPECT_EQ(found.rows[1].marks.at(days_before(today(), 5)), DayMark::late);
    EXPECT_EQ(found.rows[1].silence.days, 0);
    EXPECT_EQ(found.rows[1].received, 6);
    EXPECT_EQ(found.rows[1].on_time, 5);
    EXPECT_EQ(found.rows[2].standing.concern, Concern::never);
    EXPECT_EQ(found.today.received, 1);
    EXPECT_EQ(found.today.expected, 3);
    EXPECT_EQ(found.today.silent, 2);
    const auto friday = found.days.at(days_before(today(), 5));
    EXPECT_EQ(friday.received, 2);
    EXPECT_EQ(friday.expected, 3);
    EXPECT_EQ(friday.on_time, 1);
    EXPECT_EQ(found.days.at(days_before(today(), 2)).expected, 0) << "nobody on a Sunday";
    EXPECT_THAT(names(show(center, asked(Shown::silent))),
                ElementsAre(region.facility.name, region.follow_up_center.name));
    EXPECT_THAT(names(show(center, asked(Shown::never))), ElementsAre(region.follow_up_center.name));
    EXPECT_EQ(must(service.count_silent(center, world.now())), 2);
}

TEST_F(CompletenessTest, AReportThatNobodyExpectedRaisesTheBase) {
    report(region.facility, 2);  // on Sunday
    const auto sunday = show(center, asked()).days.at(days_before(today(), 2));
    EXPECT_EQ(sunday.received, 1);
    EXPECT_EQ(sunday.expected, 1) << "1 of 1, never 1 of 0";
}

TEST_F(CompletenessTest, ACorrectionCountsOnceAndIsMarked) {
    report(region.facility, 1);
    world.look(
        "insert into reports (prefecture_code, organization_id, organization_path, organization_kind, report_date, "
        "version, kind, age_0, age_1_4, age_5_9, age_10, age_20, age_30, age_40, age_50, age_60_64, age_65_69, "
        "age_70, age_80, age_90, age_unknown, reason, account_id, account_name, channel, opened_at, submitted_at, "
        "deadline_at, idempotency_key, receipt_number) select prefecture_code, organization_id, "
        "organization_path, organization_kind, report_date, 2, kind, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, "
        "'x', account_id, account_name, channel, opened_at, now(), deadline_at, 'c', 'c' from reports");
    const auto found = show(center, asked());
    EXPECT_EQ(found.days.at(days_before(today(), 1)).received, 1) << "two versions are one report";
    EXPECT_EQ(found.days.at(days_before(today(), 1)).on_time, 1) << "whenever it was corrected";
    const auto shown = row(region.facility);
    EXPECT_EQ(shown.marks.at(days_before(today(), 1)), DayMark::corrected);
    EXPECT_EQ(shown.totals.at(days_before(today(), 1)), 7);
}

TEST_F(CompletenessTest, ADraftIsShownAndARepresentativesEntryIsMarked) {
    const auto clinic = with_account(world.principal(Role::facility_staff, region.facility));
    const auto opening = must(daily.entry(clinic, std::nullopt, world.now())).opening;
    must(daily.save(clinic, {opening, 0, reports::nothing_typed()}, world.now()));
    report(region.other_facility, 1);
    world.look(
        "update reports set proxy_organization_id = organization_id, received_by = 'fax', received_at = submitted_at");
    const auto found = show(center, asked(Shown::draft));
    ASSERT_THAT(found.rows, SizeIs(1));
    EXPECT_EQ(found.rows[0].marks.at(today()), DayMark::draft);
    EXPECT_TRUE(found.rows[0].standing.draft_waits);
    EXPECT_EQ(found.today.drafts, 1);
    EXPECT_EQ(row(region.other_facility).marks.at(days_before(today(), 1)), DayMark::proxy);
}

TEST_F(CompletenessTest, WhatWaitsOnPaperIsNeitherSilentNorAskedAgain) {
    report(region.facility, 8);
    report(region.other_facility, 8);
    EXPECT_THAT(names(show(center, asked(Shown::silent))), Contains(region.facility.name));
    const auto silent = show(center, asked()).today.silent;
    const auto fax = [&](int back) {
        world.look(fmt::format(R"(
            insert into received_reports (prefecture_code, organization_id, organization_path, report_date, received_by, received_at,
                                          proxy_organization_id, proxy_organization_name, registered_at, registered_by, registered_by_name)
            select coalesce(prefecture_code, 0), id, path, '{}', 'fax', now(), {}, '保健所', now(), {}, '保田'
            from organizations where id = {})",
                               reports::to_text(days_before(today(), back)), region.health_center.id.value,
                               center.account.value, region.facility.id.value));
    };
    fax(1);
    const auto found = show(center, asked(Shown::silent));
    EXPECT_THAT(names(found), AllOf(Contains(region.other_facility.name), Not(Contains(region.facility.name))));
    EXPECT_EQ(found.today.silent, silent - 1);
    EXPECT_EQ(found.today.waiting, 0) << "today's are told, not yesterday's";
    EXPECT_EQ(row(region.facility).marks.at(days_before(today(), 1)), DayMark::waiting);
    EXPECT_EQ(row(region.facility).silence.days, 0);
    EXPECT_EQ(row(region.facility).standing.concern, Concern::usual);
    fax(0);
    EXPECT_EQ(show(center, asked()).today.waiting, 1);
    EXPECT_EQ(outcome(missing.remind(center, region.facility.id, world.now())), "reminder_nothing_missing");
    std::int64_t below = 0;
    for (const auto& unit : show(world.principal(Role::prefecture_admin, region.prefecture), asked()).units) {
        below += unit.tally.waiting;
    }
    EXPECT_EQ(below, 1);
}

TEST_F(CompletenessTest, PagesNeitherRepeatNorLeaveOut) {
    report(region.facility, 4);
    report(region.other_facility, 1);
    auto question = asked();
    question.limit = 1;
    std::vector<std::string> seen;
    for (int page = 0; page < 4; ++page) {
        const auto found = must(service.rows(center, question, world.now()));
        EXPECT_EQ(found.more, page < 2) << page;
        for (const auto& one : found.rows) {
            seen.push_back(one.standing.organization.name);
            question.after = one.standing.organization.id;
        }
        if (!found.more) {
            break;
        }
    }
    EXPECT_THAT(seen, ElementsAre(region.facility.name, region.other_facility.name, region.follow_up_center.name));
}

// --- schedules ---

TEST_F(CompletenessTest, AScheduleDecidesOnWhichDaysAReportIsExpected) {
    report(region.facility, 6);  // Wednesday, 27 May
    EXPECT_EQ(row(region.facility).silence.days, 4);
    const auto only_wednesdays = Schedule::of(0b0000100, false);
    const auto changed = must(schedules.change(issuer, region.facility.id, only_wednesdays, 0, world.now()));
    EXPECT_EQ(changed.stored.version, 1);
    EXPECT_EQ(row(region.facility).silence.days, 0) << "days already past too";
    EXPECT_THAT(names(show(center, asked(Shown::silent))), testing::Not(testing::Contains(region.facility.name)));
    EXPECT_EQ(show(center, asked()).today.expected, 2) << "not on a Tuesday";
    EXPECT_EQ(outcome(schedules.change(issuer, region.facility.id, Schedule{}, 0, world.now())), "changed_meanwhile");
    EXPECT_EQ(must(schedules.show(center, region.facility.id, world.now())).stored.schedule, only_wednesdays);
    must(schedules.change(issuer, region.facility.id, only_wednesdays, 1, world.now()));
    EXPECT_EQ(outcome(schedules.change(issuer, region.facility.id, Schedule{}, 1, world.now())), "changed_meanwhile");
    EXPECT_EQ(world.look("select (before::jsonb->'weekdays') || (after::jsonb->'weekdays') from audit_events "
                         "where action = 'report_schedule.change' and outcome = 'done' order by id limit 1"),
              "[1, 2, 3, 4, 5, 6, 3]");
}

TEST_F(CompletenessTest, WhoMayChangeASchedule) {
    EXPECT_FALSE(must(schedules.show(center, region.facility.id, world.now())).may_change) << "staff issue no accounts";
    EXPECT_EQ(outcome(schedules.change(center, region.facility.id, Schedule{}, 0, world.now())), "forbidden");
    EXPECT_EQ(outcome(schedules.change(region.prefecture_admin, region.facility.id, Schedule{}, 0, world.now())),
              "forbidden");
    const auto clinic = with_account(world.principal(Role::facility_admin, region.facility));
    EXPECT_EQ(outcome(schedules.change(clinic, region.facility.id, Schedule{}, 0, world.now())), "forbidden");
    EXPECT_EQ(world.look("select count(*) from report_schedules"), "0");
    EXPECT_EQ(world.look("select count(*) from audit_events where action = 'report_schedule.change' and outcome = "
                         "'refused'"),
              "2");
}

// --- jurisdiction (S16) ---

TEST_F(CompletenessTest, TwoHealthCentresNeverSeeEachOthersOrganizations) {
    const auto there = world.region();
    report(region.facility, 1);
    const auto neighbour = there.health_center_admin;
    EXPECT_THAT(names(show(neighbour, asked())), testing::Not(testing::Contains(region.facility.name)));
    EXPECT_EQ(show(neighbour, asked()).days.at(days_before(today(), 1)).received, 0);
    auto question = asked();
    question.under = region.health_center.id;
    const OrganizationId missing_id{999'999'999};
    EXPECT_EQ(outcome(service.show(neighbour, question, world.now())), "not_found");
    EXPECT_EQ(outcome(service.organization(neighbour, region.facility.id, world.now())), "not_found");
    EXPECT_EQ(outcome(service.organization(neighbour, missing_id, world.now())), "not_found");
    EXPECT_EQ(outcome(schedules.show(neighbour, region.facility.id, world.now())), "not_found");
    EXPECT_EQ(outcome(schedules.change(neighbour, region.facility.id, Schedule{}, 0, world.now())), "not_found");
    EXPECT_EQ(outcome(missing.remind(neighbour, region.facility.id, world.now())), "not_found");
    EXPECT_THAT(must(missing.candidates(neighbour, {region.facility.id}, world.now())), IsEmpty());
    EXPECT_EQ(told, 0);
    // The prefecture looks down into its own centres; a clinic and a helpdesk look nowhere.
    question.under = region.health_center.id;
    EXPECT_THAT(names(show(region.prefecture_admin, question)), testing::Contains(region.facility.name));
    const auto units = show(region.prefecture_admin, asked()).units;
    ASSERT_THAT(units, SizeIs(1));
    EXPECT_EQ(units[0].organization.id, region.health_center.id);
    EXPECT_EQ(units[0].tally.expected, 3);
    for (const auto role : {Role::facility_admin, Role::facility_staff}) {
        EXPECT_EQ(outcome(service.show(world.principal(role, region.facility), asked(), world.now())), "forbidden");
    }
}

TEST_F(CompletenessTest, TheDaysOfTheMonthsAreThoseOfTheReports) {
    for (const int back : {6, 5, 3, 2, 1, 0}) {  // not 29 May; 31 May is the last bit of its month
        report(region.facility, back, back == 2 ? hours(20) : hours(9));
    }
    EXPECT_EQ(world.look("select string_agg(month || ':' || received::bit(31) || ':' || late::bit(31), ' ' order by "
                         "month) from report_months"),
              "2026-05-01:1101100000000000000000000000000:1000000000000000000000000000000 "
              "2026-06-01:0000000000000000000000000000011:0000000000000000000000000000000");
    const auto found = show(center, asked());
    for (const int back : {6, 5, 3, 2, 1, 0}) {
        EXPECT_EQ(found.days.at(days_before(today(), back)).received, 1) << back;
    }
    EXPECT_EQ(found.days.at(days_before(today(), 4)).received, 0);
    EXPECT_EQ(found.days.size(), 7U);
}

TEST_F(CompletenessTest, TheTablesShowTheirJurisdictionAloneWhateverTheQuery) {
    const auto there = world.region();
    must(schedules.change(issuer, region.facility.id, Schedule{}, 0, world.now()));
    report(region.facility, 1);
    world.look("insert into report_reminders values (" + std::to_string(region.facility.id.value) + ", '" +
               region.facility.path + "', '2026-06-02', now(), " + std::to_string(issuer.account.value) + ", 'x', 1)");
    for (const std::string table : {"report_schedules", "report_standings", "report_reminders", "report_months"}) {
        const auto seen = [&](const std::string& path) {
            std::string sql = "begin; set local madoguchi.jurisdiction = '";
            sql.append(path).append("'; select count(*) from ").append(table);
            return run_sql(world.scratch.service_url(), sql);
        };
        EXPECT_EQ(seen(region.health_center.path), "1") << table;
        EXPECT_EQ(seen(there.health_center.path), "0") << table;
        EXPECT_EQ(run_sql(world.scratch.service_url(), "select count(*) from " + table), "0") << table;
    }
}

// --- messages to those whose report is missing ---

TEST_F(CompletenessTest, AMessageGoesOnceADayAlsoWhenManyPressAtOnce) {
    const auto member = world.first_sign_in_by_phone(world.issue(region.health_center_admin, region.facility),
                                                     signin::MethodKind::sms, "090-1234-0001");
    world.clock.set(reports::begin_of(*reports::report_date("2026-06-02")) + hours(15));
    const auto candidates =
        must(missing.candidates(center, {region.facility.id, region.other_facility.id}, world.now()));
    ASSERT_THAT(candidates, SizeIs(2));
    EXPECT_EQ(candidates[0].state, reports::Reminding::ready);
    EXPECT_EQ(candidates[0].people, 1) << "who has a phone, not the accounts that never signed in";
    EXPECT_EQ(candidates[1].state, reports::Reminding::nobody_reachable);
    std::vector<std::future<Result<int>>> answers;
    answers.reserve(20);
    for (int i = 0; i < 20; ++i) {
        answers.push_back(
            std::async(std::launch::async, [&] { return missing.remind(center, region.facility.id, world.now()); }));
    }
    int sent = 0;
    for (auto& answer : answers) {
        const auto result = answer.get();
        sent += result ? 1 : 0;
        EXPECT_TRUE(result || outcome(result) == "reminder_told_today") << outcome(result);
    }
    EXPECT_EQ(sent, 1);
    EXPECT_EQ(told, 1);
    EXPECT_EQ(world.look("select count(*) from report_reminders"), "1");
    EXPECT_EQ(world.look("select count(*) from audit_events where action = 'report.ask' and outcome = 'done'"), "1");
    EXPECT_TRUE(row(region.facility).standing.reminded_at.has_value());
    EXPECT_EQ(outcome(missing.remind(center, region.other_facility.id, world.now())), "reminder_nobody_reachable");
    world.clock.advance(hours(24));
    EXPECT_EQ(must(missing.remind(center, region.facility.id, world.now())), 1) << "another day";
}

TEST_F(CompletenessTest, NothingIsAskedOfWhoHasReportedAndNothingKeptWhereNobodyWasTold) {
    world.first_sign_in_by_phone(world.issue(region.health_center_admin, region.facility), signin::MethodKind::sms,
                                 "090-1234-0001");
    world.clock.set(reports::begin_of(*reports::report_date("2026-06-02")) + hours(15));
    phones = 0;
    EXPECT_EQ(outcome(missing.remind(center, region.facility.id, world.now())), "reminder_nobody_reachable");
    EXPECT_EQ(world.look("select count(*) from report_reminders"), "0") << "rolled back: it may be tried again";
    phones = 1;
    report(region.facility, 0, hours(14));
    EXPECT_EQ(outcome(missing.remind(center, region.facility.id, world.now())), "reminder_nothing_missing");
    EXPECT_EQ(told, 0);
}

}  // namespace
}  // namespace madoguchi::test
