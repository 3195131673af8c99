// Limits of events and webhooks, each with its reason.
#pragma once

#include <chrono>
#include <cstddef>

#include "base/limits.hpp"

namespace madoguchi::limits {

/// Events put in order in one transaction: a batch of 5,000 accounts and their roles in two steps.
inline constexpr int kEventsOrdered = 5000;
inline constexpr int kEventsPage = 100;
/// One answer of the feed: below half a mebibyte.
inline constexpr int kEventsPageMost = 500;

}  // namespace madoguchi::limits
