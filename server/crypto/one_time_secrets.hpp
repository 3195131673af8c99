// Initial passwords (S4) and the digests under which codes, tokens and initial passwords are stored (S19).
#pragma once

#include <string>
#include <string_view>

#include "base/entropy.hpp"
#include "base/secret.hpp"

namespace madoguchi::crypto {

/// No look-alikes: 0 O, 1 I, 2 Z, 5 S, 8 B, U V as one.
inline constexpr std::string_view kInitialPasswordAlphabet = "ACDEFGHJKLMNPQRTVWXY34679";

/// 20 characters, 92 bits, no hyphens: what is digested.
SecretText make_initial_password(Entropy& entropy);
/// "ACDE-FGHJ-KLMN-PQRT-VWXY": what a letter shows.
SecretText show_initial_password(const SecretText& password);
/// What a person typed, of any width and case, with or without hyphens, as `characters` of the alphabet. Empty if it
/// can't be one.
SecretText fold_code(std::string_view typed, std::size_t characters);
/// What a person typed, of any width and case, with or without hyphens, as make_initial_password() made it. Empty if it
/// can't be one.
SecretText fold_initial_password(std::string_view typed);

/// Digests are 64 hexadecimal characters, HMAC-SHA256 with the token key; the purpose is part of each, so that none
/// serves for another. A code is bound to its flow (S6): `flow` is the flow's stored identifier.
std::string digest_code(const SecretText& token_key, std::string_view flow, std::string_view code);
/// Tokens of 256 bits: sessions, flows, links. `purpose` names which ("session", "flow").
std::string digest_token(const SecretText& token_key, std::string_view purpose, const SecretText& token);
/// `folded` comes from make_ or fold_initial_password; `account` is the account's id as text. Costs microseconds, so a
/// sign-in that compares it still passes HashGate::spend() (S12).
std::string digest_initial_password(const SecretText& token_key, std::string_view account, const SecretText& folded);
/// For caps on things that are stored encrypted: a phone number as E.164. `purpose` names which table asks.
std::string digest_lookup(const SecretText& token_key, std::string_view purpose, std::string_view value);

}  // namespace madoguchi::crypto
