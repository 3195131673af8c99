// SQL of webhooks and of what was delivered to them.
#pragma once

#include "events/event_store.hpp"
#include "events/webhook.hpp"

namespace madoguchi::events {

struct Delivery {
    WebhookId webhook;
    Event event;
    DeliveryState state = DeliveryState::waiting;
    int attempts = 0;
    Instant next_attempt_at;
    std::optional<Instant> give_up_at;
    int last_status = 0;
    std::string last_problem;
    std::optional<Instant> finished_at;
};

struct DeliveryFilter {
    std::optional<DeliveryState> state;
    std::int64_t before = 0;  // a position; 0: from the newest
    int limit = 0;
};

struct DeliveryFigures {
    std::int64_t waiting = 0;
    std::int64_t dead = 0;
    std::int64_t oldest_seconds = 0;
};

/// A webhook in the hands of one server until its lease ends.
struct Turn {
    WebhookId webhook;
    Instant leased_until;
};

class WebhookStore {
public:
    Result<WebhookId> next_id(db::Transaction& tx) const;
    Result<void> insert(db::Transaction& tx, const Webhook& webhook, std::int64_t told_up_to) const;
    Result<std::int64_t> count_at(db::Transaction& tx, OrganizationId organization) const;
    /// Newest first; deleted ones are gone.
    Result<std::vector<Webhook>> list(db::Transaction& tx, std::int64_t before_id, int limit) const;
    Result<std::optional<Webhook>> find(db::Transaction& tx, WebhookId id) const;
    /// False: it is not in that state.
    Result<bool> set_state(db::Transaction& tx, WebhookId id, WebhookState from, WebhookState to,
                           const std::string& why) const;
    /// Its secrets go, and its deliveries.
    Result<bool> remove(db::Transaction& tx, WebhookId id) const;
    Result<bool> rotate(db::Transaction& tx, WebhookId id, const std::string& secret_sealed,
                        Instant previous_until) const;
    /// Who made it, as their grants are now; nothing: they may not act any more.
    Result<std::optional<directory::Principal>> maker(db::Transaction& tx, WebhookId id) const;

    // --- deliveries ---

    Result<std::vector<Delivery>> deliveries(db::Transaction& tx, WebhookId id, const DeliveryFilter& filter) const;
    Result<std::optional<Delivery>> delivery(db::Transaction& tx, WebhookId id, std::int64_t position) const;
    /// Waits from now on, whether it was delivered before or not.
    Result<void> send_again(db::Transaction& tx, const Webhook& webhook, const Event& event, Instant now) const;
    Result<std::int64_t> send_dead_again(db::Transaction& tx, WebhookId id, int limit, Instant now) const;
    /// After a pause, everything that waits has a new day.
    Result<void> wake(db::Transaction& tx, WebhookId id, Instant now) const;
    Result<std::int64_t> forget(db::Transaction& tx, Instant finished_before, int limit) const;
    Result<DeliveryFigures> figures(db::Transaction& tx, Instant now) const;

    // --- the workers ---

    struct Untold {
        Webhook webhook;
        std::int64_t told_up_to = 0;
    };
    /// One that has not heard of everything up to `head`, locked; skips what another server has.
    Result<std::optional<Untold>> lock_untold(db::Transaction& tx, std::int64_t head) const;
    Result<void> tell(db::Transaction& tx, const Webhook& webhook, const std::vector<Event>& events,
                      std::int64_t told_up_to, Instant now) const;
    /// Whose turn it is: one that is active, rests not, and has something due.
    Result<std::optional<Turn>> lease(db::Transaction& tx, Instant now, Instant until) const;
    /// Nothing: the lease was lost, or nothing is due. Else the lease is renewed.
    Result<std::optional<Delivery>> next_due(db::Transaction& tx, Turn& turn, Instant now, Instant until) const;
    Result<void> release(db::Transaction& tx, const Turn& turn) const;
    Result<void> delivered(db::Transaction& tx, const Delivery& delivery, int status, Instant now) const;
    Result<void> withheld(db::Transaction& tx, const Delivery& delivery, Instant now) const;
    /// `next`: nothing is the end of the day.
    Result<void> failed(db::Transaction& tx, const Delivery& delivery, const Verdict& verdict,
                        const std::optional<Instant>& next, Instant give_up_at, Instant now) const;
    /// One more failure in a row; gives how many.
    Result<int> count_failure(db::Transaction& tx, WebhookId id) const;
    Result<void> rest(db::Transaction& tx, WebhookId id, Instant until) const;
};

}  // namespace madoguchi::events
