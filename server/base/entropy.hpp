// Where randomness comes from: a constructor argument, so that tests own it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/secret.hpp"

namespace madoguchi {

class Entropy {
public:
    virtual ~Entropy() = default;
    virtual void fill(std::span<std::uint8_t> bytes) = 0;

    /// `count` raw bytes in a string.
    std::string bytes(std::size_t count);
    /// A uniform number below `bound` (rejection sampling; no modulo bias).
    std::uint32_t below(std::uint32_t bound);
    /// `length` uniform characters out of `alphabet`.
    SecretText characters(std::string_view alphabet, std::size_t length);
    /// 256 bits as 43 characters of base64url: session and flow tokens (S14).
    SecretText token();
    /// `digits` decimal digits, leading zeros kept: codes (S6).
    SecretText digits(std::size_t digits);
};

/// getrandom(2). Aborts if the kernel has none to give: there is no safe way on.
class OsEntropy final : public Entropy {
public:
    void fill(std::span<std::uint8_t> bytes) override;
};

}  // namespace madoguchi
