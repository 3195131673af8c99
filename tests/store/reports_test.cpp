// The daily report against a real database: once a day (S25), drafts, adjustments, corrections, jurisdiction (S16).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <set>

#include "reports/daily_report_service.hpp"
#include "reports/report_reminder_service.hpp"
#include "support/world.hpp"

namespace madoguchi::test {
namespace {

using directory::Principal;
using directory::Role;
using reports::AgeBandCounts;
using reports::Corrections;
using reports::DailyReportService;
using reports::Mode;
using reports::Opening;
using reports::ReportChannel;
using reports::ReportDate;
using reports::ReportKind;
using reports::SubmitReport;
using reports::Typed;
using std::chrono::hours;
using std::chrono::minutes;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

AgeBandCounts counts(std::initializer_list<std::int64_t> given) {
    AgeBandCounts out;
    std::copy(given.begin(), given.end(), out.of.begin());
    return out;
}

Typed typed(std::initializer_list<const char*> bands) {
    Typed out = reports::nothing_typed();
    std::copy(bands.begin(), bands.end(), out.bands.begin());
    return out;
}

class ReportsTest : public ::testing::Test {
protected:
    ReportsTest() {
        clinic = with_account(world.principal(Role::facility_staff, region.facility));
        colleague = with_account(world.principal(Role::facility_staff, region.facility));
        neighbour = with_account(world.principal(Role::facility_staff, region.other_facility));
        center = with_account(world.principal(Role::health_center_staff, region.health_center));
        world.clock.set(reports::begin_of(today()) + hours(15));
    }

    // Reports name the account that made them, so it must be there.
    Principal with_account(Principal principal) {
        principal.account = world.issue(region.health_center_admin, region.facility).account.id;
        principal.name = "山野 みどり" + std::to_string(principal.account.value);
        return principal;
    }
    DailyReportService with(Corrections corrections) {
        return DailyReportService({.database = world.database,
                                   .audit = world.audit,
                                   .token_key = world.token_key,
                                   .policy = {.corrections = corrections}});
    }
    ReportDate today() { return reports::date_at(world.now()); }
    SubmitReport figures(std::string key, AgeBandCounts given = counts({1, 2})) {
        return {.date = today(),
                .kind = reports::kind_of(given),
                .counts = given,
                .adjustment = std::nullopt,
                .key = std::move(key)};
    }
    Result<reports::Report> send(const Principal& who, const SubmitReport& command) {
        return service.submit(who, command, ReportChannel::api, Mode::real, world.now());
    }
    Opening opened(const Principal& who) { return must(service.entry(who, std::nullopt, world.now())).opening; }
    reports::Draft saved(const Principal& who, const Opening& opening, const Typed& text, int seen = 0) {
        return must(service.save(who, {opening, seen, text}, world.now()));
    }
    std::string count(const std::string& from) { return world.look("select count(*) from " + from); }

    World world;
    Region region = world.region();
    DailyReportService service = with(Corrections::next_day);
    Principal clinic;
    Principal colleague;
    Principal neighbour;
    Principal center;
};

// --- once a day (S25) ---

TEST_F(ReportsTest, FiftyAtOnceOverTwoServersMakeOneReportAndTheOthersNameIt) {
    db::Database second(connection_to(world.scratch.service_url()), {.connections = 8});
    DailyReportService other({.database = second, .audit = world.audit, .token_key = world.token_key});
    std::vector<std::future<Result<reports::Report>>> answers;
    answers.reserve(50);
    for (int i = 0; i < 50; ++i) {
        answers.push_back(std::async(std::launch::async, [&, i] {
            auto& server = i % 2 == 0 ? service : other;
            return server.submit(clinic, figures("key-" + std::to_string(i), counts({i + 1})), ReportChannel::api,
                                 Mode::real, world.now());
        }));
    }
    std::set<std::string> receipts;
    std::set<std::string> told;
    int conflicts = 0;
    for (auto& answer : answers) {
        const auto result = answer.get();
        if (result) {
            receipts.insert(result->receipt);
        } else {
            EXPECT_EQ(outcome(result), "already_reported");
            EXPECT_EQ(result.error().kind, ErrorKind::conflict);
            told.insert(result.error().values.at("receipt"));
            ++conflicts;
        }
    }
    EXPECT_THAT(receipts, SizeIs(1));
    EXPECT_EQ(conflicts, 49);
    EXPECT_EQ(told, receipts) << "the winner's number";
    EXPECT_EQ(count("reports"), "1");
    EXPECT_EQ(count("audit_events where action = 'report.submit' and outcome = 'done'"), "1");
}

TEST_F(ReportsTest, FiftyTimesTheSameKeyMakeOneReportAndOneReceipt) {
    std::vector<std::future<Result<reports::Report>>> answers;
    answers.reserve(50);
    for (int i = 0; i < 50; ++i) {
        answers.push_back(std::async(std::launch::async, [&] { return send(clinic, figures("once")); }));
    }
    std::set<std::string> receipts;
    for (auto& answer : answers) {
        receipts.insert(must(answer.get()).receipt);
    }
    EXPECT_THAT(receipts, SizeIs(1));
    EXPECT_EQ(count("reports"), "1");
    EXPECT_EQ(outcome(send(clinic, figures("once", counts({9})))), "idempotency_key_reused");
    EXPECT_EQ(must(send(neighbour, figures("once"))).version, 1) << "a key is the organization's own";
    const auto first = figures("once");
    world.clock.advance(hours(24 * 5));
    EXPECT_EQ(must(send(clinic, first)).receipt, *receipts.begin()) << "a retry of days later too";
}

TEST_F(ReportsTest, TheReceiptNamesTheDayAndIsFoundAgainByItsOrganizationOnly) {
    const auto report = must(send(clinic, figures("a")));
    EXPECT_THAT(report.receipt, testing::MatchesRegex("[0-9]{8}-[0-9]{6}"));
    EXPECT_EQ(must(service.receipt(colleague, report.receipt, world.now())).counts, report.counts);
    EXPECT_EQ(outcome(service.receipt(neighbour, report.receipt, world.now())), "not_found");
    EXPECT_EQ(outcome(service.receipt(center, report.receipt, world.now())), "not_found");
}

TEST_F(ReportsTest, ZeroClosedAndFiguresAreThreeThings) {
    must(service.submit_nothing(clinic, opened(clinic), 0, ReportKind::closed, world.now()));
    must(service.submit_nothing(neighbour, opened(neighbour), 0, ReportKind::zero, world.now()));
    EXPECT_EQ(world.look("select string_agg(kind, ' ' order by id) from reports"), "closed zero");
    EXPECT_EQ(outcome(service.submit_nothing(colleague, opened(colleague), 0, ReportKind::zero, world.now())),
              "already_reported");
}

TEST_F(ReportsTest, ZeroByOnePressDoesNotPassOverWhatAColleagueTyped) {
    const auto opening = opened(clinic);
    const auto draft = saved(colleague, opened(colleague), typed({"7"}));
    EXPECT_EQ(outcome(service.submit_nothing(clinic, opening, 0, ReportKind::zero, world.now())), "draft_changed");
    EXPECT_EQ(outcome(service.submit_nothing(clinic, opening, draft.version, ReportKind::closed, world.now())), "ok");
}

// --- midnight ---

TEST_F(ReportsTest, TheDayIsTheOneOnWhichTheFormWasOpened) {
    world.clock.set(reports::end_of(today()) - minutes(2));
    const auto first_day = today();
    const auto opening = opened(clinic);
    world.clock.advance(minutes(4));
    const auto draft = saved(clinic, must(service.opening(opening.sealed, world.now())), typed({"3"}));
    const auto report = must(service.submit_draft(clinic, first_day, draft.version, world.now()));
    EXPECT_EQ(report.date, first_day);
    EXPECT_TRUE(report.late) << "the deadline is 24:00";
    EXPECT_EQ(report.receipt.substr(0, 8), reports::receipt_number(world.now(), 0).substr(0, 8));
    EXPECT_EQ(must(send(clinic, figures("next"))).date, reports::days_before(first_day, -1))
        << "the new day has a report of its own";
    EXPECT_FALSE(must(service.find(clinic, today(), world.now()))->late);
}

TEST_F(ReportsTest, AFormsDayCantBeChosenAndEndsADayLater) {
    auto sealed = opened(clinic).sealed;
    EXPECT_TRUE(service.opening(sealed, world.now()));
    EXPECT_EQ(outcome(service.opening(sealed, world.now() + hours(24 * 2))), "report_too_late");
    const auto dot = sealed.find('.') + 1;
    sealed[dot + 5] = sealed[dot + 5] == '9' ? '8' : '9';
    EXPECT_EQ(outcome(service.opening(sealed, world.now())), "report_too_late");
    for (const auto* bad : {"", ".", "..", "1.2.x", "a.b.c", "99999999999999999999.1.x"}) {
        EXPECT_EQ(outcome(service.opening(bad, world.now())), "report_too_late") << bad;
    }
    auto other = opened(neighbour);
    EXPECT_EQ(outcome(service.save(clinic, {other, 0, typed({"1"})}, world.now())), "not_found")
        << "another clinic's form saves nothing here";
    auto late = figures("late");
    late.date = reports::days_before(today(), 2);
    EXPECT_EQ(outcome(send(clinic, late)), "report_too_late");
    late.date = reports::days_before(today(), -1);
    EXPECT_EQ(outcome(send(clinic, late)), "report_date:report_in_future");
}

// --- drafts ---

TEST_F(ReportsTest, ADraftKeepsWhatWasTypedAndIsSentOnce) {
    const auto opening = opened(clinic);
    EXPECT_EQ(outcome(service.submit_draft(clinic, today(), 1, world.now())), "not_found");
    auto draft = saved(clinic, opening, typed({"２", "x"}));
    EXPECT_EQ(must(service.entry(colleague, std::nullopt, world.now())).draft.typed.bands[1], "x");
    EXPECT_EQ(outcome(service.submit_draft(clinic, today(), draft.version, world.now())), "band_1:count_not_a_number");
    draft = saved(clinic, opening, typed({"２", "1"}), draft.version);
    EXPECT_THAT(must(service.unsent(colleague, world.now())), SizeIs(1));
    const auto report = must(service.submit_draft(clinic, today(), draft.version, world.now()));
    EXPECT_EQ(report.counts, counts({2, 1}));
    EXPECT_EQ(must(service.submit_draft(clinic, today(), draft.version, world.now())).receipt, report.receipt)
        << "pressed twice";
    EXPECT_EQ(outcome(service.submit_draft(colleague, today(), draft.version, world.now())), "already_reported");
    EXPECT_THAT(must(service.unsent(colleague, world.now())), IsEmpty());
    EXPECT_EQ(outcome(service.save(colleague, {opening, draft.version, typed({"7"})}, world.now())),
              "already_reported");
}

TEST_F(ReportsTest, WhoSawAnEarlierDraftChangesNothingAndSendsNothing) {
    const auto opening = opened(clinic);
    const auto first = saved(clinic, opening, typed({"1"}));
    const auto second = saved(colleague, opened(colleague), typed({"2"}), first.version);
    EXPECT_EQ(outcome(service.save(clinic, {opening, first.version, typed({"3"})}, world.now())), "draft_changed");
    EXPECT_EQ(outcome(service.submit_draft(clinic, today(), first.version, world.now())), "draft_changed");
    EXPECT_EQ(must(service.entry(clinic, std::nullopt, world.now())).draft.typed.bands[0], "2");
    EXPECT_EQ(count("reports"), "0");
    must(service.submit_draft(clinic, today(), second.version, world.now()));
}

TEST_F(ReportsTest, TwoPressesAtOnceMakeOneReport) {
    const auto draft = saved(clinic, opened(clinic), typed({"5"}));
    std::vector<std::future<Result<reports::Report>>> answers;
    answers.reserve(20);
    for (int i = 0; i < 20; ++i) {
        answers.push_back(std::async(std::launch::async, [&, i] {
            return service.submit_draft(i % 2 == 0 ? clinic : colleague, today(), draft.version, world.now());
        }));
    }
    std::set<std::string> receipts;
    int done = 0;
    for (auto& answer : answers) {
        const auto result = answer.get();
        EXPECT_THAT(outcome(result), testing::AnyOf("ok", "already_reported"));
        done += result ? 1 : 0;
        receipts.insert(result ? result->receipt : result.error().values.at("receipt"));
    }
    EXPECT_EQ(done, 10) << "whoever won, their other presses get the same receipt";
    EXPECT_THAT(receipts, SizeIs(1));
    EXPECT_EQ(count("reports"), "1");
}

TEST_F(ReportsTest, YesterdaysDraftIsSentUntilTheEndOfToday) {
    const auto draft = saved(clinic, opened(clinic), typed({"4"}));
    const auto date = today();
    world.clock.advance(hours(24));
    EXPECT_EQ(must(service.entry(clinic, std::nullopt, world.now())).unsent.at(0).date, date);
    EXPECT_EQ(must(service.entry(clinic, date, world.now())).draft.typed.bands[0], "4");
    EXPECT_EQ(outcome(service.entry(clinic, reports::days_before(date, 1), world.now())), "not_found")
        << "a day without a draft was not opened";
    world.clock.advance(hours(24));
    EXPECT_EQ(outcome(service.submit_draft(clinic, date, draft.version, world.now())), "report_too_late");
    must(service.forget_old(world.now()));
    EXPECT_EQ(count("report_drafts"), "1");
    must(service.forget_old(world.now() + hours(24 * 61)));
    EXPECT_EQ(count("report_drafts"), "0");
}

TEST_F(ReportsTest, AWarnedFigureIsTypedAgainThenCountsAndIsMarked) {
    auto text = typed({"0", "0", "0", "10000"});
    auto draft = saved(clinic, opened(clinic), text);
    EXPECT_THAT(outcome(service.submit_draft(clinic, today(), draft.version, world.now())),
                HasSubstr("band_3_again:count_again_missing"));
    text.again[3] = "10,000";
    draft = saved(clinic, opened(clinic), text, draft.version);
    EXPECT_EQ(must(service.submit_draft(clinic, today(), draft.version, world.now())).counts.total(), 10'000);
    EXPECT_EQ(world.look("select warnings->0->>'kind' from reports"), "ten_thousand");
    EXPECT_EQ(must(send(neighbour, figures("z", counts({0, 0, 0, 20'000})))).warnings.size(), 1U)
        << "by the API it is marked too";
}

TEST_F(ReportsTest, WhoForgotADraftIsToldOnceFromTheHourOn) {
    std::vector<std::string> told;
    reports::ReportReminderService reminder(
        {.database = world.database,
         .audit = world.audit,
         .tell = [&](db::Transaction&, const reports::ForgottenDraft& draft, ReportDate, Instant) -> Result<void> {
             told.push_back(draft.organization_name + " " + std::to_string(draft.total));
             return {};
         },
         .hour = 17});
    saved(clinic, opened(clinic), typed({"3", "x"}));
    saved(neighbour, opened(neighbour), typed({"4"}));
    world.look("update accounts set state = 'active' where id = " + std::to_string(clinic.account.value));
    EXPECT_EQ(must(reminder.remind(world.now() + hours(1))), 0) << "not yet five";
    EXPECT_EQ(must(reminder.remind(world.now() + hours(2))), 1) << "the neighbour's account is not active";
    EXPECT_EQ(told, std::vector<std::string>{clinic.home.name + " 3"});
    EXPECT_EQ(must(reminder.remind(world.now() + hours(3))), 0) << "once";
    world.look("update accounts set state = 'active' where id = " + std::to_string(neighbour.account.value));
    world.clock.advance(hours(3));
    saved(neighbour, opened(neighbour), typed({"5"}), 1);
    EXPECT_EQ(must(reminder.remind(world.now() + minutes(29))), 0) << "somebody is still typing";
    must(service.submit_draft(neighbour, today(), 2, world.now()));
    EXPECT_EQ(must(reminder.remind(world.now() + hours(1))), 0) << "sent";
    EXPECT_EQ(count("audit_events where action = 'report.remind'"), "1");
}

// --- adjustments and corrections ---

TEST_F(ReportsTest, AnAdjustmentIsALineOfItsOwnDownToWhatWasReported) {
    const auto first_day = today();
    must(send(clinic, figures("a", counts({2, 3}))));
    world.clock.advance(hours(24));
    auto command = figures("b", counts({1}));
    command.adjustment = {first_day, counts({-3}), "二重に数えた"};
    EXPECT_EQ(outcome(send(clinic, command)), "band_0:adjustment_below_zero");
    EXPECT_EQ(count("reports"), "1") << "nothing partly stored";
    command.adjustment->differences = counts({-2, 1});
    must(send(clinic, command));
    const auto week = must(service.week(clinic, world.now()));
    ASSERT_THAT(week, SizeIs(2));
    EXPECT_EQ(week[0].versions.at(0).counts, counts({1})) << "never mixed into a day's figures";
    EXPECT_EQ(week[0].adjustments.at(0).adjustment, *command.adjustment);
    EXPECT_EQ(week[1].versions.at(0).counts, counts({2, 3}));
    world.clock.advance(hours(24));
    auto third = figures("c");
    third.adjustment = {first_day, counts({-1}), "もう一度"};
    EXPECT_EQ(outcome(send(clinic, third)), "band_0:adjustment_below_zero") << "earlier adjustments count";
    auto text = typed({"1"});
    text.adjusted_date = reports::to_text(first_day);
    text.differences[1] = "−４";
    text.adjustment_reason = "あとで分かった";
    auto draft = saved(clinic, opened(clinic), text);
    text.differences[1] = "-5";
    const auto sent = must(service.submit_draft(clinic, today(), draft.version, world.now()));
    EXPECT_EQ(world.look("select total from report_adjustments order by id desc limit 1"), "-4");
    EXPECT_EQ(sent.counts.total(), 1);
}

TEST_F(ReportsTest, ByDefaultNobodyCorrects) {
    must(send(clinic, figures("a")));
    const auto wanted = [&](const Principal& who, DailyReportService& by, int seen) {
        return outcome(by.correct(
            who, {clinic.home.id, reports::date_at(world.now()), seen, ReportKind::figures, counts({5}), "転記の誤り"},
            world.now()));
    };
    EXPECT_EQ(wanted(clinic, service, 1), "correction_not_by_policy");
    EXPECT_EQ(wanted(center, service, 1), "correction_not_by_policy");
    EXPECT_EQ(count("audit_events where action = 'report.correct' and outcome = 'refused'"), "2");
    auto same_day = with(Corrections::same_day);
    EXPECT_EQ(wanted(neighbour, same_day, 1), "not_found");
    EXPECT_EQ(wanted(clinic, same_day, 1), "ok");
    EXPECT_EQ(wanted(colleague, same_day, 1), "changed_meanwhile");
    const auto day = must(same_day.day(clinic, today(), world.now()));
    ASSERT_THAT(day.versions, SizeIs(2)) << "all versions stay visible";
    EXPECT_EQ(day.versions[0].reason, "転記の誤り");
    EXPECT_EQ(day.versions[1].counts, counts({1, 2}));
}

TEST_F(ReportsTest, AfterwardsThoseAboveCorrect) {
    must(send(clinic, figures("a")));
    const auto date = today();
    auto retroactive = with(Corrections::retroactive);
    world.clock.advance(hours(24 * 40));
    const auto prefecture = with_account(world.principal(Role::prefecture_admin, region.prefecture));
    const auto elsewhere = with_account(world.principal(Role::health_center_staff, world.region().health_center));
    const auto wanted = [&](const Principal& who, int seen) {
        return outcome(retroactive.correct(
            who, {clinic.home.id, date, seen, ReportKind::figures, counts({seen + 6}), "調査の結果"}, world.now()));
    };
    EXPECT_EQ(wanted(clinic, 1), "correction_day_over");
    EXPECT_EQ(wanted(elsewhere, 1), "not_found");
    EXPECT_EQ(wanted(center, 1), "ok");
    EXPECT_EQ(wanted(prefecture, 2), "ok");
    EXPECT_EQ(must(retroactive.day(clinic, date, world.now())).versions.size(), 3U);
    EXPECT_EQ(count("audit_events where action = 'report.correct' and outcome = 'done'"), "2");
}

TEST_F(ReportsTest, OfTwoCorrectionsAtOnceOneIsMade) {
    must(send(clinic, figures("a")));
    auto same_day = with(Corrections::same_day);
    std::vector<std::future<std::string>> answers;
    answers.reserve(10);
    for (int i = 0; i < 10; ++i) {
        answers.push_back(std::async(std::launch::async, [&, i] {
            return outcome(same_day.correct(
                clinic, {clinic.home.id, today(), 1, ReportKind::figures, counts({i + 1}), "理由"}, world.now()));
        }));
    }
    int made = 0;
    for (auto& answer : answers) {
        made += answer.get() == "ok" ? 1 : 0;
    }
    EXPECT_EQ(made, 1);
}

// --- who sees and may what (S16, S17, S21) ---

TEST_F(ReportsTest, WhoMayReportIsThePermissionTables) {
    for (const auto role : {Role::ministry_admin, Role::auditor}) {
        EXPECT_EQ(outcome(service.entry(world.principal(role, world.ministry), std::nullopt, world.now())),
                  "forbidden");
    }
    EXPECT_EQ(outcome(send(world.principal(Role::prefecture_admin, region.prefecture), figures("x"))), "forbidden");
    EXPECT_EQ(must(send(center, figures("center"))).organization, region.health_center.id)
        << "a health centre's own report is its own";
    const auto follow_up = with_account(world.principal(Role::facility_staff, region.follow_up_center));
    must(send(follow_up, figures("follow-up")));
    EXPECT_EQ(world.look("select string_agg(organization_kind, ' ' order by id) from reports"),
              "health_center follow_up_center")
        << "the source is kept";
}

TEST_F(ReportsTest, DraftsThatWaitAreOnTheListOfTheirHealthCentreAlone) {
    saved(clinic, opened(clinic), typed({"3"}));
    saved(neighbour, opened(neighbour), typed({"4"}));
    const auto other = world.region();
    const auto elsewhere = world.principal(Role::health_center_admin, other.health_center);
    EXPECT_THAT(must(service.waiting_below(center, world.now())), SizeIs(2));
    EXPECT_EQ(must(service.count_waiting_below(center, world.now())), 2);
    EXPECT_THAT(must(service.waiting_below(elsewhere, world.now())), IsEmpty());
    EXPECT_EQ(outcome(service.waiting_below(clinic, world.now())), "forbidden");
}

TEST_F(ReportsTest, AQueryWithoutAWhereSeesOnlyItsOwnSubtree) {
    const auto other = world.region();
    const auto elsewhere = with_account(world.principal(Role::facility_staff, other.facility));
    for (const auto& who : {clinic, elsewhere}) {
        saved(who, opened(who), typed({"3"}));
        must(send(who, figures("a")));
    }
    world.clock.advance(hours(24));
    for (const auto& who : {clinic, elsewhere}) {
        auto next = figures("b");
        next.adjustment = {reports::days_before(today(), 1), counts({1}), "追加"};
        must(send(who, next));
    }
    for (const std::string table : {"reports", "report_adjustments", "report_drafts"}) {
        const auto seen = [&](const std::string& jurisdiction) {
            std::string sql = "begin; set local madoguchi.jurisdiction = '";
            sql.append(jurisdiction)
                .append("'; select coalesce(string_agg(distinct organization_path, ' '), '') from ");
            return run_sql(world.scratch.service_url(), sql.append(table));
        };
        EXPECT_EQ(seen(region.health_center.path), clinic.home.path) << table;
        EXPECT_EQ(seen(other.prefecture.path), elsewhere.home.path) << table;
        EXPECT_EQ(seen(""), "") << table;
    }
}

TEST_F(ReportsTest, FiguresAreNeverChangedOrDeletedNotEvenByTheService) {
    must(send(clinic, figures("a")));
    const auto refusal = [&](const std::string& sql) {
        try {
            run_sql(world.scratch.service_url(), "begin; set local madoguchi.jurisdiction = '*'; " + sql + "; commit");
        } catch (const std::exception& error) {
            return std::string(error.what());
        }
        return std::string("allowed");
    };
    for (const std::string sql :
         {"update reports set age_0 = 5", "update reports set submitted_at = now()", "delete from reports",
          "update report_adjustments set reason = 'x'", "delete from report_adjustments", "truncate reports"}) {
        EXPECT_THAT(refusal(sql), HasSubstr("permission denied")) << sql;
    }
    EXPECT_EQ(refusal("update reports set review_state = 'seen', reviewed_at = now(), reviewed_by_name = 'x'"),
              "allowed");
}

TEST_F(ReportsTest, AMovedClinicTakesItsReportsAlong) {
    must(send(clinic, figures("a")));
    const auto new_center = world.add(directory::OrganizationKind::health_center, region.prefecture, "別の保健所");
    const auto prefecture = world.principal(Role::prefecture_admin, region.prefecture);
    must(world.organizations.move(prefecture, clinic.home.id, new_center.id, "統合", world.now()));
    EXPECT_THAT(world.look("select organization_path from reports"), testing::StartsWith(new_center.path));
}

TEST_F(ReportsTest, ADryRunSaysWhatWouldBeAndStoresNothing) {
    const auto would = must(service.submit(clinic, figures("a"), ReportChannel::api, Mode::dry_run, world.now()));
    EXPECT_EQ(would.receipt, "");
    EXPECT_EQ(would.counts.total(), 3);
    EXPECT_EQ(count("reports"), "0");
}

TEST_F(ReportsTest, TheHistoryHasSevenDaysNoneBeforeTheFirstReport) {
    EXPECT_THAT(must(service.week(clinic, world.now())), SizeIs(1)) << "today, not reported";
    must(send(clinic, figures("a")));
    world.clock.advance(hours(24 * 3));
    auto week = must(service.week(clinic, world.now()));
    ASSERT_THAT(week, SizeIs(4));
    EXPECT_THAT(week[1].versions, IsEmpty()) << "a silent day is a day";
    EXPECT_THAT(week[3].versions, SizeIs(1));
    world.clock.advance(hours(24 * 30));
    EXPECT_THAT(must(service.week(clinic, world.now())), SizeIs(7));
}

}  // namespace
}  // namespace madoguchi::test
