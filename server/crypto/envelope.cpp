#include "crypto/envelope.hpp"

#include <openssl/evp.h>
#include <cassert>
#include <memory>

#include "base/encoding.hpp"

namespace madoguchi::crypto {
namespace {

constexpr std::string_view kVersion = "v1.";
constexpr std::size_t kNonceBytes = 12;  // NIST SP 800-38D §5.2.1.1; random: good for 2^32 texts a key (§8.3)
constexpr int kTagBytes = 16;

using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

struct Parts {
    std::string key_id;
    std::string nonce;
    std::string ciphertext;
    std::string tag;
};

unsigned char* bytes(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}
const unsigned char* bytes(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}
int length(std::string_view text) {
    return static_cast<int>(text.size());
}

// The key id is authenticated too, so that a text can't be passed off as sealed with another key.
std::string associated_data(std::string_view key_id, std::string_view context) {
    return std::string(kVersion).append(key_id).append(".").append(context);
}

std::optional<Parts> split(std::string_view sealed) {
    if (!sealed.starts_with(kVersion)) {
        return std::nullopt;
    }
    sealed.remove_prefix(kVersion.size());
    const auto dot = sealed.find('.');
    if (dot == std::string_view::npos) {
        return std::nullopt;
    }
    const auto body = from_base64url(sealed.substr(dot + 1));
    if (!body || body->size() < kNonceBytes + kTagBytes) {
        return std::nullopt;
    }
    return Parts{.key_id = std::string(sealed.substr(0, dot)),
                 .nonce = body->substr(0, kNonceBytes),
                 .ciphertext = body->substr(kNonceBytes, body->size() - kNonceBytes - kTagBytes),
                 .tag = body->substr(body->size() - kTagBytes)};
}

}  // namespace

Envelope::Envelope(std::vector<EnvelopeKey> keys, Entropy& entropy) : keys_(std::move(keys)), entropy_(entropy) {
    assert(!keys_.empty());
}

const EnvelopeKey* Envelope::find(std::string_view id) const {
    for (const auto& key : keys_) {
        if (key.id == id) {
            return &key;
        }
    }
    return nullptr;
}

Result<std::string> Envelope::seal(const SecretText& plaintext, std::string_view context) const {
    const auto& current = keys_.back();
    const auto aad = associated_data(current.id, context);
    std::string nonce = entropy_.bytes(kNonceBytes);
    std::string ciphertext(plaintext.reveal().size(), '\0');
    std::string tag(kTagBytes, '\0');
    int written = 0;
    const CipherContext cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
    const bool sealed =
        cipher != nullptr &&
        EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes(current.key.reveal()), bytes(nonce)) == 1 &&
        EVP_EncryptUpdate(cipher.get(), nullptr, &written, bytes(std::string_view(aad)), length(aad)) == 1 &&
        EVP_EncryptUpdate(cipher.get(), bytes(ciphertext), &written, bytes(plaintext.reveal()),
                          length(plaintext.reveal())) == 1 &&
        EVP_EncryptFinal_ex(cipher.get(), bytes(tag), &written) == 1 &&
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, kTagBytes, tag.data()) == 1;
    if (!sealed) {
        return failure(ErrorKind::internal, "internal", "envelope: OpenSSL could not encrypt");
    }
    return std::string(kVersion) + current.id + "." + to_base64url(nonce + ciphertext + tag);
}

Result<SecretText> Envelope::open(std::string_view sealed, std::string_view context) const {
    auto parts = split(sealed);
    if (!parts) {
        return failure(ErrorKind::internal, "envelope_malformed", "not a sealed text");
    }
    const auto* key = find(parts->key_id);
    if (key == nullptr) {
        return failure(ErrorKind::internal, "envelope_key_unknown", "no key " + parts->key_id + " in envelope.keys");
    }
    const auto aad = associated_data(key->id, context);
    std::string plaintext(parts->ciphertext.size(), '\0');
    std::string final_block(kTagBytes, '\0');  // GCM leaves it unused
    int written = 0;
    const CipherContext cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
    const bool opened =
        cipher != nullptr &&
        EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes(key->key.reveal()), bytes(parts->nonce)) ==
            1 &&
        EVP_DecryptUpdate(cipher.get(), nullptr, &written, bytes(std::string_view(aad)), length(aad)) == 1 &&
        EVP_DecryptUpdate(cipher.get(), bytes(plaintext), &written, bytes(std::string_view(parts->ciphertext)),
                          length(parts->ciphertext)) == 1 &&
        EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, kTagBytes, parts->tag.data()) == 1 &&
        EVP_DecryptFinal_ex(cipher.get(), bytes(final_block), &written) == 1;
    SecretText secret(std::move(plaintext));  // wiped here too if it is not authentic
    if (!opened) {
        return failure(ErrorKind::internal, "envelope_tampered", "sealed text changed, or opened in another context");
    }
    return secret;
}

bool Envelope::outdated(std::string_view sealed) const {
    const auto parts = split(sealed);
    return !parts || parts->key_id != keys_.back().id;
}

}  // namespace madoguchi::crypto
