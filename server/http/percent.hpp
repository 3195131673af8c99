// Percent-encoding (RFC 3986 §2.1). Strict: a bad escape, a NUL or bytes that are not UTF-8 are errors, never passed
// on.
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace madoguchi::http {

enum class Plus { is_plus, is_space };

bool is_utf8(std::string_view text);

/// Errors: invalid (`malformed_request`).
Result<std::string> percent_decode(std::string_view text, Plus plus);
/// Everything but unreserved characters is escaped: fit for a query value or a path segment.
std::string percent_encode(std::string_view text);

}  // namespace madoguchi::http
