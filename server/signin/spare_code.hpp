// Codes that stand for a second step when no second step is at hand: recovery codes that somebody kept (S10), and the
// temporary access code that an administrator hands out. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/entropy.hpp"
#include "base/ids.hpp"

namespace madoguchi::signin {

enum class SpareKind { recovery, access };

struct SpareCode {
    SpareKind kind = SpareKind::recovery;
    SecretText folded;
};

/// 74 bits, and 92 bits as for a reset code (S4): folded, without hyphens.
SecretText make_spare_code(Entropy& entropy, SpareKind kind);
/// "ACDE-FGHJ-KLMN-PQRT"
SecretText show_spare_code(const SecretText& folded);
/// What was typed, of any width and case, with or without hyphens; its length tells which kind it is.
std::optional<SpareCode> spare_code(std::string_view typed);
/// Under which it is stored: keyed, and bound to kind and account, so that none serves elsewhere (S19).
std::string spare_code_digest(const SecretText& token_key, AccountId account, const SpareCode& code);

}  // namespace madoguchi::signin
