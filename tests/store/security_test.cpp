// One's own security page on the level of its services: S10, S14, S15.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "base/limits.hpp"
#include "crypto/totp.hpp"
#include "support/world.hpp"

namespace madoguchi::test {
namespace {

using accounts::AccountAct;
using directory::Mode;
using directory::Principal;
using directory::Role;
using signin::Client;
using signin::FlowState;
using signin::MethodKind;
using signin::Step;
using signin::Stepped;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using namespace std::chrono_literals;

class SecurityTest : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        world_ = std::make_unique<World>();
        region_ = world_->region();
    }
    static void TearDownTestSuite() { world_.reset(); }

    World& w() { return *world_; }
    Issued issue() { return w().issue(region_); }
    Member app_member() { return w().first_sign_in_by_application(issue()); }
    Member sms_member() { return w().first_sign_in_by_phone(issue(), MethodKind::sms, fresh_mobile()); }
    std::string fresh_mobile() { return fmt::format("090-3002-{:04}", ++phones_); }
    Principal signed_in(const SecretText& session) { return must(w().check(session)); }
    std::string code_of(const Member& who) {
        w().clock.advance(limits::kTotpStep);
        return who.phone.empty() ? w().totp(who.seed) : w().code_sent_to(who.phone);
    }

    /// "Confirm it's you", whole: the session's new token.
    SecretText confirm(const Member& who, const SecretText& session) {
        const auto from = w().client();
        const auto stepped = must(w().sign_in.confirm(signed_in(session), who.password, "/security", from));
        const std::string code = code_of(who);
        return must(w().sign_in.code({stepped.flow_token, {}}, code, w().client())).session_token;
    }
    /// A further phone for somebody whose session is confirmed.
    std::string add_phone(const SecretText& session) {
        const auto number = World::mobile(fresh_mobile());
        const auto from = w().client();
        const auto stepped = must(w().sign_in.add_method(signed_in(session), "/security", from));
        const Step step{stepped.flow_token, {}};
        must(w().sign_in.register_phone(step, MethodKind::sms, number, from));
        must(w().sign_in.code(step, w().code_sent_to(number.e164), from));
        return number.e164;
    }
    int told(const Member& who, const std::string& purpose) {
        return std::stoi(w().look(fmt::format("select count(*) from messages where account_id = {} and purpose = '{}'",
                                              who.account.id.value, purpose)));
    }

    inline static std::unique_ptr<World> world_;
    inline static Region region_;
    inline static int phones_ = 0;
};

// --- confirm it's you ---

TEST_F(SecurityTest, ConfirmingTakesPasswordAndSecondStepAndRotatesTheToken) {
    const auto who = sms_member();
    const auto principal = signed_in(who.session);
    EXPECT_EQ(outcome(w().security.confirmed(principal, w().now())), "confirmation_needed");
    EXPECT_EQ(outcome(w().sign_in.confirm(principal, SecretText("another password"), "/security", w().client())),
              "password:wrong_current_password");
    const auto stepped = must(w().sign_in.confirm(principal, who.password, "/security/methods/new", w().client()));
    EXPECT_EQ(stepped.state, FlowState::code);
    EXPECT_EQ(outcome(w().security.confirmed(principal, w().now())), "confirmation_needed") << "half a proof is none";
    const auto done = must(w().sign_in.code({stepped.flow_token, {}}, w().code_sent_to(who.phone), w().client()));
    EXPECT_EQ(done.next, "/security/methods/new");
    EXPECT_EQ(outcome(w().check(who.session)), "session_lost") << "S14: a new token";
    const auto again = signed_in(done.session_token);
    EXPECT_EQ(again.session, principal.session) << "the same session";
    EXPECT_TRUE(w().security.confirmed(again, w().now()));
    EXPECT_EQ(w().audited("session.confirm", "refused", who.account.login_id), 1);
    EXPECT_EQ(w().audited("session.confirm", "done", who.account.login_id), 1);
    EXPECT_EQ(w().audited("sign_in", "done", who.account.login_id), 1) << "no second session";
}

TEST_F(SecurityTest, AConfirmationLastsTenMinutesAndIsTheSessionsOwn) {
    const auto who = app_member();
    const auto session = confirm(who, who.session);
    const auto other = w().sign_in_again(who);
    EXPECT_TRUE(w().security.confirmed(signed_in(session), w().now()));
    EXPECT_EQ(outcome(w().security.confirmed(signed_in(other), w().now())), "confirmation_needed");
    w().clock.advance(limits::kConfirmedFor - 31s);
    EXPECT_TRUE(w().security.confirmed(signed_in(session), w().now()));
    w().clock.advance(31s);
    EXPECT_EQ(outcome(w().security.confirmed(signed_in(session), w().now())), "confirmation_needed");
    w().clock.advance(-20min);
    EXPECT_EQ(outcome(w().security.confirmed(signed_in(session), w().now())), "confirmation_needed")
        << "S28: a clock that steps back opens nothing";
    w().clock.advance(20min);
}

TEST_F(SecurityTest, WrongPasswordsAtASessionFallIntoTheBucketsOfSigningIn) {
    const auto who = app_member();
    const auto principal = signed_in(who.session);
    for (int i = 0; i < limits::kPasswordFailuresPerAccountSource; ++i) {
        EXPECT_EQ(outcome(w().sign_in.confirm(principal, SecretText("wrong " + std::to_string(i)), "/security",
                                              w().client("198.51.100.7"))),
                  "password:wrong_current_password");
    }
    EXPECT_EQ(outcome(w().sign_in.confirm(principal, who.password, "/security", w().client("198.51.100.7"))),
              "too_many_tries");
}

TEST_F(SecurityTest, AConfirmationDiesWithItsSession) {
    const auto who = app_member();
    const auto stepped = must(w().sign_in.confirm(signed_in(who.session), who.password, "/security", w().client()));
    must(w().sessions.end(signed_in(who.session), w().now()));
    const std::string code = code_of(who);
    EXPECT_EQ(outcome(w().sign_in.code({stepped.flow_token, {}}, code, w().client())), "session_lost");
}

// --- second steps (S10) ---

TEST_F(SecurityTest, NoSecondStepChangesWithoutAConfirmation) {
    const auto who = sms_member();
    const auto principal = signed_in(who.session);
    const auto method = must(w().sign_in.methods(who.account.id)).front().id;
    EXPECT_EQ(outcome(w().sign_in.add_method(principal, "/security", w().client())), "confirmation_needed");
    EXPECT_EQ(outcome(w().security.rename(principal, method, "受付", w().now())), "confirmation_needed");
    EXPECT_EQ(outcome(w().security.make_default(principal, method, w().now())), "confirmation_needed");
    EXPECT_EQ(outcome(w().security.remove(principal, method, w().now())), "confirmation_needed");
    EXPECT_EQ(w().audited("second_step.remove", "refused", who.account.login_id), 1);
}

TEST_F(SecurityTest, AFurtherPhoneIsToldToTheOldOneAndWorks) {
    const auto who = sms_member();
    const auto session = confirm(who, who.session);
    const auto number = add_phone(session);
    const auto methods = must(w().sign_in.methods(who.account.id));
    ASSERT_THAT(methods, SizeIs(2));
    EXPECT_TRUE(methods[0].is_default) << "the first one stays the default";
    EXPECT_FALSE(methods[1].is_default);
    EXPECT_EQ(told(who, "second_step_added"), 1) << "the old phone, not the new one";
    EXPECT_EQ(w().audited("second_step.add", "done", who.account.login_id), 1);
    w().clock.advance(limits::kResendWait);
    const Step step{w().flow_after_password(who.account.login_id, who.password, w().client()), {}};
    must(w().sign_in.choose_method(step, methods[1].id, std::nullopt, false, w().client()));
    EXPECT_EQ(must(w().sign_in.code(step, w().code_sent_to(number), w().client())).state, FlowState::signed_in);
}

TEST_F(SecurityTest, TheSameNumberIsNotRegisteredTwice) {
    const auto who = sms_member();
    const auto session = confirm(who, who.session);
    const auto stepped = must(w().sign_in.add_method(signed_in(session), "/security", w().client()));
    const auto own = must(gateway::PhoneNumbers().parse(who.phone, "JP", gateway::PhonePurpose::sms));
    EXPECT_EQ(outcome(w().sign_in.register_phone({stepped.flow_token, {}}, MethodKind::voice, own, w().client())),
              "phone:phone_already_registered");
}

TEST_F(SecurityTest, AnAdditionDiesWithItsSession) {
    const auto who = sms_member();
    const auto session = confirm(who, who.session);
    const auto number = World::mobile(fresh_mobile());
    const auto stepped = must(w().sign_in.add_method(signed_in(session), "/security", w().client()));
    const Step step{stepped.flow_token, {}};
    must(w().sign_in.register_phone(step, MethodKind::sms, number, w().client()));
    must(w().accounts.act(region_.health_center_admin, who.account.id, AccountAct::reset_password, "電話で確認",
                          Mode::real, w().now()));
    EXPECT_FALSE(w().sign_in.code(step, w().code_sent_to(number.e164), w().client()));
    EXPECT_THAT(must(w().sign_in.methods(who.account.id)), SizeIs(1));
}

TEST_F(SecurityTest, RenamingDefaultAndRemoving) {
    const auto who = sms_member();
    const auto session = confirm(who, who.session);
    const auto principal = signed_in(session);
    add_phone(session);
    const auto methods = must(w().sign_in.methods(who.account.id));
    must(w().security.rename(principal, methods[1].id, "　受付の　電話 ", w().now()));
    EXPECT_EQ(must(w().security.method(principal, methods[1].id)).label, "受付の 電話");
    EXPECT_EQ(outcome(w().security.rename(principal, methods[1].id, std::string(41, 'a'), w().now())),
              "label:too_long");
    must(w().security.make_default(principal, methods[1].id, w().now()));
    EXPECT_EQ(must(w().sign_in.methods(who.account.id))[0].id, methods[1].id);
    EXPECT_EQ(told(who, "second_step_default"), 2) << "both phones";
    must(w().security.remove(principal, methods[1].id, w().now()));
    EXPECT_EQ(told(who, "second_step_removed"), 2) << "the one that went too";
    const auto left = must(w().sign_in.methods(who.account.id));
    ASSERT_THAT(left, SizeIs(1));
    EXPECT_TRUE(left[0].is_default) << "there is always a default";
    EXPECT_EQ(outcome(w().security.remove(principal, left[0].id, w().now())), "last_second_step");
    EXPECT_EQ(outcome(w().security.remove(principal, methods[1].id, w().now())), "not_found");
}

TEST_F(SecurityTest, OfTwoRemovedAtOnceOneStays) {
    const auto who = sms_member();
    const auto session = confirm(who, who.session);
    const auto principal = signed_in(session);
    for (int i = 0; i < 4; ++i) {
        add_phone(session);
    }
    const auto methods = must(w().sign_in.methods(who.account.id));
    ASSERT_THAT(methods, SizeIs(5));
    std::vector<std::future<std::string>> tries;
    for (const auto& method : methods) {
        tries.push_back(std::async(std::launch::async, [&, id = method.id] {
            return outcome(w().security.remove(principal, id, w().now()));
        }));
    }
    int kept = 0;
    for (auto& one : tries) {
        const auto said = one.get();
        EXPECT_THAT(said, testing::AnyOf("ok", "last_second_step"));
        kept += said == "last_second_step" ? 1 : 0;
    }
    EXPECT_EQ(kept, 1);
    EXPECT_THAT(must(w().sign_in.methods(who.account.id)), SizeIs(1));
}

TEST_F(SecurityTest, NobodyTouchesSomebodyElsesSecondStepOrSession) {
    const auto victim = sms_member();
    const auto who = sms_member();
    const auto principal = signed_in(confirm(who, who.session));
    const auto method = must(w().sign_in.methods(victim.account.id)).front().id;
    EXPECT_EQ(outcome(w().security.method(principal, method)), "not_found");
    EXPECT_EQ(outcome(w().security.rename(principal, method, "私の", w().now())), "not_found");
    EXPECT_EQ(outcome(w().security.remove(principal, method, w().now())), "not_found");
    EXPECT_EQ(outcome(w().security.end_session(principal, signed_in(victim.session).session, w().now())), "not_found");
    EXPECT_TRUE(w().check(victim.session));
}

// --- sessions and activity (S14) ---

TEST_F(SecurityTest, SessionsAreListedAndEnded) {
    const auto who = app_member();
    const auto second = w().sign_in_again(who);
    const auto third = w().sign_in_again(who);
    const auto principal = signed_in(who.session);
    auto view = must(w().security.view(principal, w().now()));
    ASSERT_THAT(view.sessions, SizeIs(3));
    EXPECT_EQ(view.sessions[2].id, principal.session) << "newest first";
    EXPECT_EQ(view.sessions[0].source, "192.0.2.10");
    must(w().security.end_session(principal, signed_in(second).session, w().now()));
    EXPECT_EQ(outcome(w().check(second)), "session_lost");
    EXPECT_EQ(must(w().security.end_other_sessions(principal, w().now())), 1);
    EXPECT_EQ(outcome(w().check(third)), "session_lost");
    EXPECT_TRUE(w().check(who.session));
    EXPECT_THAT(must(w().security.view(principal, w().now())).sessions, SizeIs(1));
    EXPECT_EQ(w().audited("session.end", "done", who.account.login_id), 1);
    EXPECT_EQ(w().audited("session.end_others", "done", who.account.login_id), 1);
}

TEST_F(SecurityTest, ASessionThatIdledAwayIsNotListed) {
    const auto who = app_member();
    w().clock.advance(limits::kSessionIdle);
    const auto second = w().sign_in_again(who);
    EXPECT_THAT(must(w().security.view(signed_in(second), w().now())).sessions, SizeIs(1));
}

TEST_F(SecurityTest, ActivityIsOnesOwnAndPaged) {
    const auto other = app_member();
    const auto who = app_member();
    must(w().accounts.act(region_.health_center_admin, who.account.id, AccountAct::unlock, "電話で確認", Mode::real,
                          w().now()));
    const auto principal = signed_in(who.session);
    std::vector<audit::AuditEvent> all;
    for (std::int64_t before = 0;;) {
        const auto page = must(w().security.activity(principal, before, 2));
        if (page.empty()) {
            break;
        }
        before = page.back().id;
        all.insert(all.end(), page.begin(), page.end());
    }
    EXPECT_GE(all.size(), 5U);
    bool unlocked = false;
    for (const auto& event : all) {
        EXPECT_TRUE(event.actor_account == who.account.id.value || event.target_id == who.account.id.value);
        EXPECT_NE(event.target_name, other.account.login_id);
        unlocked = unlocked || event.action == "account.unlock";
    }
    EXPECT_TRUE(unlocked) << "what others did to one's account is there too";
    EXPECT_TRUE(std::ranges::is_sorted(all, std::ranges::greater(), &audit::AuditEvent::id));
}

}  // namespace
}  // namespace madoguchi::test
