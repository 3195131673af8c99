#include "signin/forgotten_store.hpp"

namespace madoguchi::signin {
namespace {

constexpr db::Query kInsert = {"forgotten.insert", R"(
    insert into recoveries (token_digest, login_key, way, state, locale, source, created_at, expires_at)
    values (:token, :login_key, :way, :state, :locale, :source, instant(:created_at), instant(:expires_at)))"};

constexpr db::Query kFind = {"forgotten.find", R"(
    select id, login_key, way, state, coalesce(phone_digest, '') as phone_digest, coalesce(code_digest, '') as code_digest,
           us(code_expires_at) as code_expires_at, failures, locale, source, us(created_at) as created_at, us(expires_at) as expires_at
    from recoveries where token_digest = :token and expires_at > instant(:now) and state in ('asked', 'proving'))"};

constexpr db::Query kLock = {"forgotten.lock", R"(
    select id, login_key, way, state, coalesce(phone_digest, '') as phone_digest, coalesce(code_digest, '') as code_digest,
           us(code_expires_at) as code_expires_at, failures, locale, source, us(created_at) as created_at, us(expires_at) as expires_at
    from recoveries where token_digest = :token and expires_at > instant(:now) and state in ('asked', 'proving') for update)"};

constexpr db::Query kLockAsked = {"forgotten.lock_asked", R"(
    select id, login_key, way, state, coalesce(phone_digest, '') as phone_digest, coalesce(code_digest, '') as code_digest,
           us(code_expires_at) as code_expires_at, failures, locale, source, us(created_at) as created_at, us(expires_at) as expires_at
    from recoveries where state = 'asked' and expires_at > instant(:now) order by id limit 1 for update skip locked)"};

constexpr db::Query kProveWith = {"forgotten.prove_with", R"(
    update recoveries set state = 'proving', phone_digest = nullif(:phone, ''), code_digest = nullif(:code, ''),
           code_expires_at = instant(cast(:expires as bigint))
    where id = :id and state = 'asked')"};

constexpr db::Query kCountProof = {"forgotten.count_proof", R"(
    update recoveries set failures = failures + 1 where id = :id and failures < :limit)"};

constexpr db::Query kFinish = {"forgotten.finish", R"(
    update recoveries set state = 'done', code_digest = null where id = :id and state in ('asked', 'proving'))"};

constexpr db::Query kMessagesSince = {"forgotten.messages_since", R"(
    select count(*) as sent from messages where account_id = :account and purpose = 'forgotten_code' and created_at > instant(:since))"};

constexpr db::Query kForgetOld = {"forgotten.forget_old", "delete from recoveries where expires_at < instant(:before)"};

std::optional<Forgotten> to_forgotten(const std::optional<db::Row>& row) {
    if (!row) {
        return std::nullopt;
    }
    return Forgotten{.id = row->get<std::int64_t>("id"),
                     .login_key = row->get<std::string>("login_key"),
                     .way = forgotten_way(row->get<std::string>("way")).value(),
                     .state = forgotten_state(row->get<std::string>("state")),
                     .phone_digest = row->get<std::string>("phone_digest"),
                     .code_digest = row->get<std::string>("code_digest"),
                     .code_expires_at = row->get<std::optional<Instant>>("code_expires_at"),
                     .failures = row->get<int>("failures"),
                     .locale = row->get<std::string>("locale") == "en" ? Locale::en : Locale::ja,
                     .source = row->get<std::string>("source"),
                     .created_at = row->get<Instant>("created_at"),
                     .expires_at = row->get<Instant>("expires_at")};
}

}  // namespace

Result<void> ForgottenStore::insert(db::Transaction& tx, const Forgotten& forgotten,
                                    const std::string& token_digest) const {
    TRY(tx.execute(kInsert, token_digest, forgotten.login_key, to_text(forgotten.way), to_text(forgotten.state),
                   forgotten.locale == Locale::en ? std::string_view("en") : std::string_view("ja"), forgotten.source,
                   forgotten.created_at, forgotten.expires_at));
    return {};
}

Result<std::optional<Forgotten>> ForgottenStore::find(db::Transaction& tx, const std::string& token_digest,
                                                      Instant now) const {
    return to_forgotten(TRY(tx.maybe_one(kFind, token_digest, now)));
}

Result<std::optional<Forgotten>> ForgottenStore::lock(db::Transaction& tx, const std::string& token_digest,
                                                      Instant now) const {
    return to_forgotten(TRY(tx.maybe_one(kLock, token_digest, now)));
}

Result<std::optional<Forgotten>> ForgottenStore::lock_asked(db::Transaction& tx, Instant now) const {
    return to_forgotten(TRY(tx.maybe_one(kLockAsked, now)));
}

Result<void> ForgottenStore::prove_with(db::Transaction& tx, std::int64_t id, const std::string& phone_digest,
                                        const std::string& code_digest, std::optional<Instant> code_expires_at) const {
    TRY(tx.execute(kProveWith, phone_digest, code_digest, code_expires_at, id));
    return {};
}

Result<bool> ForgottenStore::count_proof(db::Transaction& tx, std::int64_t id, int limit) const {
    return TRY(tx.execute(kCountProof, id, limit)) == 1;
}

Result<bool> ForgottenStore::finish(db::Transaction& tx, std::int64_t id) const {
    return TRY(tx.execute(kFinish, id)) == 1;
}

Result<std::int64_t> ForgottenStore::messages_since(db::Transaction& tx, AccountId account, Instant since) const {
    return TRY(tx.one(kMessagesSince, account, since)).get<std::int64_t>("sent");
}

Result<std::int64_t> ForgottenStore::forget_old(db::Transaction& tx, Instant expired_before) const {
    return tx.execute(kForgetOld, expired_before);
}

}  // namespace madoguchi::signin
