#include "admin-cli/server_url.hpp"

#include <arpa/inet.h>
#include <curl/curl.h>

#include <algorithm>
#include <memory>
#include <optional>

namespace madoguchi::admin_cli {
namespace {

struct UrlCloser {
    void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, UrlCloser>;

std::optional<std::string> part(const Url& url, CURLUPart which) {
    char* text = nullptr;
    if (curl_url_get(url.get(), which, &text, 0) != CURLUE_OK || text == nullptr) {
        return std::nullopt;
    }
    std::string result(text);
    curl_free(text);
    return result;
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return text;
}

bool is_loopback_host(const std::string& host) {
    in_addr address{};
    if (inet_pton(AF_INET, host.c_str(), &address) == 1) {
        return (ntohl(address.s_addr) >> 24U) == 127;
    }
    return host == "localhost" || host == "[::1]";
}

}  // namespace

Outcome<std::string> normal_server_url(std::string_view given, Language language) {
    const auto bad = [&](const Text& text) { return fail(ExitCode::usage, say(language, text, given)); };
    const Url url(curl_url());
    if (curl_url_set(url.get(), CURLUPART_URL, std::string(given).c_str(), 0) != CURLUE_OK) {
        return bad(texts::kBadServerUrl);
    }
    const std::string scheme = lower(part(url, CURLUPART_SCHEME).value_or(""));
    const std::string host = lower(part(url, CURLUPART_HOST).value_or(""));
    const std::string port = part(url, CURLUPART_PORT).value_or("");
    const bool bare = part(url, CURLUPART_PATH).value_or("/") == "/" && !part(url, CURLUPART_QUERY) &&
                      !part(url, CURLUPART_FRAGMENT) && !part(url, CURLUPART_USER) && !part(url, CURLUPART_PASSWORD);
    if ((scheme != "https" && scheme != "http") || host.empty() || !bare) {
        return bad(texts::kBadServerUrl);
    }
    if (scheme == "http" && !is_loopback_host(host)) {
        return bad(texts::kPlainHttp);
    }
    const bool usual_port = port.empty() || (scheme == "https" && port == "443") || (scheme == "http" && port == "80");
    return scheme + "://" + host + (usual_port ? "" : ":" + port);
}

bool is_loopback(std::string_view normal_url) {
    const Url url(curl_url());
    return curl_url_set(url.get(), CURLUPART_URL, std::string(normal_url).c_str(), 0) == CURLUE_OK &&
           is_loopback_host(part(url, CURLUPART_HOST).value_or(""));
}

}  // namespace madoguchi::admin_cli
