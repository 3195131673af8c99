#include "crypto/totp.hpp"

#include <liboath/oath.h>
#include <algorithm>
#include <array>

#include "base/encoding.hpp"
#include "base/japanese_text.hpp"
#include "base/limits.hpp"
#include "crypto/hmac.hpp"

namespace madoguchi::crypto {
namespace {

constexpr std::size_t kSeedBytes = 20;
constexpr std::size_t kGroup = 4;

// RFC 3986 §2.3: everything but unreserved characters, byte by byte.
std::string percent_encoded(std::string_view text) {
    constexpr std::string_view kUnreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    constexpr std::string_view kHexDigits = "0123456789ABCDEF";
    std::string out;
    for (const char character : text) {
        if (kUnreserved.find(character) != std::string_view::npos) {
            out.push_back(character);
        } else {
            const auto byte = static_cast<unsigned char>(character);
            out.push_back('%');
            out.push_back(kHexDigits[byte >> 4U]);
            out.push_back(kHexDigits[byte & 0xFU]);
        }
    }
    return out;
}

}  // namespace

SecretText make_totp_seed(Entropy& entropy) {
    return SecretText(entropy.bytes(kSeedBytes));
}

std::string totp_seed_text(const SecretText& seed) {
    const auto base32 = to_base32(seed.reveal());
    std::string out;
    for (std::size_t i = 0; i < base32.size(); i += kGroup) {
        out.append(i == 0 ? "" : " ").append(base32, i, kGroup);
    }
    return out;
}

std::int64_t totp_step(Instant now) {
    return to_unix_seconds(now) / limits::kTotpStep.count();
}

std::string totp_code(const SecretText& seed, std::int64_t step) {
    std::array<char, limits::kCodeDigits + 1> code = {};
    const auto& bytes = seed.reveal();
    const int outcome = oath_hotp_generate(bytes.data(), bytes.size(), static_cast<std::uint64_t>(step),
                                           limits::kCodeDigits, false, OATH_HOTP_DYNAMIC_TRUNCATION, code.data());
    return outcome == OATH_OK ? std::string(code.data()) : std::string();
}

std::optional<std::int64_t> matching_step(const SecretText& seed, std::string_view code, Instant now,
                                          std::int64_t last_step) {
    const auto digits = fold_digits(code);
    if (!digits || digits->size() != limits::kCodeDigits) {
        return std::nullopt;
    }
    const auto current = totp_step(now);
    const auto first = std::max(current - limits::kTotpDriftSteps, last_step + 1);
    std::optional<std::int64_t> match;
    for (auto step = first; step <= current + limits::kTotpDriftSteps; ++step) {
        // The earliest step wins, so that a code that happens to serve twice leaves the later one usable. All are
        // compared.
        if (equal_in_constant_time(totp_code(seed, step), *digits) && !match) {
            match = step;
        }
    }
    return match;
}

SecretText totp_provisioning_uri(const SecretText& seed, std::string_view issuer, std::string_view account) {
    const auto encoded_issuer = percent_encoded(issuer);
    return SecretText("otpauth://totp/" + encoded_issuer + ":" + percent_encoded(account) + "?secret=" +
                      to_base32(seed.reveal()) + "&issuer=" + encoded_issuer + "&algorithm=SHA1&digits=6&period=30");
}

}  // namespace madoguchi::crypto
