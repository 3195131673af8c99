// SQL of passkeys, and of the ceremonies that flows hold. Bytes are base64url in the database and raw here.
#pragma once

#include "crypto/webauthn.hpp"
#include "db/database.hpp"

namespace madoguchi::signin {

/// A passkey that its owner has not removed.
struct Passkey {
    SecondStepId step;
    AccountId account;
    crypto::PasskeyKey key;
    std::string user_handle;
    std::string label;  // as its owner calls it
    bool disabled = false;
};

/// What a browser needs to find a passkey again, or not to make a second one.
struct PasskeyReference {
    std::string credential_id;
    std::string transports;  // "internal hybrid": as the browser named them, parted by spaces
};

/// What a page needs to begin a ceremony.
struct PasskeyCeremony {
    std::string challenge;
    std::string user_handle;              // of a registration
    std::vector<PasskeyReference> known;  // none after a temporary access code: what was registered goes
};

/// Registered within a flow, not bound to the account yet.
struct PendingPasskey {
    crypto::RegisteredPasskey registered;
    std::string transports;
    std::string name;
};

class PasskeyStore {
public:
    /// The user handle of the account's passkeys, if it ever had one.
    Result<std::optional<std::string>> user_handle(db::Transaction& tx, AccountId account) const;
    /// Of those not removed.
    Result<std::vector<PasskeyReference>> references(db::Transaction& tx, AccountId account) const;
    Result<std::optional<Passkey>> find(db::Transaction& tx, const std::string& credential_id) const;
    /// Whether anybody has it, removed ones too.
    Result<bool> known(db::Transaction& tx, const std::string& credential_id) const;
    /// Stores the sign count if it grew, or if the authenticator doesn't count. False: it went back or stood still, so
    /// there are two of this passkey. Parallel calls with one count have one winner.
    Result<bool> count(db::Transaction& tx, SecondStepId step, std::uint32_t sign_count) const;
    /// Until it is registered anew. False: it was disabled already.
    Result<bool> disable(db::Transaction& tx, SecondStepId step, Instant now) const;

    // --- within a flow ---

    /// A new challenge: one lives at a time. `user_handle` empty: as it was.
    Result<void> begin(db::Transaction& tx, std::int64_t flow, const std::string& challenge,
                       const std::string& user_handle, Instant expires_at) const;
    Result<PasskeyCeremony> ceremony(db::Transaction& tx, std::int64_t flow) const;
    /// Consumes the flow's challenge. Nothing: there is none that still lives.
    Result<std::optional<std::string>> take_challenge(db::Transaction& tx, std::int64_t flow, Instant now) const;
    Result<void> keep(db::Transaction& tx, std::int64_t flow, const PendingPasskey& pending) const;
    /// As its owner called it while registering; may be empty.
    Result<std::string> pending_name(db::Transaction& tx, std::int64_t flow) const;
    /// The passkey that the flow keeps becomes `step`'s. Errors: conflict (already_exists: somebody else bound it).
    Result<void> bind(db::Transaction& tx, std::int64_t flow, SecondStepId step, const std::string& path) const;
};

}  // namespace madoguchi::signin
