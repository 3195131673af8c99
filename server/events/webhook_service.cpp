#include "events/webhook_service.hpp"

#include <algorithm>

#include "base/event_limits.hpp"
#include "base/field_errors.hpp"
#include "base/japanese_text.hpp"
#include "base/retention_limits.hpp"

namespace madoguchi::events {
namespace {

using directory::Permission;

constexpr auto kPermission = Permission::assign_role;

audit::Entry entry_for(const std::string& action, const Webhook& webhook) {
    return {.action = action,
            .organization_path = webhook.organization.path,
            .target_kind = "webhook",
            .target_id = webhook.id.value,
            .target_name = webhook.name};
}

// Where it goes is what an auditor asks first; the part behind the host may hold a key of the receiver's.
nlohmann::json summary(const Webhook& webhook) {
    return {{"host", host_of(webhook.url)}, {"types", webhook.types}, {"organization", webhook.organization.name}};
}

// Events leave the house for as long as a webhook lives: what a script holds must not make one.
Result<void> by_a_person(const Principal& principal) {
    if (principal.limits) {
        return failure(ErrorKind::forbidden, "token_makes_no_webhook");
    }
    return {};
}

Actor acting_below(const Principal& principal, const std::string& path) {
    Actor actor = directory::as_oneself(principal);
    actor.jurisdiction = Jurisdiction(path);
    return actor;
}

std::string name_of(WebhookAct act) {
    return act == WebhookAct::pause ? "webhook.pause" : act == WebhookAct::resume ? "webhook.resume" : "webhook.delete";
}

}  // namespace

std::string secret_context(WebhookId id) {
    return "webhook:" + std::to_string(id.value) + ":secret";
}

Result<Webhook> WebhookService::checked(const Principal& principal, const MakeWebhook& command, Instant now) const {
    FieldErrors errors;
    Webhook out;
    out.name = fold_width(command.name);
    if (out.name.empty()) {
        errors.add("name", "required");
    } else if (code_points(out.name) > limits::kWebhookNameCodePoints) {
        errors.add("name", "too_long", {{"maximum", std::to_string(limits::kWebhookNameCodePoints)}});
    }
    out.url = command.url;
    if (const auto fits = check_url(command.url, parts_.urls); !fits) {
        errors.add("url", fits.error().fields.front().message_id);
    }
    for (const auto type : kEventTypes) {
        if (std::ranges::find(command.types, type) != command.types.end()) {
            out.types.emplace_back(type);
        }
    }
    if (out.types.size() != command.types.size()) {
        errors.add("types", "unknown_value");
    }
    const auto place = parts_.organizations.show(principal, command.organization, now);
    if (!place && place.error().kind != ErrorKind::not_found) {
        return failure(place.error());
    }
    if (!place || !directory::may(principal, kPermission, directory::ref(*place), now)) {
        errors.add("organization_id", "not_found");
    } else {
        out.organization = directory::ref(*place);
    }
    TRY(std::move(errors).result());
    out.maker = principal.account;
    out.maker_name = principal.login_id;
    out.created_at = now;
    return out;
}

Result<std::string> WebhookService::seal(const Webhook& webhook, const SecretText& secret) const {
    return parts_.envelope.seal(secret, secret_context(webhook.id));
}

Result<void> WebhookService::ready_for_secrets(const Principal& principal, Instant now) const {
    TRY(directory::acting(principal, kPermission, now));
    return parts_.database.transact(directory::as_oneself(principal),
                                    [&](db::Transaction& tx) { return parts_.confirmed(tx, principal, now); });
}

Result<MadeWebhook> WebhookService::make(const Principal& principal, const MakeWebhook& command, Instant now) {
    const auto permitted = directory::acting(principal, kPermission, now);
    const auto person = by_a_person(principal);
    if (!permitted || !person) {
        const Error error = permitted ? person.error() : permitted.error();
        parts_.audit.refused(directory::as_oneself(principal),
                             {.action = "webhook.make",
                              .organization_path = principal.home.path,
                              .target_kind = "webhook",
                              .target_id = 0,
                              .target_name = fold_width(command.name)},
                             error, now);
        return failure(error);
    }
    auto webhook = TRY(checked(principal, command, now));
    TRY(ready_for_secrets(principal, now));  // on its own: one's session lies outside the place of the webhook
    const auto secret = make_secret(parts_.entropy);
    // The maker's account may stand above the place; who may was asked before.
    const Actor actor = acting_below(principal, Jurisdiction::everything().setting());
    auto made = parts_.audit.audited(
        actor, entry_for("webhook.make", webhook), now, [&](db::Transaction& tx) -> Result<MadeWebhook> {
            if (TRY(store_.count_at(tx, webhook.organization.id)) >= limits::kWebhooksOfOnePlace) {
                return failure(Error{.kind = ErrorKind::conflict,
                                     .message_id = "too_many_webhooks",
                                     .values = {{"maximum", std::to_string(limits::kWebhooksOfOnePlace)}}});
            }
            webhook.id = TRY(store_.next_id(tx));
            webhook.secret_sealed = TRY(seal(webhook, secret));
            TRY(store_.insert(tx, webhook, TRY(events_.newest(tx))));
            auto entry = entry_for("webhook.make", webhook);
            entry.after = summary(webhook);
            TRY(parts_.audit.append(tx, actor, entry, now));
            return MadeWebhook{webhook, secret};
        });
    return !made && made.error().message_id == "already_exists" ? failure(ErrorKind::conflict, "webhook_name_taken")
                                                                : made;
}

Result<std::vector<Webhook>> WebhookService::list(const Principal& principal, std::int64_t before_id, int limit,
                                                  Instant now) const {
    std::vector<Webhook> out;
    for (const Actor& actor : TRY(directory::acting(principal, kPermission, now))) {
        auto some = TRY(
            parts_.database.transact(actor, [&](db::Transaction& tx) { return store_.list(tx, before_id, limit); }));
        std::ranges::move(some, std::back_inserter(out));
    }
    std::ranges::sort(out, std::greater(), &Webhook::id);
    out.resize(std::min(out.size(), static_cast<std::size_t>(limit)));
    return out;
}

Result<Webhook> WebhookService::show(const Principal& principal, WebhookId id, Instant now) const {
    for (const Actor& actor : TRY(directory::acting(principal, kPermission, now))) {
        if (auto found =
                TRY(parts_.database.transact(actor, [&](db::Transaction& tx) { return store_.find(tx, id); }))) {
            return std::move(*found);
        }
    }
    return failure(ErrorKind::not_found, "not_found");
}

template <class F>
auto WebhookService::with(const Principal& principal, WebhookId id, const std::string& action, Instant now, F&& work) {
    using Outcome = std::invoke_result_t<F, db::Transaction&, const Webhook&>;
    const auto webhook = show(principal, id, now);
    if (!webhook) {
        parts_.audit.refused(directory::as_oneself(principal),
                             {.action = action,
                              .organization_path = principal.home.path,
                              .target_kind = "webhook",
                              .target_id = id.value,
                              .target_name = {}},
                             webhook.error(), now);
        return Outcome(failure(webhook.error()));
    }
    const Actor actor = acting_below(principal, webhook->organization.path);
    const auto entry = entry_for(action, *webhook);
    return parts_.audit.audited(actor, entry, now, [&](db::Transaction& tx) -> Outcome {
        auto outcome = work(tx, *webhook);
        if (outcome) {
            TRY(parts_.audit.append(tx, actor, entry, now));
        }
        return outcome;
    });
}

Result<void> WebhookService::act(const Principal& principal, WebhookId id, WebhookAct act, Instant now) {
    return with(principal, id, name_of(act), now, [&](db::Transaction& tx, const Webhook&) -> Result<void> {
        const bool done = act == WebhookAct::remove ? TRY(store_.remove(tx, id))
                          : act == WebhookAct::pause
                              ? TRY(store_.set_state(tx, id, WebhookState::active, WebhookState::paused, "by_hand"))
                              : TRY(store_.set_state(tx, id, WebhookState::paused, WebhookState::active, ""));
        if (!done) {
            return failure(ErrorKind::conflict, "changed_meanwhile");
        }
        return act == WebhookAct::resume ? store_.wake(tx, id, now) : Result<void>();
    });
}

Result<MadeWebhook> WebhookService::rotate(const Principal& principal, WebhookId id, Instant now) {
    TRY(ready_for_secrets(principal, now));
    return with(principal, id, "webhook.rotate", now,
                [&](db::Transaction& tx, const Webhook& webhook) -> Result<MadeWebhook> {
                    TRY(by_a_person(principal));
                    // Whoever has the secret can make events up: it is shown to whom it was shown before.
                    if (!may_rotate(principal, webhook)) {
                        return failure(ErrorKind::forbidden, "webhook_of_another");
                    }
                    const auto secret = make_secret(parts_.entropy);
                    const auto until = now + limits::kWebhookSecretOverlap;
                    if (!TRY(store_.rotate(tx, id, TRY(seal(webhook, secret)), until))) {
                        return failure(ErrorKind::conflict, "changed_meanwhile");
                    }
                    return MadeWebhook{webhook, secret};
                });
}

Result<std::vector<Delivery>> WebhookService::deliveries(const Principal& principal, WebhookId id,
                                                         const DeliveryFilter& filter, Instant now) const {
    const auto webhook = TRY(show(principal, id, now));
    return parts_.database.transact(acting_below(principal, webhook.organization.path),
                                    [&](db::Transaction& tx) { return store_.deliveries(tx, id, filter); });
}

Result<Delivery> WebhookService::send_again(const Principal& principal, WebhookId id, std::int64_t position,
                                            Instant now) {
    return with(principal, id, "webhook.send_again", now,
                [&](db::Transaction& tx, const Webhook& webhook) -> Result<Delivery> {
                    // Read below the webhook's organization: row-level security hides every other event.
                    const auto event = TRY(events_.find(tx, position));
                    const bool wanted = event && (webhook.types.empty() ||
                                                  std::ranges::find(webhook.types, event->type) != webhook.types.end());
                    if (!wanted) {
                        return failure(ErrorKind::not_found, "not_found");
                    }
                    TRY(store_.send_again(tx, webhook, *event, now));
                    auto delivery = TRY(store_.delivery(tx, id, position));
                    if (!delivery) {
                        return failure(ErrorKind::internal, "internal", "a delivery that was just written");
                    }
                    return std::move(*delivery);
                });
}

Result<std::int64_t> WebhookService::send_dead_again(const Principal& principal, WebhookId id, Instant now) {
    return with(principal, id, "webhook.send_dead_again", now,
                [&](db::Transaction& tx, const Webhook&) -> Result<std::int64_t> {
                    return store_.send_dead_again(tx, id, limits::kDeliveriesResent, now);
                });
}

Result<std::int64_t> WebhookService::forget_old(Instant finished_before) const {
    return parts_.database.transact(Actor::system(), [&](db::Transaction& tx) {
        return store_.forget(tx, finished_before, limits::kForgottenRows);
    });
}

}  // namespace madoguchi::events
