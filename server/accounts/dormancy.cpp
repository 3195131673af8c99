#include "accounts/dormancy.hpp"

#include <algorithm>
#include <array>

namespace madoguchi::accounts {
namespace {

constexpr std::array<std::string_view, 2> kWhys = {"never_signed_in", "unused"};
constexpr std::array<std::string_view, 3> kStates = {"warned", "suspended", "kept"};

}  // namespace

std::string_view to_text(WhyDormant why) {
    return kWhys.at(static_cast<std::size_t>(why));
}

WhyDormant why_dormant(std::string_view text) {
    return static_cast<WhyDormant>(std::ranges::find(kWhys, text) - kWhys.begin());
}

std::string_view to_text(DormancyState state) {
    return kStates.at(static_cast<std::size_t>(state));
}

std::optional<DormancyState> dormancy_state(std::string_view text) {
    const auto found = std::ranges::find(kStates, text);
    if (found == kStates.end()) {
        return std::nullopt;
    }
    return static_cast<DormancyState>(found - kStates.begin());
}

std::optional<WhyDormant> dormant(const Usage& usage, const DormancyPolicy& policy, Instant now) {
    using std::chrono::days;
    if (!usage.last_signed_in_at) {
        return now - usage.issued_at >= days(policy.never_days) ? std::optional(WhyDormant::never_signed_in)
                                                                : std::nullopt;
    }
    return now - *usage.last_signed_in_at >= days(policy.unused_days) ? std::optional(WhyDormant::unused)
                                                                      : std::nullopt;
}

}  // namespace madoguchi::accounts
