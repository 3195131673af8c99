// The target of a request line: path and query, decoded. What a path can't mean here is refused, not repaired.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "http/fields.hpp"

namespace madoguchi::http {

struct Target {
    std::string path;  // "/accounts/1", UTF-8, no empty, "." or ".." segment
    Fields query;
};

/// Origin form only (RFC 9112 §3.2.1). Errors: invalid (`malformed_request`): over-long, control characters, "//", dot
/// segments, escaped slashes, backslashes, bad escapes, NUL, not UTF-8.
Result<Target> parse_target(std::string_view raw);

/// Whether `path` may stand in a Location or a "back" parameter: on this site, never "//host" or "/\host".
bool is_local_path(std::string_view path);

}  // namespace madoguchi::http
