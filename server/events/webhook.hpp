// Rules of webhooks: which addresses they may have, how a delivery is signed, what an answer means, when to try again.
// Pure.
//
//   waiting --2xx--> delivered          waiting --maker may not see it any more--> withheld
//   waiting --else--> waiting, later --a day after the first attempt--> dead
//   delivered, dead, withheld --sent again by hand--> waiting
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/entropy.hpp"
#include "base/ids.hpp"
#include "base/secret.hpp"
#include "directory/authorization.hpp"
#include "gateway/http_client.hpp"

namespace madoguchi::events {

using WebhookId = Id<struct WebhookTag>;

enum class WebhookState { active, paused, deleted };
std::string_view to_text(WebhookState state);
WebhookState webhook_state(std::string_view text);

enum class DeliveryState { waiting, delivered, dead, withheld };
inline constexpr std::array kDeliveryStates = {DeliveryState::waiting, DeliveryState::delivered, DeliveryState::dead,
                                               DeliveryState::withheld};
std::string_view to_text(DeliveryState state);
std::optional<DeliveryState> delivery_state(std::string_view text);

struct Webhook {
    WebhookId id;
    std::string name;
    std::string url;
    std::vector<std::string> types;  // none: all
    AccountId maker;
    std::string maker_name;
    bool maker_may = true;
    directory::OrganizationRef organization;
    std::string secret_sealed;
    std::string previous_secret_sealed;  // empty: none
    std::optional<Instant> previous_until;
    WebhookState state = WebhookState::active;
    std::string paused_why;
    std::optional<Instant> delivered_at;
    Instant created_at;
    std::int64_t waiting = 0;
    std::int64_t dead = 0;
};

// --- where to ---

/// What an operator allows beside public addresses over https.
struct UrlPolicy {
    std::set<std::string> allowed_hosts;  // lower case; of a private network, or on this machine
    bool plain_http = false;              // to allowed hosts on this machine, in development
};

/// "https://hooks.example:8443/in" without user, fragment or blanks. Errors: invalid (url: webhook_url,
/// url_not_public). Where a name leads is judged when the connection is made.
Result<void> check_url(const std::string& url, const UrlPolicy& policy);
/// Lower case, without brackets; "" where there is none.
std::string host_of(const std::string& url);

// --- signatures: Standard Webhooks ---

/// "whsec_" and 256 bits in base64.
SecretText make_secret(Entropy& entropy);
/// webhook-id, webhook-timestamp, webhook-signature: one "v1,..." for each secret.
std::vector<std::string> signed_headers(const std::string& id, Instant now, const std::string& body,
                                        const std::vector<SecretText>& secrets);

// --- what an answer means ---

struct Verdict {
    enum class Kind { delivered, again, gone };
    Kind kind = Kind::again;
    int status = 0;       // 0: no answer
    std::string problem;  // curl's name of it; ""
    std::optional<std::chrono::seconds> retry_after;
};
/// 2xx: taken. 410: this receiver wants no more. Anything else, redirects too: again.
Verdict judge(const gateway::HttpOutcome& outcome);

/// When to try again after `attempts` failures; nothing: the day is over. `jitter`: 0 to 1.
std::optional<Instant> next_attempt(int attempts, Instant now, Instant give_up_at, double jitter,
                                    const std::optional<std::chrono::seconds>& retry_after);
/// How long a receiver is left alone after so many failures in a row, whatever waits for it.
std::chrono::seconds rest_after(int failures, const std::optional<std::chrono::seconds>& retry_after);

}  // namespace madoguchi::events
