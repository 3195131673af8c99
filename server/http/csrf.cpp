#include "http/csrf.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <stdexcept>

#include "base/encoding.hpp"

namespace madoguchi::http {

std::string Csrf::token_for(std::string_view visit) const {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int length = 0;
    const auto& key = key_.reveal();
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(visit.data()), visit.size(), digest.data(), &length) == nullptr) {
        throw std::runtime_error("HMAC");
    }
    return to_base64url({reinterpret_cast<const char*>(digest.data()), length});
}

bool Csrf::accepts(std::string_view visit, std::string_view token) const {
    return equal_in_constant_time(token_for(visit), token);
}

bool is_visit(std::string_view value) {
    const auto bytes = from_base64url(value);
    return bytes && bytes->size() == 32;
}

bool is_from_our_pages(const Headers& headers, std::string_view origin) {
    const auto site = headers.find("sec-fetch-site");
    if (site && *site != "same-origin" && *site != "none") {
        return false;
    }
    const auto sender = headers.find("origin");
    if (!sender || *sender == origin) {
        return true;
    }
    return *sender == "null" && site == "same-origin";
}

bool equal_in_constant_time(std::string_view left, std::string_view right) {
    return left.size() == right.size() && CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace madoguchi::http
