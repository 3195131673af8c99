// What sign-in asks of accounts: the stored digests, and to replace them once.
#pragma once

#include "accounts/account_store.hpp"

namespace madoguchi::accounts {

class CredentialService {
public:
    Result<std::optional<Credentials>> find(db::Transaction& tx, const std::string& login_key) const {
        return store_.credentials(tx, login_key);
    }
    Result<std::optional<Credentials>> find(db::Transaction& tx, AccountId id) const {
        return store_.credentials(tx, id);
    }
    /// Nobody else signs this account in until the transaction ends.
    Result<std::optional<Credentials>> lock(db::Transaction& tx, AccountId id) const {
        return store_.credentials_locked(tx, id);
    }
    Result<bool> replace_initial(db::Transaction& tx, AccountId id, const std::string& digest, const std::string& phc,
                                 Instant now) const {
        return store_.replace_initial(tx, id, digest, phc, now);
    }
    /// The password that was there when it was checked, and no other. A reset code that waits is void.
    Result<bool> replace_password(db::Transaction& tx, AccountId id, const std::string& old_phc, const std::string& phc,
                                  Instant now) const {
        return store_.replace_password(tx, id, old_phc, phc, now);
    }
    Result<bool> upgrade_hash(db::Transaction& tx, AccountId id, const std::string& old_phc,
                              const std::string& phc) const {
        return store_.upgrade_hash(tx, id, old_phc, phc);
    }
    Result<void> note_signed_in(db::Transaction& tx, AccountId id, Instant now) const {
        return store_.note_signed_in(tx, id, now);
    }
    /// The language that its owner last chose: that of notices.
    Result<void> note_language(db::Transaction& tx, AccountId id, Locale locale) const {
        return store_.note_language(tx, id, locale);
    }
    Result<Locale> language(db::Transaction& tx, AccountId id) const { return store_.language(tx, id); }

private:
    AccountStore store_;
};

}  // namespace madoguchi::accounts
