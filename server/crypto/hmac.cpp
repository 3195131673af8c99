#include "crypto/hmac.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
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

}  // namespace

std::string sha256(std::string_view message) {
    std::string out(SHA256_DIGEST_LENGTH, '\0');
    must(EVP_Digest(message.data(), message.size(), reinterpret_cast<unsigned char*>(out.data()), nullptr, EVP_sha256(),
                    nullptr) == 1);
    return out;
}

std::string hmac_sha256(const SecretText& key, std::string_view message) {
    std::string out(SHA256_DIGEST_LENGTH, '\0');
    const auto& key_bytes = key.reveal();
    must(HMAC(EVP_sha256(), key_bytes.data(), static_cast<int>(key_bytes.size()), bytes(message), message.size(),
              reinterpret_cast<unsigned char*>(out.data()), nullptr) != nullptr);
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
