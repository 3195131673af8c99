// Limits of the desk, with their reasons: helpdesk, approvals, the audit log's pages, unused accounts, applications and
// the review of roles. A header of its own, so that a change here doesn't rebuild the whole house.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace madoguchi::limits {

using namespace std::chrono_literals;

// --- helpdesk ---
inline constexpr int kHelpdeskFound = 20;                    // more are no answer: the caller is asked for another word
inline constexpr int kHelpdeskCandidates = 400;              // of the rarest word, read and compared with the others
inline constexpr std::size_t kHelpdeskWords = 4;             // name, organization, a number
inline constexpr std::size_t kHelpdeskQueryCodePoints = 80;  // what one line holds
inline constexpr auto kHelpdeskCaseLife = 30min;             // one call
inline constexpr int kHelpdeskTries = 3;                     // a question; then only "could not be verified"
inline constexpr int kHelpdeskMismatchesPerAccountDay = 9;   // over all calls: three callers who know nothing
inline constexpr int kHelpdeskFindsPerOperatorHour = 120;    // two a minute, all day; a script reads no directory

// --- audit pages ---
inline constexpr int kAuditRows = 50;
inline constexpr int kAuditExportRows = 20000;  // about 8 MB; a longer time is exported in parts
inline constexpr int kAuditExportBatch = 1000;  // read in one transaction

// --- unused accounts ---
inline constexpr int kDormantNeverDays = 30;    // as long as an initial password by letter lives
inline constexpr int kDormantUnusedDays = 90;   // NIST SP 800-53 AC-2(3) leaves the time to the organization
inline constexpr int kDormantWarningDays = 14;  // between the warning and the suspension: a holiday long
inline constexpr int kDormantDaysMaximum = 3650;
inline constexpr int kDormantBatch = 100;  // accounts in one transaction of the daily task
inline constexpr int kDormantBatchesADay = 2000;
inline constexpr auto kDormantKept = 24h * 90;  // "keep it" holds as long as a season
inline constexpr auto kDailyTaskPoll = 10min;

// --- applications ---
inline constexpr auto kApplicationUnconfirmed = 1h;    // to type a code
inline constexpr int kApplicationCodeFailures = 5;     // then it starts over
inline constexpr int kApplicationMessages = 3;         // codes of one application
inline constexpr int kApplicationsPerSourceHour = 10;  // a clinic's one, and its mistakes
inline constexpr int kApplicationCodesPerSourceHour = 30;
inline constexpr int kApplicationLooksPerSourceHour = 30;  // of a receipt number
inline constexpr std::size_t kApplicationNumberCharacters =
    8;  // of 25: 37 bits, good only with the phone's last digits
inline constexpr std::size_t kPhoneEndDigits = 4;
inline constexpr int kApplicationCenters = 60;  // of one prefecture; Tokyo has 31
inline constexpr std::size_t kAddressCodePoints = 200;

// --- review of roles ---
inline constexpr auto kRoleReview = 24h * 365;       // once a year
inline constexpr auto kRoleEndsSoon = 24h * 30;      // shown before it ends by itself
inline constexpr std::size_t kRolesConfirmed = 100;  // in one press: two pages

}  // namespace madoguchi::limits
