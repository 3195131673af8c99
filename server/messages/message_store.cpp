#include "messages/message_store.hpp"

namespace madoguchi::messages {
namespace {

constexpr db::Query kLockCounting = {"message.lock_counting",
                                     "select pg_advisory_xact_lock(7238462) is null as locked"};

constexpr db::Query kCount = {"message.count", R"(
    select (select count(*) from messages where recipient_digest = :d1 and created_at > instant(:now1) - interval '1 hour') as number_hour,
           (select count(*) from messages where recipient_digest = :d2 and created_at > instant(:now2) - interval '1 day') as number_day,
           (select count(*) from messages where account_id = :account and created_at > instant(:now3) - interval '1 day') as account_day,
           (select count(*) from messages where source = :source and created_at > instant(:now4) - interval '1 hour') as source_hour,
           (select count(*) from messages where created_at > instant(:now5) - interval '1 minute') as total_minute,
           (select count(*) from messages where created_at > instant(:now6) - interval '1 day') as total_day,
           (select count(*) from messages where state in ('queued', 'sending')) as waiting)"};

constexpr db::Query kInsert = {"message.insert", R"(
    insert into messages (idempotency_key, kind, purpose, account_id, recipient_sealed, recipient_masked, recipient_digest, text_sealed,
                          locale, next_attempt_at, expires_at, source, created_at, changed_at)
    values (:key, :kind, :purpose, nullif(cast(:account as bigint), 0), :sealed, :masked, :digest, :text, :locale, instant(:now1),
            instant(:expires_at), :source, instant(:now2), instant(:now3)))"};

constexpr db::Query kFind = {"message.find", "select id from messages where idempotency_key = :key"};

constexpr db::Query kStanding = {"message.standing", R"(
    select state, state in ('queued', 'sending') and failure <> '' as stuck from messages where id = :id)"};

constexpr db::Query kLease = {"message.lease", R"(
    update messages set state = 'sending', leased_until = instant(:until), changed_at = instant(:now1)
    where id in (select id from messages
                 where (state = 'queued' and next_attempt_at <= instant(:now2))
                    or (state = 'sending' and leased_until <= instant(:now3) and offered_at is null)
                 order by next_attempt_at limit :limit for update skip locked)
    returning id, idempotency_key, kind, recipient_sealed, coalesce(text_sealed, '') as text_sealed, locale, state, attempts,
              us(created_at) as created_at, us(expires_at) as expires_at, us(leased_until) as leased_until)"};

constexpr db::Query kEndOrphans = {"message.end_orphans", R"(
    update messages set state = 'unknown', failure = 'no_answer', leased_until = null, text_sealed = null, changed_at = instant(:now1),
           sent_at = coalesce(sent_at, offered_at), units = greatest(units, 1)
    where id in (select id from messages where state = 'sending' and leased_until <= instant(:now2) and offered_at is not null
                 for update skip locked)
    returning id)"};

constexpr db::Query kOffer = {"message.offer", R"(
    update messages set offered_at = instant(:now1), attempts = attempts + 1, leased_until = instant(:until), changed_at = instant(:now2)
    where id = :id and state = 'sending' and offered_at is null and leased_until = instant(:leased)
    returning attempts)"};

constexpr db::Query kSent = {"message.sent", R"(
    update messages set state = case when state in ('sending', 'unknown') then :state else state end, gateway = :gateway,
           provider_id = nullif(cast(:provider as text), ''), units = :units, sent_at = coalesce(sent_at, instant(:now1)), offered_at = null,
           leased_until = null, failure = '', changed_at = instant(:now2), text_sealed = case when :keep_text then text_sealed end
    where id = :id and offered_at = instant(:offered))"};

constexpr db::Query kRetry = {"message.retry", R"(
    update messages set state = 'queued', next_attempt_at = instant(:next), leased_until = null, offered_at = null, failure = :failure,
           changed_at = instant(:now)
    where id = :id and state = 'sending' and offered_at = instant(:offered))"};

constexpr db::Query kPostpone = {"message.postpone", R"(
    update messages set state = 'queued', next_attempt_at = instant(:next), leased_until = null, offered_at = null, attempts = attempts - 1,
           failure = 'gateway_skipped', changed_at = instant(:now)
    where id = :id and state = 'sending' and offered_at = instant(:offered))"};

constexpr db::Query kGiveUp = {"message.give_up", R"(
    update messages set state = 'failed', leased_until = null, offered_at = null, sent_at = null, units = 0, failure = :failure,
           text_sealed = null, changed_at = instant(:now)
    where id = :id and state in ('sending', 'unknown') and offered_at = instant(:offered))"};

constexpr db::Query kDrop = {"message.drop", R"(
    update messages set state = :state, leased_until = null, failure = :failure, text_sealed = null, changed_at = instant(:now)
    where id = :id and state = 'sending' and offered_at is null and leased_until = instant(:leased))"};

constexpr db::Query kWithdraw = {"message.withdraw", R"(
    update messages set state = 'expired', failure = 'superseded', text_sealed = null, changed_at = instant(:now)
    where id = :id and state = 'queued')"};

constexpr db::Query kLock = {"message.lock", R"(
    select state, gateway, coalesce(provider_id, '') as provider_id, attempts from messages where id = :id for update)"};

constexpr db::Query kReceived = {"message.received", R"(
    update messages set state = :state, gateway = :gateway, provider_id = coalesce(provider_id, nullif(cast(:provider as text), '')),
           sent_at = coalesce(sent_at, instant(:now1)), units = greatest(units, 1), failure = '', changed_at = instant(:now2)
    where id = :id)"};

constexpr db::Query kProgress = {"message.progress", R"(
    update messages set state = :state, changed_at = instant(:now)
    where id = :id and state in ('sent', 'delivered', 'ringing') and state <> :state2)"};

constexpr db::Query kEndUnanswered = {"message.end_unanswered", R"(
    update messages set state = 'unanswered', changed_at = instant(:now) where state = 'ringing' and changed_at <= instant(:since))"};

constexpr db::Query kEndSilentCalls = {"message.end_silent_calls", R"(
    update messages set state = 'unknown', failure = 'no_report', changed_at = instant(:now)
    where kind = 'voice' and state = 'sent' and changed_at <= instant(:since))"};

constexpr db::Query kForgetOld = {"message.forget_old", R"(
    delete from messages where id in (
        select id from messages where created_at < instant(:before) and state not in ('queued', 'sending')
        order by created_at limit :limit for update skip locked))"};

constexpr db::Query kForgetTexts = {"message.forget_texts", R"(
    update messages set text_sealed = null where text_sealed is not null and expires_at < instant(:now) - interval '1 hour'
       and state not in ('queued', 'sending'))"};

constexpr db::Query kNewest = {"message.newest", R"(
    select id, idempotency_key, kind, recipient_sealed, coalesce(text_sealed, '') as text_sealed, locale, state, attempts,
           us(created_at) as created_at, us(expires_at) as expires_at, us(coalesce(leased_until, created_at)) as leased_until
    from messages order by id desc limit :limit)"};

constexpr db::Query kFigures = {"message.figures", R"(
    select (select count(*) from messages where state in ('queued', 'sending')) as waiting,
           coalesce((select extract(epoch from instant(:now1) - min(created_at))::bigint from messages where state in ('queued', 'sending')), 0) as oldest,
           (select count(*) from messages where state = 'failed' and created_at > instant(:now2) - interval '1 day') as failed)"};

constexpr db::Query kDay = {"message.day", R"(
    select gateway, kind, count(*) as messages, sum(units)::bigint as units from messages where sent_at >= instant(:since)
    group by gateway, kind order by gateway, kind)"};

gateway::MessageKind kind_of(const db::Row& row) {
    return row.get<std::string>("kind") == "sms" ? gateway::MessageKind::sms : gateway::MessageKind::voice;
}

StoredMessage to_message(const db::Row& row) {
    return {.id = {row.get<std::int64_t>("id")},
            .idempotency_key = row.get<std::string>("idempotency_key"),
            .kind = kind_of(row),
            .phone_sealed = row.get<std::string>("recipient_sealed"),
            .text_sealed = row.get<std::string>("text_sealed"),
            .locale = row.get<std::string>("locale") == "en" ? Locale::en : Locale::ja,
            .state = message_state(row.get<std::string>("state")),
            .attempts = row.get<int>("attempts"),
            .created_at = row.get<Instant>("created_at"),
            .expires_at = row.get<Instant>("expires_at"),
            .leased_until = row.get<Instant>("leased_until")};
}

std::vector<StoredMessage> to_messages(const std::vector<db::Row>& rows) {
    std::vector<StoredMessage> out;
    out.reserve(rows.size());
    for (const auto& row : rows) {
        out.push_back(to_message(row));
    }
    return out;
}

}  // namespace

Result<MessageCounts> MessageStore::lock_and_count(db::Transaction& tx, const NewMessage& message, Instant now) const {
    TRY(tx.one(kLockCounting));
    const auto row = TRY(tx.one(kCount, message.phone_digest, now, message.phone_digest, now, message.account, now,
                                message.source, now, now, now));
    return MessageCounts{row.get<std::int64_t>("number_hour"),  row.get<std::int64_t>("number_day"),
                         row.get<std::int64_t>("account_day"),  row.get<std::int64_t>("source_hour"),
                         row.get<std::int64_t>("total_minute"), row.get<std::int64_t>("total_day"),
                         row.get<std::int64_t>("waiting")};
}

Result<void> MessageStore::insert(db::Transaction& tx, const NewMessage& message, const std::string& text_sealed,
                                  Instant now) const {
    TRY(tx.execute(kInsert, message.idempotency_key, to_text(message.kind), message.purpose, message.account,
                   message.phone_sealed, message.phone_masked, message.phone_digest, text_sealed,
                   std::string_view(message.locale == Locale::en ? "en" : "ja"), now, message.expires_at,
                   message.source, now, now));
    return {};
}

Result<std::optional<MessageId>> MessageStore::find(db::Transaction& tx, const std::string& idempotency_key) const {
    const auto row = TRY(tx.maybe_one(kFind, idempotency_key));
    return row ? std::optional(MessageId{row->get<std::int64_t>("id")}) : std::nullopt;
}

Result<std::optional<MessageStanding>> MessageStore::standing(db::Transaction& tx, MessageId id) const {
    const auto row = TRY(tx.maybe_one(kStanding, id));
    return row ? std::optional(MessageStanding{message_state(row->get<std::string>("state")), row->get<bool>("stuck")})
               : std::nullopt;
}

Result<std::vector<StoredMessage>> MessageStore::lease(db::Transaction& tx, int limit, Instant now,
                                                       Instant leased_until) const {
    return to_messages(TRY(tx.many(kLease, leased_until, now, now, now, limit)));
}

Result<std::vector<MessageId>> MessageStore::end_orphans(db::Transaction& tx, Instant now) const {
    std::vector<MessageId> out;
    for (const auto& row : TRY(tx.many(kEndOrphans, now, now))) {
        out.push_back({row.get<std::int64_t>("id")});
    }
    return out;
}

Result<std::optional<int>> MessageStore::offer(db::Transaction& tx, const StoredMessage& message, Instant now,
                                               Instant leased_until) const {
    const auto row = TRY(tx.maybe_one(kOffer, now, leased_until, now, message.id, message.leased_until));
    return row ? std::optional(row->get<int>("attempts")) : std::nullopt;
}

Result<bool> MessageStore::sent(db::Transaction& tx, MessageId id, Instant offered_at, MessageState state,
                                const gateway::Delivery& delivery, bool keep_text, Instant now) const {
    return TRY(tx.execute(kSent, to_text(state), delivery.gateway, delivery.provider_id, delivery.units, now, now,
                          keep_text, id, offered_at)) == 1;
}

Result<bool> MessageStore::retry(db::Transaction& tx, MessageId id, Instant offered_at, Instant next,
                                 const std::string& failure, Instant now) const {
    return TRY(tx.execute(kRetry, next, failure, now, id, offered_at)) == 1;
}

Result<bool> MessageStore::postpone(db::Transaction& tx, MessageId id, Instant offered_at, Instant next,
                                    Instant now) const {
    return TRY(tx.execute(kPostpone, next, now, id, offered_at)) == 1;
}

Result<bool> MessageStore::give_up(db::Transaction& tx, MessageId id, Instant offered_at, const std::string& failure,
                                   Instant now) const {
    return TRY(tx.execute(kGiveUp, failure, now, id, offered_at)) == 1;
}

Result<bool> MessageStore::drop(db::Transaction& tx, const StoredMessage& message, MessageState state,
                                const std::string& failure, Instant now) const {
    return TRY(tx.execute(kDrop, to_text(state), failure, now, message.id, message.leased_until)) == 1;
}

Result<bool> MessageStore::withdraw(db::Transaction& tx, MessageId id, Instant now) const {
    return TRY(tx.execute(kWithdraw, now, id)) == 1;
}

Result<std::optional<HandedOver>> MessageStore::lock(db::Transaction& tx, MessageId id) const {
    const auto row = TRY(tx.maybe_one(kLock, id));
    if (!row) {
        return std::optional<HandedOver>();
    }
    return HandedOver{message_state(row->get<std::string>("state")), row->get<std::string>("gateway"),
                      row->get<std::string>("provider_id"), row->get<int>("attempts")};
}

Result<void> MessageStore::received(db::Transaction& tx, MessageId id, MessageState state, const std::string& gateway,
                                    const std::string& provider_id, Instant now) const {
    TRY(tx.execute(kReceived, to_text(state), gateway, provider_id, now, now, id));
    return {};
}

Result<bool> MessageStore::progress(db::Transaction& tx, MessageId id, MessageState state, Instant now) const {
    return TRY(tx.execute(kProgress, to_text(state), now, id, to_text(state))) == 1;
}

Result<std::int64_t> MessageStore::end_unanswered(db::Transaction& tx, Instant ringing_since, Instant now) const {
    return tx.execute(kEndUnanswered, now, ringing_since);
}

Result<std::int64_t> MessageStore::end_silent_calls(db::Transaction& tx, Instant taken_since, Instant now) const {
    return tx.execute(kEndSilentCalls, now, taken_since);
}

Result<std::int64_t> MessageStore::forget_old(db::Transaction& tx, Instant queued_before, int limit) const {
    return tx.execute(kForgetOld, queued_before, limit);
}

Result<std::int64_t> MessageStore::forget_texts(db::Transaction& tx, Instant now) const {
    return tx.execute(kForgetTexts, now);
}

Result<std::vector<StoredMessage>> MessageStore::newest(db::Transaction& tx, int limit) const {
    return to_messages(TRY(tx.many(kNewest, limit)));
}

Result<OutboxFigures> MessageStore::figures(db::Transaction& tx, Instant now) const {
    const auto row = TRY(tx.one(kFigures, now, now));
    return OutboxFigures{row.get<std::int64_t>("waiting"), row.get<std::int64_t>("oldest"),
                         row.get<std::int64_t>("failed")};
}

Result<std::vector<DayFigure>> MessageStore::day(db::Transaction& tx, Instant since) const {
    std::vector<DayFigure> out;
    for (const auto& row : TRY(tx.many(kDay, since))) {
        out.push_back({row.get<std::string>("gateway"), kind_of(row), row.get<std::int64_t>("messages"),
                       row.get<std::int64_t>("units")});
    }
    return out;
}

}  // namespace madoguchi::messages
