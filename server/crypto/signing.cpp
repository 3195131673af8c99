#include "crypto/signing.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <cstdlib>

namespace madoguchi::crypto {
namespace {

constexpr std::size_t kSeedBytes = 32;
constexpr std::size_t kPublicKeyBytes = 32;
constexpr std::size_t kSignatureBytes = 64;

using Context = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using Bio = std::unique_ptr<BIO, decltype(&BIO_free)>;

const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}
EVP_PKEY* as_key(const std::shared_ptr<void>& key) {
    return static_cast<EVP_PKEY*>(key.get());
}

// A key file with a passphrase is malformed to us; without this OpenSSL would ask for one on the terminal.
int no_passphrase(char*, int, int, void*) {
    return -1;
}

}  // namespace

Result<SigningKey> SigningKey::from_pem(const SecretText& pem) {
    const auto& text = pem.reveal();
    const Bio source(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free);
    EVP_PKEY* read = source ? PEM_read_bio_PrivateKey(source.get(), nullptr, &no_passphrase, nullptr) : nullptr;
    if (read == nullptr) {
        return failure(ErrorKind::internal, "signing_key_malformed", "audit-signing.pem is not a PKCS#8 private key");
    }
    std::shared_ptr<void> key(read, [](void* it) { EVP_PKEY_free(static_cast<EVP_PKEY*>(it)); });
    if (EVP_PKEY_id(read) != EVP_PKEY_ED25519) {
        return failure(ErrorKind::internal, "signing_key_malformed", "audit-signing.pem is not an Ed25519 key");
    }
    return SigningKey(std::move(key));
}

SecretText SigningKey::generate_pem(Entropy& entropy) {
    const SecretText seed(entropy.bytes(kSeedBytes));
    const Key key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, bytes(seed.reveal()), kSeedBytes),
                  &EVP_PKEY_free);
    const Bio sink(BIO_new(BIO_s_secmem()), &BIO_free);
    if (!key || !sink ||
        PEM_write_bio_PKCS8PrivateKey(sink.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
        std::abort();  // out of memory, or OpenSSL without Ed25519
    }
    char* text = nullptr;
    const long length = BIO_get_mem_data(sink.get(), &text);
    return SecretText(std::string(text, static_cast<std::size_t>(length)));
}

Result<std::string> SigningKey::sign(std::string_view message) const {
    const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    std::string signature(kSignatureBytes, '\0');
    std::size_t length = signature.size();
    if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, as_key(key_)) != 1 ||
        EVP_DigestSign(context.get(), bytes(signature), &length, bytes(message), message.size()) != 1) {
        return failure(ErrorKind::internal, "internal", "OpenSSL could not sign");
    }
    return signature;
}

std::string SigningKey::public_key() const {
    std::string out(kPublicKeyBytes, '\0');
    std::size_t length = out.size();
    if (EVP_PKEY_get_raw_public_key(as_key(key_), bytes(out), &length) != 1) {
        std::abort();  // an Ed25519 key has one: from_pem() made sure
    }
    return out;
}

bool verify_signature(std::string_view public_key, std::string_view message, std::string_view signature) {
    if (public_key.size() != kPublicKeyBytes) {
        return false;
    }
    const Key key(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes(public_key), public_key.size()),
                  &EVP_PKEY_free);
    const Context context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
    return key && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
           EVP_DigestVerify(context.get(), bytes(signature), signature.size(), bytes(message), message.size()) == 1;
}

}  // namespace madoguchi::crypto
