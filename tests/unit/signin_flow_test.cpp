#include "signin/sign_in_flow.hpp"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <set>
#include <tuple>
#include <vector>

namespace madoguchi::signin {
namespace {

using State = FlowState;
using Event = FlowEvent;

constexpr std::array kStates = {
    State::password, State::register_method, State::register_totp, State::register_code, State::register_passkey,
    State::code,     State::passkey,         State::passkey_alone, State::new_password,  State::signed_in,
    State::ended};
constexpr std::array kEvents = {Event::password_right,    Event::phone_chosen,     Event::application_chosen,
                                Event::passkey_chosen,    Event::way_chosen,       Event::code_right,
                                Event::passkey_right,     Event::spare_code_right, Event::access_code_right,
                                Event::password_replaced, Event::given_up};
constexpr std::array kFacts = {FlowFacts{false, false, false}, FlowFacts{false, true, false},
                               FlowFacts{true, false, false},  FlowFacts{true, true, false},
                               FlowFacts{true, false, true},   FlowFacts{true, true, true}};

// The drawing in sign_in_flow.hpp as a table; nothing: refused.
std::optional<State> drawn(State state, Event event, const FlowFacts& facts) {
    const bool registering = state == State::register_method || state == State::register_totp ||
                             state == State::register_code || state == State::register_passkey;
    const State second = facts.by_passkey ? State::passkey : State::code;
    const bool has_code = state == State::register_totp || state == State::register_code || state == State::code;
    if (event == Event::given_up) {
        return State::ended;
    }
    if (event == Event::password_right && state == State::password) {
        return facts.has_second_step ? second : State::register_method;
    }
    if (event == Event::phone_chosen && registering) {
        return State::register_code;
    }
    if (event == Event::application_chosen && registering) {
        return State::register_totp;
    }
    if (event == Event::passkey_chosen && registering) {
        return State::register_passkey;
    }
    if (event == Event::way_chosen && (state == State::code || state == State::passkey)) {
        return second;
    }
    if (event == Event::passkey_right && (state == State::passkey || state == State::register_passkey)) {
        return facts.must_replace_password ? State::new_password : State::signed_in;
    }
    if (event == Event::passkey_right && state == State::passkey_alone) {
        return State::signed_in;
    }
    if (event == Event::access_code_right && (state == State::code || state == State::passkey)) {
        return State::register_method;
    }
    if ((event == Event::code_right && has_code) ||
        (event == Event::spare_code_right && (state == State::code || state == State::passkey))) {
        return facts.must_replace_password ? State::new_password : State::signed_in;
    }
    if (event == Event::password_replaced && state == State::new_password) {
        return State::signed_in;
    }
    return std::nullopt;
}

TEST(SignInFlow, EveryEventInEveryState) {
    for (const State state : kStates) {
        for (const Event event : kEvents) {
            for (const FlowFacts& facts : kFacts) {
                const auto next = advance(state, event, facts);
                const auto expected = drawn(state, event, facts);
                ASSERT_EQ(next.has_value(), expected.has_value())
                    << to_text(state) << " event " << static_cast<int>(event);
                if (expected) {
                    EXPECT_EQ(*next, *expected) << to_text(state) << " event " << static_cast<int>(event);
                } else {
                    EXPECT_EQ(next.error().kind, ErrorKind::conflict);
                    EXPECT_EQ(next.error().message_id, "stale_step");
                }
            }
        }
    }
}

// S15: whatever somebody does, a session needs a right password, a right code or passkey, and with an initial password
// a new one.
TEST(SignInFlow, NoWayToASessionLeavesAStepOut) {
    struct Been {
        State state;
        bool password;
        bool code;
        bool replaced;
        bool operator<(const Been& other) const {
            return std::tie(state, password, code, replaced) <
                   std::tie(other.state, other.password, other.code, other.replaced);
        }
    };
    for (const FlowFacts& facts : kFacts) {
        std::set<Been> seen;
        std::vector<Been> open = {{State::password, false, false, false}};
        bool arrived = false;
        while (!open.empty()) {
            const Been at = open.back();
            open.pop_back();
            if (!seen.insert(at).second) {
                continue;
            }
            if (at.state == State::signed_in) {
                arrived = true;
                EXPECT_TRUE(at.password && at.code);
                EXPECT_EQ(at.replaced, facts.must_replace_password);
            }
            for (const Event event : kEvents) {
                if (const auto next = advance(at.state, event, facts)) {
                    open.push_back({*next, at.password || event == Event::password_right,
                                    at.code || event == Event::code_right || event == Event::passkey_right ||
                                        event == Event::spare_code_right,
                                    at.replaced || event == Event::password_replaced});
                }
            }
        }
        EXPECT_TRUE(arrived);
    }
}

// S11: a passkey that verified its user is both factors, and nothing else leads out of that beginning.
TEST(SignInFlow, APasskeyAloneIsTheOtherWayIn) {
    for (const FlowFacts& facts : kFacts) {
        for (const Event event : kEvents) {
            const auto next = advance(State::passkey_alone, event, facts);
            if (event == Event::passkey_right) {
                EXPECT_EQ(next.value(), State::signed_in);
            } else if (event == Event::given_up) {
                EXPECT_EQ(next.value(), State::ended);
            } else {
                EXPECT_FALSE(next.has_value()) << static_cast<int>(event);
            }
        }
    }
}

TEST(SignInFlow, EveryStateHasItsPage) {
    const std::map<State, std::string_view> pages = {{State::password, "/sign-in/password"},
                                                     {State::register_method, "/sign-in/second-step"},
                                                     {State::register_totp, "/sign-in/authenticator"},
                                                     {State::register_code, "/sign-in/code"},
                                                     {State::register_passkey, "/sign-in/passkey/new"},
                                                     {State::code, "/sign-in/code"},
                                                     {State::passkey, "/sign-in/passkey"},
                                                     {State::passkey_alone, "/sign-in/passkey"},
                                                     {State::new_password, "/sign-in/new-password"},
                                                     {State::signed_in, "/"},
                                                     {State::ended, "/sign-in"}};
    for (const State state : kStates) {
        EXPECT_EQ(path_of(state), pages.at(state)) << to_text(state);
        EXPECT_EQ(flow_state(to_text(state)), state);
    }
}

TEST(SignInFlow, AStepNamesItsFlowAndState) {
    const Flow one{.id = 1, .state = State::code};
    const Flow two{.id = 2, .state = State::code};
    const Flow later{.id = 1, .state = State::new_password};
    EXPECT_NE(one.step(), two.step());
    EXPECT_NE(one.step(), later.step());
}

TEST(MethodKinds, ReadBack) {
    for (const MethodKind kind : {MethodKind::sms, MethodKind::voice, MethodKind::totp, MethodKind::passkey}) {
        EXPECT_EQ(method_kind(to_text(kind)), kind);
        EXPECT_EQ(by_phone(kind), kind == MethodKind::sms || kind == MethodKind::voice);
    }
    EXPECT_EQ(method_kind("pigeon"), std::nullopt);
    EXPECT_EQ(method_kind(""), std::nullopt);
}

}  // namespace
}  // namespace madoguchi::signin
