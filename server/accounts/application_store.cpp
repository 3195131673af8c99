#include "accounts/application_store.hpp"

namespace madoguchi::accounts {
namespace {

constexpr db::Query kCenters = {"application.centers", R"(
    select h.id, h.name, h.phone,
           (select coalesce(max(n), 0)::integer from generate_series(1, least(length(cast(:address as text)), 20)) as n
            where starts_with(case when starts_with(h.address, :prefecture_name) then substr(h.address, length(:prefecture_name2) + 1) else h.address end,
                              left(:address2, n))
               or exists (select 1 from organizations f
                          where f.parent_id = h.id and f.state = 'active'
                            and starts_with(case when starts_with(f.address, :prefecture_name3)
                                                 then substr(f.address, length(:prefecture_name4) + 1) else f.address end, left(:address3, n)))) as in_common
    from organizations h
    where h.kind = 'health_center' and h.state = 'active' and h.prefecture_code = cast(:prefecture as integer)
    order by in_common desc, h.id limit :limit)"};

constexpr db::Query kInsert = {"application.insert", R"(
    insert into applications (number, visit_digest, state, organization_path, health_center_id, institution_code, institution_name,
                              institution_kana, postal_code, prefecture_code, address, family_name, given_name, family_kana, given_kana,
                              phone_sealed, phone_masked, phone_digest, phone_end_digest, phone_mobile, by_voice, note, locale, source,
                              created_at, expires_at)
    values (:number, :visit, 'unconfirmed', :path, :center, :code, :name, :kana, :postal, :prefecture, :address, :family, :given,
            :family_kana, :given_kana, :sealed, :masked, :digest, :end_digest, :mobile, :by_voice, :note, :locale, :source,
            instant(:created), instant(:expires))
    returning id)"};

constexpr db::Query kByVisit = {"application.by_visit", R"(
    select p.id, p.number, p.state, p.organization_path, p.health_center_id, coalesce(o.name, '') as health_center_name,
           coalesce(o.phone, '') as health_center_phone, p.institution_code, p.institution_name, p.institution_kana, p.postal_code,
           p.prefecture_code::integer as prefecture_code, p.address, p.family_name, p.given_name, p.family_kana, p.given_kana, p.by_voice, p.note,
           p.phone_sealed, p.phone_masked, p.phone_digest, p.phone_mobile, coalesce(p.code_digest, '') as code_digest,
           us(p.code_expires_at) as code_expires_at, p.failures, p.messages_sent, us(p.sent_at) as sent_at, p.locale, p.source,
           us(p.created_at) as created_at, us(p.expires_at) as expires_at, us(p.confirmed_at) as confirmed_at, p.question,
           us(p.asked_at) as asked_at, p.reply, us(p.replied_at) as replied_at, p.decided_by_name, us(p.decided_at) as decided_at, p.reason,
           coalesce(p.account_id, 0) as account_id
    from applications p left join organizations o on o.id = p.health_center_id
    where p.visit_digest = :visit)"};

constexpr db::Query kByNumber = {"application.by_number", R"(
    select p.id, p.number, p.state, p.organization_path, p.health_center_id, coalesce(o.name, '') as health_center_name,
           coalesce(o.phone, '') as health_center_phone, p.institution_code, p.institution_name, p.institution_kana, p.postal_code,
           p.prefecture_code::integer as prefecture_code, p.address, p.family_name, p.given_name, p.family_kana, p.given_kana, p.by_voice, p.note,
           p.phone_sealed, p.phone_masked, p.phone_digest, p.phone_mobile, coalesce(p.code_digest, '') as code_digest,
           us(p.code_expires_at) as code_expires_at, p.failures, p.messages_sent, us(p.sent_at) as sent_at, p.locale, p.source,
           us(p.created_at) as created_at, us(p.expires_at) as expires_at, us(p.confirmed_at) as confirmed_at, p.question,
           us(p.asked_at) as asked_at, p.reply, us(p.replied_at) as replied_at, p.decided_by_name, us(p.decided_at) as decided_at, p.reason,
           coalesce(p.account_id, 0) as account_id
    from applications p left join organizations o on o.id = p.health_center_id
    where p.number = :number and p.phone_end_digest = :phone_end and p.state <> 'unconfirmed')"};

constexpr db::Query kFind = {"application.find", R"(
    select p.id, p.number, p.state, p.organization_path, p.health_center_id, coalesce(o.name, '') as health_center_name,
           coalesce(o.phone, '') as health_center_phone, p.institution_code, p.institution_name, p.institution_kana, p.postal_code,
           p.prefecture_code::integer as prefecture_code, p.address, p.family_name, p.given_name, p.family_kana, p.given_kana, p.by_voice, p.note,
           p.phone_sealed, p.phone_masked, p.phone_digest, p.phone_mobile, coalesce(p.code_digest, '') as code_digest,
           us(p.code_expires_at) as code_expires_at, p.failures, p.messages_sent, us(p.sent_at) as sent_at, p.locale, p.source,
           us(p.created_at) as created_at, us(p.expires_at) as expires_at, us(p.confirmed_at) as confirmed_at, p.question,
           us(p.asked_at) as asked_at, p.reply, us(p.replied_at) as replied_at, p.decided_by_name, us(p.decided_at) as decided_at, p.reason,
           coalesce(p.account_id, 0) as account_id
    from applications p left join organizations o on o.id = p.health_center_id
    where p.id = :id and p.state <> 'unconfirmed')"};

constexpr db::Query kList = {"application.list", R"(
    select p.id, p.number, p.state, p.organization_path, p.health_center_id, coalesce(o.name, '') as health_center_name,
           coalesce(o.phone, '') as health_center_phone, p.institution_code, p.institution_name, p.institution_kana, p.postal_code,
           p.prefecture_code::integer as prefecture_code, p.address, p.family_name, p.given_name, p.family_kana, p.given_kana, p.by_voice, p.note,
           p.phone_sealed, p.phone_masked, p.phone_digest, p.phone_mobile, coalesce(p.code_digest, '') as code_digest,
           us(p.code_expires_at) as code_expires_at, p.failures, p.messages_sent, us(p.sent_at) as sent_at, p.locale, p.source,
           us(p.created_at) as created_at, us(p.expires_at) as expires_at, us(p.confirmed_at) as confirmed_at, p.question,
           us(p.asked_at) as asked_at, p.reply, us(p.replied_at) as replied_at, p.decided_by_name, us(p.decided_at) as decided_at, p.reason,
           coalesce(p.account_id, 0) as account_id
    from applications p left join organizations o on o.id = p.health_center_id
    where p.id > :after and p.state <> 'unconfirmed'
      and (cast(:state as text) is null
           or case cast(:state2 as text) when 'done' then p.state in ('accepted', 'declined') else p.state = :state3 end)
    order by p.id limit :limit)"};

constexpr db::Query kLock = {"application.lock", "select id from applications where id = :id for update"};

constexpr db::Query kCountOpen = {"application.count_open", R"(
    select count(*) as open from (select 1 from applications where state = 'open' limit 1000) as counted)"};

constexpr db::Query kSetCode = {"application.set_code", R"(
    update applications set code_digest = :digest, code_expires_at = instant(:expires_at), messages_sent = messages_sent + 1,
           sent_at = instant(:now)
    where id = :id and messages_sent < :maximum and state = 'unconfirmed')"};

constexpr db::Query kCountFailure = {"application.count_failure", R"(
    update applications set failures = failures + 1 where id = :id and failures < :maximum and state = 'unconfirmed')"};

constexpr db::Query kConfirm = {"application.confirm", R"(
    update applications set state = 'open', confirmed_at = instant(:now), code_digest = null, code_expires_at = null
    where id = :id and state = 'unconfirmed' and expires_at > instant(:now2))"};

constexpr db::Query kAsk = {"application.ask", R"(
    update applications set state = 'asked', question = :question, asked_at = instant(:now), reply = '', replied_at = null
    where id = :id and state in ('open', 'asked'))"};

constexpr db::Query kReply = {"application.reply", R"(
    update applications set state = 'open', reply = :reply, replied_at = instant(:now) where id = :id and state = 'asked')"};

constexpr db::Query kDecide = {"application.decide", R"(
    update applications set state = :state, decided_by = :by, decided_by_name = :by_name, decided_at = instant(:now), reason = :reason,
           account_id = nullif(cast(:account as bigint), 0)
    where id = :id and state in ('open', 'asked'))"};

constexpr db::Query kKnown = {"application.known", R"(
    select o.id, o.name, o.address, coalesce(h.name, '') as parent_name,
           (select count(*) from accounts a where a.organization_id = o.id and a.state <> 'closed') as accounts
    from organizations o left join organizations h on h.id = o.parent_id
    where o.institution_code = :code and o.state = 'active')"};

constexpr db::Query kForgetUnconfirmed = {"application.forget_unconfirmed", R"(
    delete from applications where state = 'unconfirmed' and expires_at <= instant(:now))"};

Applicant to_applicant(const db::Row& row) {
    return {.institution_code = row.get<std::string>("institution_code"),
            .institution_name = row.get<std::string>("institution_name"),
            .institution_kana = row.get<std::string>("institution_kana"),
            .postal_code = row.get<std::string>("postal_code"),
            .prefecture_code = row.get<int>("prefecture_code"),
            .address = row.get<std::string>("address"),
            .names = {row.get<std::string>("family_name"), row.get<std::string>("given_name"),
                      row.get<std::string>("family_kana"), row.get<std::string>("given_kana")},
            .by = row.get<bool>("by_voice") ? ConfirmBy::voice : ConfirmBy::sms,
            .note = row.get<std::string>("note")};
}

Application to_application(const db::Row& row) {
    return {.id = {row.get<std::int64_t>("id")},
            .number = row.get<std::string>("number"),
            .state = application_state(row.get<std::string>("state")).value(),
            .organization_path = row.get<std::string>("organization_path"),
            .health_center = {row.get<std::int64_t>("health_center_id")},
            .health_center_name = row.get<std::string>("health_center_name"),
            .health_center_phone = row.get<std::string>("health_center_phone"),
            .applicant = to_applicant(row),
            .phone_sealed = row.get<std::string>("phone_sealed"),
            .phone_masked = row.get<std::string>("phone_masked"),
            .phone_digest = row.get<std::string>("phone_digest"),
            .phone_mobile = row.get<bool>("phone_mobile"),
            .code_digest = row.get<std::string>("code_digest"),
            .code_expires_at = row.get<std::optional<Instant>>("code_expires_at"),
            .failures = row.get<int>("failures"),
            .messages_sent = row.get<int>("messages_sent"),
            .sent_at = row.get<std::optional<Instant>>("sent_at"),
            .locale = row.get<std::string>("locale") == "en" ? Locale::en : Locale::ja,
            .source = row.get<std::string>("source"),
            .created_at = row.get<Instant>("created_at"),
            .expires_at = row.get<Instant>("expires_at"),
            .confirmed_at = row.get<std::optional<Instant>>("confirmed_at"),
            .question = row.get<std::string>("question"),
            .asked_at = row.get<std::optional<Instant>>("asked_at"),
            .reply = row.get<std::string>("reply"),
            .replied_at = row.get<std::optional<Instant>>("replied_at"),
            .decided_by_name = row.get<std::string>("decided_by_name"),
            .decided_at = row.get<std::optional<Instant>>("decided_at"),
            .reason = row.get<std::string>("reason"),
            .account = {row.get<std::int64_t>("account_id")}};
}

std::optional<Application> to_optional(const std::optional<db::Row>& row) {
    return row ? std::optional(to_application(*row)) : std::nullopt;
}

}  // namespace

Result<std::vector<CenterSuggestion>> ApplicationStore::centers(db::Transaction& tx, int prefecture,
                                                                const std::string& prefecture_name,
                                                                const std::string& address, int limit) const {
    std::vector<CenterSuggestion> out;
    for (const auto& row : TRY(tx.many(kCenters, address, prefecture_name, prefecture_name, address, prefecture_name,
                                       prefecture_name, address, prefecture, limit))) {
        out.push_back({.id = {row.get<std::int64_t>("id")},
                       .name = row.get<std::string>("name"),
                       .phone = row.get<std::string>("phone"),
                       .in_common = row.get<int>("in_common")});
    }
    return out;
}

Result<ApplicationId> ApplicationStore::insert(db::Transaction& tx, const NewApplication& made) const {
    const auto& application = made.application;
    const auto& applicant = application.applicant;
    const auto row = TRY(tx.one(
        kInsert, made.number, made.visit_digest, application.organization_path, application.health_center,
        applicant.institution_code, applicant.institution_name, applicant.institution_kana, applicant.postal_code,
        applicant.prefecture_code, applicant.address, applicant.names.family_name, applicant.names.given_name,
        applicant.names.family_kana, applicant.names.given_kana, application.phone_sealed, application.phone_masked,
        application.phone_digest, made.phone_end_digest, application.phone_mobile, applicant.by == ConfirmBy::voice,
        applicant.note, application.locale == Locale::en ? "en" : "ja", application.source, application.created_at,
        application.expires_at));
    return ApplicationId{row.get<std::int64_t>("id")};
}

Result<std::optional<Application>> ApplicationStore::by_visit(db::Transaction& tx,
                                                              const std::string& visit_digest) const {
    return to_optional(TRY(tx.maybe_one(kByVisit, visit_digest)));
}

Result<std::optional<Application>> ApplicationStore::by_number(db::Transaction& tx, const std::string& number,
                                                               const std::string& phone_end_digest) const {
    return to_optional(TRY(tx.maybe_one(kByNumber, number, phone_end_digest)));
}

Result<std::optional<Application>> ApplicationStore::find(db::Transaction& tx, ApplicationId id) const {
    return to_optional(TRY(tx.maybe_one(kFind, id)));
}

Result<bool> ApplicationStore::lock(db::Transaction& tx, ApplicationId id) const {
    return TRY(tx.maybe_one(kLock, id)).has_value();
}

Result<std::vector<Application>> ApplicationStore::list(db::Transaction& tx, const ApplicationFilter& filter) const {
    std::vector<Application> out;
    for (const auto& row :
         TRY(tx.many(kList, filter.after_id, filter.state, filter.state, filter.state, filter.limit))) {
        out.push_back(to_application(row));
    }
    return out;
}

Result<std::int64_t> ApplicationStore::count_open(db::Transaction& tx) const {
    return TRY(tx.one(kCountOpen)).get<std::int64_t>("open");
}

Result<bool> ApplicationStore::set_code(db::Transaction& tx, ApplicationId id, const std::string& digest,
                                        Instant expires_at, int maximum, Instant now) const {
    return TRY(tx.execute(kSetCode, digest, expires_at, now, id, maximum)) == 1;
}

Result<bool> ApplicationStore::count_failure(db::Transaction& tx, ApplicationId id, int maximum) const {
    return TRY(tx.execute(kCountFailure, id, maximum)) == 1;
}

Result<bool> ApplicationStore::confirm(db::Transaction& tx, ApplicationId id, Instant now) const {
    return TRY(tx.execute(kConfirm, now, id, now)) == 1;
}

Result<bool> ApplicationStore::ask(db::Transaction& tx, ApplicationId id, const std::string& question,
                                   Instant now) const {
    return TRY(tx.execute(kAsk, question, now, id)) == 1;
}

Result<bool> ApplicationStore::reply(db::Transaction& tx, ApplicationId id, const std::string& reply,
                                     Instant now) const {
    return TRY(tx.execute(kReply, reply, now, id)) == 1;
}

Result<bool> ApplicationStore::decide(db::Transaction& tx, ApplicationId id, ApplicationState state, AccountId by,
                                      const std::string& by_name, const std::string& reason, AccountId account,
                                      Instant now) const {
    return TRY(tx.execute(kDecide, to_text(state), by, by_name, now, reason, account, id)) == 1;
}

Result<KnownInstitution> ApplicationStore::known(db::Transaction& tx, const std::string& institution_code) const {
    const auto row = TRY(tx.maybe_one(kKnown, institution_code));
    if (!row) {
        return KnownInstitution{};
    }
    return KnownInstitution{.organization = {row->get<std::int64_t>("id")},
                            .name = row->get<std::string>("name"),
                            .address = row->get<std::string>("address"),
                            .parent_name = row->get<std::string>("parent_name"),
                            .accounts = row->get<std::int64_t>("accounts")};
}

Result<std::int64_t> ApplicationStore::forget_unconfirmed(db::Transaction& tx, Instant now) const {
    return tx.execute(kForgetUnconfirmed, now);
}

}  // namespace madoguchi::accounts
