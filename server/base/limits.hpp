// Every limit, with its reason. Units last in the name.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace madoguchi::limits {

using namespace std::chrono_literals;

// --- HTTP edge ---
inline constexpr std::size_t kRequestBytes = 64 * 1024;  // forms and JSON; uploads get their own route and cap later
inline constexpr std::size_t kHeaderCount = 64;          // browsers send about 20
inline constexpr std::size_t kFormFields = 128;          // the daily report has 30
inline constexpr std::size_t kPathBytes = 2048;          // what proxies accept in a request line
inline constexpr std::size_t kCookieCount = 50;          // RFC 6265 §6.1
inline constexpr std::size_t kMultipartParts = 64;       // one file and its fields
inline constexpr std::size_t kMultipartHeaderBytes =
    2048;  // a name and a file name, 255 characters each, percent-encoded
inline constexpr std::size_t kRequestHeadBytes =
    16 * 1024;                                 // request line and headers; nginx passes four buffers of 8 KiB at most
inline constexpr std::size_t kJsonDepth = 64;  // commands are two levels deep; the parser's stack stays small
inline constexpr int kListenBacklog = 1024;    // a burst of connections must not wait for a second SYN
inline constexpr int kPipelinedAnswers = 32;   // on one connection; nginx never pipelines, a flood is cut
inline constexpr std::size_t kDescriptorsWanted = 4096;  // connections beyond 400 idle ones (S29), files and database
inline constexpr auto kHeaderTimeout =
    15s;  // slow headers are cut (S29), nginx cuts before; longer than a thread waits
          // for a silent database, or whoever waits behind it would be cut for it
inline constexpr auto kBodyTimeout = 20s;
inline constexpr auto kKeepAliveTimeout = 75s;  // above nginx's 60 s, so that nginx closes first
inline constexpr auto kDrainTimeout = 20s;      // a graceful stop waits this long for requests in flight

// --- log ---
inline constexpr std::size_t kLogValueBytes = 1024;  // of one value, escaped
inline constexpr std::size_t kLogLineBytes = 4000;   // under PIPE_BUF (4096): lines of several writers never mix
inline constexpr std::size_t kLogBufferBytes = 64 * 1024;
inline constexpr auto kLogFlush = 200ms;  // lines below a warning are written together; a killed server loses these

// --- passwords (S1, S3) ---
inline constexpr std::size_t kPasswordMinimumCodePoints = 12;
inline constexpr std::size_t kPasswordFloorCodePoints = 8;  // configuration can't go below
inline constexpr std::size_t kPasswordMaximumCodePoints = 256;
inline constexpr std::size_t kPasswordMaximumBytes = 4 * 256;  // 256 code points in UTF-8
inline constexpr std::uint32_t kArgonMemoryKib = 19 * 1024;    // OWASP: 19 MiB, t=2, p=1
inline constexpr std::uint32_t kArgonPasses = 2;
inline constexpr std::uint32_t kArgonMemoryMaximumKib = 64 * 1024;  // a stored string that asks for more is not ours
inline constexpr std::uint32_t kArgonPassesMaximum = 16;
inline constexpr std::size_t kHashQueueWaiting = 64;  // beyond it: 503 and Retry-After (S27); one wait is about 30 ms
inline constexpr auto kHashWait = 10s;                // a browser's patience
inline constexpr auto kHashRetryAfter = 2s;           // the queue drains in about this time on two cores
inline constexpr auto kHashMemoryIdle = 5s;           // then a hashing thread gives its Argon2 memory back
inline constexpr std::size_t kPasswordListBytes = 64 * 1024 * 1024;  // a word list beyond it is a mistake

// --- initial passwords and reset codes (S4) ---
inline constexpr std::size_t kInitialPasswordCharacters = 20;  // of 25: 92 bits
inline constexpr auto kInitialPasswordByLetter = 24h * 30;
inline constexpr auto kInitialPasswordByReset = 24h;

inline constexpr auto kResetsApart = 24h;       // S18: password and second step of one account
inline constexpr auto kApprovalLife = 24h * 7;  // a request nobody decided lapses

// --- second steps (S6 to S9) ---
inline constexpr std::size_t kCodeDigits = 6;
inline constexpr auto kCodeLife = 10min;
inline constexpr auto kTotpStep = 30s;
inline constexpr int kTotpDriftSteps = 1;
inline constexpr int kSecondStepSlowFailures = 10;  // from here on, one try a minute
inline constexpr auto kSecondStepSlowWait = 1min;
inline constexpr int kSecondStepDisabledFailures = 100;
inline constexpr int kFlowCodeFailures = 10;  // wrong codes in one sign-in before it starts over
inline constexpr int kTriesLeftShown = 5;     // from here on the page counts down
inline constexpr int kMessagesPerFlow = 5;    // SMS and calls in one sign-in
inline constexpr int kMessagesPerNumberHour = 5;
inline constexpr int kMessagesPerNumberDay = 20;
inline constexpr int kMessagesPerAccountDay = 30;
inline constexpr int kMessagesPerSourceHour = 60;
inline constexpr int kMessagesTotalMinute = 600;     // bounds the bill whatever happens
inline constexpr int kMessagesTotalDay = 20000;      // the same for a day: 2,000 clinics' sign-ins ten times over
inline constexpr int kMessagesConfigured = 1000000;  // a configured cap beyond it is a typing error
inline constexpr std::size_t kPhoneCharacters = 20;  // E.164 has at most 15 digits; a prefix for calling abroad
inline constexpr auto kResendWait = 30s;             // a network needs this long to deliver

// --- passkeys (S11) ---
inline constexpr std::size_t kPasskeyChallengeBytes = 32;       // WebAuthn §13.4.3 asks for 16
inline constexpr auto kPasskeyChallengeLife = 10min;            // as a code's; the browser gives up before
inline constexpr auto kPasskeyTimeout = 5min;                   // told to the browser: WebAuthn §15.1 recommends it
inline constexpr std::size_t kPasskeyMessageBytes = 16 * 1024;  // an attestation with its certificates has up to 6 KiB
inline constexpr std::size_t kPasskeyCredentialIdBytes = 1023;  // WebAuthn §4, credential ID
inline constexpr int kCborDepth = 8;  // an attestation object is four deep; the reader's stack stays small
inline constexpr int kPasskeyFailuresPerSource = 30;  // whole sign-ins in a row that fail, then a wait

// --- sign-in flow and sessions (S13, S14) ---
inline constexpr auto kFlowLife = 30min;
inline constexpr auto kFlowKept = 24h;               // ended flows stay a day for questions
inline constexpr std::size_t kUserAgentBytes = 256;  // shown in lists of sessions
inline constexpr auto kSessionIdle = 30min;
inline constexpr auto kSessionLife = 12h;
inline constexpr auto kCliSessionLife = 1h;
inline constexpr auto kLanguageKept = 24h * 365;      // a choice of language is no session
inline constexpr auto kSessionTouch = 1min;           // last use is written at most this often: reads stay reads
inline constexpr std::size_t kIdentitiesKept = 4096;  // of sessions in memory, about 1 KiB each
inline constexpr int kPasswordFailuresPerAccountSource = 10;  // in a row, then a wait that doubles from 1 to 15 minutes
inline constexpr int kPasswordFailuresPerAccount = 100;       // over all sources within the window
inline constexpr int kPasswordFailuresPerSource = 300;
inline constexpr auto kThrottleWindow = 1h;
inline constexpr auto kThrottleFirstWait = 1min;
inline constexpr auto kThrottleLongestWait = 15min;
inline constexpr auto kThrottleKept = 48h;  // idle buckets are forgotten
inline constexpr int kResetRequestsPerSourceHour = 20;
inline constexpr int kResetRequestsPerAccountDay = 3;  // a stranger's on the public page must not keep the owner's out

// --- one's own account, and the ways back into it (S4, S10, S12, S13, S18) ---
inline constexpr auto kConfirmedFor = 10min;     // password and second step were proven; long enough for one errand
inline constexpr auto kConfirmFlowLife = 15min;  // a code's life and the time to ask for a second one
inline constexpr int kMethodsPerAccount = 10;    // phones, apps and keys of one person
inline constexpr std::size_t kMethodLabelCodePoints = 40;   // one line at 390 px wraps once
inline constexpr int kSessionsShown = 50;                   // newest first; nobody reads more
inline constexpr int kActivityRows = 20;                    // a page of one's own activity
inline constexpr int kActivityRecent = 5;                   // on the security page itself
inline constexpr int kRecoveryCodes = 10;                   // S10
inline constexpr std::size_t kRecoveryCodeCharacters = 16;  // of 25: 74 bits, S10 asks for 64
inline constexpr int kRecoveryCodesFew = 3;                 // from here on the page asks for new ones
inline constexpr auto kAccessCodeLife = 1h;                 // read out on the phone and typed at once
inline constexpr auto kForgottenLife = 30min;               // a recovery of a forgotten password, as a sign-in
inline constexpr auto kForgottenPoll = 1s;                  // a worker sends what was asked for
inline constexpr int kForgottenBatch = 20;                  // taken at once
inline constexpr int kForgottenMessagesPerAccountDay = 3;   // a stranger's must not use up the owner's messages (S9)
inline constexpr int kForgottenFailures = 5;                // wrong proofs in one recovery
inline constexpr int kForgottenFailuresPerAccount = 10;     // an hour over all of them; signing in is not touched (S13)
inline constexpr int kForgottenPerSourceHour = 30;          // an office behind one address
inline constexpr auto kKnownSourceFor = 24h * 30;           // S13: where the owner signed in lately
inline constexpr int kPasswordFailuresPerKnownSource = 10;  // its own allowance, whatever strangers do elsewhere
inline constexpr auto kThrottledNoteEvery = 1min;  // audit rows of refused passwords of one ID: a log can't be flooded

// --- database ---
inline constexpr std::size_t kDatabaseConnections = 12;
inline constexpr auto kLeaseWait = 3s;
inline constexpr auto kConnectTimeout = 3s;
inline constexpr auto kStatementTimeout = 5s;
inline constexpr auto kAnswerTimeout = 7s;  // PostgreSQL keeps the one above, unless it is stopped or hangs (S26)
inline constexpr auto kLockTimeout = 4s;
inline constexpr auto kIdleInTransactionTimeout = 15s;
inline constexpr int kTransactionRetries = 4;        // serialization failures and deadlocks only
inline constexpr auto kTransactionRetryWait = 5ms;   // doubles; a rival's transaction is over by then
inline constexpr std::size_t kHeldStatements = 500;  // a connection; the program has fewer, so only a mistake meets it
inline constexpr auto kReconnectPause = 500ms;  // a database that is gone is asked twice a second, not by every request
inline constexpr auto kUnavailableRetryAfter = 5s;  // a restart of PostgreSQL takes about this long (S26)
inline constexpr auto kNetworkSilence = 10s;        // then a database host that fell off the network counts as lost
inline constexpr auto kMigrationLockWait = 60s;     // another server of the same upgrade is migrating

// --- outbox (S24) ---
inline constexpr auto kOutboxPoll = 1s;
inline constexpr int kOutboxSenders = 4;   // threads: one slow answer of a provider doesn't hold up everybody's codes
inline constexpr int kOutboxBatch = 5;     // leased at once by one of them; each takes a provider's answer
inline constexpr auto kOutboxLease = 60s;  // begins anew with each message; a dead server's messages come back after it
inline constexpr int kOutboxWaiting = 3000;  // beyond it nothing is queued (S27): five minutes at the cap a minute
inline constexpr auto kOutboxFull = 60s;     // Retry-After then
inline constexpr auto kOutboxUpkeep = 1min;  // the day's figures
inline constexpr auto kNoticeLife = 24h;     // "your password was reset" is still news a day later
inline constexpr int kOutboxAttempts = 6;
inline constexpr auto kOutboxFirstRetry = 2s;    // doubles; a code is worthless after ten minutes
inline constexpr auto kVoiceRingTime = 40s;      // then a call counts as unanswered
inline constexpr auto kCallReportWait = 90s;     // a provider that says nothing of a call for so long won't
inline constexpr auto kMessageDelayShown = 10s;  // not handed over by then: the page says that it takes longer

// --- gateways ---
inline constexpr std::size_t kGatewayProviders = 3;  // tried in order for one message
inline constexpr auto kGatewayConnect = 3s;  // TCP and TLS; no longer, because the next provider waits behind it
inline constexpr auto kGatewayAnswer = 6s;   // the whole exchange; providers answer within one second
static_assert(kGatewayProviders * kGatewayAnswer * 2 < kOutboxLease, "a slow gateway can't outlive the lease");
inline constexpr std::size_t kGatewayAnswerBytes = 64 * 1024;  // a receipt in JSON has one or two thousand
inline constexpr int kGatewayFailures = 3;                     // in a row: then a provider is skipped
inline constexpr auto kGatewayFirstSkip = 15s;                 // then one message tries it; doubles
inline constexpr auto kGatewayLongestSkip = 5min;              // a provider that is back is noticed within this
inline constexpr auto kCallRings = 30s;                        // asked of the provider; below kVoiceRingTime
inline constexpr std::size_t kSpokenCharacters = 4000;         // Twilio's limit of a call's instructions
inline constexpr std::size_t kProviderIdBytes = 64;            // providers' names for a message have 34

// --- audit (S21) ---
inline constexpr int kAuditSealRows = 2000;            // linked in one transaction
inline constexpr std::int64_t kAuditLateRows = 10000;  // a row may commit this many ids late and still be sealed
inline constexpr auto kAuditSealDelay = 1min;          // an unsealed row older than this is a finding
inline constexpr auto kAuditSealPoll = 1s;
inline constexpr auto kCleaningPoll = 10min;  // old flows and throttles are forgotten

// --- lists ---
inline constexpr int kPageRows = 50;
inline constexpr int kPageRowsMaximum = 500;
inline constexpr int kCountedRows = 10000;  // beyond it a list says "10,000 or more": counting a million takes a second
inline constexpr int kCandidateRows = 1000;  // of one reading of a search word; beyond it, more letters are needed
inline constexpr int kFoundRows = 10;        // of each kind on the page that searches everything
inline constexpr int kTreeRows = 100;        // health centres of a prefecture, with room
inline constexpr auto kSignedInLately = 24h * 30;
inline constexpr auto kUnusedFor = 24h * 90;         // then an account is a candidate for suspension
inline constexpr auto kNeverUsedFor = 24h * 14;      // after issuance: worth a call before the letter lapses
inline constexpr auto kInitialLapsesSoon = 24h * 3;  // a letter takes two days to arrive
inline constexpr std::size_t kNameCodePoints = 100;  // names of people and organizations
inline constexpr std::size_t kReasonCodePoints = 500;
inline constexpr std::size_t kLoginIdBytes = 254;  // as an e-mail address, RFC 5321 §4.5.3.1

}  // namespace madoguchi::limits
