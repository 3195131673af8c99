// Limits of events and webhooks, each with its reason.
#pragma once

#include <chrono>
#include <cstddef>

#include "base/limits.hpp"

namespace madoguchi::limits {

/// Events put in order, or told to one webhook, in one transaction: well below the statement timeout.
inline constexpr int kEventsOrdered = 5000;
inline constexpr int kEventsTold = 1000;
/// How soon after its commit an event is seen.
inline constexpr std::chrono::milliseconds kEventPoll{500};
/// How often what waits is counted.
inline constexpr std::chrono::seconds kEventFigures{15};
inline constexpr int kEventsPage = 100;
/// One answer of the feed: below half a mebibyte.
inline constexpr int kEventsPageMost = 500;

inline constexpr std::size_t kWebhookNameCodePoints = 60;
inline constexpr std::size_t kWebhookUrlBytes = 500;
/// Of one organization: each of them is asked of at every event.
inline constexpr int kWebhooksOfOnePlace = 20;
/// Threads of one server that send: a receiver that hangs takes one for ten seconds.
inline constexpr int kWebhookSenders = 2;
/// Sent to one receiver in its turn, then the next one is served.
inline constexpr int kWebhookTurn = 20;
/// Longer than connecting and answering take; after a kill, another server goes on when it has passed.
inline constexpr std::chrono::seconds kWebhookLease{30};
/// A failed delivery is tried again after 5 s, 10 s, 20 s ... 2 h, with up to a quarter more, for a day.
inline constexpr std::chrono::seconds kWebhookFirstDelay{5};
inline constexpr std::chrono::hours kWebhookLongestDelay{2};
inline constexpr std::chrono::hours kWebhookDay{24};
/// A receiver that failed is left alone at least for 1 s, 2 s, 4 s ... a minute, whatever waits for it.
inline constexpr std::chrono::seconds kWebhookLongestRest{60};
/// A receiver may ask for more time, but not for the whole day.
inline constexpr std::chrono::hours kWebhookLongestRetryAfter{6};
/// The old secret signs too, until receivers know the new one.
inline constexpr std::chrono::hours kWebhookSecretOverlap{24};
/// What was delivered is remembered for a month: for questions about the last bill, report or batch.
inline constexpr std::chrono::hours kDeliveriesKept{24 * 30};
/// Dead letters sent again with one press.
inline constexpr int kDeliveriesResent = 1000;

}  // namespace madoguchi::limits
