// Cookies in and out. Reading is lenient, as browsers send what other software on the host has set; writing is not.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace madoguchi::http {

inline constexpr std::string_view kVisitCookie = "__Host-visit";
inline constexpr std::string_view kSessionCookie = "__Host-session";
inline constexpr std::string_view kFlowCookie = "__Host-flow";
inline constexpr std::string_view kLanguageCookie = "__Host-language";

/// A cookie to set: always Secure, HttpOnly, Path=/, SameSite=Lax. Without max_age it ends with the browser; 0 s
/// deletes it.
struct Cookie {
    std::string name;
    std::string value;
    std::optional<std::chrono::seconds> max_age = std::nullopt;
};

using Cookies = std::map<std::string, std::string, std::less<>>;

/// RFC 6265 §4.2, at most limits::kCookieCount. Pairs that are none are passed over; a name that comes twice with
/// different values is nobody's, because we couldn't know which one is ours.
Cookies parse_cookies(std::string_view header);

/// The value of a Set-Cookie header. Errors: internal, for a name or value that can't stand in one.
Result<std::string> set_cookie_value(const Cookie& cookie);

}  // namespace madoguchi::http
