#include "signin/spare_code.hpp"

#include "base/limits.hpp"
#include "crypto/one_time_secrets.hpp"

namespace madoguchi::signin {
namespace {

std::size_t length_of(SpareKind kind) {
    return kind == SpareKind::recovery ? limits::kRecoveryCodeCharacters : limits::kInitialPasswordCharacters;
}

}  // namespace

SecretText make_spare_code(Entropy& entropy, SpareKind kind) {
    return entropy.characters(crypto::kInitialPasswordAlphabet, length_of(kind));
}

SecretText show_spare_code(const SecretText& folded) {
    return crypto::show_initial_password(folded);
}

std::optional<SpareCode> spare_code(std::string_view typed) {
    for (const SpareKind kind : {SpareKind::recovery, SpareKind::access}) {
        if (auto folded = crypto::fold_code(typed, length_of(kind)); !folded.empty()) {
            return SpareCode{kind, std::move(folded)};
        }
    }
    return std::nullopt;
}

std::string spare_code_digest(const SecretText& token_key, AccountId account, const SpareCode& code) {
    const std::string purpose = code.kind == SpareKind::recovery ? "recovery-code:" : "access-code:";
    return crypto::digest_token(token_key, purpose + std::to_string(account.value), code.folded);
}

}  // namespace madoguchi::signin
