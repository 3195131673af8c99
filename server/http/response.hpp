// An answer, and its one form on the wire. Security headers are added there, so no handler can forget one.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "http/cookies.hpp"

namespace madoguchi::http {

struct Response {
    int status = 200;
    std::string content_type = {};
    std::string body = {};
    std::vector<std::pair<std::string, std::string>> headers = {};
    std::vector<Cookie> cookies = {};

    static Response html(int status, std::string body);
    static Response json(int status, const nlohmann::json& value);
    static Response text(int status, std::string body);
    static Response empty(int status);
    /// 303 to a path of this site; anything else (an absolute URL, "//host") becomes "/", so that nothing here
    /// redirects away.
    static Response see_other(const std::string& path);

    Response& with_header(std::string name, std::string value) &;
    Response&& with_header(std::string name, std::string value) &&;
    Response& with_cookie(Cookie cookie) &;
    Response&& with_cookie(Cookie cookie) &&;
    bool has_header(std::string_view name) const;  // in any case of letters
};

/// "Not Found"
std::string_view reason_of(int status);

enum class BodyOnWire { sent, left_out };
enum class ConnectionAfter { kept, closed };

struct WireOptions {
    std::string_view request_id;
    Instant now = {};
    BodyOnWire body = BodyOnWire::sent;  // left out for HEAD: the length is still told
    ConnectionAfter connection = ConnectionAfter::kept;
};

/// The bytes of the answer with security headers, no-store unless it says otherwise, and X-Request-Id.
/// Errors: internal, if a header name or value holds CR, LF, NUL or anything else that can't stand there.
Result<std::string> serialize(const Response& response, const WireOptions& options);

}  // namespace madoguchi::http
