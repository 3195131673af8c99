// The sign-in flow on the level of its services: S6 to S8 and S12 to S15.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <future>
#include <map>
#include <set>

#include "base/limits.hpp"
#include "crypto/totp.hpp"
#include "support/world.hpp"

namespace madoguchi::test {
namespace {

using accounts::AccountAct;
using directory::Mode;
using directory::Role;
using signin::Client;
using signin::FlowState;
using signin::MethodKind;
using signin::Step;
using signin::Stepped;
using testing::HasSubstr;
using testing::SizeIs;
using namespace std::chrono_literals;

class SignInTest : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        world_ = std::make_unique<World>();
        region_ = world_->region();
    }
    static void TearDownTestSuite() { world_.reset(); }

    World& w() { return *world_; }
    Issued issue() { return w().issue(region_); }
    Member member() { return w().first_sign_in_by_application(issue()); }
    Member sms_member() { return w().first_sign_in_by_phone(issue(), MethodKind::sms, fresh_mobile()); }
    std::string fresh_mobile() { return fmt::format("090-3001-{:04}", ++phones_); }

    Step at_code(const Member& who, const Client& from) {
        return {w().flow_after_password(who.account.login_id, who.password, from), {}};
    }
    Step at_code(const Member& who) { return at_code(who, w().client()); }
    Result<Stepped> type_password(const std::string& login_id, const SecretText& password, const Client& from) {
        return w().sign_in.password({w().flow(login_id, from), {}}, password, from);
    }
    std::string wrong_code(const std::string& right) {
        std::string wrong = right;
        wrong[0] = wrong[0] == '9' ? '0' : static_cast<char>(wrong[0] + 1);
        return wrong;
    }
    /// Six digits that are none of the codes an app with this seed would show about now.
    std::string wrong_totp(const SecretText& seed) {
        for (int number = 0;; ++number) {
            const std::string guess = fmt::format("{:06}", number);
            if (!crypto::matching_step(seed, guess, w().now(), 0)) {
                return guess;
            }
        }
    }
    std::string cell(const std::string& sql) { return w().look(sql); }
    std::string of_account(const Member& who) { return std::to_string(who.account.id.value); }

    inline static std::unique_ptr<World> world_;
    inline static Region region_;
    inline static int phones_ = 0;
};

std::map<std::string, int> counted(std::vector<std::future<std::string>>& tries) {
    std::map<std::string, int> out;
    for (auto& attempt : tries) {
        ++out[attempt.get()];
    }
    return out;
}

// --- the whole flow ---

TEST_F(SignInTest, TheFirstTimeBySms) {
    const auto issued = issue();
    const auto from = w().client();
    auto stepped = must(type_password(issued.account.login_id, issued.initial, from));
    EXPECT_EQ(stepped.state, FlowState::register_method);
    const Step step{stepped.flow_token, {}};
    const auto number = World::mobile(fresh_mobile());
    EXPECT_EQ(must(w().sign_in.register_phone(step, MethodKind::sms, number, from)).state, FlowState::register_code);
    EXPECT_EQ(must(w().sign_in.view(step.token, w().now())).phone, number.e164)
        << "in full while it is registered, to be read back";
    stepped = must(w().sign_in.code(step, w().code_sent_to(number.e164), from));
    EXPECT_EQ(stepped.state, FlowState::new_password);
    EXPECT_TRUE(stepped.session_token.empty());
    stepped = must(
        w().sign_in.new_password({stepped.flow_token, {}}, issued.initial, kChosenPassword, kChosenPassword, from));
    EXPECT_EQ(stepped.state, FlowState::signed_in);
    const auto principal = must(w().check(stepped.session_token));
    EXPECT_EQ(principal.login_id, issued.account.login_id);
    EXPECT_EQ(w().account(issued.account.id).state, accounts::AccountState::active);
    const auto methods = must(w().sign_in.methods(issued.account.id));
    ASSERT_THAT(methods, SizeIs(1));
    EXPECT_TRUE(methods[0].is_default);
    EXPECT_THAT(methods[0].phone_sealed, Not(HasSubstr("90"))) << "S19";
    for (const char* action : {"sign_in.password", "second_step.register", "password.replace", "sign_in"}) {
        if (std::string(action) != "sign_in.password") {
            EXPECT_EQ(w().audited(action, "done", issued.account.login_id), 1) << action;
        }
    }
}

TEST_F(SignInTest, TheFirstTimeByVoiceOnAFixedLine) {
    const auto who = w().first_sign_in_by_phone(issue(), MethodKind::voice, "03-1234-5678");
    EXPECT_TRUE(w().check(who.session));
    EXPECT_EQ(cell("select string_agg(kind, ' ') from messages where account_id = " + of_account(who)), "voice");
    EXPECT_TRUE(w().check(w().sign_in_again(who)));
}

TEST_F(SignInTest, AFixedLineGetsNoSms) {
    const auto issued = issue();
    const auto from = w().client();
    const Step step{w().flow_after_password(issued.account.login_id, issued.initial, from), {}};
    EXPECT_EQ(outcome(w().sign_in.register_phone(step, MethodKind::sms, World::fixed_line("03-1234-5679"), from)),
              "phone:phone_fixed_line_no_sms");
    EXPECT_EQ(must(w().sign_in.view(step.token, w().now())).flow.state, FlowState::register_method)
        << "nothing is half done";
}

TEST_F(SignInTest, FromTheSecondTimeOnPasswordAndCodeOnly) {
    for (const auto& who : {member(), sms_member()}) {
        w().clock.advance(30s);
        const auto from = w().client();
        const auto stepped = must(type_password(who.account.login_id, who.password, from));
        EXPECT_EQ(stepped.state, FlowState::code);
        const auto code = who.phone.empty() ? w().totp(who.seed) : w().code_sent_to(who.phone);
        const auto done = must(w().sign_in.code({stepped.flow_token, {}}, code, from));
        EXPECT_EQ(done.state, FlowState::signed_in);
        EXPECT_TRUE(w().check(done.session_token));
    }
}

TEST_F(SignInTest, TheCommandLineSignsInWithATokenOfItsOwn) {
    const auto issued = issue();
    const auto from = w().client("192.0.2.30", "api");
    EXPECT_EQ(outcome(w().sign_in.password_by_api(issued.account.login_id, issued.initial, from)),
              "first_sign_in_required");
    const auto who = w().first_sign_in_by_application(issued);
    w().clock.advance(30s);
    const auto later = w().client("192.0.2.30", "api");
    const auto stepped = must(w().sign_in.password_by_api(who.account.login_id, who.password, later));
    const auto done = must(w().sign_in.code({stepped.flow_token, {}}, w().totp(who.seed), later));
    EXPECT_EQ(done.session_expires_at, w().now() + limits::kCliSessionLife);
    EXPECT_TRUE(w().check(done.session_token, "api"));
    EXPECT_EQ(outcome(w().check(done.session_token, "web")), "session_lost") << "no cookie made of a token";
    EXPECT_EQ(outcome(w().check(who.session, "api")), "session_lost") << "nor the other way round";
}

// --- expiry, where an operator wants it (S1) ---

TEST_F(SignInTest, AnExpiredPasswordIsReplacedBeforeASessionOpens) {
    auto parts = w().sign_in_parts();
    parts.password_life = std::chrono::days(90);
    signin::SignInService strict(std::move(parts));
    const auto who = member();
    const auto from = w().client();
    const SecretText chosen("くじら 7 頭と yuki 3 尺");
    const auto by_code = [&](const SecretText& password) {
        w().clock.advance(30s);
        const auto at_code =
            must(strict.password({w().flow(who.account.login_id, w().client()), {}}, password, w().client()));
        return must(strict.code({at_code.flow_token, {}}, w().totp(who.seed), w().client()));
    };
    w().clock.advance(std::chrono::days(90) - 10min);
    const auto before = by_code(who.password);
    EXPECT_EQ(before.state, FlowState::signed_in);
    w().clock.advance(10min);
    EXPECT_EQ(outcome(strict.password_by_api(who.account.login_id, who.password, w().client("192.0.2.31", "api"))),
              "password_expired");
    const auto stepped = by_code(who.password);
    EXPECT_EQ(stepped.state, FlowState::new_password);
    EXPECT_TRUE(stepped.session_token.empty());
    const Step step{stepped.flow_token, {}};
    const auto replace = [&](const SecretText& current, const SecretText& wanted) {
        return strict.new_password(step, current, wanted, wanted, w().client());
    };
    EXPECT_EQ(outcome(replace(chosen, chosen)), "current_password:wrong_current_password")
        << "the one that expired is asked for";
    EXPECT_EQ(outcome(replace(who.password, who.password)), "new_password:password_same_as_current");
    EXPECT_TRUE(w().check(before.session_token));
    EXPECT_EQ(must(replace(who.password, chosen)).state, FlowState::signed_in);
    EXPECT_EQ(outcome(w().check(before.session_token)), "session_lost")
        << "a new password ends what the old one opened";
    EXPECT_EQ(by_code(chosen).state, FlowState::signed_in) << "good for another 90 days";
    EXPECT_EQ(outcome(type_password(who.account.login_id, who.password, from)), "invalid_credentials");
}

// --- initial passwords (S4) ---

TEST_F(SignInTest, AnInitialPasswordIsGoodOnce) {
    const auto issued = issue();
    must(w().accounts.show(region_.health_center_admin, issued.account.id, w().now()));
    w().first_sign_in_by_application(issued);
    EXPECT_EQ(outcome(type_password(issued.account.login_id, issued.initial, w().client())), "invalid_credentials");
}

TEST_F(SignInTest, AnInitialPasswordExpires) {
    const auto issued = issue();
    w().clock.advance(limits::kInitialPasswordByLetter);
    EXPECT_EQ(outcome(type_password(issued.account.login_id, issued.initial, w().client())),
              "initial_password_expired");
    const auto reset = must(w().accounts.act(region_.health_center_admin, issued.account.id, AccountAct::reset_password,
                                             "期限切れ", Mode::real, w().now()));
    w().clock.advance(limits::kInitialPasswordByReset - 1s);
    EXPECT_EQ(outcome(type_password(issued.account.login_id, reset.initial_password->shown, w().client())), "ok");
    w().clock.advance(1s);
    EXPECT_EQ(outcome(type_password(issued.account.login_id, reset.initial_password->shown, w().client())),
              "initial_password_expired");
}

TEST_F(SignInTest, AnInitialPasswordThatExpiresMidwaySetsNothing) {
    const auto issued = issue();
    w().clock.advance(limits::kInitialPasswordByLetter - 1s);
    const auto from = w().client();
    const Step step{w().flow_after_password(issued.account.login_id, issued.initial, from), {}};
    must(w().sign_in.register_application(step, from));
    const auto seed = must(w().sign_in.view(step.token, w().now())).seed;
    const Step then{must(w().sign_in.code(step, w().totp(seed), from)).flow_token, {}};
    w().clock.advance(2s);
    EXPECT_EQ(outcome(w().sign_in.new_password(then, issued.initial, kChosenPassword, kChosenPassword, w().client())),
              "initial_password_used");
    EXPECT_EQ(w().account(issued.account.id).state, accounts::AccountState::pending);
    EXPECT_THAT(must(w().sign_in.methods(issued.account.id)), SizeIs(0));
}

TEST_F(SignInTest, InAnyWidthAndCaseWithOrWithoutHyphens) {
    const auto issued = issue();
    std::string typed;
    for (const char c : issued.initial.reveal()) {
        if (c != '-') {
            typed += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        }
    }
    EXPECT_EQ(outcome(type_password(issued.account.login_id, SecretText(" " + typed + " "), w().client())), "ok");
}

TEST_F(SignInTest, TheNewPasswordFollowsItsRules) {
    const auto issued = issue();
    const auto from = w().client();
    const Step step{w().flow_after_password(issued.account.login_id, issued.initial, from), {}};
    must(w().sign_in.register_application(step, from));
    const auto seed = must(w().sign_in.view(step.token, w().now())).seed;
    const Step then{must(w().sign_in.code(step, w().totp(seed), from)).flow_token, {}};
    const auto set = [&](const SecretText& current, const std::string& wanted, const std::string& again) {
        return outcome(w().sign_in.new_password(then, current, SecretText(wanted), SecretText(again), from));
    };
    EXPECT_EQ(set(issued.initial, "short", "short"), "new_password:too_short");
    EXPECT_EQ(set(issued.initial, kChosenPassword.reveal(), "other"), "new_password_again:password_mismatch");
    EXPECT_EQ(set(SecretText("wrong"), kChosenPassword.reveal(), kChosenPassword.reveal()),
              "current_password:wrong_current_password");
    EXPECT_EQ(set(issued.initial, issued.initial.reveal(), issued.initial.reveal()),
              "new_password:password_same_as_initial");
    EXPECT_THAT(set(issued.initial, "xx " + issued.account.login_id, "xx " + issued.account.login_id),
                HasSubstr("password_contains_login_id"));
    EXPECT_EQ(set(issued.initial, kChosenPassword.reveal(), kChosenPassword.reveal()), "ok");
}

TEST_F(SignInTest, FiftyFirstSignInsAtOnceMakeOneSessionAndOneSecondStep) {
    const auto issued = issue();
    const auto from = w().client();
    std::vector<std::pair<Step, SecretText>> ready;
    for (int i = 0; i < 50; ++i) {
        const Step step{w().flow_after_password(issued.account.login_id, issued.initial, from), {}};
        must(w().sign_in.register_application(step, from));
        const auto seed = must(w().sign_in.view(step.token, w().now())).seed;
        ready.emplace_back(Step{must(w().sign_in.code(step, w().totp(seed), from)).flow_token, {}}, seed);
    }
    std::vector<std::future<std::string>> tries;
    for (const auto& [step, seed] : ready) {
        tries.push_back(std::async(std::launch::async, [&, &step = step] {
            return outcome(w().sign_in.new_password(step, issued.initial, kChosenPassword, kChosenPassword, from));
        }));
    }
    auto said = counted(tries);
    EXPECT_EQ(said["ok"], 1);
    EXPECT_EQ(said["initial_password_used"] + said["flow_lost"], 49) << "lost the race, or was ended by the winner";
    EXPECT_THAT(must(w().sign_in.methods(issued.account.id)), SizeIs(1)) << "losers bind nothing";
    EXPECT_EQ(cell("select count(*) from sessions where account_id = " + std::to_string(issued.account.id.value)), "1");
}

// --- codes (S6) ---

TEST_F(SignInTest, ACodeIsGoodOnce) {
    const auto who = sms_member();
    w().clock.advance(30s);
    const auto step = at_code(who);
    const auto code = w().code_sent_to(who.phone);
    std::vector<std::future<std::string>> tries;
    for (int i = 0; i < 9; ++i) {
        tries.push_back(
            std::async(std::launch::async, [&] { return outcome(w().sign_in.code(step, code, w().client())); }));
    }
    const auto said = counted(tries);
    EXPECT_EQ(said.at("ok"), 1);
    EXPECT_EQ(cell("select count(*) from sessions where ended_at is null and account_id = " + of_account(who)), "2")
        << "that of the first time and one";
    EXPECT_NE(outcome(w().sign_in.code(step, code, w().client())), "ok");
}

TEST_F(SignInTest, ACodeExpiresAfterTenMinutes) {
    const auto who = sms_member();
    w().clock.advance(30s);
    const auto step = at_code(who);
    const auto code = w().code_sent_to(who.phone);
    w().clock.advance(limits::kCodeLife);
    EXPECT_EQ(outcome(w().sign_in.code(step, code, w().client())), "code:code_expired");
    must(w().sign_in.send_again(step, MethodKind::sms, w().client()));
    EXPECT_EQ(outcome(w().sign_in.code(step, w().code_sent_to(who.phone), w().client())), "ok");
}

TEST_F(SignInTest, OneCodeLivesAtATime) {
    const auto who = sms_member();
    w().clock.advance(30s);
    const auto step = at_code(who);
    const auto first = w().code_sent_to(who.phone);
    EXPECT_EQ(outcome(w().sign_in.send_again(step, MethodKind::sms, w().client())), "resend_wait");
    w().clock.advance(limits::kResendWait);
    must(w().sign_in.send_again(step, MethodKind::voice, w().client()));
    const auto second = w().code_sent_to(who.phone);
    ASSERT_NE(first, second);
    EXPECT_EQ(outcome(w().sign_in.code(step, first, w().client())), "code:wrong_code");
    EXPECT_EQ(outcome(w().sign_in.code(step, second, w().client())), "ok");
}

TEST_F(SignInTest, ACodeBelongsToTheSignInThatAskedForIt) {
    const auto who = sms_member();
    w().clock.advance(1min);
    const auto one = at_code(who);
    const auto code_of_one = w().code_sent_to(who.phone);
    w().clock.advance(1min);
    const auto two = at_code(who);
    EXPECT_EQ(outcome(w().sign_in.code(two, code_of_one, w().client())), "code:wrong_code");
}

TEST_F(SignInTest, ResendingSwitchingAndStartingOverResetNoCount) {
    const auto who = sms_member();
    w().clock.advance(30s);
    auto step = at_code(who);
    const auto failures = [&] {
        return cell("select failures from second_steps where account_id = " + of_account(who));
    };
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(outcome(w().sign_in.code(step, wrong_code(w().code_sent_to(who.phone)), w().client())),
                  "code:wrong_code");
    }
    EXPECT_EQ(failures(), "3");
    w().clock.advance(limits::kResendWait);
    must(w().sign_in.send_again(step, MethodKind::voice, w().client()));
    EXPECT_EQ(failures(), "3");
    EXPECT_EQ(must(w().sign_in.view(step.token, w().now())).tries_left, limits::kFlowCodeFailures - 3);
    w().clock.advance(1min);
    step = at_code(who);
    EXPECT_EQ(failures(), "3") << "a new flow of the same second step";
    EXPECT_EQ(outcome(w().sign_in.code(step, wrong_code(w().code_sent_to(who.phone)), w().client())),
              "code:wrong_code");
    EXPECT_EQ(failures(), "4");
    EXPECT_EQ(outcome(w().sign_in.code(step, w().code_sent_to(who.phone), w().client())), "ok");
    EXPECT_EQ(failures(), "0") << "a right code ends the row";
}

TEST_F(SignInTest, MalformedCodesCountAsNoGuess) {
    const auto who = sms_member();
    w().clock.advance(30s);
    const auto step = at_code(who);
    EXPECT_EQ(outcome(w().sign_in.code(step, "", w().client())), "code:required");
    EXPECT_EQ(outcome(w().sign_in.code(step, "12345", w().client())), "code:code_format");
    EXPECT_EQ(outcome(w().sign_in.code(step, "12345a", w().client())), "code:code_format");
    EXPECT_EQ(cell("select failures from second_steps where account_id = " + of_account(who)), "0");
    std::string wide;
    for (const char c : w().code_sent_to(who.phone)) {
        wide += "\xEF\xBC";
        wide += static_cast<char>(0x90 + (c - '0'));
    }
    EXPECT_EQ(outcome(w().sign_in.code(step, wide, w().client())), "ok") << "full-width digits";
}

TEST_F(SignInTest, MessagesOfOneSignInAreCapped) {
    const auto who = sms_member();
    w().clock.advance(1h);
    const auto from = w().client();
    const auto step = at_code(who, from);
    std::string last;
    int sent = 1;
    for (; sent < 10; ++sent) {
        w().clock.advance(limits::kResendWait);
        last = outcome(w().sign_in.send_again(step, MethodKind::sms, w().client()));
        if (last != "ok") {
            break;
        }
    }
    EXPECT_EQ(sent, limits::kMessagesPerFlow);
    EXPECT_EQ(last, "phone_too_many_messages");
}

// --- TOTP (S7) ---

TEST_F(SignInTest, ATotpStepIsTakenOnce) {
    const auto who = member();
    EXPECT_EQ(outcome(w().sign_in.code(at_code(who), w().totp(who.seed), w().client())), "code:code_used")
        << "the code that registered the app";
    w().clock.advance(30s);
    const auto code = w().totp(who.seed);
    EXPECT_EQ(outcome(w().sign_in.code(at_code(who), code, w().client())), "ok");
    EXPECT_EQ(outcome(w().sign_in.code(at_code(who), code, w().client())), "code:code_used");
    const auto earlier = crypto::totp_code(who.seed, crypto::totp_step(w().now()) - 1);
    EXPECT_EQ(outcome(w().sign_in.code(at_code(who), earlier, w().client())), "code:code_used");
    const auto next = crypto::totp_code(who.seed, crypto::totp_step(w().now()) + 1);
    EXPECT_EQ(outcome(w().sign_in.code(at_code(who), next, w().client())), "ok") << "one step of drift";
    const auto far = crypto::totp_code(who.seed, crypto::totp_step(w().now()) + 3);
    EXPECT_EQ(outcome(w().sign_in.code(at_code(who), far, w().client())), "code:wrong_code");
}

TEST_F(SignInTest, ATotpStepIsTakenOnceInParallel) {
    const auto who = member();
    w().clock.advance(30s);
    const auto code = w().totp(who.seed);
    std::vector<Step> steps;
    for (int i = 0; i < 8; ++i) {
        steps.push_back(at_code(who));
    }
    std::vector<std::future<std::string>> tries;
    for (const auto& step : steps) {
        tries.push_back(
            std::async(std::launch::async, [&] { return outcome(w().sign_in.code(step, code, w().client())); }));
    }
    const auto said = counted(tries);
    EXPECT_EQ(said.at("ok"), 1);
    EXPECT_EQ(said.at("code:code_used"), 7);
}

TEST_F(SignInTest, AClockThatStepsBackOpensNoReplay) {
    const auto who = member();
    w().clock.advance(5min);
    const auto code = w().totp(who.seed);
    ASSERT_EQ(outcome(w().sign_in.code(at_code(who), code, w().client())), "ok");
    w().clock.advance(-5min);
    EXPECT_EQ(outcome(w().sign_in.code(at_code(who), w().totp(who.seed), w().client())), "code:code_used") << "S28";
    w().clock.advance(6min);
}

// --- limits on guesses (S8) ---

TEST_F(SignInTest, TenWrongCodesSlowASecondStepDown) {
    const auto who = member();
    w().clock.advance(30s);
    auto step = at_code(who);
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(outcome(w().sign_in.code(step, wrong_totp(who.seed), w().client())), "code:wrong_code");
    }
    step = at_code(who);
    for (int i = 0; i < 5; ++i) {
        EXPECT_EQ(outcome(w().sign_in.code(step, wrong_totp(who.seed), w().client())), "code:wrong_code");
    }
    const auto slowed = w().sign_in.code(step, w().totp(who.seed), w().client());
    EXPECT_EQ(outcome(slowed), "too_many_tries") << "even the right one waits";
    EXPECT_EQ(slowed.error().retry_after, std::chrono::seconds(limits::kSecondStepSlowWait));
    w().clock.advance(limits::kSecondStepSlowWait);
    EXPECT_EQ(outcome(w().sign_in.code(step, w().totp(who.seed), w().client())), "ok");
}

TEST_F(SignInTest, AFlowTakesTenWrongCodesAndNoMore) {
    const auto who = member();
    w().clock.advance(30s);
    const auto step = at_code(who);
    for (int i = 0; i < limits::kFlowCodeFailures; ++i) {
        EXPECT_EQ(outcome(w().sign_in.code(step, wrong_totp(who.seed), w().client())), "code:wrong_code");
    }
    w().clock.advance(limits::kSecondStepSlowWait);
    EXPECT_EQ(outcome(w().sign_in.code(step, w().totp(who.seed), w().client())), "too_many_tries");
    EXPECT_EQ(must(w().sign_in.view(step.token, w().now())).tries_left, 0);
    EXPECT_EQ(outcome(w().sign_in.code(at_code(who), w().totp(who.seed), w().client())), "ok") << "a new sign-in may";
}

TEST_F(SignInTest, AHundredWrongCodesDisableASecondStepUntilItIsBoundAnew) {
    const auto who = member();
    w().clock.advance(30s);
    cell("update second_steps set failures = 98 where account_id = " + of_account(who));
    const auto step = at_code(who);
    EXPECT_EQ(outcome(w().sign_in.code(step, wrong_totp(who.seed), w().client())), "code:wrong_code") << "the 99th";
    w().clock.advance(limits::kSecondStepSlowWait);
    EXPECT_EQ(outcome(w().sign_in.code(step, wrong_totp(who.seed), w().client())), "code:wrong_code") << "the 100th";
    w().clock.advance(1h);
    EXPECT_EQ(outcome(type_password(who.account.login_id, who.password, w().client())), "second_step_disabled");
    must(w().accounts.act(region_.health_center_admin, who.account.id, AccountAct::unlock, "x", Mode::real, w().now()));
    EXPECT_EQ(outcome(type_password(who.account.login_id, who.password, w().client())), "second_step_disabled")
        << "unlocking is not binding anew";
    must(w().accounts.act(region_.health_center_admin, who.account.id, AccountAct::reset_second_step, "x", Mode::real,
                          w().now()));
    EXPECT_EQ(must(type_password(who.account.login_id, who.password, w().client())).state, FlowState::register_method);
}

TEST_F(SignInTest, ADisabledSecondStepIsToldToItsOwner) {
    const auto who = sms_member();
    w().clock.advance(30s);
    cell("update second_steps set failures = 99 where account_id = " + of_account(who));
    const auto step = at_code(who);
    EXPECT_EQ(outcome(w().sign_in.code(step, wrong_code(w().code_sent_to(who.phone)), w().client())),
              "code:wrong_code");
    EXPECT_EQ(cell("select count(*) from messages where purpose = 'second_step_disabled' and account_id = " +
                   of_account(who)),
              "1");
}

TEST_F(SignInTest, ParallelGuessesNeverPassTheLimitByOne) {
    const auto who = member();
    w().clock.advance(30s);
    cell("update second_steps set failures = 5 where account_id = " + of_account(who));
    std::vector<Step> steps;
    for (int i = 0; i < 16; ++i) {
        steps.push_back(at_code(who));
    }
    const auto wrong = wrong_totp(who.seed);
    std::vector<std::future<std::string>> tries;
    for (const auto& step : steps) {
        tries.push_back(
            std::async(std::launch::async, [&] { return outcome(w().sign_in.code(step, wrong, w().client())); }));
    }
    const auto said = counted(tries);
    EXPECT_EQ(said.at("code:wrong_code"), 5) << "from 5 to 10";
    EXPECT_EQ(said.at("too_many_tries"), 11);
    EXPECT_EQ(cell("select failures from second_steps where account_id = " + of_account(who)), "10");
}

TEST_F(SignInTest, ParallelGuessesInOneFlowNeverPassItsLimit) {
    const auto who = member();
    w().clock.advance(30s);
    const auto step = at_code(who);
    const auto wrong = wrong_totp(who.seed);
    std::vector<std::future<std::string>> tries;
    for (int i = 0; i < 16; ++i) {
        tries.push_back(
            std::async(std::launch::async, [&] { return outcome(w().sign_in.code(step, wrong, w().client())); }));
    }
    EXPECT_EQ(counted(tries).at("code:wrong_code"), limits::kFlowCodeFailures);
}

TEST_F(SignInTest, GuessesWhileRegisteringAreCountedOverFlows) {
    const auto issued = issue();
    const auto from = w().client();
    std::string said;
    int guesses = 0;
    for (int flow = 0; flow < 4 && said != "too_many_tries"; ++flow) {
        const Step step{w().flow_after_password(issued.account.login_id, issued.initial, from), {}};
        must(w().sign_in.register_application(step, from));
        const auto seed = must(w().sign_in.view(step.token, w().now())).seed;
        for (int i = 0; i < 4 && said != "too_many_tries"; ++i) {
            said = outcome(w().sign_in.code(step, wrong_totp(seed), from));
            guesses += said == "code:wrong_code" ? 1 : 0;
        }
    }
    EXPECT_EQ(said, "too_many_tries");
    EXPECT_EQ(guesses, limits::kSecondStepSlowFailures);
}

// --- enumeration (S12) ---

TEST_F(SignInTest, UnknownWrongSuspendedAndClosedReadTheSame) {
    const auto active = member();
    const auto suspended = member();
    const auto closed = member();
    const auto pending = issue();
    const auto& by = region_.health_center_admin;
    must(w().accounts.act(by, suspended.account.id, AccountAct::suspend, "x", Mode::real, w().now()));
    must(w().accounts.act(by, closed.account.id, AccountAct::close, "x", Mode::real, w().now()));
    auto hashed = [this, before = w().hash_gate_reports.load()]() mutable {
        return w().hash_gate_reports.load() - std::exchange(before, w().hash_gate_reports.load());
    };
    must(w().gate.hash(SecretText("any")));
    const int one_hash = hashed();
    for (const std::string& login_id :
         {active.account.login_id, suspended.account.login_id, closed.account.login_id, pending.account.login_id,
          std::string("nobody@madoguchi.example"), std::string("nobody@somewhere.else")}) {
        const auto refused = type_password(login_id, SecretText("not the password"), w().client());
        ASSERT_FALSE(refused) << login_id;
        EXPECT_EQ(refused.error().kind, ErrorKind::unauthenticated) << login_id;
        EXPECT_EQ(refused.error().message_id, "invalid_credentials") << login_id;
        EXPECT_TRUE(refused.error().fields.empty() && refused.error().values.empty() && !refused.error().retry_after);
        EXPECT_EQ(hashed(), one_hash) << login_id << ": one password is hashed for everybody, or the time tells";
        const auto by_api =
            w().sign_in.password_by_api(login_id, SecretText("not the password"), w().client("192.0.2.31", "api"));
        EXPECT_EQ(outcome(by_api), "invalid_credentials") << login_id;
        EXPECT_EQ(hashed(), one_hash) << login_id;
    }
}

TEST_F(SignInTest, AnUnknownIdIsLockedLikeAKnownOne) {
    const auto who = member();
    const auto refusals = [&](const std::string& login_id, const std::string& source) {
        std::vector<std::string> out;
        for (int i = 0; i < limits::kPasswordFailuresPerAccountSource + 2; ++i) {
            out.push_back(outcome(type_password(login_id, SecretText("wrong"), w().client(source))));
        }
        return out;
    };
    EXPECT_EQ(refusals(who.account.login_id, "192.0.2.40"), refusals("unknown@madoguchi.example", "192.0.2.41"));
}

TEST_F(SignInTest, RefusedSignInsAreAuditedAlsoOfUnknownIds) {
    const auto who = member();
    static_cast<void>(type_password(who.account.login_id, SecretText("wrong"), w().client("192.0.2.50")));
    static_cast<void>(type_password("unknown-50@madoguchi.example", SecretText("wrong"), w().client("192.0.2.50")));
    EXPECT_EQ(w().audited("sign_in.password", "refused", who.account.login_id), 1);
    EXPECT_EQ(w().audited("sign_in.password", "refused", "unknown-50@madoguchi.example"), 1);
    EXPECT_THAT(must(w().audit.list(Actor::system(), {.account = "unknown-50@madoguchi.example"})), SizeIs(1))
        << "and stand where the sealer and the ministry look";
}

// --- throttling (S13) ---

TEST_F(SignInTest, SpellingsOfAnIdFallInTheSameBucket) {
    const auto issued =
        must(w().accounts.issue(region_.health_center_admin,
                                {region_.facility.id, "bucket-test", {"山田", "", "", ""}, {}}, Mode::real, w().now()));
    const auto from = w().client("192.0.2.60");
    const std::array<std::string, 5> spellings = {"bucket-test@madoguchi.example", "BUCKET-TEST@madoguchi.example",
                                                  "ｂｕｃｋｅｔ－ｔｅｓｔ＠ｍａｄｏｇｕｃｈｉ．ｅｘａｍｐｌｅ",
                                                  " bucket-test @madoguchi.example", "Bucket-Test@Madoguchi.Example　"};
    for (int i = 0; i < limits::kPasswordFailuresPerAccountSource; ++i) {
        EXPECT_EQ(outcome(type_password(spellings.at(static_cast<std::size_t>(i) % 5), SecretText("wrong"), from)),
                  "invalid_credentials");
    }
    for (const auto& spelling : spellings) {
        EXPECT_EQ(outcome(type_password(spelling, issued.initial_password->shown, from)), "too_many_tries") << spelling;
    }
}

TEST_F(SignInTest, TheOwnerGetsInWhileAnAttackerElsewhereIsBlocked) {
    const auto who = member();
    const auto attacker = w().client("198.51.100.1");
    for (int i = 0; i < limits::kPasswordFailuresPerAccountSource; ++i) {
        static_cast<void>(type_password(who.account.login_id, SecretText("wrong"), attacker));
    }
    EXPECT_EQ(outcome(type_password(who.account.login_id, SecretText("wrong"), attacker)), "too_many_tries");
    EXPECT_EQ(outcome(type_password(who.account.login_id, who.password, w().client("192.0.2.61"))), "ok");
}

TEST_F(SignInTest, WaitsDoubleUpToAQuarterOfAnHour) {
    const auto source = std::string("198.51.100.2");
    const std::string login_id = "waits@madoguchi.example";
    std::vector<std::int64_t> waits;
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < limits::kPasswordFailuresPerAccountSource; ++i) {
            EXPECT_EQ(outcome(type_password(login_id, SecretText("wrong"), w().client(source))), "invalid_credentials");
        }
        const auto blocked = type_password(login_id, SecretText("wrong"), w().client(source));
        ASSERT_EQ(outcome(blocked), "too_many_tries");
        waits.push_back(blocked.error().retry_after->count());
        w().clock.advance(*blocked.error().retry_after);
    }
    EXPECT_THAT(waits, testing::ElementsAre(60, 120, 240));
}

TEST_F(SignInTest, ARightPasswordEndsTheRowOfFailures) {
    const auto who = member();
    const auto from = w().client("192.0.2.62");
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < limits::kPasswordFailuresPerAccountSource - 4; ++i) {
            EXPECT_EQ(outcome(type_password(who.account.login_id, SecretText("wrong"), from)), "invalid_credentials");
        }
        EXPECT_EQ(outcome(type_password(who.account.login_id, who.password, from)), "ok") << "round " << round;
    }
}

TEST_F(SignInTest, ParallelPasswordsNeverPassTheLimit) {
    const auto who = member();
    const auto from = w().client("192.0.2.63");
    std::vector<Step> steps;
    for (int i = 0; i < 24; ++i) {
        steps.push_back({w().flow(who.account.login_id, from), {}});
    }
    std::vector<std::future<std::string>> tries;
    for (const auto& step : steps) {
        tries.push_back(std::async(std::launch::async,
                                   [&] { return outcome(w().sign_in.password(step, SecretText("wrong"), from)); }));
    }
    const auto said = counted(tries);
    EXPECT_EQ(said.at("invalid_credentials"), limits::kPasswordFailuresPerAccountSource);
    EXPECT_EQ(said.at("too_many_tries"), 24 - limits::kPasswordFailuresPerAccountSource);
}

TEST_F(SignInTest, ASourceThatTriesManyIdsIsBlocked) {
    const auto from = w().client("198.51.100.3");
    int tried = 0;
    std::string said;
    for (; tried <= limits::kPasswordFailuresPerSource; ++tried) {
        said =
            outcome(type_password(fmt::format("spray-{}@madoguchi.example", tried), SecretText("Spring2026!"), from));
        if (said == "too_many_tries") {
            break;
        }
    }
    EXPECT_EQ(tried, limits::kPasswordFailuresPerSource);
    EXPECT_EQ(said, "too_many_tries");
}

// --- sessions (S14) ---

TEST_F(SignInTest, ASessionIdlesForThirtyMinutes) {
    const auto who = member();
    w().clock.advance(limits::kSessionIdle - 1s);
    EXPECT_TRUE(w().check(who.session));
    w().clock.advance(limits::kSessionIdle - 1s);
    EXPECT_TRUE(w().check(who.session)) << "each use counts anew";
    w().clock.advance(limits::kSessionIdle);
    EXPECT_EQ(outcome(w().check(who.session)), "session_lost");
}

TEST_F(SignInTest, ASessionLivesTwelveHoursAtMost) {
    const auto who = member();
    const auto end = w().now() + limits::kSessionLife;
    while (w().now() + 20min < end) {
        w().clock.advance(20min);
        ASSERT_TRUE(w().check(who.session));
    }
    w().clock.set(end - 1s);
    EXPECT_TRUE(w().check(who.session));
    w().clock.set(end);
    EXPECT_EQ(outcome(w().check(who.session)), "session_lost");
}

TEST_F(SignInTest, TokensRotateWithEachStepAndNoneIsStored) {
    const auto issued = issue();
    const auto from = w().client();
    const auto first = w().flow(issued.account.login_id, from);
    const auto second = must(w().sign_in.password({first, {}}, issued.initial, from)).flow_token;
    EXPECT_EQ(outcome(w().sign_in.view(first, w().now())), "flow_lost") << "known before the password was right";
    must(w().sign_in.register_application({second, {}}, from));
    const auto seed = must(w().sign_in.view(second, w().now())).seed;
    const auto third = must(w().sign_in.code({second, {}}, w().totp(seed), from)).flow_token;
    EXPECT_EQ(outcome(w().sign_in.view(second, w().now())), "flow_lost");
    const auto done =
        must(w().sign_in.new_password({third, {}}, issued.initial, kChosenPassword, kChosenPassword, from));
    EXPECT_NE(done.session_token.reveal(), third.reveal());
    EXPECT_EQ(done.session_token.reveal().size(), 43U) << "256 bits";
    for (const auto& token : {second, third, done.session_token}) {
        EXPECT_EQ(cell("select count(*) from sessions s, sign_in_flows f where s.token_digest = '" + token.reveal() +
                       "' or f.token_digest = '" + token.reveal() + "'"),
                  "0");
    }
    EXPECT_EQ(outcome(w().check(third)), "session_lost") << "a flow's token is no session";
}

TEST_F(SignInTest, SigningOutEndsThatSessionOnly) {
    const auto who = member();
    const auto other = w().sign_in_again(who);
    must(w().sessions.end(must(w().check(other)), w().now()));
    EXPECT_EQ(outcome(w().check(other)), "session_lost");
    EXPECT_TRUE(w().check(who.session));
    EXPECT_EQ(w().audited("sign_out", "done", who.account.login_id), 1);
}

TEST_F(SignInTest, AChangedRoleTakesEffectOnTheNextCheck) {
    const auto who = member();
    const auto holds = [&] { return must(w().check(who.session)).grants.size(); };
    ASSERT_EQ(holds(), 1U);
    const auto granted = must(w().roles.grant(region_.health_center_admin,
                                              {.account = who.account.id,
                                               .organization = region_.other_facility.id,
                                               .role = Role::facility_staff,
                                               .from = {},
                                               .until = {},
                                               .reason = "応援"},
                                              Mode::real, w().now()));
    EXPECT_EQ(holds(), 2U);
    must(w().roles.revoke(region_.health_center_admin, granted.grant->grant.id, "終了", Mode::real, w().now()));
    EXPECT_EQ(holds(), 1U);
}

// Whatever a check tells of somebody, changed behind the services' back: no server may act on what it remembers.
TEST_F(SignInTest, AChangeOfAnyKindReachesTheNextCheck) {
    const auto who = member();
    const auto id = std::to_string(who.account.id.value);
    const auto home = std::to_string(who.account.organization.id.value);
    must(w().check(who.session));
    w().look("update accounts set family_name = '改姓' where id = " + id);
    EXPECT_EQ(must(w().check(who.session)).name.find("改姓"), 0U);
    w().look("update organizations set name = '改称医院' where id = " + home);
    EXPECT_EQ(must(w().check(who.session)).home.name, "改称医院");
    EXPECT_EQ(must(w().check(who.session)).grants.at(0).organization.name, "改称医院");
    w().look(
        "update grants set valid_until = now() - interval '1 year', valid_from = now() - interval '2 years' where "
        "account_id = " +
        id);
    EXPECT_TRUE(must(w().check(who.session)).grants.at(0).until.has_value());
    w().look("update organizations set state = 'closed' where id = " + home);
    EXPECT_EQ(outcome(w().check(who.session)), "session_lost");
    w().look("update organizations set state = 'active' where id = " + home);
    EXPECT_TRUE(w().check(who.session));
    w().look("update accounts set state = 'suspended' where id = " + id);
    EXPECT_EQ(outcome(w().check(who.session)), "session_lost");
}

TEST_F(SignInTest, ASecondServerSeesAChangeAtOnce) {
    const auto who = member();
    signin::SessionService other(w().database, w().audit, w().token_key);
    http::Request request;
    request.path = "/";
    request.now = w().now();
    request.cookies.emplace(http::kSessionCookie, who.session.reveal());
    ASSERT_EQ(must(other.check(request)).grants.size(), 1U);
    must(w().roles.grant(region_.health_center_admin,
                         {.account = who.account.id,
                          .organization = region_.other_facility.id,
                          .role = Role::facility_staff,
                          .from = {},
                          .until = {},
                          .reason = "応援"},
                         Mode::real, w().now()));
    EXPECT_EQ(must(other.check(request)).grants.size(), 2U);
    must(w().accounts.act(region_.health_center_admin, who.account.id, accounts::AccountAct::suspend, "試験",
                          Mode::real, w().now()));
    EXPECT_EQ(outcome(other.check(request)), "session_lost");
}

TEST_F(SignInTest, NonsenseTokensAreNoSession) {
    for (const std::string& token : {std::string(), std::string("x"), std::string(43, 'A'), std::string(65, 'A'),
                                     std::string("' or 1=1 --"), std::string(10000, 'A')}) {
        EXPECT_EQ(outcome(w().check(SecretText(token))), "session_lost") << token.size();
        EXPECT_EQ(outcome(w().check(SecretText(token), "api")), "session_lost") << token.size();
    }
}

// --- no step skipped (S15) ---

// What each service call says in each state of a flow: only those drawn are taken.
TEST_F(SignInTest, EveryCallInEveryWrongStateIsStale) {
    const auto from = [&] { return w().client(); };
    const auto number = World::mobile("090-5555-0001");
    const std::map<std::string, std::function<std::string(const Step&)>> calls = {
        {"password", [&](const Step& s) { return outcome(w().sign_in.password(s, kChosenPassword, from())); }},
        {"phone",
         [&](const Step& s) { return outcome(w().sign_in.register_phone(s, MethodKind::sms, number, from())); }},
        {"application", [&](const Step& s) { return outcome(w().sign_in.register_application(s, from())); }},
        {"to_passkey", [&](const Step& s) { return outcome(w().sign_in.register_passkey(s, from())); }},
        {"made_passkey", [&](const Step& s) { return outcome(w().sign_in.made_passkey(s, {}, "name", "", from())); }},
        {"passkey", [&](const Step& s) { return outcome(w().sign_in.passkey(s, {}, from())); }},
        {"again", [&](const Step& s) { return outcome(w().sign_in.send_again(s, MethodKind::sms, from())); }},
        {"choose",
         [&](const Step& s) { return outcome(w().sign_in.choose_method(s, SecondStepId{1}, {}, false, from())); }},
        {"code", [&](const Step& s) { return outcome(w().sign_in.code(s, "123456", from())); }},
        {"spare", [&](const Step& s) { return outcome(w().sign_in.spare_code(s, "ACDE-FGHJ-KLMN-PQRT", from())); }},
        {"new_password", [&](const Step& s) {
             return outcome(w().sign_in.new_password(s, kChosenPassword, kChosenPassword, kChosenPassword, from()));
         }}};
    const std::map<std::string, std::set<std::string>> taken = {
        {"password", {"password"}},
        {"register", {"phone", "application", "to_passkey"}},
        {"register_totp", {"phone", "application", "to_passkey", "code"}},
        {"register_code", {"phone", "application", "to_passkey", "again", "code"}},
        {"register_passkey", {"phone", "application", "to_passkey", "made_passkey"}},
        {"code", {"again", "choose", "code", "spare"}},
        {"passkey", {"choose", "passkey", "spare"}},
        {"passkey_alone", {"passkey"}},
        {"new_password", {"new_password"}},
        {"signed_in", {}}};
    const auto issued = issue();
    const auto who = sms_member();
    w().clock.advance(1h);
    for (const auto& [state, drawn] : taken) {
        for (const auto& [name, call] : calls) {
            if (drawn.contains(name)) {
                continue;
            }
            const auto token = w().flow(who.account.login_id, from());
            cell(fmt::format(
                "update sign_in_flows set state = '{}', account_id = {}, method_id = {} where id = (select "
                "max(id) from sign_in_flows)",
                state, of_account(who),
                state == "code" ? "(select id from second_steps where account_id = " + of_account(who) + ")" : "null"));
            EXPECT_EQ(call({token, {}}), "stale_step") << name << " in " << state;
        }
    }
    const auto ended = w().flow(who.account.login_id, from());
    cell("update sign_in_flows set state = 'ended' where id = (select max(id) from sign_in_flows)");
    for (const auto& [name, call] : calls) {
        EXPECT_EQ(call({ended, {}}), "flow_lost") << name;
        EXPECT_EQ(call({SecretText("never a token"), {}}), "flow_lost") << name;
    }
}

TEST_F(SignInTest, AFormOfAnEarlierPageIsStale) {
    const auto issued = issue();
    const auto from = w().client();
    const auto token = w().flow_after_password(issued.account.login_id, issued.initial, from);
    const auto old_page = must(w().sign_in.view(token, w().now())).flow.step();
    EXPECT_EQ(outcome(w().sign_in.register_application({token, old_page}, from)), "ok");
    EXPECT_EQ(
        outcome(w().sign_in.register_phone({token, old_page}, MethodKind::sms, World::mobile("090-5555-0002"), from)),
        "stale_step")
        << "the back button";
}

TEST_F(SignInTest, AFlowEndsAfterHalfAnHour) {
    const auto issued = issue();
    const auto token = w().flow_after_password(issued.account.login_id, issued.initial, w().client());
    w().clock.advance(limits::kFlowLife);
    EXPECT_EQ(outcome(w().sign_in.view(token, w().now())), "flow_lost");
    EXPECT_EQ(outcome(w().sign_in.register_application({token, {}}, w().client())), "flow_lost");
}

TEST_F(SignInTest, AnotherAccountsSecondStepCantBeChosen) {
    const auto who = member();
    const auto other = member();
    w().clock.advance(30s);
    const auto step = at_code(who);
    const auto theirs = must(w().sign_in.methods(other.account.id)).at(0).id;
    EXPECT_EQ(outcome(w().sign_in.choose_method(step, theirs, {}, true, w().client())), "method_id:unknown_value");
    EXPECT_EQ(outcome(w().sign_in.code(step, w().totp(other.seed), w().client())), "code:wrong_code");
}

TEST_F(SignInTest, OldFlowsAndThrottlesAreForgotten) {
    w().clock.advance(72h);
    must(w().sign_in.forget_old(w().now(), std::chrono::days(1)));
    EXPECT_EQ(cell("select (select count(*) from sign_in_flows) + (select count(*) from throttles)"), "0");
}

// --- S3 ---

TEST_F(SignInTest, ASuccessfulSignInUpgradesOldHashes) {
    const auto who = member();
    const auto stored = [&] { return cell("select password_phc from accounts where id = " + of_account(who)); };
    const crypto::PasswordHasher old_hasher(w().pepper, w().entropy, {.memory_kib = 16, .passes = 1});
    const auto old_phc = must(old_hasher.hash(who.password));
    ASSERT_TRUE(w().hasher.outdated(old_phc));
    cell("update accounts set password_phc = '" + old_phc + "' where id = " + of_account(who));
    w().clock.advance(1min);
    EXPECT_EQ(outcome(type_password(who.account.login_id, SecretText("wrong"), w().client())), "invalid_credentials");
    EXPECT_EQ(stored(), old_phc);
    EXPECT_TRUE(w().check(w().sign_in_again(who)));
    EXPECT_FALSE(w().hasher.outdated(stored()));
    EXPECT_TRUE(w().check(w().sign_in_again(who)));
}

}  // namespace
}  // namespace madoguchi::test
