// Ed25519 (RFC 8032) for the signed head of the audit log (S21).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/entropy.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace madoguchi::crypto {

/// Thread-safe.
class SigningKey {
public:
    /// PKCS#8 PEM. Error: internal, signing_key_malformed.
    static Result<SigningKey> from_pem(const SecretText& pem);
    static SecretText generate_pem(Entropy& entropy);

    /// 64 bytes. Error: internal.
    Result<std::string> sign(std::string_view message) const;
    /// 32 bytes: enough to verify elsewhere.
    std::string public_key() const;

private:
    explicit SigningKey(std::shared_ptr<void> key) : key_(std::move(key)) {}
    std::shared_ptr<void> key_;  // EVP_PKEY; OpenSSL's headers stay out of ours
};

bool verify_signature(std::string_view public_key, std::string_view message, std::string_view signature);

}  // namespace madoguchi::crypto
