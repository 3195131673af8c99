#include "crypto/signing.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"

namespace madoguchi::crypto {
namespace {

// RFC 8032 §7.1, test 2: its seed comes out of this entropy.
class RfcEntropy final : public Entropy {
public:
    void fill(std::span<std::uint8_t> bytes) override {
        const auto seed = from_hex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb").value();
        std::copy_n(seed.begin(), bytes.size(), bytes.begin());
    }
};

TEST(Signing, Rfc8032Vector) {
    RfcEntropy entropy;
    const auto key = SigningKey::from_pem(SigningKey::generate_pem(entropy)).value();
    EXPECT_EQ(to_hex(key.public_key()), "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
    EXPECT_EQ(to_hex(key.sign("\x72").value()),
              "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
              "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
}

TEST(Signing, OnlyTheSignedMessageVerifies) {
    OsEntropy entropy;
    const auto key = SigningKey::from_pem(SigningKey::generate_pem(entropy)).value();
    const auto other = SigningKey::from_pem(SigningKey::generate_pem(entropy)).value();
    const auto signature = key.sign("head 42").value();
    EXPECT_TRUE(verify_signature(key.public_key(), "head 42", signature));
    EXPECT_FALSE(verify_signature(key.public_key(), "head 43", signature));
    EXPECT_FALSE(verify_signature(other.public_key(), "head 42", signature));
    auto changed = signature;
    changed[10] = static_cast<char>(changed[10] ^ 1);
    EXPECT_FALSE(verify_signature(key.public_key(), "head 42", changed));
    EXPECT_FALSE(verify_signature(key.public_key(), "head 42", ""));
    EXPECT_FALSE(verify_signature("short", "head 42", signature));
}

TEST(Signing, OtherKeysAreRefused) {
    EXPECT_EQ(SigningKey::from_pem(SecretText("no key")).error().message_id, "signing_key_malformed");
    EXPECT_EQ(SigningKey::from_pem(SecretText()).error().message_id, "signing_key_malformed");
    // X25519, the sister curve that agrees on keys but doesn't sign.
    const SecretText x25519(
        "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VuBCIEIHcHbQpzGKV9PBbBclGyZkXfTC+H68CZKrF3+6UduSwq\n"
        "-----END PRIVATE KEY-----\n");
    EXPECT_EQ(SigningKey::from_pem(x25519).error().message_id, "signing_key_malformed");
}

}  // namespace
}  // namespace madoguchi::crypto
