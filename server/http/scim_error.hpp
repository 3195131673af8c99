// Errors as SCIM writes them: RFC 7644 §3.12.
#pragma once

#include "http/problem.hpp"

namespace madoguchi::http {

inline constexpr std::string_view kScimMediaType = "application/scim+json";

/// As api_status_of, but for what SCIM has a status of its own: 413 for a bulk above its limits, 501 for /Me.
int scim_status_of(const Error& error);

/// status (a string), scimType where the RFC has one, detail (the text, each bad field named). Nothing else may stand
/// there; X-Request-Id is a header.
Response scim_error(const Request& request, const Error& error, int status, const ErrorRenderer& renderer);

}  // namespace madoguchi::http
