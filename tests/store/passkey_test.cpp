// Passkeys on the level of the services (S11): registered, used as a second step and alone, cloned, raced.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <map>

#include "base/limits.hpp"
#include "support/software_authenticator.hpp"
#include "support/world.hpp"

namespace madoguchi::test {
namespace {

using accounts::AccountAct;
using crypto::AssertionMessage;
using directory::Mode;
using signin::FlowState;
using signin::MethodKind;
using signin::Step;
using signin::Stepped;
using testing::AnyOf;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using namespace std::chrono_literals;

/// Somebody with a passkey, and the device that it is on.
struct Holder {
    Member member;
    std::shared_ptr<SoftwareAuthenticator> device;
};

class PasskeyTest : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        world_ = std::make_unique<World>();
        region_ = world_->region();
    }
    static void TearDownTestSuite() { world_.reset(); }

    World& w() { return *world_; }
    Issued issue() { return w().issue(region_); }
    std::shared_ptr<SoftwareAuthenticator> device() {
        return std::make_shared<SoftwareAuthenticator>(w().party, SoftwareAuthenticator::kEs256,
                                                       fmt::format("credential {}", ++devices_));
    }
    std::string cell(const std::string& sql) { return w().look(sql); }
    static std::string of(const Member& who) { return std::to_string(who.account.id.value); }
    signin::PasskeyCeremony ceremony(const Step& step) {
        return must(w().sign_in.view(step.token, w().now())).passkey.value();
    }

    /// A first sign-in up to the new password.
    Stepped register_passkey(const Issued& issued, SoftwareAuthenticator& on, const Said& said = {}) {
        const auto from = w().client();
        const Step step{w().flow_after_password(issued.account.login_id, issued.initial, from), {}};
        must(w().sign_in.register_passkey(step, from));
        const auto asked = ceremony(step);
        on.user_handle = asked.user_handle;
        return must(
            w().sign_in.made_passkey(step, on.create(asked.challenge, said), "診察室のパソコン", "internal", from));
    }
    Holder holder() {
        const auto issued = issue();
        const auto on = device();
        const auto registered = register_passkey(issued, *on);
        auto done = must(w().sign_in.new_password({registered.flow_token, {}}, issued.initial, kChosenPassword,
                                                  kChosenPassword, w().client()));
        return {{w().account(issued.account.id), kChosenPassword, {}, "", done.session_token}, on};
    }
    /// A mobile number beside the passkey, put there behind the services' back.
    std::string add_phone(const Holder& who) {
        const std::string phone = fmt::format("+8190300230{:02}", ++devices_ % 100);
        cell(
            fmt::format("insert into second_steps (account_id, organization_path, kind, phone_sealed, phone_masked, "
                        "phone_digest, phone_mobile, registered_at) select account_id, organization_path, 'sms', '{}', "
                        "'090-****-00', 'digest', true, registered_at from second_steps where account_id = {} limit 1",
                        must(w().envelope.seal(SecretText(phone), messages::kPhoneContext)), of(who.member)));
        return phone;
    }
    Step at_passkey(const Holder& who) {
        return {w().flow_after_password(who.member.account.login_id, who.member.password, w().client()), {}};
    }
    Step alone() { return {must(w().sign_in.start_passkey(w().client())).flow_token, {}}; }
    AssertionMessage answer(const Step& step, const Holder& who, const Said& said = {}) {
        return who.device->get(ceremony(step).challenge, said);
    }
    Result<Stepped> use(const Step& step, const AssertionMessage& message) {
        return w().sign_in.passkey(step, message, w().client());
    }
    int refusals(const Holder& who) {
        return w().audited("sign_in.second_step", "refused", who.member.account.login_id);
    }

    inline static std::unique_ptr<World> world_;
    inline static Region region_;
    inline static int devices_ = 0;
};

TEST_F(PasskeyTest, TheFirstTimeThenAsSecondStepThenAlone) {
    const auto who = holder();
    EXPECT_TRUE(w().check(who.member.session));
    const auto methods = must(w().sign_in.methods(who.member.account.id));
    ASSERT_THAT(methods, SizeIs(1));
    EXPECT_EQ(methods[0].kind, MethodKind::passkey);
    EXPECT_EQ(methods[0].label, "診察室のパソコン");
    EXPECT_TRUE(methods[0].is_default);
    EXPECT_EQ(w().audited("second_step.register", "done", who.member.account.login_id), 1);

    const auto second = at_passkey(who);
    EXPECT_EQ(must(w().sign_in.view(second.token, w().now())).flow.state, FlowState::passkey);
    const auto asked = ceremony(second);
    EXPECT_THAT(asked.challenge, SizeIs(32));
    ASSERT_THAT(asked.known, SizeIs(1));
    EXPECT_EQ(asked.known[0].credential_id, who.device->id());
    EXPECT_EQ(asked.known[0].transports, "internal");
    const auto done = must(use(second, answer(second, who)));
    EXPECT_EQ(done.state, FlowState::signed_in);
    EXPECT_EQ(must(w().check(done.session_token)).login_id, who.member.account.login_id);

    const auto whole = alone();
    EXPECT_THAT(ceremony(whole).known, IsEmpty()) << "S12: nobody's passkeys are named before one was right";
    const auto in = must(use(whole, answer(whole, who)));
    EXPECT_EQ(must(w().check(in.session_token)).login_id, who.member.account.login_id);
    EXPECT_EQ(w().audited("sign_in.passkey", "done", who.member.account.login_id), 1);
    EXPECT_EQ(w().audited("sign_in", "done", who.member.account.login_id), 3);
    EXPECT_EQ(cell("select sign_count from passkeys where second_step_id = " + std::to_string(methods[0].id.value)),
              "2");
}

TEST_F(PasskeyTest, NothingIsBoundBeforeTheNewPassword) {
    const auto issued = issue();
    const auto on = device();
    EXPECT_EQ(register_passkey(issued, *on).state, FlowState::new_password);
    EXPECT_THAT(must(w().sign_in.methods(issued.account.id)), IsEmpty());
    const auto step = alone();
    EXPECT_EQ(outcome(use(step, on->get(ceremony(step).challenge))), "passkey_unknown");
}

TEST_F(PasskeyTest, RegistrationsThatSaySomethingElseLeaveTheWayOpen) {
    const auto issued = issue();
    const auto from = w().client();
    const Step step{w().flow_after_password(issued.account.login_id, issued.initial, from), {}};
    must(w().sign_in.register_passkey(step, from));
    const auto on = device();
    const auto make = [&](const std::string& challenge, const std::string& name, const Said& said = {}) {
        return outcome(w().sign_in.made_passkey(step, on->create(challenge, said), name, "", from));
    };
    const auto first = ceremony(step).challenge;
    EXPECT_EQ(make(first, " "), "name:required");
    EXPECT_EQ(make(first, std::string(41, 'n')), "name:too_long");
    EXPECT_EQ(make(first, "n", {.origin = "https://evil.example"}), "passkey_wrong_origin");
    EXPECT_EQ(make(first, "n"), "passkey_stale") << "each challenge once, also after a refusal";
    w().clock.advance(limits::kPasskeyChallengeLife);
    EXPECT_EQ(outcome(w().sign_in.made_passkey(step, on->create(ceremony(step).challenge), "n", "", w().client())),
              "passkey_stale")
        << "ten minutes";
    EXPECT_EQ(outcome(w().sign_in.made_passkey(step, on->create(ceremony(step).challenge), "n", "odd usb internal",
                                               w().client())),
              "ok");
    EXPECT_EQ(cell("select passkey_transports from sign_in_flows where passkey_transports is not null order by id desc "
                   "limit 1"),
              "internal usb")
        << "what no browser says is dropped";
}

TEST_F(PasskeyTest, OneThatIsRegisteredIsNotRegisteredAgain) {
    const auto who = holder();
    const auto issued = issue();
    const auto from = w().client();
    const Step step{w().flow_after_password(issued.account.login_id, issued.initial, from), {}};
    must(w().sign_in.register_passkey(step, from));
    EXPECT_EQ(outcome(w().sign_in.made_passkey(step, who.device->create(ceremony(step).challenge), "n", "", from)),
              "passkey_already_registered");
}

TEST_F(PasskeyTest, AnAssertionIsGoodOnceAndOnlyInItsSignIn) {
    const auto who = holder();
    const auto first = at_passkey(who);
    const auto other = at_passkey(who);
    const auto message = answer(first, who);
    EXPECT_EQ(outcome(use(other, message)), "passkey_stale") << "made for another sign-in";
    EXPECT_EQ(outcome(use(first, message)), "ok");
    EXPECT_EQ(outcome(use(first, message)), "stale_step");
    const auto late = at_passkey(who);
    const auto old = answer(late, who);
    w().clock.advance(limits::kPasskeyChallengeLife);
    EXPECT_EQ(outcome(use(late, old)), "passkey_stale");
    EXPECT_EQ(outcome(use(late, answer(late, who))), "ok") << "a new challenge stands there";
}

TEST_F(PasskeyTest, WhatIsNotTheAccountsIsRefusedAndAudited) {
    const auto who = holder();
    const auto other = holder();
    const auto step = at_passkey(who);
    EXPECT_EQ(outcome(use(step, answer(step, other))), "passkey_unknown");
    auto forged = answer(step, who);
    forged.signature.back() = static_cast<char>(forged.signature.back() ^ 1);
    EXPECT_EQ(outcome(use(step, forged)), "passkey_refused");
    auto renamed = answer(step, who);
    renamed.user_handle = other.device->user_handle;
    EXPECT_EQ(outcome(use(step, renamed)), "passkey_refused");
    EXPECT_EQ(refusals(who), 3);
    EXPECT_EQ(outcome(use(step, answer(step, who))), "ok");
}

TEST_F(PasskeyTest, AloneItNeedsVerificationAndItsHandle) {
    const auto who = holder();
    const auto step = alone();
    EXPECT_EQ(outcome(use(step, answer(step, who, {.flags = 0x01}))), "passkey_unverified");
    auto nameless = answer(step, who);
    nameless.user_handle.clear();
    EXPECT_EQ(outcome(use(step, nameless)), "passkey_refused");
    const auto second = at_passkey(who);
    nameless = answer(second, who, {.flags = 0x01});
    nameless.user_handle.clear();
    EXPECT_EQ(outcome(use(second, nameless)), "ok") << "after a password, having it is enough";
}

TEST_F(PasskeyTest, ACloneIsFoundStoppedAndTold) {
    const auto who = holder();
    const auto phone = add_phone(who);
    const auto honest = at_passkey(who);
    ASSERT_EQ(outcome(use(honest, answer(honest, who))), "ok");
    const auto step = at_passkey(who);
    EXPECT_EQ(outcome(use(step, answer(step, who, {.sign_count_step = 0}))), "passkey_cloned") << "it stood still";
    EXPECT_EQ(w().audited("second_step.disable", "done", who.member.account.login_id), 1);
    EXPECT_TRUE(must(w().sign_in.methods(who.member.account.id))[0].disabled);
    EXPECT_EQ(
        cell("select count(*) from messages where purpose = 'passkey_stopped' and account_id = " + of(who.member)),
        "1");
    const auto whole = alone();
    EXPECT_EQ(outcome(use(whole, answer(whole, who))), "passkey_disabled") << "neither copy is worth anything";
    EXPECT_EQ(must(w().sign_in.view(at_passkey(who).token, w().now())).flow.state, FlowState::code)
        << "the next way that works is asked for";
}

TEST_F(PasskeyTest, AnAuthenticatorThatDoesNotCountIsTakenAsItIs) {
    const auto who = holder();
    for (int i = 0; i < 2; ++i) {
        const auto step = at_passkey(who);
        EXPECT_EQ(outcome(use(step, answer(step, who, {.sign_count_step = 0}))), "ok");
    }
    const auto counts = at_passkey(who);
    EXPECT_EQ(outcome(use(counts, answer(counts, who))), "ok");
    who.device->sign_count = 0;
    const auto again = at_passkey(who);
    EXPECT_EQ(outcome(use(again, answer(again, who, {.sign_count_step = 0}))), "passkey_cloned")
        << "one that counted before";
}

TEST_F(PasskeyTest, FiftyTimesOneAssertionMakeOneSession) {
    for (const bool whole : {false, true}) {
        const auto who = holder();
        const auto step = whole ? alone() : at_passkey(who);
        const auto message = answer(step, who);
        std::vector<std::future<std::string>> tries;
        for (int i = 0; i < 50; ++i) {
            tries.push_back(std::async(std::launch::async, [&] { return outcome(use(step, message)); }));
        }
        std::map<std::string, int> said;
        for (auto& attempt : tries) {
            ++said[attempt.get()];
        }
        EXPECT_EQ(said["ok"], 1);
        EXPECT_EQ(said["stale_step"], 49);
        EXPECT_EQ(cell("select count(*) from sessions where account_id = " + of(who.member)), "2")
            << "the first sign-in's and this one's";
    }
}

TEST_F(PasskeyTest, FiftyRegistrationsOfOneAnswerKeepOne) {
    const auto issued = issue();
    const auto from = w().client();
    const Step step{w().flow_after_password(issued.account.login_id, issued.initial, from), {}};
    must(w().sign_in.register_passkey(step, from));
    const auto message = device()->create(ceremony(step).challenge);
    std::vector<std::future<std::string>> tries;
    for (int i = 0; i < 50; ++i) {
        tries.push_back(std::async(std::launch::async,
                                   [&] { return outcome(w().sign_in.made_passkey(step, message, "n", "", from)); }));
    }
    int taken = 0;
    for (auto& attempt : tries) {
        const auto said = attempt.get();
        taken += said == "ok" ? 1 : 0;
        EXPECT_THAT(said, AnyOf("ok", "stale_step", "flow_lost"));
    }
    EXPECT_EQ(taken, 1);
}

TEST_F(PasskeyTest, TenTriesEndASignInAndManyFromOneAddressWait) {
    const auto who = holder();
    const auto step = at_passkey(who);
    auto wrong = answer(step, who);
    wrong.signature = "wrong";
    for (int i = 0; i < limits::kFlowCodeFailures - 1; ++i) {
        EXPECT_EQ(outcome(use(step, wrong)), i == 0 ? "passkey_refused" : "passkey_stale") << i;
    }
    EXPECT_EQ(outcome(use(step, wrong)), "passkey_stale");
    EXPECT_EQ(outcome(use(step, answer(step, who))), "too_many_tries");

    const auto slowed = at_passkey(who);
    EXPECT_EQ(outcome(use(slowed, answer(slowed, who))), "too_many_tries") << "S8: over sign-ins";
    w().clock.advance(limits::kSecondStepSlowWait + 1s);
    EXPECT_EQ(outcome(use(slowed, answer(slowed, who))), "ok");

    AssertionMessage nobodys{.credential_id = "nobody's"};
    const auto other = holder();
    const auto its_step = at_passkey(other);
    for (int i = 0; i < limits::kFlowCodeFailures; ++i) {
        EXPECT_EQ(outcome(use(its_step, nobodys)), "passkey_unknown") << i;
    }
    EXPECT_EQ(outcome(use(its_step, answer(its_step, other))), "too_many_tries") << "the sign-in counts them too";
    const auto afresh = at_passkey(other);
    EXPECT_EQ(outcome(use(afresh, answer(afresh, other))), "ok") << "its passkey had no part in it";

    const auto elsewhere = w().client("192.0.2.77");
    for (int i = 0; i < limits::kPasskeyFailuresPerSource; ++i) {
        const Step one{must(w().sign_in.start_passkey(elsewhere)).flow_token, {}};
        EXPECT_EQ(outcome(w().sign_in.passkey(one, nobodys, elsewhere)), "passkey_unknown") << i;
    }
    const Step one{must(w().sign_in.start_passkey(elsewhere)).flow_token, {}};
    EXPECT_EQ(outcome(w().sign_in.passkey(one, nobodys, elsewhere)), "too_many_tries");
    const auto mine = holder();
    const auto here = alone();
    EXPECT_EQ(outcome(use(here, answer(here, mine))), "ok") << "only where it failed";
}

TEST_F(PasskeyTest, SuspendedResetAndRemovedOnesDoNotLetIn) {
    const auto who = holder();
    auto& admin = region_.health_center_admin;
    must(w().accounts.act(admin, who.member.account.id, AccountAct::suspend, "試験", Mode::real, w().now()));
    const auto suspended = alone();
    EXPECT_EQ(outcome(use(suspended, answer(suspended, who))), "account_suspended");
    must(w().accounts.act(admin, who.member.account.id, AccountAct::resume, "試験", Mode::real, w().now()));
    const auto reset =
        must(w().accounts.act(admin, who.member.account.id, AccountAct::reset_password, "試験", Mode::real, w().now()));
    const auto whole = alone();
    EXPECT_EQ(outcome(use(whole, answer(whole, who))), "passkey_password_first");
    const Step step{w().flow_after_password(who.member.account.login_id, reset.initial_password->shown, w().client()),
                    {}};
    const auto passed = must(use(step, answer(step, who)));
    EXPECT_EQ(passed.state, FlowState::new_password) << "S5: the reset kept the passkey as the second step";
    must(w().sign_in.new_password({passed.flow_token, {}}, reset.initial_password->shown,
                                  SecretText("anata no inu to neko"), SecretText("anata no inu to neko"),
                                  w().client()));
    cell("update second_steps set removed_at = registered_at where account_id = " + of(who.member));
    const auto removed = alone();
    EXPECT_EQ(outcome(use(removed, answer(removed, who))), "passkey_unknown");
}

TEST_F(PasskeyTest, TwoPasskeysEitherServes) {
    const auto who = holder();
    // The second one is registered in a first sign-in of its own, and moved to its owner behind the services' back.
    const auto other = holder();
    cell(fmt::format("update second_steps set account_id = {}, is_default = false where account_id = {}",
                     of(who.member), of(other.member)));
    const auto step = at_passkey(who);
    EXPECT_THAT(ceremony(step).known, SizeIs(2)) << "either may answer, and neither is registered again";
    EXPECT_EQ(outcome(use(step, answer(step, other))), "ok");
    EXPECT_EQ(outcome(use(step, answer(at_passkey(who), who))), "stale_step");
}

TEST_F(PasskeyTest, AFurtherOneIsAddedAfterConfirmingByTheFirstAndThePhoneIsTold) {
    const auto who = holder();
    add_phone(who);
    const auto from = w().client();
    const auto asked = must(
        w().sign_in.confirm(must(w().check(who.member.session)), who.member.password, "/security/methods/new", from));
    EXPECT_EQ(asked.state, FlowState::passkey);
    const Step confirming{asked.flow_token, {}};
    const auto confirmed = must(use(confirming, answer(confirming, who)));
    EXPECT_EQ(confirmed.next, "/security/methods/new");
    EXPECT_EQ(outcome(w().check(who.member.session)), "session_lost") << "S14: its token rotated";

    const auto self = must(w().check(confirmed.session_token));
    const Step adding{must(w().sign_in.add_method(self, "/security", from)).flow_token, {}};
    must(w().sign_in.register_passkey(adding, from));
    const auto options = ceremony(adding);
    ASSERT_THAT(options.known, SizeIs(1)) << "a device that has one makes no second";
    EXPECT_EQ(options.user_handle, who.device->user_handle) << "one handle for all of an account's";
    const auto second = device();
    second->user_handle = options.user_handle;
    const auto added = must(w().sign_in.made_passkey(adding, second->create(options.challenge), "受付", "usb", from));
    EXPECT_TRUE(added.session_token.empty());
    EXPECT_THAT(must(w().sign_in.methods(who.member.account.id)), SizeIs(3));
    EXPECT_EQ(
        cell("select count(*) from messages where purpose = 'second_step_added' and account_id = " + of(who.member)),
        "1");
    EXPECT_EQ(w().audited("second_step.add", "done", who.member.account.login_id), 1);
    const auto whole = alone();
    EXPECT_EQ(outcome(use(whole, second->get(ceremony(whole).challenge))), "ok");
}

TEST_F(PasskeyTest, AfterATemporaryCodeTheSameDeviceMakesANewOne) {
    const auto who = holder();
    const auto issued = must(w().accounts.act(region_.health_center_admin, who.member.account.id,
                                              AccountAct::access_code, "端末の紛失", Mode::real, w().now()));
    const auto from = w().client();
    const auto stood = must(w().sign_in.spare_code(at_passkey(who), issued.access_code->shown.reveal(), from));
    EXPECT_EQ(stood.state, FlowState::register_method);
    const Step step{stood.flow_token, {}};
    must(w().sign_in.register_passkey(step, from));
    const auto options = ceremony(step);
    EXPECT_THAT(options.known, IsEmpty()) << "what was registered goes, so it may be made again";
    const auto fresh = device();
    fresh->user_handle = options.user_handle;
    EXPECT_EQ(outcome(w().sign_in.made_passkey(step, fresh->create(options.challenge), "n", "", from)), "ok");
    EXPECT_THAT(must(w().sign_in.methods(who.member.account.id)), SizeIs(1));
    const auto old = alone();
    EXPECT_EQ(outcome(use(old, answer(old, who))), "passkey_unknown");
    const auto now = alone();
    EXPECT_EQ(outcome(use(now, fresh->get(ceremony(now).challenge))), "ok");
}

TEST_F(PasskeyTest, TheCommandLineIsToldToUseABrowser) {
    const auto who = holder();
    const auto api = w().client("192.0.2.30", "api");
    EXPECT_EQ(outcome(w().sign_in.password_by_api(who.member.account.login_id, who.member.password, api)),
              "passkey_needs_browser");
    add_phone(who);
    const auto stepped = must(w().sign_in.password_by_api(who.member.account.login_id, who.member.password, api));
    EXPECT_EQ(stepped.state, FlowState::code);
    const auto passkey = must(w().sign_in.methods(who.member.account.id))[0].id;
    EXPECT_EQ(outcome(w().sign_in.choose_method({stepped.flow_token, {}}, passkey, {}, false, api)),
              "method_id:unknown_value");
}

TEST_F(PasskeyTest, AnotherWayAndBack) {
    const auto who = holder();
    add_phone(who);
    const auto step = at_passkey(who);
    const auto methods = must(w().sign_in.methods(who.member.account.id));
    const auto before = ceremony(step).challenge;
    EXPECT_EQ(must(w().sign_in.choose_method(step, methods[1].id, {}, false, w().client())).state, FlowState::code);
    EXPECT_EQ(outcome(use(step, who.device->get(before))), "stale_step");
    EXPECT_EQ(must(w().sign_in.choose_method(step, methods[0].id, {}, true, w().client())).state, FlowState::passkey);
    EXPECT_EQ(outcome(use(step, who.device->get(before))), "passkey_stale") << "a new challenge";
    EXPECT_EQ(outcome(use(step, answer(step, who))), "ok");
}

}  // namespace
}  // namespace madoguchi::test
