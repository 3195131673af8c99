// One bounded HTTP POST to a provider, and above all: whether the request may have arrived. libcurl is known here only.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <tl/expected.hpp>

#include "base/limits.hpp"
#include "base/secret.hpp"

namespace madoguchi::gateway {

struct HttpCall {
    std::string url;
    std::string user;  // of basic authentication; empty: none
    SecretText password;
    std::vector<std::string> headers;  // "Name: value"
    SecretText body;
};

struct HttpReply {
    int status = 0;
    std::string body;
    std::optional<std::chrono::seconds> retry_after;
};

/// No answer. not_reached: the provider has certainly not got the request. unclear: it may have.
struct HttpTrouble {
    enum class Reach { not_reached, unclear };
    Reach reach = Reach::unclear;
    std::string why;  // curl's name of it: neither address nor content
};

using HttpOutcome = tl::expected<HttpReply, HttpTrouble>;

/// Safe for many threads.
class HttpClient {
public:
    virtual ~HttpClient() = default;
    virtual HttpOutcome post(const HttpCall& call) const = 0;
};

struct HttpTimes {
    std::chrono::milliseconds connect = limits::kGatewayConnect;  // TCP and TLS
    std::chrono::milliseconds answer = limits::kGatewayAnswer;    // everything
};

/// Where a call may end up, whatever its name was resolved to. only_public: for addresses that a user has given.
enum class Reachable { anywhere, only_public };

/// A connection of its own for each call: on a kept one, curl may send a request again that the provider had taken.
/// Follows no redirect, takes limits::kGatewayAnswerBytes at most.
class CurlHttpClient final : public HttpClient {
public:
    /// `ca_file`: whom to trust instead of the system's certificates; empty: the system's.
    explicit CurlHttpClient(const std::filesystem::path& ca_file = {}, const HttpTimes& times = {},
                            Reachable reachable = Reachable::anywhere);
    HttpOutcome post(const HttpCall& call) const override;

private:
    std::string ca_file_;
    HttpTimes times_;
    Reachable reachable_;
};

/// Is this an address that a secret may be sent to: https, or http on this machine?
bool is_safe_url(const std::string& url);

/// application/x-www-form-urlencoded.
std::string form_encoded(const std::vector<std::pair<std::string, std::string>>& fields);

}  // namespace madoguchi::gateway
