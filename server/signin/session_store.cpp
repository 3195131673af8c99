#include "signin/session_store.hpp"

#include "directory/grant_lines.hpp"

namespace madoguchi::signin {
namespace {

constexpr db::Query kInsert = {"session.insert", R"(
    insert into sessions (token_digest, account_id, organization_path, channel, created_at, last_used_at, expires_at, source, user_agent)
    values (:token, :account, :path, :channel, instant(:now1), instant(:now2), instant(:expires_at), :source, :user_agent)
    returning id)"};

// On the way of every request: date_part() instead of us(), which reckons in numerics. A double tells microseconds
// apart until the year 2106.
constexpr db::Query kCheck = {"session.check", R"(
    select identity_version, cast(date_part('epoch', last_used_at) * 1000000 as bigint) as last_used_at
    from session_checks where token_digest = :token)"};

constexpr db::Query kIdentity = {"session.identity", R"(
    select session_id, channel, us(expires_at) as expires_at, account_id, login_id, family_name, given_name, organization_id,
           organization_kind, organization_name, organization_path, grants, identity_version
    from session_identities where token_digest = :token)"};

constexpr db::Query kPrevious = {"session.previous", R"(
    select us(created_at) as at, source from sessions where account_id = :account and id < :current order by id desc limit 1)"};

constexpr db::Query kTouch = {"session.touch",
                              "update sessions set last_used_at = instant(:now) where id = :id and ended_at is null"};

constexpr db::Query kEnd = {"session.end", R"(
    update sessions set ended_at = instant(:now), end_reason = :reason where id = :id and ended_at is null)"};

constexpr db::Query kEndAll = {"session.end_all", R"(
    update sessions set ended_at = instant(:now), end_reason = :reason where account_id = :account and ended_at is null)"};

constexpr db::Query kForgetOld = {"session.forget_old", "select forget_sessions(instant(:before), :most) as forgotten"};

}  // namespace

Result<SessionId> SessionStore::insert(db::Transaction& tx, const NewSession& session, Instant now) const {
    const auto row = TRY(tx.one(kInsert, session.token_digest, session.account, session.organization_path,
                                session.channel, now, now, session.expires_at, session.source, session.user_agent));
    return SessionId{row.get<std::int64_t>("id")};
}

Result<std::optional<SessionCheck>> SessionStore::check(db::Database& database, const std::string& token_digest) const {
    const auto row = TRY(database.read_prepared(kCheck, token_digest));
    if (!row) {
        return std::optional<SessionCheck>();
    }
    return std::optional(SessionCheck{.identity_version = row->get<std::int64_t>("identity_version"),
                                      .last_used_at = row->get<Instant>("last_used_at")});
}

Result<std::shared_ptr<const Identity>> SessionStore::identity(db::Database& database,
                                                               const std::string& token_digest) const {
    const auto row = TRY(database.read_prepared(kIdentity, token_digest));
    if (!row) {
        return std::shared_ptr<const Identity>();
    }
    const auto given = row->get<std::string>("given_name");
    Identity identity{
        .version = row->get<std::int64_t>("identity_version"),
        .expires_at = row->get<Instant>("expires_at"),
        .principal = {.account = {row->get<std::int64_t>("account_id")},
                      .login_id = row->get<std::string>("login_id"),
                      .name = row->get<std::string>("family_name") + (given.empty() ? "" : " " + given),
                      .home = {{row->get<std::int64_t>("organization_id")},
                               directory::organization_kind(row->get<std::string>("organization_kind")).value(),
                               row->get<std::string>("organization_path"),
                               row->get<std::string>("organization_name")},
                      .grants = directory::grants_of_lines(row->get<std::string>("grants")),
                      .session = {row->get<std::int64_t>("session_id")},
                      .channel = row->get<std::string>("channel"),
                      .source = {},
                      .request_id = {}}};
    return std::make_shared<const Identity>(std::move(identity));
}

Result<std::optional<PreviousSignIn>> SessionStore::previous(db::Transaction& tx, AccountId account,
                                                             SessionId current) const {
    const auto row = TRY(tx.maybe_one(kPrevious, account, current));
    return row ? std::optional(PreviousSignIn{row->get<Instant>("at"), row->get<std::string>("source")}) : std::nullopt;
}

Result<void> SessionStore::touch(db::Transaction& tx, SessionId id, Instant now) const {
    TRY(tx.execute(kTouch, now, id));
    return {};
}

Result<std::int64_t> SessionStore::end(db::Transaction& tx, SessionId id, const std::string& reason,
                                       Instant now) const {
    return tx.execute(kEnd, now, reason, id);
}

Result<std::int64_t> SessionStore::end_all(db::Transaction& tx, AccountId account, const std::string& reason,
                                           Instant now) const {
    return tx.execute(kEndAll, now, reason, account);
}

Result<std::int64_t> SessionStore::forget_old(db::Transaction& tx, Instant expired_before, int limit) const {
    return TRY(tx.one(kForgetOld, expired_before, limit)).get<std::int64_t>("forgotten");
}

}  // namespace madoguchi::signin
