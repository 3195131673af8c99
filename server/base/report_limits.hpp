// Limits of the daily report, with their reasons. A header of its own, so that a change here doesn't rebuild the whole
// house.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace madoguchi::limits {

using namespace std::chrono_literals;

inline constexpr std::int64_t kReportCountMaximum = 999'999;  // of one field: the whole country's worst day had 260,000
inline constexpr std::size_t kReportTypedBytes = 40;          // of one field; a million with full-width commas has 27
inline constexpr auto kReportSentLate = 24h;  // after the end of its day a form or draft can still be sent for it
inline constexpr int kReportHistoryDays = 7;  // on the history tab, and as far back as an adjustment reaches
inline constexpr int kReportUsualDays = 28;   // four weeks are what "usual" is taken from
inline constexpr std::size_t kReportUsualLeast = 7;       // fewer days say nothing about what is usual
inline constexpr double kUnusualScore = 3.5;              // modified z-score: Iglewicz and Hoaglin 1993, p. 11
inline constexpr std::int64_t kUnusualDifference = 5;     // people; 4 where 1 is usual is no news
inline constexpr std::int64_t kTenTimesLeast = 10;        // people
inline constexpr std::int64_t kTenThousand = 10'000;      // in one field: the typing error on the ministry's slides
inline constexpr std::int64_t kDominantTotal = 30;        // "a large total", from which on one field's share is told
inline constexpr std::int64_t kDominantPercent = 90;      // of the total in one field
inline constexpr std::int64_t kSameTotal = 10;            // people; the same small day twice is no news
inline constexpr std::int64_t kUnknownLeast = 5;          // people of unknown age
inline constexpr std::int64_t kUnknownPercent = 30;       // of the total, and three times the usual share
inline constexpr std::size_t kReportKeyCharacters = 100;  // of an idempotency key; a UUID has 36
inline constexpr int kDraftKeptDays = 60;                 // sent or not: then nobody asks for it any more
inline constexpr int kDraftsShown = 200;                  // on the health centre's list
inline constexpr auto kDraftIdle = 30min;                 // as long as a session idles: nobody is typing any more
inline constexpr int kDraftReminderBatch = 200;           // of one round of the reminder, each a message or two

}  // namespace madoguchi::limits
