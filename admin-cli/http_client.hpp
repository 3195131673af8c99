// The only file that knows libcurl's transfers. Certificates are always verified; nothing follows redirects.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>

#include "admin-cli/command_line.hpp"

namespace madoguchi::admin_cli {

inline constexpr std::size_t kLargestAnswerBytes = 32 * 1024 * 1024;  // 500 rows take under 1 MiB

/// Failure::problem_id where the request never left: sending it again would meet the same.
inline constexpr std::string_view kNotSent = "not_sent";

enum class Verb { get, post, put, patch, remove };

struct HttpRequest {
    Verb verb = Verb::get;
    std::string path;        // from the root, encoded, with its query
    std::string body = {};   // JSON; sent with POST, PUT and PATCH
    std::string token = {};  // bearer token; empty: none
    std::string idempotency_key = {};
    std::string if_match = {};
};

struct HttpAnswer {
    int status = 0;
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;
};

class HttpClient {
public:
    virtual ~HttpClient() = default;
    /// Errors: network (unreachable, certificate not verified, no answer in time).
    virtual Outcome<HttpAnswer> send(const HttpRequest& request) = 0;
};

/// A client for the settings' server, CA file, timeout and language. It keeps its connection for the next request.
std::unique_ptr<HttpClient> make_http_client(const Settings& settings);

/// Percent-encodes everything but unreserved characters (RFC 3986 §2.3).
std::string url_encoded(std::string_view text);

}  // namespace madoguchi::admin_cli
