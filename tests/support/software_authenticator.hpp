// An authenticator in software, with the browser in front of it: makes passkeys and signs assertions, honestly or,
// where a test wants it, not.
#pragma once

#include <fmt/format.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <array>
#include <memory>
#include <stdexcept>

#include "base/encoding.hpp"
#include "crypto/hmac.hpp"
#include "crypto/webauthn.hpp"

namespace madoguchi::test {

/// What an authenticator says about the person in front of it, and a browser about the page.
struct Said {
    std::uint8_t flags = 0x05;  // present and verified
    std::string origin = {};    // empty: the relying party's
    std::string type = {};      // empty: as it should be
    std::string rp_id = {};     // empty: the relying party's
    std::string extra = {};     // further members of the client data, as `,"crossOrigin":true`
    std::uint32_t sign_count_step = 1;
};

class SoftwareAuthenticator {
public:
    static constexpr int kEs256 = -7;
    static constexpr int kEdDsa = -8;
    static constexpr int kRs256 = -257;

    explicit SoftwareAuthenticator(crypto::RelyingParty party, int algorithm = kEs256, std::string id = "credential-1")
        : party_(std::move(party)),
          algorithm_(algorithm),
          id_(std::move(id)),
          key_(make_key(algorithm), EVP_PKEY_free) {}

    crypto::RegistrationMessage create(const std::string& challenge, const Said& said = {}) {
        return {client_data("webauthn.create", challenge, said), attestation_object(authenticator_data_of_new(said))};
    }

    crypto::AssertionMessage get(const std::string& challenge, const Said& said = {}) {
        sign_count += said.sign_count_step;
        crypto::AssertionMessage out{.credential_id = id_,
                                     .client_data = client_data("webauthn.get", challenge, said),
                                     .authenticator_data = head(said),
                                     .user_handle = user_handle};
        out.signature = sign(out.authenticator_data + crypto::sha256(out.client_data));
        return out;
    }

    std::string authenticator_data_of_new(const Said& said) const {
        Said with_credential = said;
        with_credential.flags |= 0x40U;
        std::string length{static_cast<char>(id_.size() >> 8U), static_cast<char>(id_.size() & 0xFFU)};
        return head(with_credential) + std::string(16, '\0') + length + id_ + cose_key();
    }

    static std::string attestation_object(const std::string& authenticator_data) {
        return "\xA3\x63"
               "fmt\x64none\x67"
               "attStmt\xA0\x68"
               "authData" +
               cbor_bytes(authenticator_data);
    }

    const std::string& id() const { return id_; }

    std::uint32_t sign_count = 0;
    std::string user_handle;

private:
    static EVP_PKEY* make_key(int algorithm) {
        EVP_PKEY* key = algorithm == kEs256   ? EVP_EC_gen("P-256")
                        : algorithm == kEdDsa ? EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")
                                              : EVP_RSA_gen(2048);
        if (key == nullptr) {
            throw std::runtime_error("no key was made");
        }
        return key;
    }

    static std::string cbor_bytes(const std::string& bytes) {
        return std::string{'\x59', static_cast<char>(bytes.size() >> 8U), static_cast<char>(bytes.size() & 0xFFU)} +
               bytes;
    }

    std::string client_data(const std::string& type, const std::string& challenge, const Said& said) const {
        return fmt::format(R"({{"type":"{}","challenge":"{}","origin":"{}"{}}})", said.type.empty() ? type : said.type,
                           to_base64url(challenge), said.origin.empty() ? party_.origin : said.origin, said.extra);
    }

    std::string head(const Said& said) const {
        std::string out = crypto::sha256(said.rp_id.empty() ? party_.id : said.rp_id);
        out += static_cast<char>(said.flags);
        for (const unsigned shift : {24U, 16U, 8U, 0U}) {
            out += static_cast<char>((sign_count >> shift) & 0xFFU);
        }
        return out;
    }

    std::string public_point() const {
        std::array<unsigned char, 512> bytes{};
        std::size_t length = 0;
        if (EVP_PKEY_get_octet_string_param(key_.get(), OSSL_PKEY_PARAM_PUB_KEY, bytes.data(), bytes.size(), &length) !=
            1) {
            throw std::runtime_error("no public key");
        }
        return {reinterpret_cast<const char*>(bytes.data()), length};
    }

    std::string cose_key() const {
        using namespace std::string_literals;
        if (algorithm_ == kEs256) {
            const auto point = public_point();  // 04 x y
            return "\xA5\x01\x02\x03\x26\x20\x01\x21\x58\x20"s + point.substr(1, 32) + "\x22\x58\x20" +
                   point.substr(33, 32);
        }
        if (algorithm_ == kEdDsa) {
            return "\xA4\x01\x01\x03\x27\x20\x06\x21\x58\x20"s + public_point();
        }
        BIGNUM* modulus = nullptr;
        EVP_PKEY_get_bn_param(key_.get(), OSSL_PKEY_PARAM_RSA_N, &modulus);
        std::string n(256, '\0');
        BN_bn2binpad(modulus, reinterpret_cast<unsigned char*>(n.data()), 256);
        BN_free(modulus);
        return "\xA4\x01\x03\x03\x39\x01\x00\x20"s + cbor_bytes(n) + "\x21\x43\x01\x00\x01"s;
    }

    std::string sign(const std::string& message) const {
        const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
        const EVP_MD* digest = algorithm_ == kEdDsa ? nullptr : EVP_sha256();
        const auto* const data = reinterpret_cast<const unsigned char*>(message.data());
        std::string signature(512, '\0');
        std::size_t length = signature.size();
        if (EVP_DigestSignInit(context.get(), nullptr, digest, nullptr, key_.get()) != 1 ||
            EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &length, data,
                           message.size()) != 1) {
            throw std::runtime_error("nothing was signed");
        }
        signature.resize(length);
        return signature;
    }

    crypto::RelyingParty party_;
    int algorithm_;
    std::string id_;
    std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key_;
};

}  // namespace madoguchi::test
