// SQL of accounts, their passwords and initial passwords.
#pragma once

#include "accounts/account_row.hpp"
#include "base/locale.hpp"
#include "db/database.hpp"

namespace madoguchi::accounts {

struct NewAccount {
    std::string login_id;
    directory::OrganizationRef organization;
    Names names;
    std::string search;
    std::optional<AccountId> created_by;
};

struct AccountFilter {
    std::optional<std::string> search;
    std::optional<std::string> state;
    std::optional<OrganizationId> organization;
    std::int64_t after_id = 0;
    int limit = 50;
};

/// What a sign-in compares with. Digests and PHC strings only.
struct Credentials {
    AccountId id;
    std::string login_id;
    std::string name;
    directory::OrganizationRef organization;
    bool organization_open = true;
    AccountState state = AccountState::pending;
    std::optional<std::string> password_phc;
    std::optional<std::string> initial_digest;
    std::optional<Instant> initial_expires_at;
    std::optional<Instant> password_changed_at;
};

class AccountStore {
public:
    /// Errors: conflict (already_exists).
    Result<AccountId> insert(db::Transaction& tx, const NewAccount& account, Instant now) const;
    Result<std::int64_t> next_login_number(db::Transaction& tx) const;
    Result<std::optional<Account>> find(db::Transaction& tx, AccountId id) const;
    Result<std::optional<Account>> find_by_login_key(db::Transaction& tx, const std::string& login_key) const;
    /// As find, and nobody else changes the account until the transaction ends.
    Result<std::optional<Account>> lock(db::Transaction& tx, AccountId id) const;
    Result<std::vector<Account>> list(db::Transaction& tx, const AccountFilter& filter) const;
    /// False: the state was no longer `from`.
    Result<bool> set_state(db::Transaction& tx, AccountId id, AccountState from, AccountState to, Instant now) const;
    /// Takes the password away and puts an initial one in its place.
    Result<bool> set_initial(db::Transaction& tx, AccountId id, const std::string& digest, Instant expires_at,
                             bool is_reset, Instant now) const;
    /// The account waits for its letter: the initial password is made when that is printed.
    Result<void> await_letter(db::Transaction& tx, AccountId id, Instant now) const;
    /// Puts a reset code beside the password, which stands until the code is used. False: the account is not active.
    Result<bool> add_reset_code(db::Transaction& tx, AccountId id, const std::string& digest, Instant expires_at,
                                Instant now) const;
    /// Errors: conflict (already_exists: the same person was issued there by a batch).
    Result<void> rename(db::Transaction& tx, AccountId id, const Names& names, const std::string& search,
                        Instant now) const;
    Result<bool> note_second_step_reset(db::Transaction& tx, AccountId id, Instant now) const;

    Result<std::optional<Credentials>> credentials(db::Transaction& tx, const std::string& login_key) const;
    Result<std::optional<Credentials>> credentials(db::Transaction& tx, AccountId id) const;
    Result<std::optional<Credentials>> credentials_locked(db::Transaction& tx, AccountId id) const;
    /// Consumes the initial password: false when it is no longer `digest`, that is, when somebody was faster (S23).
    Result<bool> replace_initial(db::Transaction& tx, AccountId id, const std::string& digest, const std::string& phc,
                                 Instant now) const;
    /// The same password under newer parameters (S3). False when it is no longer `old_phc`.
    Result<bool> replace_password(db::Transaction& tx, AccountId id, const std::string& old_phc, const std::string& phc,
                                  Instant now) const;
    Result<bool> upgrade_hash(db::Transaction& tx, AccountId id, const std::string& old_phc,
                              const std::string& phc) const;
    Result<void> note_signed_in(db::Transaction& tx, AccountId id, Instant now) const;
    /// What its owner reads.
    Result<void> note_language(db::Transaction& tx, AccountId id, Locale locale) const;
    Result<Locale> language(db::Transaction& tx, AccountId id) const;
    Result<bool> any_with_role(db::Transaction& tx, directory::Role role, Instant now) const;
};

}  // namespace madoguchi::accounts
