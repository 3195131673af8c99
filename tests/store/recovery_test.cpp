// The ways back into an account: recovery codes (S10), temporary access codes and started resets (S4, S5, S18),
// forgotten passwords (S12), and who is slowed down (S13).
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <map>

#include "base/limits.hpp"
#include "crypto/totp.hpp"
#include "support/world.hpp"

namespace madoguchi::test {
namespace {

using accounts::AccountAct;
using accounts::Decision;
using directory::Mode;
using directory::OrganizationKind;
using directory::Principal;
using directory::Role;
using signin::Client;
using signin::FlowState;
using signin::ForgottenWay;
using signin::MethodKind;
using signin::Step;
using testing::AnyOf;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Not;
using testing::SizeIs;
using namespace std::chrono_literals;

constexpr int kAtOnce = 50;

class RecoveryTest : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        world_ = std::make_unique<World>();
        region_ = world_->region();
        helpdesk_ = world_->principal(Role::helpdesk_operator,
                                      world_->add(OrganizationKind::helpdesk, world_->ministry, "ヘルプデスク"));
        // Sits in its own organization and helps in the one above.
        helpdesk_.grants.front().organization = world_->ministry;
    }
    static void TearDownTestSuite() { world_.reset(); }

    World& w() { return *world_; }
    const Principal& admin() { return region_.health_center_admin; }
    Issued issue() { return w().issue(region_); }
    Member app_member() { return w().first_sign_in_by_application(issue()); }
    Member sms_member() { return w().first_sign_in_by_phone(issue(), MethodKind::sms, fresh_mobile()); }
    std::string fresh_mobile() { return fmt::format("090-3003-{:04}", ++phones_); }
    Principal signed_in(const SecretText& session) { return must(w().check(session)); }
    SecretText confirm(const Member& who, const SecretText& session) {
        const auto stepped = must(w().sign_in.confirm(signed_in(session), who.password, "/security", w().client()));
        w().clock.advance(limits::kTotpStep);
        const auto code = who.phone.empty() ? w().totp(who.seed) : w().code_sent_to(who.phone);
        return must(w().sign_in.code({stepped.flow_token, {}}, code, w().client())).session_token;
    }
    std::vector<SecretText> recovery_codes(const Member& who) {
        const auto principal = signed_in(confirm(who, who.session));
        return must(w().recovery_codes.make(principal, w().now()));
    }
    SecretText at_code(const Member& who) {
        w().clock.advance(limits::kResendWait);
        return w().flow_after_password(who.account.login_id, who.password, w().client());
    }
    Result<accounts::Changed> act(const Principal& by, const Member& who, AccountAct act) {
        return w().accounts.act(by, who.account.id, act, "電話で本人確認", Mode::real, w().now());
    }
    int told(const Member& who, const std::string& purpose) {
        return std::stoi(w().look(fmt::format("select count(*) from messages where account_id = {} and purpose = '{}'",
                                              who.account.id.value, purpose)));
    }
    /// The newest message's words to somebody.
    std::string newest_text(const std::string& e164) {
        for (const auto& message : must(w().messages.inbox(w().now()))) {
            if (message.e164 == e164) {
                return message.text.reveal();
            }
        }
        return "";
    }
    /// "ACDE-FGHJ-..." in a message.
    static std::string long_code_in(const std::string& text) {
        for (std::size_t at = 0; at + 24 <= text.size(); ++at) {
            const std::string candidate = text.substr(at, 24);
            if (signin::spare_code(candidate) && candidate[4] == '-' && candidate[19] == '-') {
                return candidate;
            }
        }
        return "";
    }
    /// A forgotten password up to the proof; what the phone got.
    SecretText claim(const std::string& login_id, ForgottenWay way, const std::string& source = "192.0.2.10") {
        auto token = must(w().forgotten.start(login_id, way, w().client(source)));
        must(w().forgotten.send_asked(w().now()));
        return token;
    }
    std::string prove(const SecretText& token, const std::string& code) {
        return outcome(w().forgotten.prove(token, code, w().client()));
    }

    inline static std::unique_ptr<World> world_;
    inline static Region region_;
    inline static Principal helpdesk_;
    inline static int phones_ = 0;
};

template <class F>
std::map<std::string, int> all_at_once(F attempt) {
    std::vector<std::future<std::string>> tries;
    for (int i = 0; i < kAtOnce; ++i) {
        tries.push_back(std::async(std::launch::async, attempt, i));
    }
    std::map<std::string, int> out;
    for (auto& one : tries) {
        ++out[one.get()];
    }
    return out;
}

// --- recovery codes (S10) ---

TEST_F(RecoveryTest, APageOfCodesThatIsLoadedAgainMakesNoOthers) {
    const auto who = sms_member();
    const auto principal = signed_in(confirm(who, who.session));
    const auto seen = [&] {
        return signin::RecoveryCodeService::seen_of(must(w().security.view(principal, w().now())).recovery_codes);
    };
    const std::string first = seen();
    const auto codes = must(w().recovery_codes.make(principal, w().now(), first));
    w().clock.advance(1s);
    EXPECT_EQ(outcome(w().recovery_codes.make(principal, w().now(), first)), "codes_shown_already");
    EXPECT_EQ(w().look(fmt::format("select count(*) from recovery_codes where account_id = {} and ended_at is null",
                                   who.account.id.value)),
              "10");
    EXPECT_EQ(told(who, "recovery_codes_made"), 1);
    EXPECT_EQ(outcome(w().recovery_codes.make(principal, w().now(), seen())), "ok") << "on purpose, they are made anew";
}

TEST_F(RecoveryTest, TenCodesAreMadeOnceConfirmedAndStoredHashed) {
    const auto who = sms_member();
    EXPECT_EQ(outcome(w().recovery_codes.make(signed_in(who.session), w().now())), "confirmation_needed");
    const auto codes = recovery_codes(who);
    ASSERT_THAT(codes, SizeIs(10));
    for (const auto& code : codes) {
        EXPECT_THAT(code.reveal(), MatchesRegex("([A-Z0-9]{4}-){3}[A-Z0-9]{4}"));
        EXPECT_EQ(w().look("select count(*) from recovery_codes where digest like '%" + code.reveal() + "%'"), "0");
    }
    EXPECT_THAT(w().look("select min(length(digest)) || ' ' || count(distinct digest) from recovery_codes where "
                         "account_id = " +
                         std::to_string(who.account.id.value)),
                testing::StrEq("64 10"))
        << "S19";
    EXPECT_EQ(told(who, "recovery_codes_made"), 1);
    EXPECT_EQ(w().audited("recovery_codes.make", "done", who.account.login_id), 1);
}

TEST_F(RecoveryTest, ACodeStandsForTheSecondStepOnce) {
    const auto who = sms_member();
    const auto codes = recovery_codes(who);
    const auto signed_in_by = must(w().sign_in.spare_code({at_code(who), {}}, codes[0].reveal(), w().client()));
    EXPECT_EQ(signed_in_by.state, FlowState::signed_in);
    EXPECT_TRUE(w().check(signed_in_by.session_token));
    EXPECT_EQ(told(who, "recovery_code_used"), 1);
    EXPECT_EQ(w().audited("sign_in.recovery_code", "done", who.account.login_id), 1);
    EXPECT_THAT(w().look("select after from audit_events where action = 'sign_in' order by id desc limit 1"),
                HasSubstr("recovery_code"));
    const Step again{at_code(who), {}};
    EXPECT_EQ(outcome(w().sign_in.spare_code(again, codes[0].reveal(), w().client())), "code:code_used");
    EXPECT_EQ(outcome(w().sign_in.spare_code(again, "ACDE-FGHJ-KLMN-PQRT", w().client())), "code:wrong_code");
    EXPECT_EQ(outcome(w().sign_in.spare_code(again, "123456", w().client())), "code:recovery_code_format");
    EXPECT_EQ(must(w().security.view(signed_in(signed_in_by.session_token), w().now())).recovery_codes.left, 9);
    std::string typed;
    for (const char c : codes[1].reveal()) {
        typed += c == '-' ? ' ' : static_cast<char>(std::tolower(c));
    }
    EXPECT_EQ(outcome(w().sign_in.code(again, typed, w().client())), "ok") << "in any case, and where codes are typed";
}

TEST_F(RecoveryTest, NewCodesEndTheOldOnesAndAnotherAccountsAreWorthNothing) {
    const auto who = app_member();
    const auto other = app_member();
    const auto session = confirm(who, who.session);
    const auto old_codes = must(w().recovery_codes.make(signed_in(session), w().now()));
    const auto codes = must(w().recovery_codes.make(signed_in(session), w().now()));
    const auto others = recovery_codes(other);
    const Step step{at_code(who), {}};
    EXPECT_EQ(outcome(w().sign_in.spare_code(step, old_codes[0].reveal(), w().client())), "code:code_used");
    EXPECT_EQ(outcome(w().sign_in.spare_code(step, others[0].reveal(), w().client())), "code:wrong_code");
    EXPECT_EQ(outcome(w().sign_in.spare_code(step, codes[9].reveal(), w().client())), "ok");
}

TEST_F(RecoveryTest, FiftyUsesOfOneRecoveryCodeHaveOneWinner) {
    const auto who = app_member();
    const auto codes = recovery_codes(who);
    std::vector<SecretText> flows;
    for (int i = 0; i < kAtOnce; ++i) {
        flows.push_back(w().flow_after_password(who.account.login_id, who.password, w().client()));
    }
    const auto said = all_at_once([&](int i) {
        return outcome(
            w().sign_in.spare_code({flows[static_cast<std::size_t>(i)], {}}, codes[0].reveal(), w().client()));
    });
    EXPECT_EQ(said.at("ok"), 1);
    for (const auto& [what, count] : said) {
        EXPECT_THAT(what, AnyOf("ok", "code:code_used", "too_many_tries"));
    }
    EXPECT_EQ(w().look("select count(*) from recovery_codes where used_at is not null and account_id = " +
                       std::to_string(who.account.id.value)),
              "1");
}

TEST_F(RecoveryTest, GuessesAreCountedOverFlows) {
    const auto who = app_member();
    const auto codes = recovery_codes(who);
    std::map<std::string, int> said;
    for (int i = 0; i < limits::kSecondStepSlowFailures + 3; ++i) {
        ++said[outcome(
            w().sign_in.spare_code({w().flow_after_password(who.account.login_id, who.password, w().client()), {}},
                                   "ACDE-FGHJ-KLMN-PQRT", w().client()))];
    }
    EXPECT_EQ(said["code:wrong_code"], limits::kSecondStepSlowFailures);
    EXPECT_EQ(said["too_many_tries"], 3);
    EXPECT_EQ(w().audited("sign_in.second_step", "refused", who.account.login_id), 3);
    must(act(admin(), who, AccountAct::unlock));
    EXPECT_EQ(outcome(w().sign_in.spare_code({at_code(who), {}}, codes[0].reveal(), w().client())), "ok");
}

TEST_F(RecoveryTest, ACodeLetsSomebodyInWhoseOnlySecondStepIsSwitchedOff) {
    const auto who = app_member();
    const auto disable =
        "update second_steps set disabled_at = now() where account_id = " + std::to_string(who.account.id.value);
    w().look(disable);
    EXPECT_EQ(
        outcome(w().sign_in.password({w().flow(who.account.login_id, w().client()), {}}, who.password, w().client())),
        "second_step_disabled");
    w().look("update second_steps set disabled_at = null where account_id = " + std::to_string(who.account.id.value));
    const auto codes = recovery_codes(who);
    w().look(disable);
    EXPECT_EQ(outcome(w().sign_in.spare_code({at_code(who), {}}, codes[0].reveal(), w().client())), "ok");
}

TEST_F(RecoveryTest, AResetSecondStepTakesTheRecoveryCodesWithIt) {
    const auto who = app_member();
    recovery_codes(who);
    must(act(admin(), who, AccountAct::reset_second_step));
    EXPECT_EQ(w().look("select count(*) from recovery_codes where ended_at is null and account_id = " +
                       std::to_string(who.account.id.value)),
              "0");
}

// --- temporary access codes (S18) ---

TEST_F(RecoveryTest, ATemporaryCodeStandsOnceAndForcesRegistrationAnew) {
    const auto who = sms_member();
    const auto issued = must(act(admin(), who, AccountAct::access_code));
    ASSERT_TRUE(issued.access_code);
    EXPECT_THAT(issued.access_code->shown.reveal(), MatchesRegex("([A-Z0-9]{4}-){4}[A-Z0-9]{4}"));
    EXPECT_EQ(issued.access_code->expires_at, w().now() + limits::kAccessCodeLife);
    EXPECT_EQ(told(who, "access_code_issued"), 1) << "always announced";
    EXPECT_EQ(outcome(w().check(who.session)), "session_lost") << "what was lost may be signed in";
    EXPECT_EQ(w().audited("account.access_code", "done", who.account.login_id), 1);
    EXPECT_THAT(w().look("select string_agg(after || before, '') from audit_events"),
                Not(HasSubstr(issued.access_code->shown.reveal())));

    const auto from = w().client();
    const auto stepped = must(w().sign_in.spare_code({at_code(who), {}}, issued.access_code->shown.reveal(), from));
    EXPECT_EQ(stepped.state, FlowState::register_method);
    EXPECT_TRUE(stepped.session_token.empty());
    EXPECT_THAT(must(w().sign_in.methods(who.account.id)), SizeIs(1)) << "the old one stays until there is a new one";
    const Step step{stepped.flow_token, {}};
    must(w().sign_in.register_application(step, from));
    const auto seed = must(w().sign_in.view(step.token, w().now())).seed;
    const auto done = must(w().sign_in.code(step, w().totp(seed), from));
    EXPECT_EQ(done.state, FlowState::signed_in) << "the password stays";
    const auto methods = must(w().sign_in.methods(who.account.id));
    ASSERT_THAT(methods, SizeIs(1));
    EXPECT_EQ(methods[0].kind, MethodKind::totp);
    EXPECT_TRUE(methods[0].is_default);
    EXPECT_EQ(told(who, "second_step_reset"), 1) << "the phone that was given up is told";
    EXPECT_EQ(outcome(w().sign_in.spare_code({at_code(who), {}}, issued.access_code->shown.reveal(), w().client())),
              "code:wrong_code");
}

TEST_F(RecoveryTest, FiftyUsesOfOneTemporaryCodeHaveOneWinner) {
    const auto who = app_member();
    const auto code = must(act(admin(), who, AccountAct::access_code)).access_code->shown;
    std::vector<SecretText> flows;
    for (int i = 0; i < kAtOnce; ++i) {
        flows.push_back(w().flow_after_password(who.account.login_id, who.password, w().client()));
    }
    const auto said = all_at_once([&](int i) {
        return outcome(w().sign_in.spare_code({flows[static_cast<std::size_t>(i)], {}}, code.reveal(), w().client()));
    });
    EXPECT_EQ(said.at("ok"), 1);
    for (const auto& [what, count] : said) {
        EXPECT_THAT(what, AnyOf("ok", "code:wrong_code", "too_many_tries"));
    }
}

TEST_F(RecoveryTest, ATemporaryCodeExpiresAndANewOneEndsTheOld) {
    const auto who = app_member();
    const auto first = must(act(admin(), who, AccountAct::access_code)).access_code->shown;
    const auto second = must(act(admin(), who, AccountAct::access_code)).access_code->shown;
    const Step step{at_code(who), {}};
    EXPECT_EQ(outcome(w().sign_in.spare_code(step, first.reveal(), w().client())), "code:wrong_code");
    w().clock.advance(limits::kAccessCodeLife);
    EXPECT_EQ(outcome(w().sign_in.spare_code({at_code(who), {}}, second.reveal(), w().client())), "code:wrong_code");
}

TEST_F(RecoveryTest, ATemporaryCodeIsForTheBrowserAndForSigningIn) {
    const auto who = app_member();
    const auto code = must(act(admin(), who, AccountAct::access_code)).access_code->shown;
    const auto api = w().client("192.0.2.10", "api");
    const auto flow = must(w().sign_in.password_by_api(who.account.login_id, who.password, api)).flow_token;
    EXPECT_EQ(outcome(w().sign_in.code({flow, {}}, code.reveal(), api)), "first_sign_in_required");
    const auto session = w().sign_in_again(who);
    const auto confirming = must(w().sign_in.confirm(signed_in(session), who.password, "/security", w().client()));
    EXPECT_EQ(outcome(w().sign_in.spare_code({confirming.flow_token, {}}, code.reveal(), w().client())),
              "code:wrong_code");
    EXPECT_EQ(outcome(w().sign_in.spare_code({at_code(who), {}}, code.reveal(), w().client())), "ok")
        << "none of that consumed it";
}

TEST_F(RecoveryTest, WhoMayIssueATemporaryCode) {
    const auto who = app_member();
    EXPECT_EQ(outcome(act(helpdesk_, who, AccountAct::access_code)), "forbidden") << "S4: a helpdesk sees no secret";
    EXPECT_EQ(outcome(act(w().region().health_center_admin, who, AccountAct::access_code)), "not_found") << "S16";
    EXPECT_EQ(outcome(act(w().principal(Role::facility_staff, region_.facility), who, AccountAct::access_code)),
              "forbidden");
    const auto none = issue();
    EXPECT_FALSE(w().accounts.act(admin(), none.account.id, AccountAct::access_code, "理由", Mode::real, w().now()));
    const auto dry =
        must(w().accounts.act(admin(), who.account.id, AccountAct::access_code, "理由", Mode::dry_run, w().now()));
    EXPECT_FALSE(dry.access_code);
    EXPECT_EQ(w().look("select count(*) from access_codes where account_id = " + std::to_string(who.account.id.value)),
              "0");
}

TEST_F(RecoveryTest, ATemporaryCodeAndAPasswordResetWithinADayNeedASecondPerson) {
    const auto who = app_member();
    must(act(admin(), who, AccountAct::reset_password));
    const auto asked = must(act(admin(), who, AccountAct::access_code));
    EXPECT_FALSE(asked.access_code);
    ASSERT_TRUE(asked.approval);
    EXPECT_EQ(outcome(w().requests.decide(admin(), *asked.approval, Decision::approve, "確認", Mode::real, w().now())),
              "own_request");
    const auto second = w().principal(Role::health_center_admin, region_.health_center);
    const auto decided =
        must(w().requests.decide(second, *asked.approval, Decision::approve, "確認した", Mode::real, w().now()));
    ASSERT_TRUE(decided.access_code);
    const auto other = app_member();
    must(act(admin(), other, AccountAct::access_code));
    EXPECT_TRUE(must(act(admin(), other, AccountAct::reset_password)).approval) << "and the other way round";
}

// --- a reset that the helpdesk starts (S4) ---

TEST_F(RecoveryTest, AStartedResetGoesToTheRegisteredPhoneOnly) {
    const auto who = sms_member();
    const auto started = must(act(helpdesk_, who, AccountAct::start_reset));
    EXPECT_FALSE(started.initial_password) << "the helpdesk sees no secret";
    EXPECT_THAT(started.reset_code_sent_to, HasSubstr("****"));
    const std::string code = long_code_in(newest_text(who.phone));
    ASSERT_THAT(code, Not(IsEmpty()));
    EXPECT_EQ(outcome(w().check(who.session)), "session_lost") << "S5";
    EXPECT_THAT(must(w().sign_in.methods(who.account.id)), SizeIs(1)) << "S5";
    EXPECT_THAT(w().look("select string_agg(after || before, '') from audit_events"), Not(HasSubstr(code)));
    // The password that stands is taken away by the code only, not by a stranger's call.
    EXPECT_EQ(
        outcome(w().sign_in.password({w().flow(who.account.login_id, w().client()), {}}, who.password, w().client())),
        "ok");
    w().clock.advance(limits::kResendWait);
    const auto from = w().client();
    const SecretText reset(code);
    const auto flow = w().flow_after_password(who.account.login_id, reset, from);
    const auto passed = must(w().sign_in.code({flow, {}}, w().code_sent_to(who.phone), from));
    EXPECT_EQ(passed.state, FlowState::new_password);
    const SecretText wanted("しろい kumo ga 4つ nagareru");
    EXPECT_EQ(must(w().sign_in.new_password({passed.flow_token, {}}, reset, wanted, wanted, from)).state,
              FlowState::signed_in);
    EXPECT_EQ(
        outcome(w().sign_in.password({w().flow(who.account.login_id, w().client()), {}}, who.password, w().client())),
        "invalid_credentials");
}

TEST_F(RecoveryTest, WhomTheHelpdeskCanHelp) {
    const auto app = app_member();
    EXPECT_EQ(outcome(act(helpdesk_, app, AccountAct::start_reset)), "no_registered_phone");
    const auto chief = w().first_sign_in_by_phone(issue(), MethodKind::sms, fresh_mobile());
    w().with_grant({.account = chief.account.id, .login_id = chief.account.login_id, .home = region_.facility},
                   Role::facility_admin, region_.facility);
    EXPECT_EQ(outcome(act(helpdesk_, chief, AccountAct::start_reset)), "higher_role") << "never for administrators";
    EXPECT_EQ(outcome(act(admin(), app, AccountAct::start_reset)), "forbidden");
    const auto who = sms_member();
    for (int i = 0; i < limits::kForgottenMessagesPerAccountDay; ++i) {
        EXPECT_EQ(outcome(act(helpdesk_, who, AccountAct::start_reset)), "ok");
        w().clock.advance(1s);
    }
    EXPECT_EQ(outcome(act(helpdesk_, who, AccountAct::start_reset)), "too_many_tries") << "S9";
}

TEST_F(RecoveryTest, AStartedResetAfterASecondStepResetNeedsAnAdministrator) {
    const auto who = sms_member();
    must(act(admin(), who, AccountAct::access_code));
    const auto asked = must(act(helpdesk_, who, AccountAct::start_reset));
    ASSERT_TRUE(asked.approval);
    EXPECT_EQ(asked.reset_code_sent_to, "");
    EXPECT_EQ(told(who, "reset_code"), 0);
    must(w().requests.decide(admin(), *asked.approval, Decision::approve, "確認した", Mode::real, w().now()));
    EXPECT_EQ(told(who, "reset_code"), 1);
}

// --- forgotten passwords (S4, S5, S12, S18) ---

TEST_F(RecoveryTest, AForgottenPasswordByTheRegisteredPhone) {
    const auto who = sms_member();
    const auto token = claim(who.account.login_id, ForgottenWay::sms);
    const auto done = must(w().forgotten.prove(token, w().code_sent_to(who.phone), w().client()));
    EXPECT_THAT(done.sent_to, HasSubstr("****"));
    EXPECT_EQ(outcome(w().check(who.session)), "session_lost") << "S5";
    EXPECT_THAT(must(w().sign_in.methods(who.account.id)), SizeIs(1)) << "the second step stays";
    const SecretText reset(long_code_in(newest_text(who.phone)));
    EXPECT_EQ(w().audited("password.forgotten", "done", who.account.login_id), 1);
    w().clock.advance(limits::kResendWait);
    const auto stepped =
        must(w().sign_in.password({w().flow(who.account.login_id, w().client()), {}}, reset, w().client()));
    EXPECT_EQ(stepped.state, FlowState::code) << "the second step is asked as ever";
    EXPECT_EQ(prove(token, "123456"), "flow_lost") << "a claim is proven once";
}

TEST_F(RecoveryTest, AForgottenPasswordByAppGoesToTheRegisteredPhone) {
    const auto who = app_member();
    const auto session = confirm(who, who.session);
    const auto number = World::mobile(fresh_mobile());
    const auto adding = must(w().sign_in.add_method(signed_in(session), "/security", w().client()));
    must(w().sign_in.register_phone({adding.flow_token, {}}, MethodKind::sms, number, w().client()));
    must(w().sign_in.code({adding.flow_token, {}}, w().code_sent_to(number.e164), w().client()));
    w().clock.advance(limits::kTotpStep);
    const auto code = w().totp(who.seed);
    const auto token = claim(who.account.login_id, ForgottenWay::totp);
    EXPECT_EQ(prove(token, code), "ok");
    EXPECT_THAT(long_code_in(newest_text(number.e164)), Not(IsEmpty()));
    EXPECT_EQ(prove(claim(who.account.login_id, ForgottenWay::totp), code), "code:code_used") << "S7";
}

TEST_F(RecoveryTest, WithoutAPhoneOnlyTheHealthCentreHelps) {
    const auto who = app_member();
    w().clock.advance(limits::kTotpStep);
    const auto token = claim(who.account.login_id, ForgottenWay::totp);
    const auto done = must(w().forgotten.prove(token, w().totp(who.seed), w().client()));
    EXPECT_EQ(done.sent_to, "");
    EXPECT_TRUE(w().check(who.session)) << "nothing was reset";
}

TEST_F(RecoveryTest, OneStolenPhoneOpensNoAdministrator) {
    const auto who = sms_member();
    w().with_grant({.account = who.account.id, .login_id = who.account.login_id, .home = region_.facility},
                   Role::facility_admin, region_.facility);
    const auto token = claim(who.account.login_id, ForgottenWay::sms);
    EXPECT_EQ(must(w().forgotten.prove(token, w().code_sent_to(who.phone), w().client())).sent_to, "");
    EXPECT_EQ(told(who, "reset_code"), 0);
    const auto codes = recovery_codes(who);
    const auto kept = claim(who.account.login_id, ForgottenWay::recovery);
    EXPECT_THAT(must(w().forgotten.prove(kept, codes[0].reveal(), w().client())).sent_to, HasSubstr("****"))
        << "a kept code and the phone are two things";
}

TEST_F(RecoveryTest, ASecondStepResetLatelyIsNoWayRoundTheSecondPerson) {
    const auto who = sms_member();
    must(act(admin(), who, AccountAct::access_code));
    const auto token = claim(who.account.login_id, ForgottenWay::sms);
    EXPECT_EQ(must(w().forgotten.prove(token, w().code_sent_to(who.phone), w().client())).sent_to, "") << "S18";
    EXPECT_EQ(told(who, "reset_code"), 0);
}

TEST_F(RecoveryTest, KnownAndUnknownIdsReadTheSame) {
    const auto known = sms_member();
    const auto suspended = sms_member();
    must(act(admin(), suspended, AccountAct::suspend));
    const auto pending = issue();
    const int before = std::stoi(w().look("select count(*) from messages"));
    std::set<std::string> said;
    for (const std::string& login_id : {known.account.login_id, suspended.account.login_id, pending.account.login_id,
                                        std::string("nobody-at-all@madoguchi.example")}) {
        for (const auto way : {ForgottenWay::sms, ForgottenWay::voice, ForgottenWay::totp, ForgottenWay::recovery}) {
            const auto token = claim(login_id, way);
            must(w().forgotten.view(token, w().now()));
            const std::string guess = way == ForgottenWay::recovery ? "ACDE-FGHJ-KLMN-PQRT" : "000000";
            said.insert(prove(token, guess));
        }
        EXPECT_EQ(w().audited("password.forgotten", "refused", login_id), 4) << "S21";
    }
    EXPECT_THAT(said, testing::ElementsAre("code:wrong_code"));
    EXPECT_EQ(std::stoi(w().look("select count(*) from messages")), before + 2) << "one SMS and one call, to the known";
}

TEST_F(RecoveryTest, ProofsAreCountedPerClaimAndPerIdAndLeaveSigningInAlone) {
    const auto who = app_member();
    std::map<std::string, int> said;
    for (int claims = 0; claims < 3; ++claims) {
        const auto token = claim(who.account.login_id, ForgottenWay::totp);
        for (int i = 0; i < limits::kForgottenFailures + 1; ++i) {
            ++said[prove(token, "000000")];
        }
    }
    EXPECT_EQ(said["code:wrong_code"], limits::kForgottenFailuresPerAccount);
    EXPECT_GT(said["too_many_tries"], 0);
    EXPECT_EQ(
        w().look("select failures || ' ' || coalesce(disabled_at::text, '-') from second_steps where account_id = " +
                 std::to_string(who.account.id.value)),
        "0 -")
        << "S13: a stranger's guesses switch nobody's second step off";
    EXPECT_TRUE(w().check(w().sign_in_again(who)));
}

TEST_F(RecoveryTest, AStrangersClaimsDoNotUseUpTheOwnersMessages) {
    const auto who = sms_member();
    for (int i = 0; i < 6; ++i) {
        claim(who.account.login_id, ForgottenWay::sms, "198.51.100." + std::to_string(i));
    }
    EXPECT_EQ(told(who, "forgotten_code"), limits::kForgottenMessagesPerAccountDay);
    w().clock.advance(1h);
    EXPECT_TRUE(w().check(w().sign_in_again(who)));
}

TEST_F(RecoveryTest, FiftyProofsAtOnceMakeOneReset) {
    const auto who = sms_member();
    const auto token = claim(who.account.login_id, ForgottenWay::sms);
    const auto code = w().code_sent_to(who.phone);
    const auto said = all_at_once([&](int) { return prove(token, code); });
    EXPECT_EQ(said.at("ok"), 1);
    EXPECT_EQ(told(who, "reset_code"), 1);
}

TEST_F(RecoveryTest, ClaimsOfOneSourceAreBounded) {
    std::map<std::string, int> said;
    for (int i = 0; i < limits::kForgottenPerSourceHour + 2; ++i) {
        ++said[outcome(w().forgotten.start(fmt::format("claim-{}@madoguchi.example", i), ForgottenWay::sms,
                                           w().client("203.0.113.77")))];
    }
    EXPECT_EQ(said["ok"], limits::kForgottenPerSourceHour);
    EXPECT_EQ(said["too_many_tries"], 2);
}

// --- who is slowed down, and the owner's own allowance (S13) ---

TEST_F(RecoveryTest, WhoIsSlowedDownAndWhyWithinOnesJurisdiction) {
    const auto who = app_member();
    const auto elsewhere = w().region();
    for (int i = 0; i < limits::kPasswordFailuresPerAccountSource; ++i) {
        EXPECT_FALSE(
            w().sign_in.password_by_api(who.account.login_id, SecretText("wrong"), w().client("198.51.100.20", "api")));
    }
    w().look("update second_steps set disabled_at = now() where account_id = " + std::to_string(who.account.id.value));
    const auto reasons_of = [&](const Principal& by) {
        std::vector<std::string> out;
        for (const auto& slowed : must(w().slowed.list(by, {}, 500, w().now()))) {
            if (slowed.account.id == who.account.id) {
                for (const auto& reason : slowed.reasons) {
                    out.push_back(reason.why);
                }
            }
        }
        return out;
    };
    EXPECT_THAT(reasons_of(admin()), testing::ElementsAre("password", "second_step_disabled"));
    EXPECT_THAT(reasons_of(w().ministry_admin), SizeIs(2));
    EXPECT_THAT(must(w().slowed.list(elsewhere.health_center_admin, {}, 500, w().now())), IsEmpty()) << "S16";
    EXPECT_EQ(outcome(w().slowed.list(w().principal(Role::facility_staff, region_.facility), {}, 50, w().now())),
              "forbidden");
    must(act(admin(), who, AccountAct::unlock));
    EXPECT_THAT(reasons_of(admin()), testing::ElementsAre("second_step_disabled")) << "S8: until it is bound anew";
}

TEST_F(RecoveryTest, ThrottledPasswordsLeaveARowAtMostOneAMinute) {
    const auto who = app_member();
    const auto from = [&] { return w().client("198.51.100.21", "api"); };
    const auto wrong = [&](const std::string& id) {
        return outcome(w().sign_in.password_by_api(id, SecretText("wrong"), from()));
    };
    for (const std::string& id : {who.account.login_id, std::string("no-such-id@madoguchi.example")}) {
        for (int i = 0; i < limits::kPasswordFailuresPerAccountSource; ++i) {
            EXPECT_EQ(wrong(id), "invalid_credentials");
        }
        const int before = w().audited("sign_in.password", "refused", id);
        for (int i = 0; i < 20; ++i) {
            EXPECT_EQ(wrong(id), "too_many_tries");
        }
        EXPECT_EQ(w().audited("sign_in.password", "refused", id), before + 1);
        EXPECT_THAT(
            w().look("select after from audit_events where action = 'sign_in.password' order by id desc limit 1"),
            HasSubstr("too_many_tries"));
    }
    w().clock.advance(limits::kThrottledNoteEvery - 1s);
    const int before = w().audited("sign_in.password", "refused", who.account.login_id);
    EXPECT_EQ(wrong(who.account.login_id), "too_many_tries");
    EXPECT_EQ(w().audited("sign_in.password", "refused", who.account.login_id), before);
}

TEST_F(RecoveryTest, StrangersAtManyAddressesDoNotKeepTheOwnerOut) {
    const auto who = app_member();  // signed in from 192.0.2.10
    int refused = 0;
    for (int i = 0; i < limits::kPasswordFailuresPerAccount + 20; ++i) {
        const auto said = outcome(w().sign_in.password_by_api(who.account.login_id, SecretText("guess"),
                                                              w().client(fmt::format("203.0.113.{}", i), "api")));
        refused += said == "too_many_tries" ? 1 : 0;
    }
    EXPECT_EQ(refused, 20) << "the account is closed to strangers";
    EXPECT_EQ(
        outcome(w().sign_in.password_by_api(who.account.login_id, who.password, w().client("203.0.113.250", "api"))),
        "too_many_tries");
    EXPECT_EQ(outcome(w().sign_in.password_by_api(who.account.login_id, who.password, w().client("192.0.2.10", "api"))),
              "ok")
        << "but not where its owner signed in lately";
    int wrong = 0;
    for (int i = 0; i < limits::kPasswordFailuresPerKnownSource + 5; ++i) {
        wrong += outcome(w().sign_in.password_by_api(who.account.login_id, SecretText("guess"),
                                                     w().client("192.0.2.10", "api"))) == "invalid_credentials"
                     ? 1
                     : 0;
    }
    EXPECT_EQ(wrong, limits::kPasswordFailuresPerKnownSource) << "that allowance is small too";
}

TEST_F(RecoveryTest, AnAllowanceLapsesAfterThirtyDays) {
    const auto who = app_member();
    w().clock.advance(limits::kKnownSourceFor + 1h);
    for (int i = 0; i < limits::kPasswordFailuresPerAccount; ++i) {
        EXPECT_FALSE(w().sign_in.password_by_api(who.account.login_id, SecretText("guess"),
                                                 w().client(fmt::format("203.0.113.{}", i), "api")));
    }
    EXPECT_EQ(outcome(w().sign_in.password_by_api(who.account.login_id, who.password, w().client("192.0.2.10", "api"))),
              "too_many_tries");
}

}  // namespace
}  // namespace madoguchi::test
