#include "events/webhook_store.hpp"

#include <limits>

#include "directory/grant_lines.hpp"

namespace madoguchi::events {
namespace {

constexpr db::Query kNextId = {"webhook.next_id", "select nextval('webhooks_id_seq') as id"};

constexpr db::Query kInsert = {"webhook.insert", R"(
    insert into webhooks (id, name, url, types, account_id, account_path, made_by_name, organization_id, organization_path, secret_sealed,
                          told_up_to, turn_at, created_at)
    select :id, :name, :url, :types, a.id, a.organization_path, :made_by, :organization, :path, :secret, :told_up_to, instant(:now), instant(:now)
    from accounts a where a.id = :account)"};

constexpr db::Query kCountAt = {"webhook.count_at", R"(
    select count(*) as living from webhooks where organization_id = :organization and state <> 'deleted')"};

constexpr db::Query kList = {"webhook.list", R"(
    select w.id, w.name, w.url, w.types, w.account_id, w.made_by_name, w.secret_sealed, coalesce(w.previous_secret_sealed, '') as previous_sealed,
           us(w.previous_until) as previous_until, w.state, w.paused_why, us(w.delivered_at) as delivered_at, us(w.created_at) as created_at,
           o.id as organization_id, o.kind, o.path, o.name as organization_name,
           exists (select 1 from webhook_makers m where m.webhook_id = w.id) as maker_may,
           (select count(*) from webhook_deliveries d where d.webhook_id = w.id and d.state = 'waiting') as waiting,
           (select count(*) from webhook_deliveries d where d.webhook_id = w.id and d.state = 'dead') as dead
    from webhooks w join organizations o on o.id = w.organization_id
    where w.id < :before and w.state <> 'deleted' order by w.id desc limit :limit)"};

constexpr db::Query kFind = {"webhook.find", R"(
    select w.id, w.name, w.url, w.types, w.account_id, w.made_by_name, w.secret_sealed, coalesce(w.previous_secret_sealed, '') as previous_sealed,
           us(w.previous_until) as previous_until, w.state, w.paused_why, us(w.delivered_at) as delivered_at, us(w.created_at) as created_at,
           o.id as organization_id, o.kind, o.path, o.name as organization_name,
           exists (select 1 from webhook_makers m where m.webhook_id = w.id) as maker_may,
           (select count(*) from webhook_deliveries d where d.webhook_id = w.id and d.state = 'waiting') as waiting,
           (select count(*) from webhook_deliveries d where d.webhook_id = w.id and d.state = 'dead') as dead
    from webhooks w join organizations o on o.id = w.organization_id
    where w.id = :id and w.state <> 'deleted')"};

constexpr db::Query kSetState = {"webhook.set_state", R"(
    update webhooks set state = :to, paused_why = :why, failures = 0, rest_until = null where id = :id and state = :from)"};

constexpr db::Query kRemove = {"webhook.remove", R"(
    update webhooks set state = 'deleted', paused_why = '', secret_sealed = '', previous_secret_sealed = null, previous_until = null
    where id = :id and state <> 'deleted')"};

constexpr db::Query kRemoveDeliveries = {"webhook.remove_deliveries",
                                         "delete from webhook_deliveries where webhook_id = :id"};

constexpr db::Query kRotate = {"webhook.rotate", R"(
    update webhooks set previous_secret_sealed = secret_sealed, secret_sealed = :secret, previous_until = instant(:until)
    where id = :id and state <> 'deleted')"};

constexpr db::Query kMaker = {"webhook.maker", R"(
    select account_id, login_id, organization_id, organization_kind, organization_name, organization_path, grants
    from webhook_makers where webhook_id = :id)"};

constexpr db::Query kDeliveries = {"webhook.deliveries", R"(
    select d.webhook_id, d.state, d.attempts, us(d.next_attempt_at) as next_attempt_at, us(d.give_up_at) as give_up_at,
           coalesce(d.last_status, 0) as last_status, d.last_problem, us(d.finished_at) as finished_at, e.position, e.type,
           us(e.occurred_at) as occurred_at, e.organization_path, e.subject_kind, e.subject_id, e.subject_name,
           coalesce(e.actor_account, 0) as actor_account, e.actor_name, e.before, e.after
    from webhook_deliveries d join events e on e.position = d.position
    where d.webhook_id = :id and d.position < cast(:before as bigint) and (cast(:state as text) is null or d.state = :state)
    order by d.position desc limit :limit)"};

constexpr db::Query kDelivery = {"webhook.delivery", R"(
    select d.webhook_id, d.state, d.attempts, us(d.next_attempt_at) as next_attempt_at, us(d.give_up_at) as give_up_at,
           coalesce(d.last_status, 0) as last_status, d.last_problem, us(d.finished_at) as finished_at, e.position, e.type,
           us(e.occurred_at) as occurred_at, e.organization_path, e.subject_kind, e.subject_id, e.subject_name,
           coalesce(e.actor_account, 0) as actor_account, e.actor_name, e.before, e.after
    from webhook_deliveries d join events e on e.position = d.position
    where d.webhook_id = :id and d.position = :position)"};

constexpr db::Query kSendAgain = {"webhook.send_again", R"(
    insert into webhook_deliveries (webhook_id, position, organization_path, subject, next_attempt_at)
    values (:webhook, :position, :path, :subject, instant(:now))
    on conflict (webhook_id, position) do update
        set state = 'waiting', attempts = 0, next_attempt_at = excluded.next_attempt_at, give_up_at = null, finished_at = null)"};

constexpr db::Query kSendDeadAgain = {"webhook.send_dead_again", R"(
    update webhook_deliveries set state = 'waiting', attempts = 0, next_attempt_at = instant(:now), give_up_at = null, finished_at = null
    where webhook_id = :id and state = 'dead'
      and position in (select position from webhook_deliveries where webhook_id = :id and state = 'dead' order by position limit :limit))"};

constexpr db::Query kWake = {"webhook.wake", R"(
    update webhook_deliveries set next_attempt_at = instant(:now), give_up_at = null where webhook_id = :id and state = 'waiting')"};

constexpr db::Query kForget = {"webhook.forget", R"(
    delete from webhook_deliveries where (webhook_id, position) in (
        select webhook_id, position from webhook_deliveries
        where state in ('delivered', 'withheld') and finished_at < instant(:before) limit :limit for update skip locked))"};

constexpr db::Query kFigures = {"webhook.figures", R"(
    select (select count(*) from webhook_deliveries where state = 'waiting') as waiting,
           (select count(*) from webhook_deliveries where state = 'dead') as dead,
           coalesce((select extract(epoch from instant(:now) - min(e.occurred_at))::bigint
                     from webhook_deliveries d join events e on e.position = d.position where d.state = 'waiting'), 0) as oldest)"};

constexpr db::Query kLockUntold = {"webhook.lock_untold", R"(
    select w.id, w.name, w.url, w.types, w.account_id, w.made_by_name, w.secret_sealed, coalesce(w.previous_secret_sealed, '') as previous_sealed,
           us(w.previous_until) as previous_until, w.state, w.paused_why, us(w.delivered_at) as delivered_at, us(w.created_at) as created_at,
           o.id as organization_id, o.kind, o.path, o.name as organization_name, true as maker_may, 0 as waiting, 0 as dead, w.told_up_to
    from webhooks w join organizations o on o.id = w.organization_id
    where w.state = 'active' and w.told_up_to < :head order by w.told_up_to limit 1 for update of w skip locked)"};

constexpr db::Query kTell = {"webhook.tell", R"(
    insert into webhook_deliveries (webhook_id, position, organization_path, subject, next_attempt_at)
    select cast(:webhook as bigint), e.position, cast(:path as text), e.subject, instant(:now)
    from unnest(cast(:positions as bigint[]), cast(:subjects as text[])) as e (position, subject)
    on conflict do nothing)"};

constexpr db::Query kToldUpTo = {"webhook.told_up_to", "update webhooks set told_up_to = :position where id = :id"};

// Due, and nothing earlier of the same subject waits: an event is never told before the one that it follows.
// The first of each subject by min(): "not exists an earlier one" becomes a join of all with all, which takes 41 s for
// 10,000 events of one subject, and this 0.1 s.
constexpr db::Query kLease = {"webhook.lease", R"(
    update webhooks set leased_until = instant(:until), turn_at = instant(:now)
    where id = (
        select w.id from webhooks w
        where w.state = 'active' and (w.leased_until is null or w.leased_until <= instant(:now))
          and (w.rest_until is null or w.rest_until <= instant(:now))
          and exists (select 1 from webhook_deliveries d
                      where d.webhook_id = w.id and d.state = 'waiting' and d.next_attempt_at <= instant(:now)
                        and d.position = (select min(b.position) from webhook_deliveries b
                                          where b.webhook_id = d.webhook_id and b.subject = d.subject and b.state = 'waiting'))
        order by w.turn_at limit 1 for update skip locked)
    returning id, us(leased_until) as leased_until)"};

constexpr db::Query kRenew = {"webhook.renew", R"(
    update webhooks set leased_until = instant(:until)
    where id = :id and leased_until = instant(:mine) and state = 'active' and (rest_until is null or rest_until <= instant(:now)))"};

constexpr db::Query kNextDue = {"webhook.next_due", R"(
    select d.webhook_id, d.state, d.attempts, us(d.next_attempt_at) as next_attempt_at, us(d.give_up_at) as give_up_at,
           coalesce(d.last_status, 0) as last_status, d.last_problem, us(d.finished_at) as finished_at, e.position, e.type,
           us(e.occurred_at) as occurred_at, e.organization_path, e.subject_kind, e.subject_id, e.subject_name,
           coalesce(e.actor_account, 0) as actor_account, e.actor_name, e.before, e.after
    from webhook_deliveries d join events e on e.position = d.position
    where d.webhook_id = :id and d.state = 'waiting' and d.next_attempt_at <= instant(:now)
      and d.position = (select min(b.position) from webhook_deliveries b
                        where b.webhook_id = d.webhook_id and b.subject = d.subject and b.state = 'waiting')
    order by d.position limit 1)"};

constexpr db::Query kRelease = {"webhook.release", R"(
    update webhooks set leased_until = null where id = :id and leased_until = instant(:mine))"};

constexpr db::Query kDelivered = {"webhook.delivered", R"(
    update webhook_deliveries set state = 'delivered', attempts = attempts + 1, last_status = :status, last_problem = '', finished_at = instant(:now)
    where webhook_id = :id and position = :position and state = 'waiting')"};

constexpr db::Query kWell = {"webhook.well", R"(
    update webhooks set failures = 0, rest_until = null, delivered_at = instant(:now) where id = :id)"};

constexpr db::Query kWithheld = {"webhook.withheld", R"(
    update webhook_deliveries set state = 'withheld', finished_at = instant(:now)
    where webhook_id = :id and position = :position and state = 'waiting')"};

constexpr db::Query kFailed = {"webhook.failed", R"(
    update webhook_deliveries
    set state = case when cast(:next as bigint) is null then 'dead' else 'waiting' end, attempts = attempts + 1,
        next_attempt_at = coalesce(instant(:next), next_attempt_at), give_up_at = instant(:give_up), last_status = nullif(cast(:status as integer), 0),
        last_problem = :problem, finished_at = case when cast(:next as bigint) is null then instant(:now) end
    where webhook_id = :id and position = :position and state = 'waiting')"};

constexpr db::Query kCountFailure = {"webhook.count_failure", R"(
    update webhooks set failures = least(failures + 1, 1000) where id = :id returning failures)"};

constexpr db::Query kRest = {"webhook.rest", "update webhooks set rest_until = instant(:until) where id = :id"};

constexpr char kSeparator = ' ';

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const auto& word : words) {
        out += (out.empty() ? "" : std::string(1, kSeparator)) + word;
    }
    return out;
}

std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> out;
    while (!text.empty()) {
        const auto end = std::min(text.find(kSeparator), text.size());
        out.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

Webhook to_webhook(const db::Row& row) {
    return {.id = row.get<WebhookId>("id"),
            .name = row.get<std::string>("name"),
            .url = row.get<std::string>("url"),
            .types = words_of(row.get<std::string>("types")),
            .maker = row.get<AccountId>("account_id"),
            .maker_name = row.get<std::string>("made_by_name"),
            .maker_may = row.get<bool>("maker_may"),
            .organization = {row.get<OrganizationId>("organization_id"),
                             directory::organization_kind(row.get<std::string>("kind")).value(),
                             row.get<std::string>("path"), row.get<std::string>("organization_name")},
            .secret_sealed = row.get<std::string>("secret_sealed"),
            .previous_secret_sealed = row.get<std::string>("previous_sealed"),
            .previous_until = row.get<std::optional<Instant>>("previous_until"),
            .state = webhook_state(row.get<std::string>("state")),
            .paused_why = row.get<std::string>("paused_why"),
            .delivered_at = row.get<std::optional<Instant>>("delivered_at"),
            .created_at = row.get<Instant>("created_at"),
            .waiting = row.get<std::int64_t>("waiting"),
            .dead = row.get<std::int64_t>("dead")};
}

Delivery to_delivery(const db::Row& row) {
    return {.webhook = row.get<WebhookId>("webhook_id"),
            .event = to_event(row),
            .state = delivery_state(row.get<std::string>("state")).value(),
            .attempts = row.get<int>("attempts"),
            .next_attempt_at = row.get<Instant>("next_attempt_at"),
            .give_up_at = row.get<std::optional<Instant>>("give_up_at"),
            .last_status = row.get<int>("last_status"),
            .last_problem = row.get<std::string>("last_problem"),
            .finished_at = row.get<std::optional<Instant>>("finished_at")};
}

}  // namespace

Result<WebhookId> WebhookStore::next_id(db::Transaction& tx) const {
    return TRY(tx.one(kNextId)).get<WebhookId>("id");
}

Result<void> WebhookStore::insert(db::Transaction& tx, const Webhook& webhook, std::int64_t told_up_to) const {
    const auto made = TRY(tx.execute(kInsert, webhook.id, webhook.name, webhook.url, joined(webhook.types),
                                     webhook.maker_name, webhook.organization.id, webhook.organization.path,
                                     webhook.secret_sealed, told_up_to, webhook.created_at, webhook.maker));
    if (made != 1) {
        return failure(ErrorKind::internal, "internal", "the maker of a webhook is hidden");
    }
    return {};
}

Result<std::int64_t> WebhookStore::count_at(db::Transaction& tx, OrganizationId organization) const {
    return TRY(tx.one(kCountAt, organization)).get<std::int64_t>("living");
}

Result<std::vector<Webhook>> WebhookStore::list(db::Transaction& tx, std::int64_t before_id, int limit) const {
    const auto before = before_id == 0 ? std::numeric_limits<std::int64_t>::max() : before_id;
    std::vector<Webhook> out;
    for (const auto& row : TRY(tx.many(kList, before, limit))) {
        out.push_back(to_webhook(row));
    }
    return out;
}

Result<std::optional<Webhook>> WebhookStore::find(db::Transaction& tx, WebhookId id) const {
    const auto row = TRY(tx.maybe_one(kFind, id));
    return row ? std::optional(to_webhook(*row)) : std::nullopt;
}

Result<bool> WebhookStore::set_state(db::Transaction& tx, WebhookId id, WebhookState from, WebhookState to,
                                     const std::string& why) const {
    return TRY(tx.execute(kSetState, to_text(to), why, id, to_text(from))) == 1;
}

Result<bool> WebhookStore::remove(db::Transaction& tx, WebhookId id) const {
    const bool removed = TRY(tx.execute(kRemove, id)) == 1;
    TRY(tx.execute(kRemoveDeliveries, id));
    return removed;
}

Result<bool> WebhookStore::rotate(db::Transaction& tx, WebhookId id, const std::string& secret_sealed,
                                  Instant previous_until) const {
    return TRY(tx.execute(kRotate, secret_sealed, previous_until, id)) == 1;
}

Result<std::optional<directory::Principal>> WebhookStore::maker(db::Transaction& tx, WebhookId id) const {
    const auto row = TRY(tx.maybe_one(kMaker, id));
    if (!row) {
        return std::optional<directory::Principal>();
    }
    return directory::Principal{
        .account = row->get<AccountId>("account_id"),
        .login_id = row->get<std::string>("login_id"),
        .name = row->get<std::string>("login_id"),
        .home = {row->get<OrganizationId>("organization_id"),
                 directory::organization_kind(row->get<std::string>("organization_kind")).value(),
                 row->get<std::string>("organization_path"), row->get<std::string>("organization_name")},
        .grants = directory::grants_of_lines(row->get<std::string>("grants")),
        .session = {},
        .channel = "webhook",
        .source = {},
        .request_id = {}};
}

Result<std::vector<Delivery>> WebhookStore::deliveries(db::Transaction& tx, WebhookId id,
                                                       const DeliveryFilter& filter) const {
    const auto before = filter.before == 0 ? std::numeric_limits<std::int64_t>::max() : filter.before;
    const auto state = filter.state ? std::optional<std::string>(to_text(*filter.state)) : std::nullopt;
    std::vector<Delivery> out;
    for (const auto& row : TRY(tx.many(kDeliveries, id, before, state, filter.limit))) {
        out.push_back(to_delivery(row));
    }
    return out;
}

Result<std::optional<Delivery>> WebhookStore::delivery(db::Transaction& tx, WebhookId id, std::int64_t position) const {
    const auto row = TRY(tx.maybe_one(kDelivery, id, position));
    return row ? std::optional(to_delivery(*row)) : std::nullopt;
}

Result<void> WebhookStore::send_again(db::Transaction& tx, const Webhook& webhook, const Event& event,
                                      Instant now) const {
    TRY(tx.execute(kSendAgain, webhook.id, event.position, webhook.organization.path, subject_text(event), now));
    return {};
}

Result<std::int64_t> WebhookStore::send_dead_again(db::Transaction& tx, WebhookId id, int limit, Instant now) const {
    return tx.execute(kSendDeadAgain, now, id, limit);
}

Result<void> WebhookStore::wake(db::Transaction& tx, WebhookId id, Instant now) const {
    TRY(tx.execute(kWake, now, id));
    return {};
}

Result<std::int64_t> WebhookStore::forget(db::Transaction& tx, Instant finished_before, int limit) const {
    return tx.execute(kForget, finished_before, limit);
}

Result<DeliveryFigures> WebhookStore::figures(db::Transaction& tx, Instant now) const {
    const auto row = TRY(tx.one(kFigures, now));
    return DeliveryFigures{row.get<std::int64_t>("waiting"), row.get<std::int64_t>("dead"),
                           row.get<std::int64_t>("oldest")};
}

Result<std::optional<WebhookStore::Untold>> WebhookStore::lock_untold(db::Transaction& tx, std::int64_t head) const {
    const auto row = TRY(tx.maybe_one(kLockUntold, head));
    return row ? std::optional(Untold{to_webhook(*row), row->get<std::int64_t>("told_up_to")}) : std::nullopt;
}

Result<void> WebhookStore::tell(db::Transaction& tx, const Webhook& webhook, const std::vector<Event>& events,
                                std::int64_t told_up_to, Instant now) const {
    std::vector<std::int64_t> positions;
    std::vector<std::string> subjects;
    for (const auto& event : events) {
        positions.push_back(event.position);
        subjects.push_back(subject_text(event));
    }
    if (!events.empty()) {
        TRY(tx.execute(kTell, webhook.id, webhook.organization.path, now, positions, subjects));
    }
    TRY(tx.execute(kToldUpTo, told_up_to, webhook.id));
    return {};
}

Result<std::optional<Turn>> WebhookStore::lease(db::Transaction& tx, Instant now, Instant until) const {
    const auto row = TRY(tx.maybe_one(kLease, until, now));
    return row ? std::optional(Turn{row->get<WebhookId>("id"), row->get<Instant>("leased_until")}) : std::nullopt;
}

Result<std::optional<Delivery>> WebhookStore::next_due(db::Transaction& tx, Turn& turn, Instant now,
                                                       Instant until) const {
    if (TRY(tx.execute(kRenew, until, turn.webhook, turn.leased_until, now)) == 0) {
        return std::optional<Delivery>();
    }
    turn.leased_until = until;
    const auto row = TRY(tx.maybe_one(kNextDue, turn.webhook, now));
    return row ? std::optional(to_delivery(*row)) : std::nullopt;
}

Result<void> WebhookStore::release(db::Transaction& tx, const Turn& turn) const {
    TRY(tx.execute(kRelease, turn.webhook, turn.leased_until));
    return {};
}

Result<void> WebhookStore::delivered(db::Transaction& tx, const Delivery& delivery, int status, Instant now) const {
    TRY(tx.execute(kDelivered, status, now, delivery.webhook, delivery.event.position));
    TRY(tx.execute(kWell, now, delivery.webhook));
    return {};
}

Result<void> WebhookStore::withheld(db::Transaction& tx, const Delivery& delivery, Instant now) const {
    TRY(tx.execute(kWithheld, now, delivery.webhook, delivery.event.position));
    return {};
}

Result<void> WebhookStore::failed(db::Transaction& tx, const Delivery& delivery, const Verdict& verdict,
                                  const std::optional<Instant>& next, Instant give_up_at, Instant now) const {
    TRY(tx.execute(kFailed, next, give_up_at, verdict.status, verdict.problem, now, delivery.webhook,
                   delivery.event.position));
    return {};
}

Result<int> WebhookStore::count_failure(db::Transaction& tx, WebhookId id) const {
    return TRY(tx.one(kCountFailure, id)).get<int>("failures");
}

Result<void> WebhookStore::rest(db::Transaction& tx, WebhookId id, Instant until) const {
    TRY(tx.execute(kRest, until, id));
    return {};
}

}  // namespace madoguchi::events
