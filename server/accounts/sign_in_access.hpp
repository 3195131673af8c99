// What account administration needs of sign-in; the signin room implements it, so that accounts stays below it.
#pragma once

#include <string>
#include <vector>

#include "accounts/account.hpp"
#include "db/database.hpp"

namespace madoguchi::accounts {

struct SecondStepSummary {
    SecondStepId id;
    std::string kind;          // "sms", "voice", "totp", "passkey"
    std::string masked_phone;  // a passkey's name; empty for totp
    bool is_default = false;
    bool disabled = false;
    Instant registered_at;
    std::optional<Instant> last_used_at;
};

enum class Announcement { password_reset, second_step_reset, access_code_issued, unused };

/// Shown once to whoever hands it over; nobody can read it again (S4).
struct HandedCode {
    SecretText shown;  // with hyphens
    Instant expires_at;
};

class SignInAccess {
public:
    virtual ~SignInAccess() = default;
    virtual Result<std::vector<SecondStepSummary>> second_steps(db::Transaction& tx, AccountId account) const = 0;
    /// Sessions and tokens end at once (S5).
    virtual Result<void> end_sessions(db::Transaction& tx, AccountId account, const std::string& reason,
                                      Instant now) const = 0;
    virtual Result<void> remove_second_steps(db::Transaction& tx, AccountId account, Instant now) const = 0;
    /// Forgets failures of passwords and codes.
    virtual Result<void> unlock(db::Transaction& tx, AccountId account, const std::string& login_id) const = 0;
    /// A temporary access code: stands for the second step once, then one is registered anew. The one before is worth
    /// nothing from now on.
    virtual Result<HandedCode> make_access_code(db::Transaction& tx, const Account& account, AccountId by,
                                                Instant now) const = 0;
    /// Sends a reset code to a registered phone, to another one than `proved_phone` where there is one. The phone as
    /// masked; nothing: no phone is registered. Errors: too_many.
    virtual Result<std::optional<std::string>> send_reset_code(db::Transaction& tx, const Account& account,
                                                               const SecretText& shown, const std::string& proved_phone,
                                                               Instant now) const = 0;
    /// Tells the user over the registered channel, if there is one (S5). Call it before channels are removed.
    virtual Result<void> announce(db::Transaction& tx, const Account& account, Announcement what,
                                  Instant now) const = 0;
};

}  // namespace madoguchi::accounts
