// Argon2id (RFC 9106) behind a pepper: HMAC-SHA256(pepper, NFC(password)) is what is hashed (S3). Slow on purpose: call
// it through HashGate.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/entropy.hpp"
#include "base/limits.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace madoguchi::crypto {

/// By default the first of OWASP's settings, and of them the one with the most memory, which is what a thief of hashes
/// has least of beside each core.
struct ArgonParameters {
    std::uint32_t memory_kib = 46 * 1024;
    std::uint32_t passes = 1;
    friend bool operator==(const ArgonParameters&, const ArgonParameters&) = default;
};

// No less work than OWASP's least.
static_assert(ArgonParameters{}.memory_kib * ArgonParameters{}.passes >=
              limits::kArgonMemoryKib * limits::kArgonPasses);

/// Thread-safe, if the entropy is. Each calling thread keeps its Argon2 memory until release_hash_memory().
class PasswordHasher {
public:
    PasswordHasher(SecretText pepper, Entropy& entropy, ArgonParameters parameters = {});

    /// "$argon2id$v=19$m=47104,t=1,p=1$salt$hash"
    Result<std::string> hash(const SecretText& password) const;
    /// False for a wrong password. Error: internal, if `phc` is not one of ours or asks for more memory than our limit.
    Result<bool> verify(const std::string& phc, const SecretText& password) const;
    /// Made with other parameters than today's: hash again at the next successful sign-in.
    bool outdated(std::string_view phc) const;
    /// A PHC string with today's parameters that no password fits: unknown accounts cost the same time (S12).
    const std::string& decoy() const { return decoy_; }

private:
    SecretText pepper_;
    Entropy& entropy_;
    ArgonParameters parameters_;
    std::string decoy_;
};

/// Gives this thread's Argon2 memory back to the system.
void release_hash_memory();

}  // namespace madoguchi::crypto
