// Cookie headers: bounded, and every pair read could be set again as it is.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/limits.hpp"
#include "check.hpp"
#include "http/cookies.hpp"

using namespace madoguchi;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto cookies = http::parse_cookies(bytes);
    check(cookies.size() <= limits::kCookieCount);
    std::string again;
    for (const auto& [name, value] : cookies) {
        const auto written = http::set_cookie_value({name, value});
        check(written.has_value() && written->find_first_of("\r\n") == std::string::npos);
        again += (again.empty() ? "" : "; ") + name + "=" + value;
    }
    check(http::parse_cookies(again) == cookies);
    const auto odd = http::set_cookie_value({"name", std::string(bytes)});
    check(!odd || odd->find_first_of("\r\n", 0) == std::string::npos);
    return 0;
}
