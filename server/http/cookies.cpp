#include "http/cookies.hpp"

#include <algorithm>
#include <set>

#include "base/limits.hpp"
#include "http/ascii.hpp"

namespace madoguchi::http {
namespace {

// cookie-octet, RFC 6265 §4.1.1
bool is_cookie_octets(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char character) {
        return character > 0x20 && character < 0x7F && character != '"' && character != ',' && character != ';' &&
               character != '\\';
    });
}

}  // namespace

Cookies parse_cookies(std::string_view header) {
    Cookies cookies;
    std::set<std::string, std::less<>> ambiguous;
    for (std::size_t seen = 0; !header.empty() && seen < limits::kCookieCount; ++seen) {
        const auto pair = trim(take_until(header, ';'));
        const auto equals = pair.find('=');
        if (equals == std::string_view::npos) {
            continue;
        }
        const auto name = trim(pair.substr(0, equals));
        auto value = trim(pair.substr(equals + 1));
        if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
            value = value.substr(1, value.size() - 2);
        }
        if (name.empty() || !is_cookie_octets(name) || !is_cookie_octets(value)) {
            continue;
        }
        const auto [place, inserted] = cookies.emplace(name, value);
        if (!inserted && place->second != value) {
            ambiguous.emplace(name);
        }
    }
    for (const auto& name : ambiguous) {
        cookies.erase(name);
    }
    return cookies;
}

Result<std::string> set_cookie_value(const Cookie& cookie) {
    if (cookie.name.empty() || cookie.name.find('=') != std::string::npos || !is_cookie_octets(cookie.name) ||
        !is_cookie_octets(cookie.value)) {
        return failure(ErrorKind::internal, "internal", "a cookie that can't be written");
    }
    auto line = cookie.name + "=" + cookie.value + "; Path=/; Secure; HttpOnly; SameSite=Lax";
    if (cookie.max_age) {
        line += "; Max-Age=" + std::to_string(cookie.max_age->count());
    }
    return line;
}

}  // namespace madoguchi::http
