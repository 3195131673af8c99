// Encryption at rest (S19): AES-256-GCM with rotatable keys. Text form: v1.<key id>.<base64url of nonce, ciphertext,
// tag>.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/entropy.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "crypto/keys.hpp"

namespace madoguchi::crypto {

/// Thread-safe, if the entropy is.
class Envelope {
public:
    /// The last key seals, all of them open. At least one.
    Envelope(std::vector<EnvelopeKey> keys, Entropy& entropy);

    /// `context` names where the text belongs ("second_step:42:seed"): a sealed text moved to another row does not
    /// open.
    Result<std::string> seal(const SecretText& plaintext, std::string_view context) const;
    /// Errors (internal): envelope_malformed, envelope_key_unknown, envelope_tampered (changed, or another context).
    Result<SecretText> open(std::string_view sealed, std::string_view context) const;
    /// Sealed with an older key: seal it again at the next chance.
    bool outdated(std::string_view sealed) const;

private:
    const EnvelopeKey* find(std::string_view id) const;

    std::vector<EnvelopeKey> keys_;
    Entropy& entropy_;
};

}  // namespace madoguchi::crypto
