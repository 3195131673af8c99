// Codes of authenticator apps: RFC 6238 with HMAC-SHA1, 6 digits, 30 s: what every app speaks. Seeds of 160 bits (S7).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/entropy.hpp"
#include "base/secret.hpp"
#include "base/time.hpp"

namespace madoguchi::crypto {

/// 20 raw bytes. RFC 4226 §4, R6.
SecretText make_totp_seed(Entropy& entropy);
/// The key as a person types it into an app: base32 in groups of four.
std::string totp_seed_text(const SecretText& seed);
std::int64_t totp_step(Instant now);
/// The six digits of one step.
std::string totp_code(const SecretText& seed, std::int64_t step);
/// The step whose code this is: now, one before or one after, and later than `last_step` (0: none yet). Store it by a
/// guarded UPDATE (last_step < new step): that is what refuses the same code on two servers at once (S7). Any width is
/// accepted.
std::optional<std::int64_t> matching_step(const SecretText& seed, std::string_view code, Instant now,
                                          std::int64_t last_step);
/// otpauth://totp/ISSUER:ACCOUNT?secret=...&issuer=ISSUER (Google's Key URI Format), percent-encoded UTF-8. Holds the
/// seed.
SecretText totp_provisioning_uri(const SecretText& seed, std::string_view issuer, std::string_view account);

}  // namespace madoguchi::crypto
