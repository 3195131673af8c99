// Conditional requests (RFC 9110 §13): nobody overwrites what they have not seen.
#pragma once

#include <string>
#include <string_view>

#include "http/request.hpp"

namespace madoguchi::http {

/// A strong entity tag of whatever tells one version of a resource from another: of 128 bits, quoted.
std::string entity_tag(std::string_view version);

/// Does If-Match name `tag`? Errors: conflict (if_match_required: there is none; changed_meanwhile: another version).
Result<void> require_match(const Request& request, const std::string& tag);
/// The same where an If-Match was sent at all.
Result<void> match_if_asked(const Request& request, const std::string& tag);

/// Errors: invalid (each query field that is not one of these: field_unknown).
Result<void> known_query(const Request& request, std::initializer_list<std::string_view> names);

}  // namespace madoguchi::http
