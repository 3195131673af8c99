// The desk against a real database: callers, unused accounts, applications, the review of roles, requests and the log
// by jurisdiction.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "base/desk_limits.hpp"
#include "base/limits.hpp"
#include "console/audit_reading_service.hpp"
#include "directory/organization_codes.hpp"
#include "support/world.hpp"

namespace madoguchi::test {
namespace {

using accounts::ApplicationState;
using accounts::CallerCheck;
using accounts::Decision;
using accounts::DormancyAct;
using accounts::DormancyState;
using accounts::HelpdeskEnd;
using directory::Mode;
using directory::OrganizationKind;
using directory::OrganizationRef;
using directory::Principal;
using directory::Role;
using signin::MethodKind;
using std::chrono::days;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

/// Each test has a world of its own: the daily task and the counts look at all of it.
class DeskTest : public ::testing::Test {
protected:
    DeskTest() : region(world.region()), other(world.region()) {
        helpdesk = world.principal(Role::helpdesk_operator,
                                   world.add(OrganizationKind::helpdesk, world.ministry, "ヘルプデスク"));
        helpdesk.grants.front().organization = world.ministry;
        facility = world.must_facility(region.health_center, "青葉坂内科", "03-0000-1042");
    }

    struct WorldWithClinics : World {
        OrganizationRef must_facility(const OrganizationRef& center, const std::string& name,
                                      const std::string& phone) {
            const Principal by = principal(Role::health_center_admin, center);
            const auto code = directory::make_institution_code(13, directory::ScoreTable::medical, 77, ++clinics);
            return directory::ref(must(organizations.create(by,
                                                            {.kind = OrganizationKind::facility,
                                                             .parent = center.id,
                                                             .name = name,
                                                             .kana = "アオバザカナイカ",
                                                             .institution_code = code,
                                                             .local_government_code = {},
                                                             .phone = phone,
                                                             .postal_code = {},
                                                             .address = "東京都青葉市中央1-1"},
                                                            Mode::real, now()))
                                      .organization);
        }
        int clinics = 0;
    };

    Member member_with_phone() {
        return world.first_sign_in_by_phone(world.issue(region.health_center_admin, facility), MethodKind::sms,
                                            fmt::format("090-4004-{:04}", ++phones));
    }
    std::string code_end(const OrganizationRef& place) {
        return world.look(
            fmt::format("select right(institution_code, 4) from organizations where id = {}", place.id.value));
    }
    std::string check(accounts::HelpdeskCaseId id, CallerCheck what, const std::string& said) {
        const auto result = world.helpdesk.check(helpdesk, id, what, said, world.now());
        return result ? (*result ? "matched" : "differs") : outcome(result);
    }
    void answer_all(accounts::HelpdeskCaseId id) {
        EXPECT_EQ(check(id, CallerCheck::person, "やまだ はなこ"), "matched");
        EXPECT_EQ(check(id, CallerCheck::organization, code_end(facility)), "matched");
        EXPECT_EQ(check(id, CallerCheck::callback, "03-0000-1042"), "matched");
    }

    WorldWithClinics world;
    Region region;
    Region other;
    Principal helpdesk;
    OrganizationRef facility;
    int phones = 0;
};

// --- helpdesk ---

TEST_F(DeskTest, AVerifiedCallerIsUnlockedOrGetsACodeOnTheRegisteredPhoneOnly) {
    const auto who = member_with_phone();
    const auto found = must(world.helpdesk.find(helpdesk, "青葉坂　やまだ", world.now()));
    ASSERT_THAT(found, SizeIs(1));
    EXPECT_THAT(found[0].login_id, HasSubstr("••"));
    EXPECT_EQ(found[0].person, "山田 花••");
    EXPECT_EQ(world.look("select count(*) from audit_events where action = 'helpdesk.find' and after like '%" +
                         who.account.login_id + "%'"),
              "1")
        << "every look-up is audited";
    const auto opened = must(world.helpdesk.open(helpdesk, found[0].id, world.now()));
    EXPECT_EQ(outcome(world.helpdesk.finish(helpdesk, opened, HelpdeskEnd::start_reset, world.now())),
              "helpdesk_not_verified");
    answer_all(opened);
    const auto ended = must(world.helpdesk.finish(helpdesk, opened, HelpdeskEnd::start_reset, world.now()));
    EXPECT_EQ(ended.record.outcome, "start_reset");
    EXPECT_THAT(ended.record.sent_to, HasSubstr("****"));
    EXPECT_EQ(world.look("select count(*) from messages where purpose = 'reset_code'"), "1");
    EXPECT_EQ(outcome(world.helpdesk.finish(helpdesk, opened, HelpdeskEnd::unlock, world.now())), "helpdesk_case_over")
        << "one call, one act";
    for (const auto& step : ended.second_steps) {
        EXPECT_THAT(step.masked_phone, SizeIs(2)) << "two digits of a number and no more";
    }
    const auto again = must(world.helpdesk.open(helpdesk, found[0].id, world.now()));
    answer_all(again);
    must(world.helpdesk.finish(helpdesk, again, HelpdeskEnd::unlock, world.now()));
    EXPECT_EQ(world.audited("account.unlock", "done", who.account.login_id), 1);
    EXPECT_EQ(world.audited("helpdesk.check", "done", who.account.login_id), 6);
    EXPECT_EQ(world.look("select count(*) from audit_events where after like '%はなこ%'"), "0")
        << "what was said is stored nowhere";
}

TEST_F(DeskTest, ThreeTriesAQuestionThenOnlyUnverified) {
    const auto who = member_with_phone();
    const auto opened = must(world.helpdesk.open(helpdesk, who.account.id, world.now()));
    EXPECT_EQ(check(opened, CallerCheck::person, " "), "person:required") << "an empty answer uses no try";
    for (int i = 0; i < limits::kHelpdeskTries; ++i) {
        EXPECT_EQ(check(opened, CallerCheck::person, "すずき いちろう"), "differs");
    }
    EXPECT_EQ(check(opened, CallerCheck::person, "山田花子"), "helpdesk_case_over");
    EXPECT_TRUE(must(world.helpdesk.view(helpdesk, opened, world.now())).hopeless);
    EXPECT_EQ(outcome(world.helpdesk.finish(helpdesk, opened, HelpdeskEnd::unlock, world.now())),
              "helpdesk_not_verified");
    must(world.helpdesk.finish(helpdesk, opened, HelpdeskEnd::unverified, world.now()));
    EXPECT_EQ(world.audited("helpdesk.unverified", "done", who.account.login_id), 1);
}

TEST_F(DeskTest, CallersWhoRingAgainAndAgainAreStoppedAlsoInParallel) {
    const auto who = member_with_phone();
    std::vector<accounts::HelpdeskCaseId> cases;
    for (int i = 0; i < 10; ++i) {
        cases.push_back(must(world.helpdesk.open(helpdesk, who.account.id, world.now())));
    }
    std::vector<std::future<std::string>> said;
    for (int i = 0; i < 30; ++i) {
        said.push_back(std::async(std::launch::async, [&, i] {
            return check(cases[static_cast<std::size_t>(i % 10)], CallerCheck::organization, "9999");
        }));
    }
    int compared = 0;
    for (auto& one : said) {
        compared += one.get() == "differs" ? 1 : 0;
    }
    EXPECT_EQ(compared, limits::kHelpdeskMismatchesPerAccountDay);
    EXPECT_EQ(check(cases[9], CallerCheck::person, "山田花子"), "helpdesk_too_many");
    world.clock.advance(days(1) + std::chrono::minutes(1));
    const auto fresh = must(world.helpdesk.open(helpdesk, who.account.id, world.now()));
    EXPECT_EQ(check(fresh, CallerCheck::person, "山田花子"), "matched") << "the owner is not kept out for good";
}

TEST_F(DeskTest, TheHelpdeskCannotBeTalkedIntoMore) {
    const auto who = member_with_phone();
    const auto administrator = world.principal(Role::facility_admin, facility);
    EXPECT_EQ(outcome(world.helpdesk.open(helpdesk, administrator.account, world.now())), "higher_role");
    EXPECT_EQ(outcome(world.helpdesk.open(region.health_center_admin, who.account.id, world.now())), "forbidden")
        << "administrators have pages of their own";
    const auto opened = must(world.helpdesk.open(helpdesk, who.account.id, world.now()));
    auto colleague = world.principal(Role::helpdesk_operator, world.ministry);
    EXPECT_EQ(outcome(world.helpdesk.view(colleague, opened, world.now())), "not_found") << "a case is one's own";
    answer_all(opened);
    world.clock.advance(limits::kHelpdeskCaseLife);
    EXPECT_EQ(outcome(world.helpdesk.finish(helpdesk, opened, HelpdeskEnd::unlock, world.now())), "helpdesk_case_over");
    EXPECT_EQ(world.audited("account.unlock", "done", who.account.login_id), 0);
    EXPECT_EQ(outcome(world.helpdesk.find(helpdesk, "a", world.now())), "q:too_short");
}

TEST_F(DeskTest, AHelpdeskOfOnePrefectureFindsNobodyOfAnother) {
    const auto who = member_with_phone();
    const auto local = world.principal(Role::helpdesk_operator, other.prefecture);
    EXPECT_THAT(must(world.helpdesk.find(local, "青葉坂", world.now())), IsEmpty());
    EXPECT_EQ(outcome(world.helpdesk.open(local, who.account.id, world.now())),
              outcome(world.helpdesk.open(local, AccountId{999'999'999}, world.now())));
}

// --- unused accounts ---

TEST_F(DeskTest, UnusedAccountsAreListedWarnedAndSuspendedByTheDailyTask) {
    const auto never = world.issue(region.health_center_admin, facility);
    const auto used = member_with_phone();
    world.clock.advance(days(29));
    world.sign_in_again(used);
    must(world.dormancy.run_daily(world.now()));
    EXPECT_THAT(must(world.dormancy.list(region.health_center_admin, {}, world.now())), IsEmpty());
    world.clock.advance(days(1));
    must(world.dormancy.run_daily(world.now()));
    const auto listed = must(world.dormancy.list(region.health_center_admin, {}, world.now()));
    ASSERT_THAT(listed, Not(IsEmpty()));
    EXPECT_FALSE(must(world.dormancy.run_daily(world.now())).has_value()) << "once a day";
    EXPECT_EQ(world.audited("account.warn_unused", "done", never.account.login_id), 1);
    world.clock.advance(days(13));
    must(world.dormancy.run_daily(world.now()));
    EXPECT_EQ(world.account(never.account.id).state, accounts::AccountState::pending);
    world.clock.advance(days(1));
    must(world.dormancy.run_daily(world.now()));
    EXPECT_EQ(world.account(never.account.id).state, accounts::AccountState::suspended);
    EXPECT_EQ(world.audited("account.suspend", "done", never.account.login_id), 1);
    world.clock.advance(days(90));
    must(world.dormancy.run_daily(world.now()));
    EXPECT_EQ(world.look("select count(*) from messages where purpose = 'account_unused'"), "1")
        << "whoever has a phone is told";
    world.clock.advance(days(14));
    must(world.dormancy.run_daily(world.now()));
    EXPECT_EQ(world.account(used.account.id).state, accounts::AccountState::suspended);
    EXPECT_EQ(outcome(world.check(used.session)), "session_lost");
}

TEST_F(DeskTest, ABacklogOfSeveralPortionsIsWarnedWithinTheDay) {
    const auto first = world.issue(region.health_center_admin, facility);
    const int more = 2 * limits::kDormantBatch + 1;
    run_sql(world.scratch.superuser_url(), fmt::format(R"(
        insert into accounts (login_id, login_key, organization_id, organization_path, family_name, given_name, search, state, password_phc, created_at)
        select 'backlog-' || n || '@example', 'backlog-' || n || '@example', a.organization_id, a.organization_path, '山田', '緑', '', 'pending', 'none', a.created_at
        from accounts a cross join generate_series(1, {}) as n where a.id = {})",
                                                       more, first.account.id.value));
    world.clock.advance(days(30));
    must(world.dormancy.run_daily(world.now()));
    EXPECT_EQ(world.look("select count(*) from dormant_accounts d join accounts a on a.id = d.account_id where "
                         "a.login_id like 'backlog-%'"),
              std::to_string(more));
}

TEST_F(DeskTest, SigningInEndsTheWarningAndAResumedOneHasItAllAgain) {
    const auto who = member_with_phone();
    world.clock.advance(days(90));
    must(world.dormancy.run_daily(world.now()));
    world.sign_in_again(who);
    world.clock.advance(days(14));
    must(world.dormancy.run_daily(world.now()));
    EXPECT_EQ(world.account(who.account.id).state, accounts::AccountState::active);
    world.clock.advance(days(90));
    must(world.dormancy.run_daily(world.now()));
    world.clock.advance(days(14));
    must(world.dormancy.run_daily(world.now()));
    ASSERT_EQ(world.account(who.account.id).state, accounts::AccountState::suspended);
    must(world.accounts.act(region.health_center_admin, who.account.id, accounts::AccountAct::resume, "復帰",
                            Mode::real, world.now()));
    world.clock.advance(days(1));
    must(world.dormancy.run_daily(world.now()));
    EXPECT_EQ(world.account(who.account.id).state, accounts::AccountState::active) << "warned anew, not suspended";
    world.clock.advance(days(14));
    must(world.dormancy.run_daily(world.now()));
    EXPECT_EQ(world.account(who.account.id).state, accounts::AccountState::suspended);
}

TEST_F(DeskTest, AKeptOneIsLeftAloneForASeasonAndTheMinistryNeverLocksItselfOut) {
    const auto who = world.issue(region.health_center_admin, facility);
    world.clock.advance(days(30));
    must(world.dormancy.run_daily(world.now()));
    const auto decide = [&](const Principal& by, DormancyAct act, const std::string& reason) {
        return outcome(world.dormancy.decide(by, who.account.id, act, reason, world.now()));
    };
    EXPECT_EQ(decide(other.health_center_admin, DormancyAct::keep, "長期休診"), "not_found");
    EXPECT_EQ(decide(region.health_center_admin, DormancyAct::keep, ""), "reason:reason_required");
    EXPECT_EQ(decide(region.health_center_admin, DormancyAct::keep, "長期休診"), "ok");
    EXPECT_THAT(must(world.dormancy.list(region.health_center_admin, {.state = DormancyState::kept}, world.now())),
                SizeIs(1));
    world.clock.advance(days(60));
    must(world.dormancy.run_daily(world.now()));
    EXPECT_EQ(world.account(who.account.id).state, accounts::AccountState::pending);
    EXPECT_EQ(decide(region.health_center_admin, DormancyAct::suspend, "閉院"), "ok");
    EXPECT_EQ(world.account(who.account.id).state, accounts::AccountState::suspended);
    EXPECT_EQ(world.account(world.ministry_admin.account).state, accounts::AccountState::pending)
        << "never signed in for 90 days, and still there";
    EXPECT_EQ(
        world.look(fmt::format("select count(*) from dormant_accounts where account_id = {} and suspend_at is null",
                               world.ministry_admin.account.value)),
        "1");
}

TEST_F(DeskTest, TwoServersRunTheDailyTaskOnce) {
    for (int i = 0; i < 3; ++i) {
        world.issue(region.health_center_admin, facility);
    }
    world.clock.advance(days(30));
    std::vector<std::future<void>> servers;
    for (int i = 0; i < 8; ++i) {
        servers.push_back(std::async(std::launch::async, [&] { must(world.dormancy.run_daily(world.now())); }));
    }
    for (auto& server : servers) {
        server.get();
    }
    EXPECT_EQ(
        world.look("select count(*) from (select 1 from audit_events where action = 'account.warn_unused' group by "
                   "target_id having count(*) > 1) as twice"),
        "0");
}

// --- applications ---

class ApplicationsTest : public DeskTest {
protected:
    accounts::ApplyForm form(int number = 1, const std::string& phone = "090-5005-0001") {
        return {.institution_code = directory::make_institution_code(13, directory::ScoreTable::medical, 88, number),
                .institution_name = "新しい内科",
                .institution_kana = "アタラシイナイカ",
                .postal_code = "100-0001",
                .prefecture = "13",
                .address = "青葉市中央2-2",
                .names = {"若葉", "ひかる", "ワカバ", "ヒカル"},
                .phone = phone,
                .by = "sms",
                .note = ""};
    }
    accounts::ApplicantClient client() { return {"192.0.2.55", "test-request", Locale::ja, world.now()}; }
    /// The centre has the number of a prefecture, so that it is offered.
    void settle() { world.look("update organizations set prefecture_code = 13 where kind = 'health_center'"); }
    accounts::Application confirmed(int number = 1, const std::string& phone = "090-5005-0001") {
        const auto visit = must(world.applications.start(form(number, phone), region.health_center.id, client()));
        const auto e164 = World::mobile(phone).e164;
        return must(world.applications.confirm(visit, world.code_sent_to(e164), client()));
    }
};

TEST_F(ApplicationsTest, AClinicWithoutAnIdGetsOneFromItsCentre) {
    settle();
    const auto understood = must(world.applications.read_back(form(), world.now()));
    ASSERT_FALSE(understood.centers.empty());
    EXPECT_EQ(understood.centers.front().id, region.health_center.id) << "a clinic of that town is registered there";
    const auto applied = confirmed();
    EXPECT_EQ(applied.state, ApplicationState::open);
    EXPECT_EQ(must(world.applications.count_open(region.health_center_admin, world.now())), 1);
    const auto details = must(world.applications.show(region.health_center_admin, applied.id, world.now()));
    EXPECT_EQ(details.phone, "090-5005-0001");
    EXPECT_FALSE(details.known.organization);

    must(world.applications.ask(region.health_center_admin, applied.id, "診療科を教えてください", world.now()));
    const auto seen = must(world.applications.look(applied.number, "0001", world.now()));
    EXPECT_EQ(seen.question, "診療科を教えてください");
    must(world.applications.reply(applied.number, "0001", "内科です", client()));
    const auto accepted = must(world.applications.accept(region.health_center_admin, applied.id, world.now()));
    EXPECT_TRUE(accepted.issued.initial_password);
    EXPECT_EQ(accepted.issued.account.organization.name, "新しい内科");
    EXPECT_EQ(must(world.applications.look(applied.number, "0001", world.now())).state, ApplicationState::accepted);
    EXPECT_EQ(outcome(world.applications.accept(region.health_center_admin, applied.id, world.now())),
              "already_decided");
    EXPECT_EQ(outcome(world.applications.decline(region.health_center_admin, applied.id, "x", world.now())),
              "already_decided");
    EXPECT_EQ(
        world.look("select count(*) from messages where purpose in ('application_asked', 'application_accepted')"),
        "2");
    EXPECT_EQ(
        world.look("select count(*) from applications where phone_sealed like '%5005%' or code_digest is not null"),
        "0")
        << "S19";
    world.clock.advance(limits::kResendWait);
    const auto again = confirmed(1, "090-5005-0009");
    const auto known = must(world.applications.show(region.health_center_admin, again.id, world.now())).known;
    EXPECT_TRUE(known.organization);
    EXPECT_EQ(known.accounts, 1) << "the centre sees that there is an account; the applicant does not";
}

TEST_F(ApplicationsTest, OneCentreNeverSeesTheOthersApplications) {
    settle();
    const auto applied = confirmed();
    EXPECT_THAT(must(world.applications.list(other.health_center_admin, {}, world.now())), IsEmpty());
    EXPECT_EQ(must(world.applications.count_open(other.health_center_admin, world.now())), 0);
    const auto now = world.now();
    const auto& by = other.health_center_admin;
    const accounts::ApplicationId missing{999'999};
    EXPECT_EQ(outcome(world.applications.show(by, applied.id, now)),
              outcome(world.applications.show(by, missing, now)));
    EXPECT_EQ(outcome(world.applications.accept(by, applied.id, now)),
              outcome(world.applications.accept(by, missing, now)));
    EXPECT_EQ(outcome(world.applications.decline(by, applied.id, "x", now)),
              outcome(world.applications.decline(by, missing, "x", now)));
    EXPECT_EQ(outcome(world.applications.ask(region.prefecture_admin, applied.id, "x", now)), "forbidden")
        << "a prefecture sees it, its centre decides";
}

TEST_F(ApplicationsTest, ThePublicPartTellsNothingAboutTheDirectory) {
    settle();
    const auto registered =
        world.look(fmt::format("select institution_code from organizations where id = {}", facility.id.value));
    auto known = form();
    known.institution_code = registered;
    const auto first = must(world.applications.read_back(form(), world.now()));
    const auto second = must(world.applications.read_back(known, world.now()));
    EXPECT_EQ(first.centers.size(), second.centers.size());
    EXPECT_EQ(first.centers.front().id, second.centers.front().id);
    EXPECT_EQ(outcome(world.applications.start(known, region.health_center.id, client())), "ok");
    EXPECT_EQ(outcome(world.applications.look("ACDE-FGHJ", "0001", world.now())), "number:application_unknown");
    const auto applied = confirmed(7, "090-5005-0007");
    EXPECT_EQ(outcome(world.applications.look(applied.number, "9999", world.now())), "number:application_unknown");
    EXPECT_EQ(outcome(world.applications.start(form(), OrganizationId{facility.id}, client())),
              "health_center:choice_required");
}

TEST_F(ApplicationsTest, GuessesAtTheCodeAreCountedAndItBelongsToOneBrowser) {
    settle();
    const auto visit = must(world.applications.start(form(), region.health_center.id, client()));
    const auto code = world.code_sent_to(World::mobile("090-5005-0001").e164);
    EXPECT_EQ(outcome(world.applications.confirm(SecretText("somebody-elses"), code, client())), "application_lost");
    for (int i = 0; i < limits::kApplicationCodeFailures; ++i) {
        EXPECT_EQ(outcome(world.applications.confirm(visit, code == "111111" ? "222222" : "111111", client())),
                  "code:wrong_code");
    }
    EXPECT_EQ(outcome(world.applications.confirm(visit, code, client())), "application_lost") << "one more is too many";
    world.clock.advance(limits::kApplicationUnconfirmed);
    must(world.applications.forget_old(world.now()));
    EXPECT_EQ(world.look("select count(*) from applications"), "0") << "what was never confirmed is not kept";
}

TEST_F(ApplicationsTest, CodesAreCappedAndTwoDecisionsHaveOneWinner) {
    settle();
    const auto visit = must(world.applications.start(form(), region.health_center.id, client()));
    EXPECT_EQ(outcome(world.applications.send_again(visit, client())), "resend_wait");
    for (int sent = 1; sent < limits::kApplicationMessages; ++sent) {
        world.clock.advance(limits::kResendWait);
        EXPECT_EQ(outcome(world.applications.send_again(visit, client())), "ok");
    }
    world.clock.advance(limits::kResendWait);
    EXPECT_EQ(outcome(world.applications.send_again(visit, client())), "application_messages");

    const auto applied = confirmed(5, "090-5005-0005");
    std::vector<std::future<std::string>> tries;
    for (int i = 0; i < 8; ++i) {
        tries.push_back(std::async(std::launch::async, [&] {
            return outcome(world.applications.accept(region.health_center_admin, applied.id, world.now()));
        }));
    }
    int won = 0;
    for (auto& one : tries) {
        won += one.get() == "ok" ? 1 : 0;
    }
    EXPECT_EQ(won, 1);
    EXPECT_EQ(
        world.look("select count(*) from accounts a join organizations o on o.id = a.organization_id where o.name = "
                   "'新しい内科'"),
        "1")
        << "one press too many issues nothing";
}

// --- roles ---

TEST_F(DeskTest, RolesAreReviewedOnceAYear) {
    const auto who = member_with_phone();
    const auto& admin = region.health_center_admin;
    const auto due = [&](const Principal& by) {
        std::vector<std::string> out;
        for (const auto& one : must(world.roles.review(by, {}, world.now()))) {
            out.push_back(one.record.login_id);
        }
        return out;
    };
    EXPECT_THAT(due(admin), IsEmpty());
    world.clock.advance(days(365));
    EXPECT_THAT(due(admin), testing::Contains(who.account.login_id));
    EXPECT_THAT(due(other.health_center_admin), Not(testing::Contains(who.account.login_id)));
    const auto grant = who.account.grants.front().id;
    EXPECT_EQ(must(world.roles.confirm(other.health_center_admin, {grant}, world.now())), 0) << "another centre's";
    EXPECT_EQ(must(world.roles.confirm(admin, {admin.grants.front().id}, world.now())), 0)
        << "nobody confirms their own";
    EXPECT_EQ(must(world.roles.confirm(admin, {grant}, world.now())), 1);
    EXPECT_THAT(due(admin), Not(testing::Contains(who.account.login_id)));
    EXPECT_EQ(world.audited("role.confirm", "done", who.account.login_id), 1);
    EXPECT_EQ(outcome(world.roles.confirm(world.principal(Role::facility_staff, facility), {grant}, world.now())),
              "forbidden");
    EXPECT_EQ(outcome(world.roles.reviewed(other.health_center_admin, grant, world.now())), "not_found");
}

// --- requests and the log ---

TEST_F(DeskTest, ARequestIsShownWithinItsJurisdictionAndNeverApprovedByItsRequester) {
    const auto who = member_with_phone();
    const accounts::GrantRole give{
        .account = who.account.id, .organization = facility.id, .role = Role::facility_admin, .reason = "院長"};
    const auto id = *must(world.roles.grant(region.health_center_admin, give, Mode::real, world.now())).approval;
    EXPECT_EQ(must(world.requests.show(region.health_center_admin, id, world.now())).login_id, who.account.login_id);
    EXPECT_EQ(outcome(world.requests.show(other.health_center_admin, id, world.now())), "not_found");
    EXPECT_EQ(outcome(world.requests.decide(region.health_center_admin, id, Decision::approve, "自分で", Mode::real,
                                            world.now())),
              "own_request");
    const auto second = world.principal(Role::health_center_admin, region.health_center);
    must(world.requests.decide(second, id, Decision::approve, "確認した", Mode::real, world.now()));
    accounts::RequestFilter done{.state = "done", .now = world.now(), .order = accounts::RequestOrder::newest_first};
    EXPECT_THAT(must(world.requests.list(second, done, world.now())), SizeIs(1));
}

TEST_F(DeskTest, TheLogIsReadWithinOnesJurisdictionAndItsExportIsALineOfItsOwn) {
    const console::AuditReadingService reading(world.audit);
    const auto who = member_with_phone();
    const auto& admin = region.health_center_admin;
    audit::EventFilter filter;
    filter.account = who.account.login_id;
    const auto here = must(reading.list(admin, filter, world.now()));
    ASSERT_FALSE(here.empty());
    EXPECT_THAT(must(reading.list(other.health_center_admin, filter, world.now())), IsEmpty());
    EXPECT_EQ(outcome(reading.show(other.health_center_admin, here.front().id, world.now())), "not_found");
    EXPECT_EQ(must(reading.show(admin, here.front().id, world.now())).id, here.front().id);
    audit::EventFilter of_request;
    of_request.request_id = "test-request";
    EXPECT_THAT(must(reading.list(admin, of_request, world.now())), Not(IsEmpty()));
    of_request.request_id = "nobodys";
    EXPECT_THAT(must(reading.list(admin, of_request, world.now())), IsEmpty());
    EXPECT_EQ(must(reading.exported(admin, filter, 1000, world.now())).size(), here.size());
    EXPECT_EQ(world.audited("audit.export", "done", who.account.login_id), 1);
    EXPECT_EQ(outcome(reading.verify(admin, world.now())), "forbidden");
    must(world.audit.seal_new(world.now()));
    EXPECT_TRUE(must(reading.verify(world.ministry_admin, world.now())).problems.empty());
    EXPECT_TRUE(reading.sees_only_own(helpdesk, world.now()));
    for (const auto& event : must(reading.list(helpdesk, {}, world.now()))) {
        EXPECT_EQ(event.actor_account, helpdesk.account.value);
    }
}

}  // namespace
}  // namespace madoguchi::test
