#include "signin/flow_store.hpp"

namespace madoguchi::signin {
namespace {

constexpr db::Query kInsert = {"flow.insert", R"(
    insert into sign_in_flows (token_digest, channel, state, login_id, login_key, account_id, by_initial_password, initial_digest, method_id,
                               method_kind, phone_sealed, phone_masked, phone_digest, phone_mobile, source, created_at, expires_at, purpose, session_id,
                               next_path)
    values (:token, :channel, :state, :login_id, :login_key, nullif(cast(:account as bigint), 0), :initial, nullif(:initial_digest, ''),
            nullif(cast(:method as bigint), 0), nullif(:kind, ''), nullif(:sealed, ''), nullif(:masked, ''), nullif(:digest, ''), :mobile,
            :source, instant(:created_at), instant(:expires_at), :purpose, nullif(cast(:session as bigint), 0), :next)
    returning id)"};

constexpr db::Query kFind = {"flow.find", R"(
    select id, state, channel, login_id, login_key, coalesce(account_id, 0) as account_id, by_initial_password,
           coalesce(initial_digest, '') as initial_digest, coalesce(method_id, 0) as method_id,
           coalesce(wanted_default_id, 0) as wanted_default_id, coalesce(method_kind, '') as method_kind,
           coalesce(phone_sealed, '') as phone_sealed, coalesce(phone_masked, '') as phone_masked, coalesce(phone_digest, '') as phone_digest,
           phone_mobile, coalesce(seed_sealed, '') as seed_sealed, totp_step, coalesce(code_digest, '') as code_digest,
           us(code_expires_at) as code_expires_at, coalesce(message_id, 0) as message_id, messages_sent, us(sent_at) as sent_at, failures,
           source, us(created_at) as created_at, us(expires_at) as expires_at, purpose, coalesce(session_id, 0) as session_id, next_path,
           by_recovery_code, coalesce(access_code_id, 0) as access_code_id
    from sign_in_flows where token_digest = :token and expires_at > instant(:now))"};

constexpr db::Query kLock = {"flow.lock", R"(
    select id, state, channel, login_id, login_key, coalesce(account_id, 0) as account_id, by_initial_password,
           coalesce(initial_digest, '') as initial_digest, coalesce(method_id, 0) as method_id,
           coalesce(wanted_default_id, 0) as wanted_default_id, coalesce(method_kind, '') as method_kind,
           coalesce(phone_sealed, '') as phone_sealed, coalesce(phone_masked, '') as phone_masked, coalesce(phone_digest, '') as phone_digest,
           phone_mobile, coalesce(seed_sealed, '') as seed_sealed, totp_step, coalesce(code_digest, '') as code_digest,
           us(code_expires_at) as code_expires_at, coalesce(message_id, 0) as message_id, messages_sent, us(sent_at) as sent_at, failures,
           source, us(created_at) as created_at, us(expires_at) as expires_at, purpose, coalesce(session_id, 0) as session_id, next_path,
           by_recovery_code, coalesce(access_code_id, 0) as access_code_id
    from sign_in_flows where token_digest = :token and expires_at > instant(:now) for update)"};

constexpr db::Query kUpdate = {"flow.update", R"(
    update sign_in_flows set state = :state, account_id = nullif(cast(:account as bigint), 0), by_initial_password = :initial,
           initial_digest = nullif(:initial_digest, ''), method_id = nullif(cast(:method as bigint), 0),
           wanted_default_id = nullif(cast(:wanted as bigint), 0), method_kind = nullif(:kind, ''),
           phone_sealed = nullif(:sealed, ''), phone_masked = nullif(:masked, ''), phone_digest = nullif(:digest, ''), phone_mobile = :mobile,
           seed_sealed = nullif(:seed, ''), totp_step = :totp_step, code_digest = nullif(:code, ''), code_expires_at = instant(cast(:code_expires as bigint)),
           message_id = nullif(cast(:message as bigint), 0), messages_sent = :sent, sent_at = instant(cast(:sent_at as bigint)),
           by_recovery_code = :by_recovery_code, access_code_id = nullif(cast(:access_code as bigint), 0)
    where id = :id and state = :from)"};

constexpr db::Query kRotate = {"flow.rotate", "update sign_in_flows set token_digest = :token where id = :id"};

constexpr db::Query kCountWrong = {"flow.count_wrong",
                                   "update sign_in_flows set failures = failures + 1 where id = :id"};

constexpr db::Query kConsumeCode = {"flow.consume_code", R"(
    update sign_in_flows set code_digest = null where id = :id and code_digest = :digest and code_expires_at > instant(:now))"};

constexpr db::Query kEndOthers = {"flow.end_others", R"(
    update sign_in_flows set state = 'ended', code_digest = null
    where id in (select id from sign_in_flows
                 where expires_at > instant(:now) and account_id = :account and id <> :id and state not in ('signed_in', 'ended')
                 order by id for update skip locked))"};

constexpr db::Query kForgetOld = {"flow.forget_old", "delete from sign_in_flows where expires_at < instant(:before)"};

Flow to_flow(const db::Row& row) {
    return {.id = row.get<std::int64_t>("id"),
            .state = flow_state(row.get<std::string>("state")),
            .channel = row.get<std::string>("channel"),
            .login_id = row.get<std::string>("login_id"),
            .login_key = row.get<std::string>("login_key"),
            .account = {row.get<std::int64_t>("account_id")},
            .by_initial_password = row.get<bool>("by_initial_password"),
            .initial_digest = row.get<std::string>("initial_digest"),
            .method = {row.get<std::int64_t>("method_id")},
            .wanted_default = {row.get<std::int64_t>("wanted_default_id")},
            .kind = method_kind(row.get<std::string>("method_kind")),
            .phone_sealed = row.get<std::string>("phone_sealed"),
            .phone_masked = row.get<std::string>("phone_masked"),
            .phone_digest = row.get<std::string>("phone_digest"),
            .phone_mobile = row.get<bool>("phone_mobile"),
            .seed_sealed = row.get<std::string>("seed_sealed"),
            .totp_step = row.get<std::int64_t>("totp_step"),
            .code_digest = row.get<std::string>("code_digest"),
            .code_expires_at = row.get<std::optional<Instant>>("code_expires_at"),
            .message = {row.get<std::int64_t>("message_id")},
            .messages_sent = row.get<int>("messages_sent"),
            .sent_at = row.get<std::optional<Instant>>("sent_at"),
            .failures = row.get<int>("failures"),
            .source = row.get<std::string>("source"),
            .created_at = row.get<Instant>("created_at"),
            .expires_at = row.get<Instant>("expires_at"),
            .purpose = flow_purpose(row.get<std::string>("purpose")),
            .session = {row.get<std::int64_t>("session_id")},
            .next = row.get<std::string>("next_path"),
            .by_recovery_code = row.get<bool>("by_recovery_code"),
            .access_code = row.get<std::int64_t>("access_code_id")};
}

std::string_view kind_text(const Flow& flow) {
    return flow.kind ? to_text(*flow.kind) : std::string_view();
}

}  // namespace

Result<std::int64_t> FlowStore::insert(db::Transaction& tx, const Flow& flow, const std::string& token_digest) const {
    const auto row =
        TRY(tx.one(kInsert, token_digest, flow.channel, to_text(flow.state), flow.login_id, flow.login_key,
                   flow.account, flow.by_initial_password, flow.initial_digest, flow.method, kind_text(flow),
                   flow.phone_sealed, flow.phone_masked, flow.phone_digest, flow.phone_mobile, flow.source,
                   flow.created_at, flow.expires_at, to_text(flow.purpose), flow.session, flow.next));
    return row.get<std::int64_t>("id");
}

Result<std::optional<Flow>> FlowStore::find(db::Transaction& tx, const std::string& token_digest, Instant now) const {
    const auto row = TRY(tx.maybe_one(kFind, token_digest, now));
    return row ? std::optional(to_flow(*row)) : std::nullopt;
}

Result<std::optional<Flow>> FlowStore::lock(db::Transaction& tx, const std::string& token_digest, Instant now) const {
    const auto row = TRY(tx.maybe_one(kLock, token_digest, now));
    return row ? std::optional(to_flow(*row)) : std::nullopt;
}

Result<bool> FlowStore::update(db::Transaction& tx, const Flow& flow, FlowState from) const {
    return TRY(tx.execute(kUpdate, to_text(flow.state), flow.account, flow.by_initial_password, flow.initial_digest,
                          flow.method, flow.wanted_default, kind_text(flow), flow.phone_sealed, flow.phone_masked,
                          flow.phone_digest, flow.phone_mobile, flow.seed_sealed, flow.totp_step, flow.code_digest,
                          flow.code_expires_at, flow.message, flow.messages_sent, flow.sent_at, flow.by_recovery_code,
                          flow.access_code, flow.id, to_text(from))) == 1;
}

Result<void> FlowStore::rotate(db::Transaction& tx, std::int64_t id, const std::string& token_digest) const {
    TRY(tx.execute(kRotate, token_digest, id));
    return {};
}

Result<void> FlowStore::count_wrong(db::Transaction& tx, std::int64_t id) const {
    TRY(tx.execute(kCountWrong, id));
    return {};
}

Result<bool> FlowStore::consume_code(db::Transaction& tx, std::int64_t id, const std::string& digest,
                                     Instant now) const {
    return TRY(tx.execute(kConsumeCode, id, digest, now)) == 1;
}

Result<void> FlowStore::end_others(db::Transaction& tx, const Flow& flow, Instant now) const {
    TRY(tx.execute(kEndOthers, now, flow.account, flow.id));
    return {};
}

Result<std::int64_t> FlowStore::forget_old(db::Transaction& tx, Instant expired_before) const {
    return tx.execute(kForgetOld, expired_before);
}

}  // namespace madoguchi::signin
