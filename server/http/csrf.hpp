// A page's form proves that it came from a page of ours, shown to the same browser (S15): token = HMAC(key, visit
// cookie).
#pragma once

#include <string>
#include <string_view>

#include "base/entropy.hpp"
#include "base/secret.hpp"
#include "http/head.hpp"

namespace madoguchi::http {

inline constexpr std::string_view kCsrfField = "csrf";

class Csrf {
public:
    explicit Csrf(SecretText key) : key_(std::move(key)) {}
    std::string token_for(std::string_view visit) const;
    /// Compares in constant time.
    bool accepts(std::string_view visit, std::string_view token) const;

private:
    SecretText key_;
};

/// Whether the visit cookie holds what Entropy::token makes; anything else counts as no cookie.
bool is_visit(std::string_view value);

/// False if the browser says that another site sent this: Sec-Fetch-Site (Fetch Metadata) or a foreign Origin.
/// "Origin: null" counts as foreign unless Sec-Fetch-Site vouches for the same origin.
bool is_from_our_pages(const Headers& headers, std::string_view origin);

/// Equal, in a time that depends on lengths only.
bool equal_in_constant_time(std::string_view left, std::string_view right);

}  // namespace madoguchi::http
