#include "accounts/helpdesk_store.hpp"

namespace madoguchi::accounts {
namespace {

constexpr db::Query kWithWords = {"helpdesk.with_words", R"(
    select a.id
    from accounts a join organizations o on o.id = a.organization_id
    where a.id = any(cast(:ids as bigint[])) and a.state <> 'closed'
      and not exists (
          select 1 from unnest(cast(:words as text[])) as word
          where strpos(a.search, word) = 0 and strpos(o.search, word) = 0
            and not (word ~ '^[0-9]{4}$' and right(regexp_replace(o.phone, '[^0-9]', '', 'g'), 4) = word))
    order by a.id limit :limit)"};

constexpr db::Query kOnFile = {"helpdesk.on_file", R"(
    select a.family_name, a.given_name, a.family_kana, a.given_kana, coalesce(o.institution_code, '') as institution_code, o.phone
    from accounts a join organizations o on o.id = a.organization_id where a.id = :id)"};

constexpr db::Query kOpen = {"helpdesk.open", R"(
    insert into helpdesk_cases (operator_id, account_id, organization_path, opened_at, expires_at)
    values (:operator, :account, :path, instant(:now), instant(:expires_at))
    returning id)"};

constexpr db::Query kFind = {"helpdesk.find", R"(
    select id, operator_id, account_id, us(opened_at) as opened_at, us(expires_at) as expires_at, person_tries, person_matched,
           organization_tries, organization_matched, callback_tries, callback_matched, outcome, sent_to
    from helpdesk_cases where id = :id)"};

constexpr db::Query kTryPerson = {"helpdesk.try_person", R"(
    update helpdesk_cases set person_tries = person_tries + 1
    where id = :id and person_tries < :maximum and not person_matched and ended_at is null and expires_at > instant(:now))"};

constexpr db::Query kTryOrganization = {"helpdesk.try_organization", R"(
    update helpdesk_cases set organization_tries = organization_tries + 1
    where id = :id and organization_tries < :maximum and not organization_matched and ended_at is null and expires_at > instant(:now))"};

constexpr db::Query kTryCallback = {"helpdesk.try_callback", R"(
    update helpdesk_cases set callback_tries = callback_tries + 1
    where id = :id and callback_tries < :maximum and not callback_matched and ended_at is null and expires_at > instant(:now))"};

constexpr db::Query kPersonMatched = {"helpdesk.person_matched",
                                      "update helpdesk_cases set person_matched = true where id = :id"};
constexpr db::Query kOrganizationMatched = {"helpdesk.organization_matched",
                                            "update helpdesk_cases set organization_matched = true where id = :id"};
constexpr db::Query kCallbackMatched = {"helpdesk.callback_matched",
                                        "update helpdesk_cases set callback_matched = true where id = :id"};

constexpr db::Query kMismatches = {"helpdesk.mismatches", R"(
    select coalesce(sum(person_tries + organization_tries + callback_tries
                        - person_matched::int - organization_matched::int - callback_matched::int), 0)::bigint as wrong
    from helpdesk_cases where account_id = :account and opened_at >= instant(:since))"};

constexpr db::Query kEnd = {"helpdesk.end", R"(
    update helpdesk_cases set outcome = :outcome, sent_to = :sent_to, ended_at = instant(:now)
    where id = :id and ended_at is null and expires_at > instant(:now2)
      and (cast(:outcome2 as text) = 'unverified' or (person_matched and organization_matched and callback_matched)))"};

HelpdeskCase to_case(const db::Row& row) {
    return {.id = {row.get<std::int64_t>("id")},
            .operator_account = {row.get<std::int64_t>("operator_id")},
            .account = {row.get<std::int64_t>("account_id")},
            .opened_at = row.get<Instant>("opened_at"),
            .expires_at = row.get<Instant>("expires_at"),
            .person = {row.get<int>("person_tries"), row.get<bool>("person_matched")},
            .organization = {row.get<int>("organization_tries"), row.get<bool>("organization_matched")},
            .callback = {row.get<int>("callback_tries"), row.get<bool>("callback_matched")},
            .outcome = row.get<std::string>("outcome"),
            .sent_to = row.get<std::string>("sent_to")};
}

}  // namespace

Result<std::vector<AccountId>> HelpdeskStore::with_words(db::Transaction& tx, const std::vector<std::int64_t>& among,
                                                         const std::vector<std::string>& words, int limit) const {
    std::vector<AccountId> out;
    for (const auto& row : TRY(tx.many(kWithWords, among, words, limit))) {
        out.push_back({row.get<std::int64_t>("id")});
    }
    return out;
}

Result<OnFile> HelpdeskStore::on_file(db::Transaction& tx, AccountId account) const {
    const auto row = TRY(tx.one(kOnFile, account));
    return OnFile{.family_name = row.get<std::string>("family_name"),
                  .given_name = row.get<std::string>("given_name"),
                  .family_kana = row.get<std::string>("family_kana"),
                  .given_kana = row.get<std::string>("given_kana"),
                  .institution_code = row.get<std::string>("institution_code"),
                  .organization_phone = row.get<std::string>("phone")};
}

Result<HelpdeskCaseId> HelpdeskStore::open(db::Transaction& tx, AccountId operator_account, const Account& account,
                                           Instant expires_at, Instant now) const {
    const auto row = TRY(tx.one(kOpen, operator_account, account.id, account.organization.path, now, expires_at));
    return HelpdeskCaseId{row.get<std::int64_t>("id")};
}

Result<std::optional<HelpdeskCase>> HelpdeskStore::find(db::Transaction& tx, HelpdeskCaseId id) const {
    const auto row = TRY(tx.maybe_one(kFind, id));
    return row ? std::optional(to_case(*row)) : std::nullopt;
}

Result<bool> HelpdeskStore::count_try(db::Transaction& tx, HelpdeskCaseId id, CallerCheck check, int maximum,
                                      Instant now) const {
    const auto& query = check == CallerCheck::person         ? kTryPerson
                        : check == CallerCheck::organization ? kTryOrganization
                                                             : kTryCallback;
    return TRY(tx.execute(query, id, maximum, now)) == 1;
}

Result<void> HelpdeskStore::matched(db::Transaction& tx, HelpdeskCaseId id, CallerCheck check) const {
    const auto& query = check == CallerCheck::person         ? kPersonMatched
                        : check == CallerCheck::organization ? kOrganizationMatched
                                                             : kCallbackMatched;
    TRY(tx.execute(query, id));
    return {};
}

Result<std::int64_t> HelpdeskStore::mismatches(db::Transaction& tx, AccountId account, Instant since) const {
    return TRY(tx.one(kMismatches, account, since)).get<std::int64_t>("wrong");
}

Result<bool> HelpdeskStore::end(db::Transaction& tx, HelpdeskCaseId id, const std::string& outcome,
                                const std::string& sent_to, Instant now) const {
    return TRY(tx.execute(kEnd, outcome, sent_to, now, id, now, outcome)) == 1;
}

}  // namespace madoguchi::accounts
