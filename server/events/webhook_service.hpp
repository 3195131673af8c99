// Use cases on webhooks: made by an administrator for a program outside, paused, resumed, given another secret,
// deleted; what was delivered is looked at and sent again.
#pragma once

#include <functional>

#include "audit/audit_service.hpp"
#include "crypto/envelope.hpp"
#include "directory/organization_service.hpp"
#include "events/event_service.hpp"
#include "events/webhook_store.hpp"

namespace madoguchi::events {

struct MakeWebhook {
    std::string name;
    std::string url;
    std::vector<std::string> types;  // none: all
    OrganizationId organization;
};

struct MadeWebhook {
    Webhook webhook;
    SecretText secret;  // shown once
};

enum class WebhookAct { pause, resume, remove };

class WebhookService {
public:
    struct Parts {
        db::Database& database;
        audit::AuditService& audit;
        directory::OrganizationService& organizations;
        const crypto::Envelope& envelope;
        Entropy& entropy;
        UrlPolicy urls;
        /// Was it proven just now who asks? As for a change of second steps (S10): events leave the house.
        std::function<Result<void>(db::Transaction&, const Principal&, Instant)> confirmed;
    };
    explicit WebhookService(Parts parts) : parts_(std::move(parts)) {}

    /// Asked before a form is shown, so that nothing that was typed is lost. Errors: forbidden (confirmation_needed, no
    /// administrator).
    Result<void> ready_for_secrets(const Principal& principal, Instant now) const;
    /// Errors: invalid (each field), forbidden (no administrator; a token asks; confirmation_needed), conflict
    /// (webhook_name_taken, too_many_webhooks).
    Result<MadeWebhook> make(const Principal& principal, const MakeWebhook& command, Instant now);
    /// Those of one's jurisdiction, newest first.
    Result<std::vector<Webhook>> list(const Principal& principal, std::int64_t before_id, int limit, Instant now) const;
    Result<Webhook> show(const Principal& principal, WebhookId id, Instant now) const;
    /// Errors: not_found, conflict (changed_meanwhile).
    Result<void> act(const Principal& principal, WebhookId id, WebhookAct act, Instant now);
    /// By its maker: the old secret signs beside the new one for a day. Errors: not_found, forbidden.
    Result<MadeWebhook> rotate(const Principal& principal, WebhookId id, Instant now);

    Result<std::vector<Delivery>> deliveries(const Principal& principal, WebhookId id, const DeliveryFilter& filter,
                                             Instant now) const;
    /// An event of the webhook's organization, whether it was delivered before or not. Errors: not_found.
    Result<Delivery> send_again(const Principal& principal, WebhookId id, std::int64_t position, Instant now);
    /// Every dead letter, up to limits::kDeliveriesResent; returns how many.
    Result<std::int64_t> send_dead_again(const Principal& principal, WebhookId id, Instant now);

    /// What was delivered long ago; bounded, so more may be left. How many.
    Result<std::int64_t> forget_old(Instant finished_before) const;

    static bool may_rotate(const Principal& principal, const Webhook& webhook) {
        return principal.account == webhook.maker && !principal.limits;
    }

private:
    template <class F>
    auto with(const Principal& principal, WebhookId id, const std::string& action, Instant now, F&& work);
    Result<Webhook> checked(const Principal& principal, const MakeWebhook& command, Instant now) const;
    Result<std::string> seal(const Webhook& webhook, const SecretText& secret) const;

    Parts parts_;
    WebhookStore store_;
    EventStore events_;
};

/// What the sealed secret of a webhook is bound to.
std::string secret_context(WebhookId id);

}  // namespace madoguchi::events
