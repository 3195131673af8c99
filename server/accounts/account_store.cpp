#include "accounts/account_store.hpp"

namespace madoguchi::accounts {
namespace {

constexpr db::Query kInsert = {"account.insert", R"(
    insert into accounts (login_id, login_key, organization_id, organization_path, family_name, given_name, family_kana, given_kana,
                          search, created_at, created_by)
    values (:login_id, :login_key, :organization, :path, :family_name, :given_name, :family_kana, :given_kana, :search, instant(:now), :by)
    returning id)"};

constexpr db::Query kNextNumber = {"account.next_number", "select nextval('login_numbers') as number"};

constexpr db::Query kFind = {"account.find", R"(
    select a.id, a.login_id, a.organization_id, o.kind, o.path, o.name, a.family_name, a.given_name, a.family_kana, a.given_kana, a.state,
           a.password_phc is not null as has_password, us(a.initial_expires_at) as initial_expires_at,
           us(a.password_reset_at) as password_reset_at, us(a.second_step_reset_at) as second_step_reset_at,
           us(a.last_signed_in_at) as last_signed_in_at, us(a.created_at) as created_at
    from accounts a join organizations o on o.id = a.organization_id where a.id = :id)"};

constexpr db::Query kFindByLoginKey = {"account.find_by_login_key", R"(
    select a.id, a.login_id, a.organization_id, o.kind, o.path, o.name, a.family_name, a.given_name, a.family_kana, a.given_kana, a.state,
           a.password_phc is not null as has_password, us(a.initial_expires_at) as initial_expires_at,
           us(a.password_reset_at) as password_reset_at, us(a.second_step_reset_at) as second_step_reset_at,
           us(a.last_signed_in_at) as last_signed_in_at, us(a.created_at) as created_at
    from accounts a join organizations o on o.id = a.organization_id where a.login_key = :login_key)"};

constexpr db::Query kLock = {"account.lock", "select id from accounts where id = :id for update"};

constexpr db::Query kList = {"account.list", R"(
    select a.id, a.login_id, a.organization_id, o.kind, o.path, o.name, a.family_name, a.given_name, a.family_kana, a.given_kana, a.state,
           a.password_phc is not null as has_password, us(a.initial_expires_at) as initial_expires_at,
           us(a.password_reset_at) as password_reset_at, us(a.second_step_reset_at) as second_step_reset_at,
           us(a.last_signed_in_at) as last_signed_in_at, us(a.created_at) as created_at
    from accounts a join organizations o on o.id = a.organization_id
    where a.id > :after
      and (cast(:state as text) is null or a.state = :state2)
      and (cast(:organization as bigint) is null or a.organization_id = :organization2)
      and (cast(:search as text) is null or strpos(a.search, :search2) > 0 or strpos(o.search, :search3) > 0)
    order by a.id limit :limit)"};

constexpr db::Query kSetState = {"account.set_state", R"(
    update accounts set state = :to, changed_at = instant(:now), version = version + 1 where id = :id and state = :from)"};

constexpr db::Query kSetInitial = {"account.set_initial", R"(
    update accounts set initial_digest = :digest, initial_expires_at = instant(:expires_at), password_phc = null, version = version + 1,
           letter_since = null,
           password_reset_at = case when :is_reset then instant(:now) else password_reset_at end
    where id = :id and state in ('pending', 'active'))"};

constexpr db::Query kAwaitLetter = {"account.await_letter", R"(
    update accounts set letter_since = instant(:now) where id = :id)"};

constexpr db::Query kAddResetCode = {"account.add_reset_code", R"(
    update accounts set initial_digest = :digest, initial_expires_at = instant(:expires_at), password_reset_at = instant(:now),
           version = version + 1
    where id = :id and state = 'active')"};

constexpr db::Query kRename = {"account.rename", R"(
    update accounts set family_name = :family_name, given_name = :given_name, family_kana = :family_kana, given_kana = :given_kana,
           search = :search, changed_at = instant(:now), version = version + 1
    where id = :id)"};

constexpr db::Query kNoteSecondStepReset = {"account.note_second_step_reset", R"(
    update accounts set second_step_reset_at = instant(:now), version = version + 1
    where id = :id and state in ('pending', 'active'))"};

constexpr db::Query kCredentials = {"account.credentials", R"(
    select a.id, a.login_id, a.family_name, a.given_name, a.organization_id, o.kind, o.path, o.name, o.state = 'active' as organization_open,
           a.state, a.password_phc, a.initial_digest, us(a.initial_expires_at) as initial_expires_at,
           us(a.password_changed_at) as password_changed_at
    from accounts a join organizations o on o.id = a.organization_id where a.login_key = :login_key)"};

constexpr db::Query kCredentialsById = {"account.credentials_by_id", R"(
    select a.id, a.login_id, a.family_name, a.given_name, a.organization_id, o.kind, o.path, o.name, o.state = 'active' as organization_open,
           a.state, a.password_phc, a.initial_digest, us(a.initial_expires_at) as initial_expires_at,
           us(a.password_changed_at) as password_changed_at
    from accounts a join organizations o on o.id = a.organization_id where a.id = :id)"};

constexpr db::Query kCredentialsLocked = {"account.credentials_locked", R"(
    select a.id, a.login_id, a.family_name, a.given_name, a.organization_id, o.kind, o.path, o.name, o.state = 'active' as organization_open,
           a.state, a.password_phc, a.initial_digest, us(a.initial_expires_at) as initial_expires_at,
           us(a.password_changed_at) as password_changed_at
    from accounts a join organizations o on o.id = a.organization_id where a.id = :id for update of a)"};

constexpr db::Query kReplaceInitial = {"account.replace_initial", R"(
    update accounts set password_phc = :phc, password_changed_at = instant(:now), initial_digest = null, initial_expires_at = null,
           changed_at = case when state = 'active' then changed_at else instant(:now) end, state = 'active', version = version + 1
    where id = :id and initial_digest = :digest and initial_expires_at > instant(:now) and state in ('pending', 'active'))"};

constexpr db::Query kReplace = {"account.replace_password", R"(
    update accounts set password_phc = :phc, password_changed_at = instant(:now), initial_digest = null, initial_expires_at = null,
           version = version + 1
    where id = :id and password_phc = :old_phc and state = 'active')"};

constexpr db::Query kUpgradeHash = {"account.upgrade_hash", R"(
    update accounts set password_phc = :phc, version = version + 1
    where id = :id and password_phc = :old_phc and state = 'active')"};

constexpr db::Query kNoteSignedIn = {"account.note_signed_in", R"(
    update accounts set last_signed_in_at = instant(:now) where id = :id)"};

constexpr db::Query kNoteLanguage = {"account.note_language", R"(
    update accounts set locale = :locale where id = :id and locale <> :locale2)"};

constexpr db::Query kLanguage = {"account.language", "select locale from accounts where id = :id"};

constexpr db::Query kAnyWithRole = {"account.any_with_role", R"(
    select exists (select 1 from grants g join accounts a on a.id = g.account_id
                   where g.role = :role and g.revoked_at is null and (g.valid_until is null or g.valid_until > instant(:now))
                     and a.state <> 'closed') as found)"};

directory::OrganizationRef to_organization(const db::Row& row) {
    return {{row.get<std::int64_t>("organization_id")},
            directory::organization_kind(row.get<std::string>("kind")).value(),
            row.get<std::string>("path"),
            row.get<std::string>("name")};
}

std::optional<Account> to_optional_account(const std::optional<db::Row>& row) {
    return row ? std::optional(account_of(*row)) : std::nullopt;
}

std::optional<Credentials> to_credentials(const std::optional<db::Row>& row) {
    if (!row) {
        return std::nullopt;
    }
    const auto given = row->get<std::string>("given_name");
    return Credentials{.id = {row->get<std::int64_t>("id")},
                       .login_id = row->get<std::string>("login_id"),
                       .name = row->get<std::string>("family_name") + (given.empty() ? "" : " " + given),
                       .organization = to_organization(*row),
                       .organization_open = row->get<bool>("organization_open"),
                       .state = account_state(row->get<std::string>("state")).value(),
                       .password_phc = row->get<std::optional<std::string>>("password_phc"),
                       .initial_digest = row->get<std::optional<std::string>>("initial_digest"),
                       .initial_expires_at = row->get<std::optional<Instant>>("initial_expires_at"),
                       .password_changed_at = row->get<std::optional<Instant>>("password_changed_at")};
}

}  // namespace

Account account_of(const db::Row& row) {
    return {.id = {row.get<std::int64_t>("id")},
            .login_id = row.get<std::string>("login_id"),
            .organization = to_organization(row),
            .family_name = row.get<std::string>("family_name"),
            .given_name = row.get<std::string>("given_name"),
            .family_kana = row.get<std::string>("family_kana"),
            .given_kana = row.get<std::string>("given_kana"),
            .state = account_state(row.get<std::string>("state")).value(),
            .has_password = row.get<bool>("has_password"),
            .initial_expires_at = row.get<std::optional<Instant>>("initial_expires_at"),
            .password_reset_at = row.get<std::optional<Instant>>("password_reset_at"),
            .second_step_reset_at = row.get<std::optional<Instant>>("second_step_reset_at"),
            .last_signed_in_at = row.get<std::optional<Instant>>("last_signed_in_at"),
            .created_at = row.get<Instant>("created_at"),
            .grants = {}};
}

Result<AccountId> AccountStore::insert(db::Transaction& tx, const NewAccount& account, Instant now) const {
    const std::optional<std::int64_t> by = account.created_by ? std::optional(account.created_by->value) : std::nullopt;
    const auto row = TRY(tx.one(kInsert, account.login_id, account.login_id, account.organization.id,
                                account.organization.path, account.names.family_name, account.names.given_name,
                                account.names.family_kana, account.names.given_kana, account.search, now, by));
    return AccountId{row.get<std::int64_t>("id")};
}

Result<std::int64_t> AccountStore::next_login_number(db::Transaction& tx) const {
    return TRY(tx.one(kNextNumber)).get<std::int64_t>("number");
}

Result<std::optional<Account>> AccountStore::find(db::Transaction& tx, AccountId id) const {
    return to_optional_account(TRY(tx.maybe_one(kFind, id)));
}

Result<std::optional<Account>> AccountStore::find_by_login_key(db::Transaction& tx,
                                                               const std::string& login_key) const {
    return to_optional_account(TRY(tx.maybe_one(kFindByLoginKey, login_key)));
}

Result<std::optional<Account>> AccountStore::lock(db::Transaction& tx, AccountId id) const {
    TRY(tx.maybe_one(kLock, id));
    return find(tx, id);
}

Result<std::vector<Account>> AccountStore::list(db::Transaction& tx, const AccountFilter& filter) const {
    const std::optional<std::int64_t> organization =
        filter.organization ? std::optional(filter.organization->value) : std::nullopt;
    const auto rows = TRY(tx.many(kList, filter.after_id, filter.state, filter.state, organization, organization,
                                  filter.search, filter.search, filter.search, filter.limit));
    std::vector<Account> out;
    out.reserve(rows.size());
    for (const auto& row : rows) {
        out.push_back(account_of(row));
    }
    return out;
}

Result<bool> AccountStore::set_state(db::Transaction& tx, AccountId id, AccountState from, AccountState to,
                                     Instant now) const {
    return TRY(tx.execute(kSetState, to_text(to), now, id, to_text(from))) == 1;
}

Result<bool> AccountStore::set_initial(db::Transaction& tx, AccountId id, const std::string& digest, Instant expires_at,
                                       bool is_reset, Instant now) const {
    return TRY(tx.execute(kSetInitial, digest, expires_at, is_reset, now, id)) == 1;
}

Result<void> AccountStore::await_letter(db::Transaction& tx, AccountId id, Instant now) const {
    TRY(tx.execute(kAwaitLetter, now, id));
    return {};
}

Result<bool> AccountStore::add_reset_code(db::Transaction& tx, AccountId id, const std::string& digest,
                                          Instant expires_at, Instant now) const {
    return TRY(tx.execute(kAddResetCode, digest, expires_at, now, id)) == 1;
}

Result<void> AccountStore::rename(db::Transaction& tx, AccountId id, const Names& names, const std::string& search,
                                  Instant now) const {
    TRY(tx.execute(kRename, names.family_name, names.given_name, names.family_kana, names.given_kana, search, now, id));
    return {};
}

Result<bool> AccountStore::note_second_step_reset(db::Transaction& tx, AccountId id, Instant now) const {
    return TRY(tx.execute(kNoteSecondStepReset, now, id)) == 1;
}

Result<std::optional<Credentials>> AccountStore::credentials(db::Transaction& tx, const std::string& login_key) const {
    return to_credentials(TRY(tx.maybe_one(kCredentials, login_key)));
}

Result<std::optional<Credentials>> AccountStore::credentials(db::Transaction& tx, AccountId id) const {
    return to_credentials(TRY(tx.maybe_one(kCredentialsById, id)));
}

Result<std::optional<Credentials>> AccountStore::credentials_locked(db::Transaction& tx, AccountId id) const {
    return to_credentials(TRY(tx.maybe_one(kCredentialsLocked, id)));
}

Result<bool> AccountStore::replace_initial(db::Transaction& tx, AccountId id, const std::string& digest,
                                           const std::string& phc, Instant now) const {
    return TRY(tx.execute(kReplaceInitial, phc, now, id, digest)) == 1;
}

Result<bool> AccountStore::replace_password(db::Transaction& tx, AccountId id, const std::string& old_phc,
                                            const std::string& phc, Instant now) const {
    return TRY(tx.execute(kReplace, phc, now, id, old_phc)) == 1;
}

Result<bool> AccountStore::upgrade_hash(db::Transaction& tx, AccountId id, const std::string& old_phc,
                                        const std::string& phc) const {
    return TRY(tx.execute(kUpgradeHash, phc, id, old_phc)) == 1;
}

Result<void> AccountStore::note_signed_in(db::Transaction& tx, AccountId id, Instant now) const {
    TRY(tx.execute(kNoteSignedIn, now, id));
    return {};
}

Result<void> AccountStore::note_language(db::Transaction& tx, AccountId id, Locale locale) const {
    const std::string_view name = locale == Locale::en ? "en" : "ja";
    TRY(tx.execute(kNoteLanguage, name, id, name));
    return {};
}

Result<Locale> AccountStore::language(db::Transaction& tx, AccountId id) const {
    const auto row = TRY(tx.maybe_one(kLanguage, id));
    return row && row->get<std::string>("locale") == "en" ? Locale::en : Locale::ja;
}

Result<bool> AccountStore::any_with_role(db::Transaction& tx, directory::Role role, Instant now) const {
    return TRY(tx.one(kAnyWithRole, directory::to_text(role), now)).get<bool>("found");
}

}  // namespace madoguchi::accounts
