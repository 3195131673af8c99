// What a browser and an authenticator send in a WebAuthn ceremony, taken apart. Pure parsers of untrusted bytes;
// whether the parts are right is decided in webauthn.hpp. W3C Web Authentication Level 3 ("WebAuthn"), RFC 8949 (CBOR).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace madoguchi::crypto {

/// WebAuthn §5.8.1.
struct ClientData {
    std::string type;       // "webauthn.create" or "webauthn.get"
    std::string challenge;  // raw bytes
    std::string origin;     // "https://madoguchi.example"
    bool cross_origin = false;
};

/// The head of WebAuthn §6.1's authenticator data; credential and extensions behind it are libfido2's to read.
struct AuthenticatorData {
    std::string rp_id_hash;  // SHA-256, 32 raw bytes
    std::uint8_t flags = 0;
    std::uint32_t sign_count = 0;

    bool user_present() const { return (flags & 0x01U) != 0; }
    bool user_verified() const { return (flags & 0x04U) != 0; }
    bool has_credential() const { return (flags & 0x40U) != 0; }
    /// A passkey that is backed up but may not be: WebAuthn §6.1.3 allows no such thing.
    bool contradicts_itself() const { return (flags & 0x10U) != 0 && (flags & 0x08U) == 0; }
};

// Errors of all three: invalid (passkey_malformed; the detail says what was wrong).

Result<ClientData> parse_client_data(std::string_view json);
Result<AuthenticatorData> parse_authenticator_data(std::string_view bytes);
/// The authenticator data out of an attestation object (WebAuthn §6.5.4). The attestation statement is skipped,
/// whatever it is: we ask for none, and what nobody vouches for proves nothing.
Result<std::string> authenticator_data_of(std::string_view attestation_object);

}  // namespace madoguchi::crypto
