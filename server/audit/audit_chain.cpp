#include "audit/audit_chain.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "base/encoding.hpp"
#include "crypto/hmac.hpp"

namespace madoguchi::audit {
namespace {

std::string framed(std::initializer_list<std::string_view> parts) {
    std::string out;
    for (const auto part : parts) {
        out += fmt::format("{}:{};", part.size(), part);
    }
    return out;
}

}  // namespace

std::string event_digest(const AuditEvent& event, const SecretText& key) {
    const std::string message =
        framed({std::to_string(to_microseconds(event.at)), std::to_string(event.actor_account), event.actor_name,
                event.channel, event.source, event.request_id, event.action, event.outcome, event.organization_path,
                event.target_kind, std::to_string(event.target_id), event.target_name, event.reason, event.before,
                event.after});
    return to_hex(crypto::hmac_sha256(key, message));
}

std::string DigestKeys::digest(const AuditEvent& event) const {
    const auto& current = keys_.back();
    const std::string hex = event_digest(event, current.key);
    return current.id == crypto::kUnnamedAuditKey ? hex : current.id + ":" + hex;
}

bool DigestKeys::proves(const AuditEvent& event) const {
    const auto colon = event.digest.find(':');
    const bool named = colon != std::string::npos;
    const std::string id = named ? event.digest.substr(0, colon) : std::string(crypto::kUnnamedAuditKey);
    const auto key = std::ranges::find(keys_, id, &crypto::EnvelopeKey::id);
    return key != keys_.end() &&
           crypto::equal_in_constant_time(event_digest(event, key->key), event.digest.substr(named ? colon + 1 : 0));
}

std::string seal_hash(std::string_view previous_hash, std::int64_t position, std::int64_t event_id,
                      std::string_view digest) {
    return to_hex(crypto::sha256(framed({previous_hash, std::to_string(position), std::to_string(event_id), digest})));
}

void ChainVerifier::feed(std::int64_t position, std::int64_t event_id, const std::string& hash,
                         const AuditEvent* event) {
    if (position != head_.position + 1) {
        problems_.push_back({head_.position + 1, "gap"});
    }
    if (event == nullptr) {
        problems_.push_back({position, "missing_event"});
    } else {
        if (!keys_.proves(*event)) {
            problems_.push_back({position, "changed"});
        }
        if (seal_hash(head_.hash, position, event_id, event->digest) != hash) {
            problems_.push_back({position, "broken_link"});
        }
    }
    if (kept_.position == position) {
        kept_seen_ = true;
        if (kept_.hash != hash) {
            problems_.push_back({position, "head_differs"});
        }
    }
    head_ = {position, hash};
    ++checked_;
}

void ChainVerifier::compare_head(const Head& kept) {
    if (kept.position > 0 && !kept_seen_) {
        problems_.push_back({kept.position, "cut"});
    }
}

}  // namespace madoguchi::audit
