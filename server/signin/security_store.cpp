#include "signin/security_store.hpp"

#include "base/limits.hpp"

namespace madoguchi::signin {
namespace {

constexpr db::Query kSessions = {"security.sessions", R"(
    select id, channel, source, user_agent, us(created_at) as created_at, us(last_used_at) as last_used_at, us(confirmed_at) as confirmed_at
    from sessions
    where account_id = :account and ended_at is null and expires_at > instant(:now) and last_used_at > instant(:idle_since)
    order by id desc limit :limit)"};

constexpr db::Query kLockConfirmedAt = {"security.lock_confirmed_at", R"(
    select us(confirmed_at) as confirmed_at from sessions
    where id = :id and account_id = :account and ended_at is null and expires_at > instant(:now) for update)"};

constexpr db::Query kConfirm = {"security.confirm", R"(
    update sessions set confirmed_at = instant(:now1), last_used_at = instant(:now2), token_digest = :token
    where id = :id and account_id = :account and ended_at is null and expires_at > instant(:now3)
    returning us(expires_at) as expires_at)"};

constexpr db::Query kRotate = {"security.rotate", R"(
    update sessions set token_digest = :token, last_used_at = instant(:now1)
    where id = :id and account_id = :account and ended_at is null and expires_at > instant(:now2)
    returning us(expires_at) as expires_at)"};

constexpr db::Query kSignedInFrom = {"security.signed_in_from", R"(
    select exists (select 1 from sessions where account_id = :account and source = :source and created_at > instant(:since)) as known)"};

constexpr db::Query kEnd = {"security.end_session", R"(
    update sessions set ended_at = instant(:now), end_reason = 'ended_by_owner' where id = :id and account_id = :account and ended_at is null)"};

constexpr db::Query kEndOthers = {"security.end_other_sessions", R"(
    update sessions set ended_at = instant(:now), end_reason = 'ended_by_owner'
    where account_id = :account and id <> :kept and ended_at is null)"};

}  // namespace

Result<std::vector<OwnSession>> SecurityStore::sessions(db::Transaction& tx, AccountId account, Instant now) const {
    std::vector<OwnSession> out;
    for (const auto& row : TRY(tx.many(kSessions, account, now, now - limits::kSessionIdle, limits::kSessionsShown))) {
        out.push_back({.id = {row.get<std::int64_t>("id")},
                       .channel = row.get<std::string>("channel"),
                       .source = row.get<std::string>("source"),
                       .user_agent = row.get<std::string>("user_agent"),
                       .created_at = row.get<Instant>("created_at"),
                       .last_used_at = row.get<Instant>("last_used_at"),
                       .confirmed_at = row.get<std::optional<Instant>>("confirmed_at")});
    }
    return out;
}

Result<std::optional<Instant>> SecurityStore::lock_confirmed_at(db::Transaction& tx, SessionId session,
                                                                AccountId account, Instant now) const {
    const auto row = TRY(tx.maybe_one(kLockConfirmedAt, session, account, now));
    return row ? row->get<std::optional<Instant>>("confirmed_at") : std::nullopt;
}

Result<std::optional<Instant>> SecurityStore::confirm(db::Transaction& tx, SessionId session, AccountId account,
                                                      const std::string& token_digest, Instant now) const {
    const auto row = TRY(tx.maybe_one(kConfirm, now, now, token_digest, session, account, now));
    return row ? std::optional(row->get<Instant>("expires_at")) : std::nullopt;
}

Result<std::optional<Instant>> SecurityStore::rotate(db::Transaction& tx, SessionId session, AccountId account,
                                                     const std::string& token_digest, Instant now) const {
    const auto row = TRY(tx.maybe_one(kRotate, token_digest, now, session, account, now));
    return row ? std::optional(row->get<Instant>("expires_at")) : std::nullopt;
}

Result<bool> SecurityStore::signed_in_from(db::Transaction& tx, AccountId account, const std::string& source,
                                           Instant since) const {
    return TRY(tx.one(kSignedInFrom, account, source, since)).get<bool>("known");
}

Result<bool> SecurityStore::end(db::Transaction& tx, SessionId session, AccountId account, Instant now) const {
    return TRY(tx.execute(kEnd, now, session, account)) == 1;
}

Result<std::int64_t> SecurityStore::end_others(db::Transaction& tx, SessionId kept, AccountId account,
                                               Instant now) const {
    return tx.execute(kEndOthers, now, account, kept);
}

}  // namespace madoguchi::signin
