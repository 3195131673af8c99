// The server's /api/v1: JSON in and out, problems (RFC 9457) turned into failures, lists followed page by page.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "admin-cli/http_client.hpp"
#include "admin-cli/output.hpp"

namespace madoguchi::admin_cli {

inline constexpr int kRetries = 3;                   // of a request that met a busy server
inline constexpr int kLongestRetryWaitSeconds = 10;  // beyond it a person is told instead of kept waiting
inline constexpr int kRowsPerPage = 500;             // the most that the server gives at once

struct ApiAnswer {
    int status = 0;
    Json body;             // null for 204
    std::string tag = {};  // ETag
};

using Query = std::vector<std::pair<std::string, std::string>>;

class ApiClient {
public:
    using Note = std::function<void(std::string_view)>;
    using Sleep = std::function<void(std::chrono::seconds)>;

    ApiClient(HttpClient& http, const Settings& settings, Note note, Sleep sleep);

    void use_token(std::string token) { token_ = std::move(token); }

    /// `path` is below /api/v1 and encoded. Retries a busy server within bounds.
    Outcome<ApiAnswer> get(const std::string& path, const Query& query = {});
    /// Under an idempotency key of its own, so that a busy server or a lost answer is no reason to give up: however
    /// often it is sent, it is done once.
    Outcome<ApiAnswer> post(const std::string& path, const Json& body);
    /// Never sent twice: the second one would meet a version that the first one made.
    Outcome<ApiAnswer> patch(const std::string& path, const Json& body, const std::string& tag);
    /// Both may be sent again: what stands there is the same after the second one.
    Outcome<ApiAnswer> put(const std::string& path, const Json& body);
    Outcome<ApiAnswer> remove(const std::string& path);
    /// A POST that answers with a file.
    Outcome<std::string> download(const std::string& path, const Json& body);
    /// Follows next_cursor until `limit` rows are there (nothing: all). The answer has the form of one page:
    /// {key: [rows], "next_cursor": ...}.
    Outcome<Json> list(const std::string& path, const std::string& key, const Query& query, std::optional<int> limit);

private:
    Outcome<HttpAnswer> patiently(const HttpRequest& request);
    Outcome<ApiAnswer> understood(const HttpAnswer& answer) const;

    HttpClient& http_;
    const Settings& settings_;
    Note note_;
    Sleep sleep_;
    std::string token_;
};

/// What a refused request says to a person. Takes fields and texts from problem+json, and makes do without.
Failure failure_of(const HttpAnswer& answer, const std::string& server, Language language);

/// Retry-After in seconds (RFC 9110 §10.2.3), nothing when absent or a date.
std::optional<int> retry_after_seconds(const HttpAnswer& answer);

}  // namespace madoguchi::admin_cli
