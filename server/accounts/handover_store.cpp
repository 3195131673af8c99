#include "accounts/handover_store.hpp"

namespace madoguchi::accounts {
namespace {

constexpr db::Query kContacts = {"handover.contacts", R"(
    select a.id, p.phone_sealed is not null as applied, coalesce(p.phone_sealed, c.phone_sealed) as phone_sealed,
           coalesce(p.phone_masked, c.phone_masked) as phone_masked, coalesce(p.phone_digest, c.phone_digest) as phone_digest
    from accounts a
    left join organization_contacts c on c.organization_id = a.organization_id
    left join lateral (select phone_sealed, phone_masked, phone_digest from applications
                       where account_id = a.id and phone_mobile order by id desc limit 1) as p on true
    where a.id = any (cast(:ids as bigint[])) and (p.phone_sealed is not null or c.phone_sealed is not null))"};

constexpr db::Query kLock = {"handover.lock", "select id from accounts where id = :id for update"};

constexpr db::Query kPrepare = {"handover.prepare", R"(
    update accounts set initial_digest = null, initial_expires_at = null, letter_since = null, version = version + 1
    where id = :id and letter_prints = :prints and state = 'pending' and password_phc is null
      and (letter_since is not null or not cast(:only_waiting as boolean))
      and not exists (select 1 from handover_links l where l.account_id = :id and l.id > :seen))"};

constexpr db::Query kEndOthers = {"handover.end_others", R"(
    update handover_links set ended_at = instant(:now) where account_id = :account and opened_at is null and ended_at is null)"};

constexpr db::Query kInsert = {"handover.insert", R"(
    insert into handover_links (account_id, organization_path, token_digest, sent_to, message_id, sent_at, sent_by_name, expires_at)
    values (:account, :path, :digest, :sent_to, :message, instant(:now), :by, instant(:expires_at)))"};

constexpr db::Query kOpen = {"handover.open", R"(
    update handover_links l set opened_at = instant(:now)
    from accounts a
    where l.token_digest = :digest and l.opened_at is null and l.ended_at is null and l.expires_at > instant(:now) and a.id = l.account_id
    returning a.id, a.login_id, a.organization_path)"};

constexpr db::Query kSetPassword = {"handover.set_password", R"(
    update accounts set initial_digest = :digest, initial_expires_at = instant(:expires_at), version = version + 1
    where id = :id and state = 'pending' and password_phc is null and initial_digest is null)"};

constexpr db::Query kOwner = {"handover.owner", R"(
    select a.id, a.login_id, a.organization_path from handover_links l join accounts a on a.id = l.account_id
    where l.token_digest = :digest)"};

// An initial password that stands beside an unopened link came from a letter or a reset.
constexpr db::Query kLinks = {"handover.links", R"(
    select l.id, l.account_id, a.login_id, a.family_name, a.given_name, o.name as organization, l.sent_to, l.sent_by_name,
           us(l.sent_at) as sent_at, us(l.expires_at) as expires_at, us(l.opened_at) as opened_at, coalesce(l.message_id, 0) as message_id,
           l.opened_at is null and (l.ended_at is not null or a.initial_digest is not null or a.password_phc is not null or a.state <> 'pending')
               as replaced
    from handover_links l join accounts a on a.id = l.account_id join organizations o on o.id = a.organization_id
    where cast(:account as bigint) = 0 or l.account_id = :account
    order by l.id desc limit :limit)"};

constexpr db::Query kMessageStates = {"handover.message_states", R"(
    select id, state from messages where id = any (cast(:ids as bigint[])))"};

constexpr db::Query kCounts = {"handover.counts", R"(
    select (count(*) filter (where opened_at is not null))::integer as opened,
           (count(*) filter (where waits and expires_at > instant(:now)))::integer as out,
           (count(*) filter (where waits and expires_at <= instant(:now)))::integer as lapsed
    from (select l.opened_at, l.expires_at,
                 l.opened_at is null and l.ended_at is null and a.initial_digest is null and a.password_phc is null and a.state = 'pending' as waits
          from accounts a join handover_links l on l.account_id = a.id where a.batch_id = :batch) as links)"};

constexpr db::Query kReachable = {"handover.reachable", R"(
    select a.id from accounts a join organization_contacts c on c.organization_id = a.organization_id
    where a.batch_id = :batch and a.batch_row between :first and :last and a.letter_since is not null
      and a.state = 'pending' and a.password_phc is null
    order by a.batch_row)"};

constexpr db::Query kLinked = {"handover.linked", R"(
    select a.id from accounts a join handover_links l on l.account_id = a.id
    where a.batch_id = :batch and a.batch_row between :first and :last and l.opened_at is null and l.ended_at is null
      and l.expires_at > instant(:now) and a.initial_digest is null and a.state = 'pending' and a.password_phc is null
    order by a.batch_row)"};

constexpr db::Query kContact = {"handover.contact", R"(
    select phone_masked, us(registered_at) as registered_at, registered_by_name from organization_contacts where organization_id = :id)"};

constexpr db::Query kSetContact = {"handover.set_contact", R"(
    insert into organization_contacts (organization_id, organization_path, phone_sealed, phone_masked, phone_digest, registered_at, registered_by_name)
    values (:id, :path, :sealed, :masked, :digest, instant(:now), :by)
    on conflict (organization_id) do update set phone_sealed = excluded.phone_sealed, phone_masked = excluded.phone_masked,
        phone_digest = excluded.phone_digest, registered_at = excluded.registered_at, registered_by_name = excluded.registered_by_name)"};

constexpr db::Query kRemoveContact = {"handover.remove_contact", R"(
    delete from organization_contacts where organization_id = :id)"};

OpenedLink to_opened(const db::Row& row) {
    return {{row.get<std::int64_t>("id")}, row.get<std::string>("login_id"), row.get<std::string>("organization_path")};
}

std::vector<AccountId> ids_of(const std::vector<db::Row>& rows) {
    std::vector<AccountId> out;
    out.reserve(rows.size());
    for (const auto& row : rows) {
        out.push_back({row.get<std::int64_t>("id")});
    }
    return out;
}

}  // namespace

Result<std::map<AccountId, HandoverContact>> HandoverStore::contacts(db::Transaction& tx,
                                                                     const std::vector<std::int64_t>& accounts) const {
    std::map<AccountId, HandoverContact> out;
    for (const auto& row : TRY(tx.many(kContacts, accounts))) {
        out.emplace(AccountId{row.get<std::int64_t>("id")},
                    HandoverContact{row.get<bool>("applied") ? ContactSource::application : ContactSource::organization,
                                    row.get<std::string>("phone_sealed"), row.get<std::string>("phone_masked"),
                                    row.get<std::string>("phone_digest")});
    }
    return out;
}

Result<bool> HandoverStore::prepare(db::Transaction& tx, AccountId account, int prints, HandoverLinkId seen_link,
                                    OnlyWaiting waiting, Instant now) const {
    TRY(tx.maybe_one(kLock, account));
    if (TRY(tx.execute(kPrepare, account, prints, waiting == OnlyWaiting::yes, seen_link.value)) != 1) {
        return false;
    }
    TRY(tx.execute(kEndOthers, now, account));
    return true;
}

Result<void> HandoverStore::insert(db::Transaction& tx, const NewHandoverLink& link, Instant now) const {
    TRY(tx.execute(kInsert, link.account, link.organization_path, link.token_digest, link.sent_to, link.message, now,
                   link.sent_by, link.expires_at));
    return {};
}

Result<std::optional<OpenedLink>> HandoverStore::open(db::Transaction& tx, const std::string& token_digest,
                                                      Instant now) const {
    const auto row = TRY(tx.maybe_one(kOpen, now, token_digest));
    return row ? std::optional(to_opened(*row)) : std::nullopt;
}

Result<bool> HandoverStore::set_password(db::Transaction& tx, AccountId account, const std::string& digest,
                                         Instant expires_at) const {
    return TRY(tx.execute(kSetPassword, digest, expires_at, account)) == 1;
}

Result<std::optional<OpenedLink>> HandoverStore::owner(db::Transaction& tx, const std::string& token_digest) const {
    const auto row = TRY(tx.maybe_one(kOwner, token_digest));
    return row ? std::optional(to_opened(*row)) : std::nullopt;
}

Result<std::vector<HandoverLink>> HandoverStore::links(db::Transaction& tx, AccountId account, int limit) const {
    std::vector<HandoverLink> out;
    for (const auto& row : TRY(tx.many(kLinks, account, limit))) {
        const auto given = row.get<std::string>("given_name");
        out.push_back({.id = {row.get<std::int64_t>("id")},
                       .account = {row.get<std::int64_t>("account_id")},
                       .login_id = row.get<std::string>("login_id"),
                       .person = row.get<std::string>("family_name") + (given.empty() ? "" : " " + given),
                       .organization = row.get<std::string>("organization"),
                       .sent_to = row.get<std::string>("sent_to"),
                       .sent_by = row.get<std::string>("sent_by_name"),
                       .sent_at = row.get<Instant>("sent_at"),
                       .expires_at = row.get<Instant>("expires_at"),
                       .opened_at = row.get<std::optional<Instant>>("opened_at"),
                       .replaced = row.get<bool>("replaced"),
                       .message_id = {row.get<std::int64_t>("message_id")}});
    }
    return out;
}

Result<std::map<MessageId, messages::MessageState>> HandoverStore::message_states(
    db::Transaction& tx, const std::vector<std::int64_t>& ids) const {
    std::map<MessageId, messages::MessageState> out;
    for (const auto& row : TRY(tx.many(kMessageStates, ids))) {
        out.emplace(MessageId{row.get<std::int64_t>("id")}, messages::message_state(row.get<std::string>("state")));
    }
    return out;
}

Result<LinkCounts> HandoverStore::counts(db::Transaction& tx, BatchId batch, Instant now) const {
    const auto row = TRY(tx.one(kCounts, now, batch));
    return LinkCounts{row.get<int>("out"), row.get<int>("opened"), row.get<int>("lapsed")};
}

Result<std::vector<AccountId>> HandoverStore::reachable(db::Transaction& tx, BatchId batch, int first_row,
                                                        int last_row) const {
    return ids_of(TRY(tx.many(kReachable, batch, first_row, last_row)));
}

Result<std::vector<AccountId>> HandoverStore::linked(db::Transaction& tx, BatchId batch, int first_row, int last_row,
                                                     Instant now) const {
    return ids_of(TRY(tx.many(kLinked, batch, first_row, last_row, now)));
}

Result<std::optional<RegisteredContact>> HandoverStore::contact(db::Transaction& tx,
                                                                OrganizationId organization) const {
    const auto row = TRY(tx.maybe_one(kContact, organization));
    return row ? std::optional(RegisteredContact{row->get<std::string>("phone_masked"),
                                                 row->get<Instant>("registered_at"),
                                                 row->get<std::string>("registered_by_name")})
               : std::nullopt;
}

Result<void> HandoverStore::set_contact(db::Transaction& tx, const directory::OrganizationRef& organization,
                                        const HandoverContact& contact, const std::string& by, Instant now) const {
    TRY(tx.execute(kSetContact, organization.id, organization.path, contact.phone_sealed, contact.phone_masked,
                   contact.phone_digest, now, by));
    return {};
}

Result<bool> HandoverStore::remove_contact(db::Transaction& tx, OrganizationId organization) const {
    return TRY(tx.execute(kRemoveContact, organization)) == 1;
}

}  // namespace madoguchi::accounts
