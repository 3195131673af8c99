// Rules of accounts that nobody uses: never signed in since they were issued, or not for long. Pure.
//
//   used ── too long ──▶ warned ── the warning passes ──▶ suspended ── resumed ──▶ warned anew
//     ▲                    │  └─── kept, with a reason ──▶ kept ── its season passes ──▶ warned
//     └──── signs in ──────┘
#pragma once

#include <string>
#include <string_view>

#include "base/desk_limits.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace madoguchi::accounts {

enum class SuspendUnused { yes, list_only };

/// What an operator configures.
struct DormancyPolicy {
    int never_days = limits::kDormantNeverDays;
    int unused_days = limits::kDormantUnusedDays;
    int warning_days = limits::kDormantWarningDays;
    SuspendUnused suspend = SuspendUnused::yes;
};

enum class WhyDormant { never_signed_in, unused };
std::string_view to_text(WhyDormant why);
WhyDormant why_dormant(std::string_view text);

struct Usage {
    Instant issued_at;
    std::optional<Instant> last_signed_in_at;
};
/// Nothing: it is used. A whole number of days must have passed.
std::optional<WhyDormant> dormant(const Usage& usage, const DormancyPolicy& policy, Instant now);

enum class DormancyState { warned, suspended, kept };
std::string_view to_text(DormancyState state);
std::optional<DormancyState> dormancy_state(std::string_view text);

}  // namespace madoguchi::accounts
