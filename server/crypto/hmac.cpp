#include "crypto/hmac.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>
#include <openssl/sha.h>
#include <array>
#include <cstdlib>

namespace madoguchi::crypto {
namespace {

// These fail only if OpenSSL itself is broken or out of memory. A digest that is silently empty would let anybody in.
void must(bool worked) {
    if (!worked) {
        std::abort();
    }
}

const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

/// A thread's HMACs that know their key already: looking the algorithm up and setting the key costs OpenSSL 3 three
/// times the digest of a session token, which is made at every request.
class KeyedMacs {
public:
    KeyedMacs() = default;
    ~KeyedMacs() {
        for (const auto& known : known_) {
            EVP_MAC_CTX_free(known.mac);
        }
    }
    KeyedMacs(const KeyedMacs&) = delete;
    KeyedMacs& operator=(const KeyedMacs&) = delete;

    EVP_MAC_CTX* of(const SecretText& key) {
        for (const auto& known : known_) {
            if (known.mac != nullptr && known.key.reveal() == key.reveal()) {
                return known.mac;
            }
        }
        auto& place = known_.at(next_++ % known_.size());
        EVP_MAC_CTX_free(place.mac);
        place = {key, keyed(key)};
        return place.mac;
    }

private:
    struct Known {
        SecretText key;
        EVP_MAC_CTX* mac = nullptr;
    };
    static EVP_MAC_CTX* keyed(const SecretText& key) {
        EVP_MAC* const hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
        EVP_MAC_CTX* const mac = EVP_MAC_CTX_new(hmac);
        EVP_MAC_free(hmac);
        std::array<char, 7> digest = {"SHA256"};
        const std::array<OSSL_PARAM, 2> parameters = {
            OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0), OSSL_PARAM_construct_end()};
        must(mac != nullptr && EVP_MAC_init(mac, bytes(key.reveal()), key.reveal().size(), parameters.data()) == 1);
        return mac;
    }

    std::array<Known, 4> known_;  // a request meets two or three keys
    std::size_t next_ = 0;
};

}  // namespace

std::string sha256(std::string_view message) {
    std::string out(SHA256_DIGEST_LENGTH, '\0');
    must(EVP_Digest(message.data(), message.size(), reinterpret_cast<unsigned char*>(out.data()), nullptr, EVP_sha256(),
                    nullptr) == 1);
    return out;
}

std::string hmac_sha256(const SecretText& key, std::string_view message) {
    thread_local KeyedMacs macs;
    std::string out(SHA256_DIGEST_LENGTH, '\0');
    EVP_MAC_CTX* const mac = macs.of(key);
    std::size_t written = 0;
    must(EVP_MAC_init(mac, nullptr, 0, nullptr) == 1);  // the same key again
    must(EVP_MAC_update(mac, bytes(message), message.size()) == 1);
    must(EVP_MAC_final(mac, reinterpret_cast<unsigned char*>(out.data()), &written, out.size()) == 1 &&
         written == out.size());
    return out;
}

std::string hmac_sha1(const SecretText& key, std::string_view message) {
    std::string out(SHA_DIGEST_LENGTH, '\0');
    const auto& key_bytes = key.reveal();
    must(HMAC(EVP_sha1(), key_bytes.data(), static_cast<int>(key_bytes.size()), bytes(message), message.size(),
              reinterpret_cast<unsigned char*>(out.data()), nullptr) != nullptr);
    return out;
}

bool equal_in_constant_time(std::string_view left, std::string_view right) {
    return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace madoguchi::crypto
