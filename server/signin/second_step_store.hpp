// SQL of second steps.
#pragma once

#include "db/database.hpp"
#include "signin/sign_in_flow.hpp"

namespace madoguchi::signin {

struct SecondStep {
    SecondStepId id;
    AccountId account;
    MethodKind kind = MethodKind::totp;
    std::string phone_sealed;
    std::string phone_masked;
    std::string phone_digest;
    bool phone_mobile = false;
    std::string seed_sealed;
    std::int64_t last_step = 0;
    bool is_default = false;
    bool disabled = false;
    Instant registered_at;
    std::optional<Instant> last_used_at;
    std::string label = {};  // as its owner calls it; may be empty
};

/// How one is told apart from others of its kind: a masked number, a passkey's name.
inline const std::string& shown_name(const SecondStep& step) {
    return step.kind == MethodKind::passkey ? step.label : step.phone_masked;
}

class SecondStepStore {
public:
    Result<SecondStepId> insert(db::Transaction& tx, const SecondStep& step, const std::string& organization_path,
                                Instant now) const;
    /// Those not removed; the default one first.
    Result<std::vector<SecondStep>> list(db::Transaction& tx, AccountId account) const;
    Result<std::optional<SecondStep>> find(db::Transaction& tx, SecondStepId id, AccountId account) const;
    /// Nobody else guesses at it until the transaction ends, so that parallel guesses can't pass the limits (S8).
    /// Errors: too_many (too_many_tries, retry_after), forbidden (second_step_disabled; removed ones too).
    Result<SecondStep> lock_for_guess(db::Transaction& tx, SecondStepId id, AccountId account, Instant now) const;
    /// Of a locked one: after ten wrong guesses in a row one a minute, after a hundred none (S8).
    Result<void> count_wrong(db::Transaction& tx, SecondStepId id, Instant now) const;
    /// Notes a right code; for TOTP its step too: false when the same or a later step was accepted before (S7).
    Result<bool> accept(db::Transaction& tx, SecondStepId id, std::int64_t step, Instant now) const;
    /// `kind` is how a mobile number is reached from now on.
    Result<void> make_default(db::Transaction& tx, SecondStepId id, AccountId account, MethodKind kind) const;
    Result<void> rename(db::Transaction& tx, SecondStepId id, AccountId account, const std::string& label) const;
    /// False: it was gone already.
    Result<bool> remove(db::Transaction& tx, SecondStepId id, AccountId account, Instant now) const;
    Result<std::int64_t> remove_all(db::Transaction& tx, AccountId account, Instant now) const;
    Result<void> forget_failures(db::Transaction& tx, AccountId account) const;
};

}  // namespace madoguchi::signin
