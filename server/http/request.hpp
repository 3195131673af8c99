// A request as the rooms see it: decoded, bounded, with its id and the time read once. No Pistache type reaches this
// far.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "base/locale.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "http/cookies.hpp"
#include "http/fields.hpp"
#include "http/head.hpp"
#include "http/method.hpp"
#include "http/multipart.hpp"

namespace madoguchi::http {

/// Whether nginx has vouched for the request with the shared secret.
enum class Vouched { no, yes };

struct Request {
    Method method = Method::get;
    std::string path;        // decoded
    std::string raw_target;  // as it came; may hold secrets, never log it
    Fields query;
    std::map<std::string, std::string, std::less<>> path_parameters;
    Headers headers;
    Cookies cookies;
    std::string body;
    std::string content_type;  // the whole header value
    std::string source;        // the address that nginx vouches for, else the peer's (S13)
    Vouched vouched = Vouched::no;
    std::string request_id;  // made here, never taken from the client
    std::string user_agent;
    Instant now = {};
    Locale locale = Locale::ja;
    std::string csrf_token;             // for forms of pages; empty for API requests
    std::optional<Fields> parsed_form;  // set when the edge has read the form already
    std::optional<UploadedFile> file;   // of a route that takes one

    std::optional<std::string> header(std::string_view lower_case_name) const { return headers.find(lower_case_name); }
    std::optional<std::string> cookie(std::string_view name) const;
    /// "" if the pattern has no such parameter.
    std::string path_parameter(std::string_view name) const;
    /// The token of `Authorization: Bearer TOKEN`.
    std::optional<std::string> bearer_token() const;

    /// Urlencoded, or multipart without files; no body is an empty form. Errors: invalid (`malformed_request`).
    Result<Fields> form() const;
    /// See parse_json. Include http/json_reader.hpp to use it.
    Result<nlohmann::json> json() const;
};

/// "application/json" of "Application/JSON; charset=utf-8".
std::string media_type(std::string_view content_type);
/// False if a charset is named that is not UTF-8.
bool is_utf8_content(std::string_view content_type);

/// The language cookie if it holds one, else English only if Accept-Language names English and no Japanese, else
/// Japanese.
Locale choose_locale(const std::optional<std::string>& language_cookie,
                     const std::optional<std::string>& accept_language);

}  // namespace madoguchi::http
