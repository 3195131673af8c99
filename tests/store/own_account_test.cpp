// What somebody changes of their own account while signed in, the language of what they are told, and how long what has
// ended is kept: S1, S5, S13, S14.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "base/limits.hpp"
#include "base/retention_limits.hpp"
#include "support/world.hpp"

namespace madoguchi::test {
namespace {

using accounts::AccountAct;
using directory::Mode;
using directory::Principal;
using signin::MethodKind;
using testing::HasSubstr;
using testing::StartsWith;
using namespace std::chrono_literals;

const SecretText kNewPassword("くじら 7 頭と yuki 3 尺");

class OwnAccountTest : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        world_ = std::make_unique<World>();
        region_ = world_->region();
    }
    static void TearDownTestSuite() { world_.reset(); }

    World& w() { return *world_; }
    Member app_member() { return w().first_sign_in_by_application(w().issue(region_)); }
    Member sms_member() {
        return w().first_sign_in_by_phone(w().issue(region_), MethodKind::sms,
                                          fmt::format("090-3005-{:04}", ++phones_));
    }
    Principal signed_in(const SecretText& session) { return must(w().check(session)); }
    Result<signin::Stepped> change(const SecretText& session, const SecretText& current, const SecretText& wanted) {
        return w().sign_in.change_password(signed_in(session), {current, wanted, wanted}, w().client());
    }
    std::string newest_text(const std::string& e164) {
        for (const auto& message : must(w().messages.inbox(w().now()))) {
            if (message.e164 == e164) {
                return message.text.reveal();
            }
        }
        return "";
    }
    std::string count(const std::string& table, const std::string& where) {
        return w().look(fmt::format("select count(*) from {} where {}", table, where));
    }

    inline static std::unique_ptr<World> world_;
    inline static Region region_;
    inline static int phones_ = 0;
};

// --- "change my password" ---

TEST_F(OwnAccountTest, AChangedPasswordEndsEveryOtherSessionAndIsTold) {
    const auto who = sms_member();
    w().clock.advance(limits::kResendWait);
    const auto elsewhere = w().sign_in_again(who);
    w().clock.advance(limits::kResendWait);
    const auto under_way = w().flow_after_password(who.account.login_id, who.password, w().client());
    const auto here = signed_in(who.session).session;
    const auto changed = must(change(who.session, who.password, kNewPassword));
    EXPECT_EQ(signed_in(changed.session_token).session, here) << "this one goes on";
    EXPECT_EQ(outcome(w().check(who.session)), "session_lost") << "S14: under a new token";
    EXPECT_EQ(outcome(w().check(elsewhere)), "session_lost");
    EXPECT_EQ(outcome(w().sign_in.code({under_way, {}}, w().code_sent_to(who.phone), w().client())), "flow_lost")
        << "who got past the old password stops there";
    EXPECT_THAT(newest_text(who.phone), HasSubstr("パスワードが変更されました"));
    EXPECT_EQ(w().audited("password.change", "done", who.account.login_id), 1);
    const auto from = w().client();
    EXPECT_EQ(outcome(w().sign_in.password({w().flow(who.account.login_id, from), {}}, who.password, from)),
              "invalid_credentials");
    EXPECT_EQ(outcome(w().sign_in.password({w().flow(who.account.login_id, from), {}}, kNewPassword, from)), "ok");
}

TEST_F(OwnAccountTest, TheCurrentPasswordIsAskedForAndTheRulesHold) {
    const auto who = app_member();
    EXPECT_EQ(outcome(change(who.session, SecretText(""), kNewPassword)), "current_password:required");
    EXPECT_EQ(outcome(change(who.session, SecretText("not it"), kNewPassword)),
              "current_password:wrong_current_password");
    EXPECT_EQ(w().audited("password.change", "refused", who.account.login_id), 1);
    EXPECT_EQ(outcome(change(who.session, who.password, who.password)), "new_password:password_same_as_current");
    EXPECT_EQ(outcome(change(who.session, who.password, SecretText("short"))), "new_password:too_short");
    EXPECT_EQ(
        outcome(w().sign_in.change_password(
            signed_in(who.session), {who.password, kNewPassword, SecretText("another one, longer")}, w().client())),
        "new_password_again:password_mismatch");
    EXPECT_TRUE(w().check(who.session)) << "nothing was changed";
    EXPECT_TRUE(change(who.session, who.password, kNewPassword));
}

TEST_F(OwnAccountTest, ASessionLeftOpenIsNoPlaceToGuessThePassword) {
    const auto who = app_member();
    for (int i = 0; i < limits::kPasswordFailuresPerAccountSource; ++i) {
        EXPECT_EQ(outcome(change(who.session, SecretText("guess " + std::to_string(i)), kNewPassword)),
                  "current_password:wrong_current_password");
    }
    EXPECT_EQ(outcome(change(who.session, who.password, kNewPassword)), "too_many_tries");
    w().clock.advance(limits::kThrottleLongestWait);
}

TEST_F(OwnAccountTest, RulesThatAreBrokenAreNoWrongPasswords) {
    const auto who = app_member();
    for (int i = 0; i < limits::kPasswordFailuresPerAccountSource + 5; ++i) {
        EXPECT_EQ(outcome(change(who.session, who.password, SecretText("short"))), "new_password:too_short");
    }
}

TEST_F(OwnAccountTest, OfManyChangesAtOnceOneWins) {
    const auto who = app_member();
    const auto principal = signed_in(who.session);
    std::vector<std::future<std::string>> tries;
    for (int i = 0; i < 8; ++i) {
        tries.push_back(std::async(std::launch::async, [&, i] {
            const SecretText wanted("たこ 8 本と neko 4 匹 " + std::to_string(i));
            return outcome(w().sign_in.change_password(principal, {who.password, wanted, wanted},
                                                       w().client(fmt::format("192.0.2.{}", 100 + i))));
        }));
    }
    int won = 0;
    for (auto& one : tries) {
        won += one.get() == "ok" ? 1 : 0;
    }
    EXPECT_EQ(won, 1);
    const accounts::CredentialService credentials;
    EXPECT_FALSE(must(w().database.transact(Actor::system(), [&](db::Transaction& tx) {
        return credentials.replace_password(tx, who.account.id, "one that stood before", "any", w().now());
    }))) << "whoever checked a password that has gone replaces nothing";
}

TEST_F(OwnAccountTest, AResetCodeThatWaitsIsVoidOnceThePasswordIsChanged) {
    const auto who = sms_member();
    must(w().database.transact(Actor::system(), [&](db::Transaction& tx) {
        return w().accounts.reset_by_phone(tx, Actor::system(), w().account(who.account.id), "", "test", w().now());
    }));
    w().clock.advance(limits::kResendWait);
    const auto session = w().sign_in_again(who);
    must(change(session, who.password, kNewPassword));
    EXPECT_EQ(count("accounts", fmt::format("id = {} and initial_digest is null", who.account.id.value)), "1");
}

// --- the language of what somebody is told ---

TEST_F(OwnAccountTest, NoticesSpeakTheLanguageThatWasLastChosen) {
    const auto who = sms_member();
    const auto reset = [&] {
        must(w().accounts.act(region_.health_center_admin, who.account.id, AccountAct::suspend, "x", Mode::real,
                              w().now()));
        must(w().accounts.act(region_.health_center_admin, who.account.id, AccountAct::resume, "x", Mode::real,
                              w().now()));
        must(w().accounts.act(region_.health_center_admin, who.account.id, AccountAct::reset_password, "x", Mode::real,
                              w().now()));
        return newest_text(who.phone);
    };
    EXPECT_THAT(reset(), StartsWith("【窓口】")) << "Japanese until something else is chosen";
    must(w().sessions.choose_language(Principal{.account = who.account.id,
                                                .login_id = who.account.login_id,
                                                .name = "",
                                                .home = who.account.organization,
                                                .grants = {},
                                                .channel = "web",
                                                .source = "192.0.2.10"},
                                      Locale::en));
    EXPECT_THAT(reset(), StartsWith("Madoguchi: the password of"));
}

TEST_F(OwnAccountTest, SigningInOnAnEnglishPageChoosesEnglish) {
    const auto who = app_member();
    const auto language = [&] {
        return w().look(fmt::format("select locale from accounts where id = {}", who.account.id.value));
    };
    EXPECT_EQ(language(), "ja");
    const auto sign_in = [&](Locale locale, const std::string& channel) {
        w().clock.advance(limits::kTotpStep);
        auto from = w().client("192.0.2.10", channel);
        from.locale = locale;
        const auto stepped =
            channel == "api"
                ? must(w().sign_in.password_by_api(who.account.login_id, who.password, from))
                : must(w().sign_in.password({w().flow(who.account.login_id, from), {}}, who.password, from));
        return must(w().sign_in.code({stepped.flow_token, {}}, w().totp(who.seed), from)).session_token;
    };
    const auto session = sign_in(Locale::en, "web");
    EXPECT_EQ(language(), "en");
    EXPECT_TRUE(w().check(session)) << "a language is no change of who somebody is";
    sign_in(Locale::ja, "api");
    EXPECT_EQ(language(), "en") << "a command line chooses nothing";
}

// --- what has ended is forgotten ---

TEST_F(OwnAccountTest, SessionsThatEndedLongAgoAreForgottenAndTheLogStays) {
    const auto who = app_member();
    const auto of_account = fmt::format("account_id = {}", who.account.id.value);
    const auto rows = count("audit_events", fmt::format("target_id = {}", who.account.id.value));
    const auto kept = std::chrono::days(limits::kSessionsKeptDays);
    w().clock.advance(kept + limits::kSessionLife);
    must(w().sessions.forget_old(w().now() - kept));
    EXPECT_EQ(count("sessions", of_account), "1") << "its twelve hours ended exactly so long ago: not before";
    w().clock.advance(1s);
    const auto fresh = w().sign_in_again(who);
    EXPECT_GE(must(w().sessions.forget_old(w().now() - kept)), 1);
    EXPECT_EQ(count("sessions", of_account), "1") << "the one that has just begun";
    EXPECT_TRUE(w().check(fresh));
    EXPECT_GT(std::stoi(count("audit_events", fmt::format("target_id = {}", who.account.id.value))), std::stoi(rows));
}

TEST_F(OwnAccountTest, MessagesAreForgottenExceptThoseThatWait) {
    const auto who = sms_member();
    const auto of_account = fmt::format("account_id = {}", who.account.id.value);
    w().look("update messages set state = 'delivered' where " + of_account);
    must(w().accounts.act(region_.health_center_admin, who.account.id, AccountAct::reset_password, "x", Mode::real,
                          w().now()));
    ASSERT_EQ(count("messages", of_account), "2");
    const auto kept = std::chrono::days(limits::kMessagesKeptDays);
    w().clock.advance(kept);
    must(w().messages.forget_old(w().now() - kept));
    EXPECT_EQ(count("messages", of_account + " and state = 'queued'"), "1") << "not given up yet: the worker ends it";
    w().clock.advance(1h);
    must(w().messages.forget_old(w().now() - kept));
    EXPECT_EQ(count("messages", of_account), "1");
}

}  // namespace
}  // namespace madoguchi::test
