#include "events/webhook.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "base/encoding.hpp"
#include "base/event_limits.hpp"
#include "crypto/hmac.hpp"
#include "gateway/public_address.hpp"

namespace madoguchi::events {
namespace {

constexpr std::string_view kSecretPrefix = "whsec_";
constexpr std::size_t kSecretBytes = 32;
constexpr int kGone = 410;

struct UrlParts {
    std::string scheme;
    std::string authority;
};

std::optional<UrlParts> parts_of(const std::string& url) {
    const auto colon = url.find("://");
    if (colon == std::string::npos) {
        return std::nullopt;
    }
    const auto start = colon + 3;
    return UrlParts{url.substr(0, colon), url.substr(start, url.find_first_of("/?#", start) - start)};
}

// RFC 4648 §4, with padding: the specification's form.
std::string to_base64(std::string_view bytes) {
    std::string out = to_base64url(bytes);
    std::ranges::replace(out, '-', '+');
    std::ranges::replace(out, '_', '/');
    out.append((4 - out.size() % 4) % 4, '=');
    return out;
}

SecretText key_of(const SecretText& secret) {
    std::string text = secret.reveal().substr(kSecretPrefix.size());
    std::erase(text, '=');
    std::ranges::replace(text, '+', '-');
    std::ranges::replace(text, '/', '_');
    return SecretText(from_base64url(text).value_or(""));
}

}  // namespace

std::string_view to_text(WebhookState state) {
    return state == WebhookState::active ? "active" : state == WebhookState::paused ? "paused" : "deleted";
}

WebhookState webhook_state(std::string_view text) {
    return text == "active" ? WebhookState::active : text == "paused" ? WebhookState::paused : WebhookState::deleted;
}

std::string_view to_text(DeliveryState state) {
    constexpr std::array<std::string_view, 4> kNames = {"waiting", "delivered", "dead", "withheld"};
    return kNames.at(static_cast<std::size_t>(state));
}

std::optional<DeliveryState> delivery_state(std::string_view text) {
    const auto found = std::ranges::find(kDeliveryStates, text, [](DeliveryState state) { return to_text(state); });
    return found == kDeliveryStates.end() ? std::nullopt : std::optional(*found);
}

std::string host_of(const std::string& url) {
    const auto parts = parts_of(url);
    if (!parts) {
        return {};
    }
    std::string host = parts->authority;
    if (host.starts_with('[')) {
        host = host.substr(1, host.find(']') - 1);
    } else {
        host = host.substr(0, host.find(':'));
    }
    std::ranges::transform(host, host.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return host;
}

Result<void> check_url(const std::string& url, const UrlPolicy& policy) {
    const auto parts = parts_of(url);
    const auto host = host_of(url);
    const bool allowed = policy.allowed_hosts.contains(host);
    const bool secure = parts && parts->scheme == "https";
    const bool plain = parts && parts->scheme == "http" && policy.plain_http && allowed;
    // What curl and we would read differently is no address: no user, no escapes in the host, no second meaning.
    const bool clean = url.size() <= limits::kWebhookUrlBytes && gateway::is_safe_url(url) &&
                       url.find_first_of("#\\\"<>^`{|}") == std::string::npos && parts &&
                       parts->authority.find_first_of("@%") == std::string::npos && !host.empty();
    if (!clean || !(secure || plain)) {
        return invalid_field("url", "webhook_url");
    }
    const bool inside = host == "localhost" || host.ends_with(".localhost") || host.ends_with(".internal") ||
                        host.ends_with(".local") || !gateway::is_public_literal(host).value_or(true);
    if (inside && !allowed) {
        return invalid_field("url", "url_not_public");
    }
    return {};
}

SecretText make_secret(Entropy& entropy) {
    return SecretText(std::string(kSecretPrefix) + to_base64(entropy.bytes(kSecretBytes)));
}

std::vector<std::string> signed_headers(const std::string& id, Instant now, const std::string& body,
                                        const std::vector<SecretText>& secrets) {
    const auto timestamp = std::to_string(to_unix_seconds(now));
    std::string signatures;
    for (const auto& secret : secrets) {
        signatures += (signatures.empty() ? "v1," : " v1,") +
                      to_base64(crypto::hmac_sha256(key_of(secret), fmt::format("{}.{}.{}", id, timestamp, body)));
    }
    return {"webhook-id: " + id, "webhook-timestamp: " + timestamp, "webhook-signature: " + signatures};
}

Verdict judge(const gateway::HttpOutcome& outcome) {
    if (!outcome) {
        return {.kind = Verdict::Kind::again, .status = 0, .problem = outcome.error().why, .retry_after = {}};
    }
    const int status = outcome->status;
    const auto kind = status >= 200 && status < 300 ? Verdict::Kind::delivered
                      : status == kGone             ? Verdict::Kind::gone
                                                    : Verdict::Kind::again;
    return {.kind = kind, .status = status, .problem = {}, .retry_after = outcome->retry_after};
}

std::optional<Instant> next_attempt(int attempts, Instant now, Instant give_up_at, double jitter,
                                    const std::optional<std::chrono::seconds>& retry_after) {
    if (now >= give_up_at) {
        return std::nullopt;
    }
    std::chrono::seconds delay = limits::kWebhookFirstDelay;
    for (int i = 1; i < attempts && delay < limits::kWebhookLongestDelay; ++i) {
        delay *= 2;
    }
    delay = std::min<std::chrono::seconds>(delay, limits::kWebhookLongestDelay);
    // So that what failed together does not come back together.
    delay += std::chrono::seconds(static_cast<std::int64_t>(static_cast<double>(delay.count()) * jitter / 4));
    const auto asked = std::min<std::chrono::seconds>(retry_after.value_or(std::chrono::seconds(0)),
                                                      limits::kWebhookLongestRetryAfter);
    return std::min<Instant>(now + std::max(delay, asked), give_up_at);  // one last time when the day ends
}

std::chrono::seconds rest_after(int failures, const std::optional<std::chrono::seconds>& retry_after) {
    std::chrono::seconds rest{1};
    for (int i = 1; i < failures && rest < limits::kWebhookLongestRest; ++i) {
        rest *= 2;
    }
    const auto asked = std::min<std::chrono::seconds>(retry_after.value_or(std::chrono::seconds(0)),
                                                      limits::kWebhookLongestRetryAfter);
    return std::max(std::min(rest, limits::kWebhookLongestRest), asked);
}

}  // namespace madoguchi::events
