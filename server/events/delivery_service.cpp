#include "events/delivery_service.hpp"

#include <algorithm>

#include "base/event_limits.hpp"
#include "events/webhook_service.hpp"

namespace madoguchi::events {
namespace {

constexpr std::uint32_t kJitterSteps = 1000;

}  // namespace

bool may_be_told(const std::optional<directory::Principal>& maker, const Webhook& webhook, const Event& event,
                 Instant now) {
    const bool wanted = webhook.types.empty() || std::ranges::find(webhook.types, event.type) != webhook.types.end();
    if (!maker || !wanted || !event.organization_path.starts_with(webhook.organization.path)) {
        return false;
    }
    const auto actors = directory::acting(*maker, permission_for(event.type), now);
    return actors && std::ranges::any_of(*actors, [&](const Actor& actor) {
               return actor.jurisdiction.contains(event.organization_path);
           });
}

Result<bool> DeliveryService::tell_next(Instant now) {
    return parts_.database.transact(Actor::system(), [&](db::Transaction& tx) -> Result<bool> {
        const auto head = TRY(events_.head(tx));
        const auto untold = TRY(store_.lock_untold(tx, head));
        if (!untold) {
            return false;
        }
        const auto& webhook = untold->webhook;
        const auto maker = TRY(store_.maker(tx, webhook.id));
        auto found = TRY(events_.read(tx, {.after = untold->told_up_to,
                                           .up_to = head,
                                           .path = webhook.organization.path,
                                           .types = {kEventTypes.begin(), kEventTypes.end()},
                                           .limit = limits::kEventsTold}));
        const bool all = found.size() < static_cast<std::size_t>(limits::kEventsTold);
        const auto told_up_to = all ? head : found.back().position;
        std::erase_if(found, [&](const Event& event) { return !may_be_told(maker, webhook, event, now); });
        TRY(store_.tell(tx, webhook, found, told_up_to, now));
        return true;
    });
}

Result<std::optional<DeliveryService::Receiver>> DeliveryService::receiver(WebhookId id, Instant now) const {
    return parts_.database.transact(Actor::system(), [&](db::Transaction& tx) -> Result<std::optional<Receiver>> {
        auto webhook = TRY(store_.find(tx, id));
        if (!webhook) {
            return std::optional<Receiver>();
        }
        Receiver out{.webhook = std::move(*webhook), .maker = std::nullopt, .secrets = {}};
        out.maker = TRY(store_.maker(tx, id));
        out.secrets.push_back(TRY(parts_.envelope.open(out.webhook.secret_sealed, secret_context(id))));
        if (out.webhook.previous_until && now < *out.webhook.previous_until) {
            out.secrets.push_back(TRY(parts_.envelope.open(out.webhook.previous_secret_sealed, secret_context(id))));
        }
        return std::optional(std::move(out));
    });
}

Result<bool> DeliveryService::take_turn(Instant now) {
    auto turn = TRY(parts_.database.transact(
        Actor::system(), [&](db::Transaction& tx) { return store_.lease(tx, now, now + limits::kWebhookLease); }));
    if (!turn) {
        return false;
    }
    const auto to = receiver(turn->webhook, now);
    if (!to) {
        // Its lease runs out by itself: without that, a secret that no key opens would be tried without a pause.
        parts_.note("webhook_unsealable", turn->webhook, to.error().message_id);
        return failure(to.error());
    }
    for (int sent = 0; *to && sent < limits::kWebhookTurn; ++sent) {
        if (!TRY(deliver_one(*turn, **to))) {
            break;
        }
    }
    TRY(parts_.database.transact(Actor::system(), [&](db::Transaction& tx) { return store_.release(tx, *turn); }));
    return true;
}

Result<bool> DeliveryService::deliver_one(Turn& turn, const Receiver& receiver) {
    const Instant now = parts_.clock.now();
    const auto delivery = TRY(parts_.database.transact(Actor::system(), [&](db::Transaction& tx) {
        return store_.next_due(tx, turn, now, now + limits::kWebhookLease);
    }));
    if (!delivery) {
        return false;
    }
    if (!may_be_told(receiver.maker, receiver.webhook, delivery->event, now)) {
        TRY(parts_.database.transact(Actor::system(),
                                     [&](db::Transaction& tx) { return store_.withheld(tx, *delivery, now); }));
        return true;
    }
    const auto verdict = TRY(send(receiver, *delivery, now));
    TRY(note_answer(*delivery, verdict));
    return verdict.kind == Verdict::Kind::delivered;
}

Result<Verdict> DeliveryService::send(const Receiver& receiver, const Delivery& delivery, Instant now) const {
    const auto& url = receiver.webhook.url;
    if (!check_url(url, parts_.urls)) {
        return Verdict{
            .kind = Verdict::Kind::again, .status = 0, .problem = "address is not allowed", .retry_after = {}};
    }
    const auto body = to_cloud_event(delivery.event, parts_.source).dump();
    gateway::HttpCall call{.url = url, .user = {}, .password = {}, .headers = {}, .body = SecretText(body)};
    call.headers = signed_headers(cursor_text(delivery.event.position), now, body, receiver.secrets);
    call.headers.emplace_back("Content-Type: application/cloudevents+json; charset=utf-8");
    const bool inside = parts_.urls.allowed_hosts.contains(host_of(url));
    return judge((inside ? parts_.inside : parts_.outside).post(call));
}

Result<void> DeliveryService::note_answer(const Delivery& delivery, const Verdict& verdict) {
    const Instant now = parts_.clock.now();
    const auto give_up_at = delivery.give_up_at.value_or(now + limits::kWebhookDay);
    const double jitter = static_cast<double>(parts_.entropy.below(kJitterSteps)) / kJitterSteps;
    auto next = next_attempt(delivery.attempts + 1, now, give_up_at, jitter, verdict.retry_after);
    TRY(parts_.database.transact(Actor::system(), [&](db::Transaction& tx) -> Result<void> {
        if (verdict.kind == Verdict::Kind::delivered) {
            return store_.delivered(tx, delivery, verdict.status, now);
        }
        if (verdict.kind == Verdict::Kind::gone) {
            TRY(store_.set_state(tx, delivery.webhook, WebhookState::active, WebhookState::paused, "receiver_gone"));
            next = now;  // it waits for whoever resumes
        }
        TRY(store_.failed(tx, delivery, verdict, next, give_up_at, now));
        const int failures = TRY(store_.count_failure(tx, delivery.webhook));
        return store_.rest(tx, delivery.webhook, now + rest_after(failures, verdict.retry_after));
    }));
    if (verdict.kind != Verdict::Kind::delivered) {
        parts_.note(verdict.kind == Verdict::Kind::gone ? "webhook_gone"
                    : next                              ? "webhook_retry"
                                                        : "webhook_dead",
                    delivery.webhook, verdict.status == 0 ? verdict.problem : std::to_string(verdict.status));
    }
    return {};
}

Result<DeliveryFigures> DeliveryService::figures(Instant now) const {
    return parts_.database.transact(Actor::system(), [&](db::Transaction& tx) { return store_.figures(tx, now); });
}

}  // namespace madoguchi::events
