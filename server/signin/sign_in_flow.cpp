#include "signin/sign_in_flow.hpp"

#include <algorithm>
#include <array>

namespace madoguchi::signin {
namespace {

constexpr std::array<std::string_view, 11> kStates = {"password",         "register",  "register_totp", "register_code",
                                                      "register_passkey", "code",      "passkey",       "passkey_alone",
                                                      "new_password",     "signed_in", "ended"};
constexpr std::array<std::string_view, 4> kKinds = {"sms", "voice", "totp", "passkey"};
constexpr std::array<std::string_view, 3> kPurposes = {"sign_in", "confirm", "add"};

FlowState second_step(const FlowFacts& facts) {
    return facts.by_passkey ? FlowState::passkey : FlowState::code;
}

FlowState after_second_step(const FlowFacts& facts) {
    return facts.must_replace_password ? FlowState::new_password : FlowState::signed_in;
}

bool registers(FlowState state) {
    return state == FlowState::register_method || state == FlowState::register_totp ||
           state == FlowState::register_code || state == FlowState::register_passkey;
}

}  // namespace

std::string_view to_text(FlowState state) {
    return kStates.at(static_cast<std::size_t>(state));
}
FlowState flow_state(std::string_view text) {
    return static_cast<FlowState>(std::ranges::find(kStates, text) - kStates.begin());
}

std::string_view to_text(FlowPurpose purpose) {
    return kPurposes.at(static_cast<std::size_t>(purpose));
}
FlowPurpose flow_purpose(std::string_view text) {
    return static_cast<FlowPurpose>(std::ranges::find(kPurposes, text) - kPurposes.begin());
}

std::string_view to_text(MethodKind kind) {
    return kKinds.at(static_cast<std::size_t>(kind));
}
std::optional<MethodKind> method_kind(std::string_view text) {
    const auto found = std::ranges::find(kKinds, text);
    return found == kKinds.end() ? std::nullopt : std::optional(static_cast<MethodKind>(found - kKinds.begin()));
}

bool by_phone(MethodKind kind) {
    return kind == MethodKind::sms || kind == MethodKind::voice;
}

Result<FlowState> advance(FlowState state, FlowEvent event, const FlowFacts& facts) {
    switch (event) {
        case FlowEvent::password_right:
            if (state == FlowState::password) {
                return facts.has_second_step ? second_step(facts) : FlowState::register_method;
            }
            break;
        case FlowEvent::phone_chosen:
            if (registers(state)) {
                return FlowState::register_code;
            }
            break;
        case FlowEvent::application_chosen:
            if (registers(state)) {
                return FlowState::register_totp;
            }
            break;
        case FlowEvent::passkey_chosen:
            if (registers(state)) {
                return FlowState::register_passkey;
            }
            break;
        case FlowEvent::way_chosen:
            if (state == FlowState::code || state == FlowState::passkey) {
                return second_step(facts);
            }
            break;
        case FlowEvent::passkey_right:
            if (state == FlowState::passkey_alone) {
                return FlowState::signed_in;
            }
            if (state == FlowState::passkey || state == FlowState::register_passkey) {
                return after_second_step(facts);
            }
            break;
        case FlowEvent::code_right:
            if (state == FlowState::code || state == FlowState::register_code || state == FlowState::register_totp) {
                return after_second_step(facts);
            }
            break;
        case FlowEvent::spare_code_right:
            if (state == FlowState::code || state == FlowState::passkey) {
                return after_second_step(facts);
            }
            break;
        case FlowEvent::access_code_right:
            if (state == FlowState::code || state == FlowState::passkey) {
                return FlowState::register_method;
            }
            break;
        case FlowEvent::password_replaced:
            if (state == FlowState::new_password) {
                return FlowState::signed_in;
            }
            break;
        case FlowEvent::given_up:
            return FlowState::ended;
    }
    return failure(ErrorKind::conflict, "stale_step");
}

std::string_view path_of(FlowState state) {
    switch (state) {
        case FlowState::password:
            return "/sign-in/password";
        case FlowState::register_method:
            return "/sign-in/second-step";
        case FlowState::register_totp:
            return "/sign-in/authenticator";
        case FlowState::register_code:
        case FlowState::code:
            return "/sign-in/code";
        case FlowState::register_passkey:
            return "/sign-in/passkey/new";
        case FlowState::passkey:
        case FlowState::passkey_alone:
            return "/sign-in/passkey";
        case FlowState::new_password:
            return "/sign-in/new-password";
        case FlowState::signed_in:
            return "/";
        case FlowState::ended:
            break;
    }
    return "/sign-in";
}

std::string Flow::step() const {
    return std::to_string(id) + "." + std::string(to_text(state));
}

}  // namespace madoguchi::signin
