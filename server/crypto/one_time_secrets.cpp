#include "crypto/one_time_secrets.hpp"

#include "base/encoding.hpp"
#include "base/japanese_text.hpp"
#include "base/limits.hpp"
#include "crypto/hmac.hpp"

namespace madoguchi::crypto {
namespace {

constexpr std::size_t kGroup = 4;

// Parts are counted, so that ("ab", "c") and ("a", "bc") differ.
std::string digest(const SecretText& key, std::string_view label, std::string_view bound_to, std::string_view value) {
    std::string message;
    for (const auto part : {std::string_view("madoguchi"), label, bound_to, value}) {
        message.append(std::to_string(part.size())).append(":").append(part);
    }
    auto out = to_hex(hmac_sha256(key, message));
    const SecretText wiped(std::move(message));
    return out;
}

}  // namespace

SecretText make_initial_password(Entropy& entropy) {
    return entropy.characters(kInitialPasswordAlphabet, limits::kInitialPasswordCharacters);
}

SecretText show_initial_password(const SecretText& password) {
    const auto& text = password.reveal();
    std::string out;
    out.reserve(text.size() + text.size() / kGroup);
    for (std::size_t i = 0; i < text.size(); i += kGroup) {
        out.append(i == 0 ? "" : "-").append(text, i, kGroup);
    }
    return SecretText(std::move(out));
}

SecretText fold_code(std::string_view typed, std::size_t characters) {
    // Folded as a login ID is (width, case, spaces, hyphens): lower case here.
    const SecretText folded(fold_login_id(typed));
    std::string out;
    out.reserve(folded.reveal().size());
    for (const char character : folded.reveal()) {
        if (character == '-') {
            continue;
        }
        const char upper = character >= 'a' && character <= 'z' ? static_cast<char>(character - 'a' + 'A') : character;
        if (kInitialPasswordAlphabet.find(upper) == std::string_view::npos) {
            return {};
        }
        out.push_back(upper);
    }
    return out.size() == characters ? SecretText(std::move(out)) : SecretText();
}

SecretText fold_initial_password(std::string_view typed) {
    return fold_code(typed, limits::kInitialPasswordCharacters);
}

std::string digest_code(const SecretText& token_key, std::string_view flow, std::string_view code) {
    return digest(token_key, "code", flow, code);
}

std::string digest_token(const SecretText& token_key, std::string_view purpose, const SecretText& token) {
    return digest(token_key, "token", purpose, token.reveal());
}

std::string digest_initial_password(const SecretText& token_key, std::string_view account, const SecretText& folded) {
    return digest(token_key, "initial-password", account, folded.reveal());
}

std::string digest_lookup(const SecretText& token_key, std::string_view purpose, std::string_view value) {
    return digest(token_key, "lookup", purpose, value);
}

}  // namespace madoguchi::crypto
