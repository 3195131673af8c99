// Passkeys (S11): is a registration or an assertion what it says? WebAuthn §7.1 and §7.2 without attestation. libfido2
// reads credentials and keys and verifies signatures; the client data is checked here.
#pragma once

#include <cstdint>
#include <string>

#include "crypto/webauthn_messages.hpp"

namespace madoguchi::crypto {

/// Whom passkeys are made for. Both come from the configuration, never from a request (S15).
struct RelyingParty {
    std::string id;      // "madoguchi.example": a passkey works on this host only
    std::string origin;  // "https://madoguchi.example:8443"
};
/// Of the configured origin.
RelyingParty relying_party(const std::string& origin);

/// COSE (RFC 9053) algorithms that we verify, the preferred first: ES256, EdDSA, RS256.
inline constexpr int kPasskeyAlgorithms[] = {-7, -8, -257};

/// What a browser sends after navigator.credentials.create(), decoded.
struct RegistrationMessage {
    std::string client_data;
    std::string attestation_object;
};

struct PasskeyKey {
    int algorithm = 0;
    std::string bytes;  // as libfido2 keeps it: ES256 x and y, EdDSA the point, RS256 n and e
};

struct RegisteredPasskey {
    std::string credential_id;  // raw bytes
    PasskeyKey key;
    std::uint32_t sign_count = 0;
    bool user_verified = false;
};

/// What a browser sends after navigator.credentials.get(), decoded.
struct AssertionMessage {
    std::string credential_id;
    std::string client_data;
    std::string authenticator_data;
    std::string signature;
    std::string user_handle;  // empty where the authenticator keeps none
};

/// `required`: the authenticator must have asked for a fingerprint, a face or a PIN, so that it stands for two factors.
enum class UserVerification { preferred, required };

struct AssertedPasskey {
    std::uint32_t sign_count = 0;
    bool user_verified = false;
};

// Errors of both: invalid: passkey_malformed, passkey_wrong_origin (made for another address), passkey_stale (another
// challenge), passkey_refused (signature, key, relying party), passkey_unverified (no user verification). The detail
// says more.

Result<RegisteredPasskey> verify_registration(const RelyingParty& party, std::string_view challenge,
                                              const RegistrationMessage& message);
/// The caller compares the sign count with the stored one, in the statement that stores it.
Result<AssertedPasskey> verify_assertion(const RelyingParty& party, std::string_view challenge,
                                         UserVerification verification, const PasskeyKey& key,
                                         const AssertionMessage& message);

}  // namespace madoguchi::crypto
