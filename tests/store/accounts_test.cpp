// Issuance, approvals, resets and the lifecycle of accounts against the real schema.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <map>
#include <set>

#include "base/limits.hpp"
#include "support/world.hpp"

namespace madoguchi::test {
namespace {

using accounts::AccountAct;
using accounts::AccountState;
using accounts::Decision;
using directory::Mode;
using directory::OrganizationKind;
using directory::OrganizationRef;
using directory::Principal;
using directory::Role;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::SizeIs;
using namespace std::chrono_literals;

class AccountsTest : public ::testing::Test {
protected:
    static void SetUpTestSuite() { world_ = std::make_unique<World>(); }
    static void TearDownTestSuite() { world_.reset(); }

    World& w() { return *world_; }
    const Principal& admin() const { return region_.health_center_admin; }

    Result<accounts::Changed> issue(const Principal& by, const OrganizationRef& place, const std::string& login_id = "",
                                    std::optional<Role> role = std::nullopt, Mode mode = Mode::real) {
        return w().accounts.issue(by, {place.id, login_id, {"山田", "花子", "ヤマダ", "ハナコ"}, role}, mode,
                                  w().now());
    }
    Result<accounts::Changed> act(const Principal& by, AccountId account, AccountAct act, Mode mode = Mode::real) {
        return w().accounts.act(by, account, act, "電話で本人確認", mode, w().now());
    }
    Result<accounts::Decided> decide(const Principal& by, RequestId id, Decision decision, Mode mode = Mode::real) {
        return w().requests.decide(by, id, decision, "確認した", mode, w().now());
    }
    Principal second_admin() { return w().principal(Role::health_center_admin, region_.health_center); }
    std::string everything_counted() {
        return w().look(
            "select concat_ws(' ', (select count(*) from accounts), (select count(*) from grants), (select count(*) "
            "from "
            "requests), (select count(*) from messages), (select count(*) from audit_events), (select count(*) from "
            "sessions where ended_at is null), (select count(*) from second_steps where removed_at is null), (select "
            "sum(version) from accounts), (select md5(string_agg(a::text, '' order by id)) from accounts a))");
    }

    inline static std::unique_ptr<World> world_;
    Region region_ = w().region();
};

// --- issuance ---

TEST_F(AccountsTest, AGeneratedIdAndAnInitialPasswordForThirtyDays) {
    const auto issued = must(issue(admin(), region_.facility));
    EXPECT_THAT(issued.account.login_id, MatchesRegex("f13-[0-9]{5}@madoguchi.example"));
    EXPECT_EQ(issued.account.state, AccountState::pending);
    EXPECT_FALSE(issued.account.has_password);
    EXPECT_THAT(issued.initial_password->shown.reveal(), MatchesRegex("([A-Z0-9]{4}-){4}[A-Z0-9]{4}"));
    EXPECT_EQ(issued.initial_password->expires_at, w().now() + limits::kInitialPasswordByLetter);
    ASSERT_THAT(issued.account.grants, SizeIs(1));
    EXPECT_EQ(issued.account.grants[0].role, Role::facility_staff) << "the usual role of a facility";
    EXPECT_EQ(w().audited("account.issue", "done", issued.account.login_id), 1);
    EXPECT_EQ(w().audited("role.grant", "done", issued.account.login_id), 1);
    const std::string stored =
        w().look("select a::text from accounts a where login_id = '" + issued.account.login_id + "'");
    EXPECT_THAT(stored, Not(HasSubstr(issued.initial_password->shown.reveal()))) << "S19";
}

TEST_F(AccountsTest, AChosenIdIsTakenUnderWidthAndCase) {
    ASSERT_EQ(must(issue(admin(), region_.facility, "Midori-01")).account.login_id, "midori-01@madoguchi.example");
    for (const char* same :
         {"midori-01", "MIDORI-01", "ｍｉｄｏｒｉ－０１", "midori -01", "Midori-01@Madoguchi.Example"}) {
        const auto refused = issue(admin(), region_.other_facility, same);
        ASSERT_FALSE(refused) << same;
        EXPECT_EQ(refused.error().kind, ErrorKind::conflict) << same;
        EXPECT_EQ(refused.error().message_id, "login_id_taken") << same;
    }
    EXPECT_EQ(outcome(issue(admin(), region_.facility, "midori-01@example.com")), "login_id:login_id_domain");
    EXPECT_EQ(outcome(issue(admin(), region_.facility, "x")), "login_id:login_id_format");
}

TEST_F(AccountsTest, TwoIssuersAtOnceGetOneId) {
    std::vector<std::future<std::string>> tries;
    for (int i = 0; i < 8; ++i) {
        tries.push_back(std::async(std::launch::async,
                                   [&] { return outcome(issue(admin(), region_.facility, "wanted-by-many")); }));
    }
    std::map<std::string, int> said;
    for (auto& attempt : tries) {
        ++said[attempt.get()];
    }
    EXPECT_EQ(said["ok"], 1);
    EXPECT_EQ(said["login_id:login_id_taken"], 7);
}

TEST_F(AccountsTest, EveryRoleOfIssuerAgainstEveryKind) {
    const auto helpdesk = w().add(OrganizationKind::helpdesk, w().ministry, "相談窓口");
    const std::map<OrganizationKind, OrganizationRef> places = {
        {OrganizationKind::ministry, w().ministry},
        {OrganizationKind::prefecture, region_.prefecture},
        {OrganizationKind::health_center, region_.health_center},
        {OrganizationKind::facility, region_.facility},
        {OrganizationKind::follow_up_center, region_.follow_up_center},
        {OrganizationKind::helpdesk, helpdesk}};
    const std::map<Role, std::set<OrganizationKind>> may_issue = {
        {Role::ministry_admin, {OrganizationKind::prefecture, OrganizationKind::helpdesk}},
        {Role::prefecture_admin, {OrganizationKind::health_center}},
        {Role::health_center_admin,
         {OrganizationKind::facility, OrganizationKind::follow_up_center, OrganizationKind::health_center}},
        {Role::facility_admin, {OrganizationKind::facility}},
        {Role::health_center_staff, {}},
        {Role::facility_staff, {}},
        {Role::helpdesk_operator, {}},
        {Role::auditor, {}}};
    const auto home = [&](Role role) {
        return role == Role::prefecture_admin                                           ? region_.prefecture
               : role == Role::health_center_admin || role == Role::health_center_staff ? region_.health_center
               : role == Role::facility_admin || role == Role::facility_staff           ? region_.facility
                                                                                        : w().ministry;
    };
    for (const auto& [role, kinds] : may_issue) {
        const Principal by = w().principal(role, home(role));
        for (const auto& [kind, place] : places) {
            EXPECT_EQ(issue(by, place).has_value(), kinds.contains(kind))
                << directory::to_text(role) << " at " << directory::to_text(kind);
        }
    }
}

TEST_F(AccountsTest, NobodyIssuesARoleThatDoesNotFitOrIsHigher) {
    EXPECT_EQ(outcome(issue(admin(), region_.facility, "", Role::health_center_staff)), "role:role_does_not_fit");
    EXPECT_EQ(outcome(issue(admin(), region_.facility, "", Role::ministry_admin)), "role:role_does_not_fit");
    const auto staff_admin = w().principal(Role::facility_admin, region_.facility);
    EXPECT_EQ(outcome(issue(staff_admin, region_.other_facility)), "organization_id:not_found");
    const auto waiting = must(issue(staff_admin, region_.facility, "", Role::facility_admin));
    EXPECT_TRUE(waiting.approval) << "their own rank, but with a second person";
}

TEST_F(AccountsTest, AHelpdeskAccountHelpsWhereItsParentIs) {
    const auto helpdesk = w().add(OrganizationKind::helpdesk, w().ministry, "相談窓口2");
    const auto issued = must(issue(w().ministry_admin, helpdesk));
    ASSERT_THAT(issued.account.grants, SizeIs(1));
    EXPECT_EQ(issued.account.grants[0].role, Role::helpdesk_operator);
    EXPECT_EQ(issued.account.grants[0].organization.id, w().ministry.id);
}

TEST_F(AccountsTest, RefusedAttemptsLeaveARow) {
    const auto staff = w().principal(Role::facility_staff, region_.facility);
    const auto refused_rows = [&](const std::string& actor) {
        return w().look(
            "select coalesce(string_agg(action || ' ' || after, ', ' order by id), '') from audit_events "
            "where outcome = 'refused' and actor_name = '" +
            actor + "'");
    };
    EXPECT_EQ(outcome(issue(staff, region_.facility)), "forbidden");
    EXPECT_EQ(refused_rows(staff.login_id), R"(account.issue {"refused":"forbidden"})");
    const auto target = w().issue(region_);
    const auto& far = w().region().health_center_admin;
    EXPECT_EQ(outcome(act(far, target.account.id, AccountAct::close)), "not_found");
    EXPECT_EQ(refused_rows(far.login_id), R"(account.close {"refused":"not_found"})");
    EXPECT_EQ(outcome(act(admin(), admin().account, AccountAct::suspend)), "own_account");
    EXPECT_EQ(refused_rows(admin().login_id), R"(account.suspend {"refused":"own_account"})");
}

TEST_F(AccountsTest, BootstrapMakesOneAdministratorAndNoSecond) {
    EXPECT_FALSE(must(w().accounts.bootstrap("本省", Role::ministry_admin, false, w().now())));
    const auto further = must(w().accounts.bootstrap("本省", Role::auditor, true, w().now()));
    ASSERT_TRUE(further);
    EXPECT_EQ(further->account.grants.at(0).role, Role::auditor);
    EXPECT_EQ(outcome(w().accounts.bootstrap("本省", Role::facility_staff, true, w().now())), "role:role_does_not_fit");
    EXPECT_EQ(w().look("select count(*) from organizations where kind = 'ministry'"), "1");
}

// --- approvals (S18) ---

TEST_F(AccountsTest, AnAdministratorsRoleWaitsForASecondPerson) {
    const auto issued = must(issue(admin(), region_.facility, "", Role::facility_admin));
    ASSERT_TRUE(issued.approval);
    EXPECT_THAT(issued.account.grants, SizeIs(0)) << "not before the second person";
    EXPECT_EQ(outcome(decide(admin(), *issued.approval, Decision::approve)), "own_request");
    EXPECT_THAT(w().account(issued.account.id).grants, SizeIs(0));
    const auto second = second_admin();
    EXPECT_EQ(outcome(decide(second, *issued.approval, Decision::approve)), "ok");
    const auto grants = w().account(issued.account.id).grants;
    ASSERT_THAT(grants, SizeIs(1));
    EXPECT_EQ(grants[0].role, Role::facility_admin);
    EXPECT_EQ(w().audited("request.approve", "done", issued.account.login_id), 1);
}

TEST_F(AccountsTest, ARequestIsDecidedOnce) {
    const auto issued = must(issue(admin(), region_.facility, "", Role::facility_admin));
    const auto second = second_admin();
    EXPECT_EQ(outcome(decide(second, *issued.approval, Decision::decline)), "ok");
    EXPECT_EQ(outcome(decide(second, *issued.approval, Decision::approve)), "already_decided");
    EXPECT_THAT(w().account(issued.account.id).grants, SizeIs(0));
}

TEST_F(AccountsTest, TwoDecisionsAtOnceHaveOneWinner) {
    const auto issued = must(issue(admin(), region_.facility, "", Role::facility_admin));
    std::vector<Principal> deciders;
    for (int i = 0; i < 6; ++i) {
        deciders.push_back(second_admin());
    }
    std::vector<std::future<std::string>> tries;
    for (const auto& by : deciders) {
        tries.push_back(
            std::async(std::launch::async, [&] { return outcome(decide(by, *issued.approval, Decision::approve)); }));
    }
    std::map<std::string, int> said;
    for (auto& attempt : tries) {
        ++said[attempt.get()];
    }
    EXPECT_EQ(said["ok"], 1);
    EXPECT_EQ(said["already_decided"], 5);
    EXPECT_THAT(w().account(issued.account.id).grants, SizeIs(1));
}

TEST_F(AccountsTest, AnOldRequestLapses) {
    const auto issued = must(issue(admin(), region_.facility, "", Role::facility_admin));
    w().clock.advance(limits::kApprovalLife);
    EXPECT_EQ(outcome(decide(second_admin(), *issued.approval, Decision::approve)), "already_decided");
}

TEST_F(AccountsTest, WhoeverApprovesMustHaveBeenAllowedToActThemselves) {
    const auto issued = must(issue(region_.prefecture_admin, region_.health_center, "", Role::health_center_admin));
    EXPECT_EQ(outcome(decide(w().principal(Role::health_center_staff, region_.health_center), *issued.approval,
                             Decision::approve)),
              "forbidden");
    EXPECT_EQ(
        outcome(decide(w().principal(Role::facility_admin, region_.facility), *issued.approval, Decision::approve)),
        "not_found")
        << "not of their jurisdiction";
    const auto target_itself = [&] {
        auto principal = admin();
        principal.account = issued.account.id;
        return principal;
    }();
    EXPECT_EQ(outcome(decide(target_itself, *issued.approval, Decision::approve)), "own_account");
}

TEST_F(AccountsTest, GrantsOfAdministratorsWaitOthersDoNot) {
    const auto target = w().issue(region_);
    const auto grant = [&](Role role, const OrganizationRef& place) {
        return w().roles.grant(admin(),
                               {.account = target.account.id,
                                .organization = place.id,
                                .role = role,
                                .from = {},
                                .until = {},
                                .reason = "異動"},
                               Mode::real, w().now());
    };
    EXPECT_TRUE(must(grant(Role::facility_staff, region_.other_facility)).grant);
    EXPECT_EQ(outcome(grant(Role::facility_staff, region_.other_facility)), "already_exists");
    const auto waiting = must(grant(Role::facility_admin, region_.other_facility));
    EXPECT_FALSE(waiting.grant);
    EXPECT_TRUE(waiting.approval);
    EXPECT_EQ(outcome(grant(Role::prefecture_admin, region_.prefecture)), "organization_id:not_found");
}

TEST_F(AccountsTest, NobodyGrantsOrRevokesTheirOwn) {
    const auto grant = w().roles.grant(admin(),
                                       {.account = admin().account,
                                        .organization = region_.facility.id,
                                        .role = Role::facility_staff,
                                        .from = {},
                                        .until = {},
                                        .reason = "x"},
                                       Mode::real, w().now());
    EXPECT_EQ(outcome(grant), "own_account");
    EXPECT_EQ(outcome(w().roles.revoke(admin(), admin().grants[0].id, "x", Mode::real, w().now())), "own_account");
}

TEST_F(AccountsTest, NobodyRevokesALowerRoleOfAHigherAccount) {
    const auto chief = w().with_grant(w().principal(Role::facility_staff, region_.facility), Role::prefecture_admin,
                                      region_.prefecture);
    EXPECT_EQ(outcome(w().roles.revoke(admin(), chief.grants[0].id, "x", Mode::real, w().now())), "higher_role");
    EXPECT_EQ(outcome(w().roles.revoke(region_.prefecture_admin, chief.grants[0].id, "x", Mode::real, w().now())),
              "ok");
}

// --- resets (S4, S5, S18) ---

TEST_F(AccountsTest, APasswordResetKeepsTheSecondStepAndEndsSessions) {
    const auto member = w().first_sign_in_by_phone(w().issue(region_), signin::MethodKind::sms, "090-1234-0001");
    ASSERT_TRUE(w().check(member.session));
    const auto reset = must(act(admin(), member.account.id, AccountAct::reset_password));
    EXPECT_EQ(outcome(w().check(member.session)), "session_lost");
    EXPECT_THAT(reset.second_steps, SizeIs(1));
    EXPECT_EQ(reset.initial_password->expires_at, w().now() + limits::kInitialPasswordByReset);
    EXPECT_EQ(w().look("select string_agg(purpose || ' ' || state, ', ' order by id) from messages where purpose <> "
                       "'code' and account_id = " +
                       std::to_string(member.account.id.value)),
              "password_reset queued")
        << "the user is told over the registered channel";
    const auto from = w().client();
    EXPECT_EQ(outcome(w().sign_in.password({w().flow(member.account.login_id, from), {}}, member.password, from)),
              "invalid_credentials")
        << "the old password is gone";
    const auto stepped =
        must(w().sign_in.password({w().flow(member.account.login_id, from), {}}, reset.initial_password->shown, from));
    EXPECT_EQ(stepped.state, signin::FlowState::code) << "the second step is still asked for";
}

TEST_F(AccountsTest, ASecondStepResetKeepsThePasswordAndEndsSessions) {
    const auto member = w().first_sign_in_by_application(w().issue(region_));
    const auto reset = must(act(admin(), member.account.id, AccountAct::reset_second_step));
    EXPECT_THAT(reset.second_steps, SizeIs(0));
    EXPECT_FALSE(reset.initial_password);
    EXPECT_EQ(outcome(w().check(member.session)), "session_lost");
    const auto from = w().client();
    const auto stepped =
        must(w().sign_in.password({w().flow(member.account.login_id, from), {}}, member.password, from));
    EXPECT_EQ(stepped.state, signin::FlowState::register_method);
}

TEST_F(AccountsTest, ASignInUnderWayDoesNotOutliveAReset) {
    const auto member = w().first_sign_in_by_application(w().issue(region_));
    w().clock.advance(limits::kTotpStep);
    const auto from = w().client();
    const signin::Step under_way{w().flow_after_password(member.account.login_id, member.password, from), {}};
    w().clock.advance(1s);
    must(act(admin(), member.account.id, AccountAct::reset_password));
    EXPECT_NE(outcome(w().sign_in.code(under_way, w().totp(member.seed), w().client())), "ok")
        << "whoever held the old password must not get in with it (S5)";
}

TEST_F(AccountsTest, BothResetsWithinADayNeedASecondPerson) {
    for (const auto& [first, then] : {std::pair(AccountAct::reset_password, AccountAct::reset_second_step),
                                      std::pair(AccountAct::reset_second_step, AccountAct::reset_password)}) {
        const auto member = w().first_sign_in_by_application(w().issue(region_));
        must(act(admin(), member.account.id, first));
        w().clock.advance(24h - 1s);
        const auto asked = must(act(admin(), member.account.id, then));
        ASSERT_TRUE(asked.approval);
        EXPECT_FALSE(asked.initial_password);
        EXPECT_EQ(asked.second_steps.size(), first == AccountAct::reset_password ? 1U : 0U) << "nothing happened yet";
        EXPECT_EQ(outcome(act(admin(), member.account.id, then)), "approval_waiting");
        EXPECT_EQ(outcome(decide(admin(), *asked.approval, Decision::approve)), "own_request");
        const auto done = must(decide(second_admin(), *asked.approval, Decision::approve));
        EXPECT_EQ(done.initial_password.has_value(), then == AccountAct::reset_password);
        EXPECT_EQ(w().look("select count(*) from second_steps where removed_at is null and account_id = " +
                           std::to_string(member.account.id.value)),
                  "0");
    }
}

TEST_F(AccountsTest, AfterADayTheOtherResetNeedsNobody) {
    const auto member = w().first_sign_in_by_application(w().issue(region_));
    must(act(admin(), member.account.id, AccountAct::reset_password));
    w().clock.advance(24h);
    EXPECT_FALSE(must(act(admin(), member.account.id, AccountAct::reset_second_step)).approval);
}

TEST_F(AccountsTest, TheSameResetAgainNeedsNobody) {
    const auto member = w().first_sign_in_by_application(w().issue(region_));
    must(act(admin(), member.account.id, AccountAct::reset_password));
    EXPECT_FALSE(must(act(admin(), member.account.id, AccountAct::reset_password)).approval);
}

TEST_F(AccountsTest, TwoResetsAtOnceStillNeedTheSecondPerson) {
    const auto member = w().first_sign_in_by_application(w().issue(region_));
    auto one =
        std::async(std::launch::async, [&] { return act(admin(), member.account.id, AccountAct::reset_password); });
    auto other =
        std::async(std::launch::async, [&] { return act(admin(), member.account.id, AccountAct::reset_second_step); });
    const int waiting = static_cast<int>(must(one.get()).approval.has_value()) +
                        static_cast<int>(must(other.get()).approval.has_value());
    EXPECT_EQ(waiting, 1) << "the account's row decides which came first";
}

TEST_F(AccountsTest, APublicResetRequestIsDecidedByOneAndSaysNothingAboutTheId) {
    const auto member = w().first_sign_in_by_application(w().issue(region_));
    const auto file = [&](const std::string& login_id) {
        return w().requests.file({.kind = accounts::RequestKind::password_reset,
                                  .login_id = login_id,
                                  .organization_name = "みどり内科",
                                  .contact_name = "山田",
                                  .phone = "03-1234-5678",
                                  .note = "",
                                  .source = "192.0.2.77",
                                  .request_id = "r"},
                                 w().now());
    };
    EXPECT_EQ(outcome(file(member.account.login_id)), "ok");
    EXPECT_EQ(outcome(file("nobody-at-all@madoguchi.example")), "ok");
    const auto open = must(w().requests.list(admin(), {.state = "open", .limit = 500, .now = w().now()}, w().now()));
    ASSERT_THAT(open, SizeIs(1)) << "the other one lies at the ministry";
    EXPECT_EQ(w().requests.contact(open[0])->phone, "03-1234-5678");
    EXPECT_THAT(w().look("select contact_sealed from requests where id = " + std::to_string(open[0].id.value)),
                Not(HasSubstr("1234")))
        << "sealed at rest";
    const auto decided = must(decide(admin(), open[0].id, Decision::approve));
    EXPECT_TRUE(decided.initial_password);
    EXPECT_EQ(outcome(w().check(member.session)), "session_lost");
}

TEST_F(AccountsTest, APublicRequestIsNoWayRoundTheSecondPerson) {
    const auto member = w().first_sign_in_by_application(w().issue(region_));
    must(act(admin(), member.account.id, AccountAct::reset_second_step));
    must(w().requests.file({.kind = accounts::RequestKind::password_reset,
                            .login_id = member.account.login_id,
                            .organization_name = "x",
                            .contact_name = "x",
                            .phone = "03-1234-5678",
                            .note = "",
                            .source = "192.0.2.78",
                            .request_id = "r"},
                           w().now()));
    const auto open = must(w().requests.list(admin(), {.state = "open", .limit = 500, .now = w().now()}, w().now()));
    ASSERT_THAT(open, SizeIs(1));
    const auto passed_on = must(decide(admin(), open[0].id, Decision::approve));
    EXPECT_FALSE(passed_on.initial_password) << "nothing has happened yet";
    ASSERT_TRUE(passed_on.approval);
    EXPECT_EQ(w().audited("account.reset_password", "done", member.account.login_id), 0);
    EXPECT_EQ(outcome(decide(admin(), *passed_on.approval, Decision::approve)), "own_request");
    const auto shown = must(w().requests.show(second_admin(), *passed_on.approval, w().now()));
    EXPECT_EQ(shown.requested_by, admin().account) << "the second person sees who asks";
    EXPECT_TRUE(must(decide(second_admin(), *passed_on.approval, Decision::approve)).initial_password);
}

// --- lifecycle ---

TEST_F(AccountsTest, SuspendingEndsSessionsAtTheNextCheckAndResumingLetsInAgain) {
    const auto member = w().first_sign_in_by_application(w().issue(region_));
    ASSERT_TRUE(w().check(member.session));
    EXPECT_EQ(must(act(admin(), member.account.id, AccountAct::suspend)).account.state, AccountState::suspended);
    EXPECT_EQ(outcome(w().check(member.session)), "session_lost");
    const auto from = w().client();
    const auto refused = w().sign_in.password({w().flow(member.account.login_id, from), {}}, member.password, from);
    EXPECT_EQ(outcome(refused), "account_suspended") << "said only once the password was right (S12)";
    EXPECT_EQ(outcome(w().sign_in.password({w().flow(member.account.login_id, from), {}}, SecretText("wrong"), from)),
              "invalid_credentials");
    EXPECT_EQ(outcome(act(admin(), member.account.id, AccountAct::reset_password)), "state_not_allowed");
    EXPECT_EQ(must(act(admin(), member.account.id, AccountAct::resume)).account.state, AccountState::active);
    EXPECT_EQ(outcome(w().check(member.session)), "session_lost") << "an ended session stays ended";
    EXPECT_TRUE(w().check(w().sign_in_again(member)));
}

TEST_F(AccountsTest, SuspendingStopsASignInUnderWay) {
    const auto member = w().first_sign_in_by_application(w().issue(region_));
    w().clock.advance(limits::kTotpStep);
    const auto from = w().client();
    const signin::Step under_way{w().flow_after_password(member.account.login_id, member.password, from), {}};
    must(act(admin(), member.account.id, AccountAct::suspend));
    EXPECT_EQ(outcome(w().sign_in.code(under_way, w().totp(member.seed), from)), "account_suspended");
}

TEST_F(AccountsTest, ResumingGoesBackToPendingWhereNoPasswordWasSet) {
    const auto issued = w().issue(region_);
    must(act(admin(), issued.account.id, AccountAct::suspend));
    EXPECT_EQ(must(act(admin(), issued.account.id, AccountAct::resume)).account.state, AccountState::pending);
}

TEST_F(AccountsTest, ClosingIsTheEnd) {
    const auto member = w().first_sign_in_by_application(w().issue(region_));
    must(act(admin(), member.account.id, AccountAct::close));
    EXPECT_EQ(outcome(w().check(member.session)), "session_lost");
    const auto from = w().client();
    EXPECT_EQ(outcome(w().sign_in.password({w().flow(member.account.login_id, from), {}}, member.password, from)),
              "invalid_credentials")
        << "as if it had never been";
    for (const auto later : {AccountAct::resume, AccountAct::suspend, AccountAct::reset_password, AccountAct::close}) {
        EXPECT_EQ(outcome(act(admin(), member.account.id, later)), "state_not_allowed");
    }
    EXPECT_EQ(outcome(issue(admin(), region_.facility, member.account.login_id)), "login_id:login_id_taken")
        << "an ID is never given to anybody else";
}

TEST_F(AccountsTest, UnlockingForgetsFailures) {
    const auto member = w().first_sign_in_by_application(w().issue(region_));
    const auto from = w().client("192.0.2.91");
    for (int i = 0; i < limits::kPasswordFailuresPerAccountSource; ++i) {
        static_cast<void>(
            w().sign_in.password({w().flow(member.account.login_id, from), {}}, SecretText("wrong"), from));
    }
    const auto flow = w().flow(member.account.login_id, from);
    ASSERT_EQ(outcome(w().sign_in.password({flow, {}}, member.password, from)), "too_many_tries");
    must(act(admin(), member.account.id, AccountAct::unlock));
    EXPECT_EQ(outcome(w().sign_in.password({flow, {}}, member.password, from)), "ok");
    EXPECT_TRUE(w().check(member.session)) << "unlocking ends nobody's session";
    EXPECT_EQ(w().audited("account.unlock", "done", member.account.login_id), 1);
}

TEST_F(AccountsTest, HelpdeskUnlocksStaffNeverAdministratorsAndResetsNobody) {
    const auto helpdesk = w().principal(Role::helpdesk_operator, w().ministry);
    const auto staff = w().principal(Role::facility_staff, region_.facility);
    const auto boss = w().principal(Role::facility_admin, region_.facility);
    EXPECT_EQ(outcome(act(helpdesk, staff.account, AccountAct::unlock)), "ok");
    EXPECT_EQ(outcome(act(helpdesk, boss.account, AccountAct::unlock)), "higher_role");
    EXPECT_EQ(outcome(act(helpdesk, staff.account, AccountAct::reset_password)), "forbidden");
    EXPECT_EQ(outcome(act(helpdesk, staff.account, AccountAct::close)), "forbidden");
}

TEST_F(AccountsTest, ActsOnAHigherRoleAreRefused) {
    const auto chief = w().with_grant(w().principal(Role::facility_staff, region_.facility), Role::prefecture_admin,
                                      region_.prefecture);
    for (const auto each : {AccountAct::reset_password, AccountAct::reset_second_step, AccountAct::unlock,
                            AccountAct::suspend, AccountAct::close}) {
        EXPECT_EQ(outcome(act(admin(), chief.account, each)), "higher_role");
    }
}

TEST_F(AccountsTest, EveryActNeedsAReason) {
    const auto issued = w().issue(region_);
    EXPECT_EQ(outcome(w().accounts.act(admin(), issued.account.id, AccountAct::close, "　", Mode::real, w().now())),
              "reason:reason_required");
}

TEST_F(AccountsTest, ADryRunSaysWhatWouldBeAndChangesNothing) {
    const auto member = w().first_sign_in_by_phone(w().issue(region_), signin::MethodKind::sms, "090-1234-0002");
    const auto before = everything_counted();
    const auto issued = must(issue(admin(), region_.facility, "dry-run-01", std::nullopt, Mode::dry_run));
    EXPECT_EQ(issued.account.login_id, "dry-run-01@madoguchi.example");
    EXPECT_FALSE(issued.initial_password) << "nothing that would ever work is shown";
    for (const auto each : {AccountAct::reset_password, AccountAct::reset_second_step, AccountAct::unlock,
                            AccountAct::suspend, AccountAct::close}) {
        EXPECT_FALSE(must(act(admin(), member.account.id, each, Mode::dry_run)).initial_password);
    }
    const accounts::GrantRole grant{.account = member.account.id,
                                    .organization = region_.other_facility.id,
                                    .role = Role::facility_staff,
                                    .from = {},
                                    .until = {},
                                    .reason = "x"};
    must(w().roles.grant(admin(), grant, Mode::dry_run, w().now()));
    must(w().roles.revoke(admin(), w().account(member.account.id).grants[0].id, "x", Mode::dry_run, w().now()));
    EXPECT_EQ(everything_counted(), before);
    EXPECT_TRUE(w().check(member.session));
    EXPECT_EQ(outcome(issue(admin(), region_.facility, "dry-run-01")), "ok") << "the ID is still free";
    EXPECT_EQ(outcome(issue(admin(), region_.facility, "dry-run-01", std::nullopt, Mode::dry_run)),
              "login_id:login_id_taken")
        << "a dry run refuses what the real one would";
}

}  // namespace
}  // namespace madoguchi::test
