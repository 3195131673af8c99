// The one place where an Error becomes an answer.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/locale.hpp"
#include "base/result.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

namespace madoguchi::http {

/// What the app lends to the edge: texts for people, and the error page.
struct ErrorRenderer {
    /// The text for a message id or field rule (`csrf`, `field_required`).
    std::function<std::string(std::string_view message_id, Locale, const std::map<std::string, std::string>& values)>
        text;
    /// The error page, or another answer that suits a page better: 401 may be a redirect to the sign-in.
    std::function<Response(const Request&, const Error&, int status)> page;
    /// What the error's own text may quote: its values, and when to try again. Without it: its values.
    std::function<std::map<std::string, std::string>(const Error&, Instant now)> values = {};
};

/// invalid 400, unauthenticated 401, forbidden 403, not_found 404, conflict 409, too_many 429, unavailable 503,
/// internal 500.
int status_of(ErrorKind kind);
/// The same for machines, where HTTP has a status of its own for what a form is told as a conflict: 412 for a resource
/// that changed since it was read, 428 where If-Match is missing (RFC 6585 §3), 422 for an idempotency key of another
/// body.
int api_status_of(const Error& error);

/// RFC 9457: type, title (the status in words), status, detail (the text), request_id, errors of fields. The Error's
/// detail stays out.
Response problem(const Request& request, const Error& error, int status, const ErrorRenderer& renderer);

/// For what goes wrong where no text and no page can be had: a few fixed words and the request id.
Response plain_error(int status, std::string_view request_id);

}  // namespace madoguchi::http
