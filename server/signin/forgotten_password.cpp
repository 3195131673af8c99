#include "signin/forgotten_password.hpp"

#include <algorithm>
#include <array>

namespace madoguchi::signin {
namespace {

constexpr std::array<std::string_view, 4> kWays = {"sms", "voice", "totp", "recovery"};
constexpr std::array<std::string_view, 3> kStates = {"asked", "proving", "done"};

}  // namespace

std::string_view to_text(ForgottenWay way) {
    return kWays.at(static_cast<std::size_t>(way));
}
std::string_view to_text(ForgottenState state) {
    return kStates.at(static_cast<std::size_t>(state));
}

std::optional<ForgottenWay> forgotten_way(std::string_view text) {
    const auto found = std::ranges::find(kWays, text);
    return found == kWays.end() ? std::nullopt : std::optional(static_cast<ForgottenWay>(found - kWays.begin()));
}

ForgottenState forgotten_state(std::string_view text) {
    return static_cast<ForgottenState>(std::ranges::find(kStates, text) - kStates.begin());
}

std::optional<ForgottenChannel> channel_for(ForgottenWay way, const ForgottenFacts& facts) {
    if (!facts.may_sign_in || facts.second_step_reset_lately || !facts.has_phone) {
        return std::nullopt;
    }
    const bool proved_by_phone = way == ForgottenWay::sms || way == ForgottenWay::voice;
    if (!proved_by_phone) {
        return ForgottenChannel::any_phone;
    }
    if (facts.has_other_phone) {
        return ForgottenChannel::other_phone;
    }
    return facts.administrator ? std::nullopt : std::optional(ForgottenChannel::any_phone);
}

}  // namespace madoguchi::signin
