// Keys live in files outside the database (S3, S19, S21), one directory, each readable by its owner alone.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/entropy.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace madoguchi::crypto {

struct EnvelopeKey {
    std::string id;  // 1 to 16 of a-z and 0-9: stands in every sealed text
    SecretText key;  // 32 bytes
};

/// The id of what digested audit rows before they named a key: derived from token.key, so that it was lost with it.
inline constexpr std::string_view kUnnamedAuditKey = "unnamed";

struct Keys {
    SecretText pepper;                  // pepper.key: 32 bytes, for passwords
    SecretText token;                   // token.key: 32 bytes, for codes, tokens and initial passwords
    SecretText csrf;                    // csrf.key: 32 bytes
    std::vector<EnvelopeKey> envelope;  // envelope.keys: lines "id hex"; the last one seals, all open
    std::vector<EnvelopeKey> audit;     // audit.keys, as envelope.keys: the last one digests audit rows, all verify
    SecretText audit_signing_pem;       // audit-signing.pem: Ed25519, PKCS#8
};

/// An installation that has no audit.keys yet uses the key derived from token.key until generate_keys makes the file,
/// which then begins with that key.
/// Errors (internal): keys_missing, keys_permissions (anyone but the owner may read), keys_malformed; the detail names
/// the file and what to do.
Result<Keys> load_keys(const std::filesystem::path& directory);
/// Makes the directory (0700) and the missing files (0600), and never touches one that exists. Returns the names of the
/// files it made.
Result<std::vector<std::string>> generate_keys(const std::filesystem::path& directory, Entropy& entropy);
/// Appends a new current key to envelope.keys: a rotation. Old texts still open. Returns the new key's id.
Result<std::string> rotate_envelope_key(const std::filesystem::path& directory, Entropy& entropy);

}  // namespace madoguchi::crypto
