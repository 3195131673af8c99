#include "admin-cli/http_client.hpp"

#include <curl/curl.h>

#include <algorithm>

#include "admin-cli/server_url.hpp"
#include "admin-cli/version.hpp"

namespace madoguchi::admin_cli {
namespace {

struct HandleCloser {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct ListCloser {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, ListCloser>;

void append(HeaderList& list, const std::string& header) {
    curl_slist* longer = curl_slist_append(list.get(), header.c_str());
    (void)list.release();  // the longer list owns the shorter one
    list.reset(longer);
}

std::size_t take_body(char* data, std::size_t, std::size_t count, void* target) {
    auto& body = *static_cast<std::string*>(target);
    if (body.size() + count > kLargestAnswerBytes) {
        return 0;  // curl ends the transfer
    }
    body.append(data, count);
    return count;
}

std::size_t take_header(char* data, std::size_t, std::size_t count, void* target) {
    auto& headers = *static_cast<std::map<std::string, std::string>*>(target);
    const std::string_view line(data, count);
    const std::size_t colon = line.find(':');
    if (line.starts_with("HTTP/")) {
        headers.clear();
    } else if (colon != std::string_view::npos && headers.size() < 100) {
        std::string name(line.substr(0, colon));
        std::transform(name.begin(), name.end(), name.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
        std::string_view value = line.substr(colon + 1);
        value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
        const std::size_t last = value.find_last_not_of(" \t\r\n");
        headers[name] = std::string(value.substr(0, last == std::string_view::npos ? 0 : last + 1));
    }
    return count;
}

class CurlClient final : public HttpClient {
public:
    explicit CurlClient(const Settings& settings) : settings_(settings) {
        curl_global_init(CURL_GLOBAL_DEFAULT);
        handle_.reset(curl_easy_init());
    }
    CurlClient(const CurlClient&) = delete;
    CurlClient& operator=(const CurlClient&) = delete;
    ~CurlClient() override {
        handle_.reset();
        curl_global_cleanup();
    }

    Outcome<HttpAnswer> send(const HttpRequest& request) override {
        HttpAnswer answer;
        std::string reason(CURL_ERROR_SIZE, '\0');
        curl_easy_reset(handle_.get());
        const HeaderList headers = set_request(request);
        set_security();
        set(CURLOPT_ERRORBUFFER, reason.data());
        set(CURLOPT_WRITEFUNCTION, take_body);
        set(CURLOPT_WRITEDATA, &answer.body);
        set(CURLOPT_HEADERFUNCTION, take_header);
        set(CURLOPT_HEADERDATA, &answer.headers);
        const CURLcode result = curl_easy_perform(handle_.get());
        if (result != CURLE_OK) {
            reason.resize(std::char_traits<char>::length(reason.c_str()));
            return network_failure(result, reason.empty() ? curl_easy_strerror(result) : reason,
                                   request.verb != Verb::get);
        }
        long status = 0;
        curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
        answer.status = static_cast<int>(status);
        return answer;
    }

private:
    template <class Value>
    void set(CURLoption option, Value value) {
        curl_easy_setopt(handle_.get(), option, value);
    }

    HeaderList set_request(const HttpRequest& request) {
        HeaderList headers;
        append(headers, "Accept: application/json, application/problem+json");
        append(headers, settings_.language == Language::ja ? "Accept-Language: ja" : "Accept-Language: en");
        append(headers, "Expect:");  // no extra round trip for small bodies
        if (!request.token.empty()) {
            append(headers, "Authorization: Bearer " + request.token);
        }
        set(CURLOPT_URL, (settings_.server + request.path).c_str());
        if (!request.idempotency_key.empty()) {
            append(headers, "Idempotency-Key: " + request.idempotency_key);
        }
        if (!request.if_match.empty()) {
            append(headers, "If-Match: " + request.if_match);
        }
        if (request.verb == Verb::remove) {
            set(CURLOPT_CUSTOMREQUEST, "DELETE");
        } else if (request.verb != Verb::get) {
            append(headers, "Content-Type: application/json");
            set(CURLOPT_POST, 1L);
            set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
            set(CURLOPT_POSTFIELDS, request.body.c_str());
        }
        if (request.verb == Verb::patch || request.verb == Verb::put) {
            set(CURLOPT_CUSTOMREQUEST, request.verb == Verb::put ? "PUT" : "PATCH");
        }
        set(CURLOPT_HTTPHEADER, headers.get());
        set(CURLOPT_USERAGENT, kUserAgent);
        return headers;
    }

    void set_security() {
        set(CURLOPT_SSL_VERIFYPEER, 1L);
        set(CURLOPT_SSL_VERIFYHOST, 2L);
        set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
        set(CURLOPT_PROTOCOLS_STR, settings_.server.starts_with("https:") ? "https" : "http");
        set(CURLOPT_FOLLOWLOCATION, 0L);
        set(CURLOPT_NOSIGNAL, 1L);
        const auto timeout_ms = static_cast<long>(std::chrono::milliseconds(settings_.timeout).count());
        set(CURLOPT_TIMEOUT_MS, timeout_ms);
        set(CURLOPT_CONNECTTIMEOUT_MS, std::min(timeout_ms, 10'000L));
        if (!settings_.ca_file.empty()) {
            set(CURLOPT_CAINFO, settings_.ca_file.c_str());
            set(CURLOPT_CAPATH, nullptr);  // instead of the system's, not beside them
        }
        if (is_loopback(settings_.server)) {
            set(CURLOPT_PROXY, "");  // a proxy from the environment would carry plain http off this computer
        }
    }

    static tl::unexpected<Failure> not_sent(std::string message, std::string advice = {}) {
        return fail(Failure{.code = ExitCode::network,
                            .message = std::move(message),
                            .advice = std::move(advice),
                            .problem_id = std::string(kNotSent)});
    }

    tl::unexpected<Failure> network_failure(CURLcode result, const std::string& reason, bool changes) const {
        const Language language = settings_.language;
        switch (result) {
            case CURLE_SSL_CACERT_BADFILE:
                return not_sent(say(language, texts::kBadCaFile, settings_.ca_file, reason));
            case CURLE_PEER_FAILED_VERIFICATION:
            case CURLE_SSL_CERTPROBLEM:
            case CURLE_SSL_ISSUER_ERROR:
                return not_sent(say(language, texts::kUntrusted, settings_.server, reason),
                                say(language, texts::kUntrustedAdvice));
            case CURLE_COULDNT_CONNECT:
            case CURLE_COULDNT_RESOLVE_HOST:
            case CURLE_COULDNT_RESOLVE_PROXY:
            case CURLE_SSL_CONNECT_ERROR:
                return not_sent(say(language, texts::kUnreachable, settings_.server, reason),
                                say(language, texts::kUnreachableAdvice, settings_.server));
            default:
                break;
        }
        const bool late = result == CURLE_OPERATION_TIMEDOUT;
        std::string advice =
            late ? say(language, texts::kTimedOutAdvice) : say(language, texts::kUnreachableAdvice, settings_.server);
        return fail(ExitCode::network,
                    say(language, late ? texts::kTimedOut : texts::kUnreachable, settings_.server, reason),
                    changes ? say(language, texts::kMaybeDone) : std::move(advice));
    }

    const Settings& settings_;
    std::unique_ptr<CURL, HandleCloser> handle_;
};

}  // namespace

std::unique_ptr<HttpClient> make_http_client(const Settings& settings) {
    return std::make_unique<CurlClient>(settings);
}

std::string url_encoded(std::string_view text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string encoded;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool unreserved = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                                c == '-' || c == '.' || c == '_' || c == '~';
        if (unreserved) {
            encoded += c;
        } else {
            encoded += {'%', kHex[byte >> 4U], kHex[byte & 0xFU]};
        }
    }
    return encoded;
}

}  // namespace madoguchi::admin_cli
