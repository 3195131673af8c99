#include "gateway/http_client.hpp"

#include <curl/curl.h>
#include <sys/socket.h>
#include <algorithm>
#include <charconv>
#include <memory>
#include <mutex>

#include "gateway/public_address.hpp"

namespace madoguchi::gateway {
namespace {

struct HandleCloser {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct ListCloser {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using Handle = std::unique_ptr<CURL, HandleCloser>;
using HeaderList = std::unique_ptr<curl_slist, ListCloser>;

HeaderList header_list(const std::vector<std::string>& headers) {
    HeaderList list(curl_slist_append(nullptr, "Expect:"));  // no extra round trip for small bodies
    for (const auto& header : headers) {
        curl_slist* longer = curl_slist_append(list.get(), header.c_str());
        static_cast<void>(list.release());  // the longer list owns the shorter one
        list.reset(longer);
    }
    return list;
}

std::size_t take_body(char* data, std::size_t, std::size_t count, void* target) {
    auto& body = *static_cast<std::string*>(target);
    if (body.size() + count > limits::kGatewayAnswerBytes) {
        return 0;  // curl ends the transfer
    }
    body.append(data, count);
    return count;
}

std::string lower_case(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return out;
}

std::size_t take_header(char* data, std::size_t, std::size_t count, void* target) {
    constexpr std::string_view kName = "retry-after:";
    const std::string line = lower_case({data, count});
    if (line.starts_with(kName)) {
        const auto first = std::min(line.find_first_not_of(' ', kName.size()), line.size());
        int seconds = 0;
        if (std::from_chars(line.data() + first, line.data() + line.size(), seconds).ec == std::errc() &&
            seconds >= 0) {
            static_cast<HttpReply*>(target)->retry_after = std::chrono::seconds(seconds);
        }
    }
    return count;
}

bool is_loopback(const std::string& url) {
    return url.starts_with("http://127.0.0.1:") || url.starts_with("http://localhost:") ||
           url.starts_with("http://[::1]:");
}

// Certain is only one thing: no byte of the request was written. A handshake is none.
HttpTrouble trouble(CURLcode code, CURL* handle) {
    long written = 0;
    curl_easy_getinfo(handle, CURLINFO_REQUEST_SIZE, &written);
    return {written == 0 ? HttpTrouble::Reach::not_reached : HttpTrouble::Reach::unclear, curl_easy_strerror(code)};
}

template <class Value>
void set(const Handle& handle, CURLoption option, Value value) {
    curl_easy_setopt(handle.get(), option, value);
}

void set_bounds(const Handle& handle, const std::string& url, const std::string& ca_file, const HttpTimes& times) {
    set(handle, CURLOPT_PROTOCOLS_STR, is_loopback(url) ? "http,https" : "https");
    set(handle, CURLOPT_FOLLOWLOCATION, 0L);
    set(handle, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(handle, CURLOPT_FRESH_CONNECT, 1L);
    set(handle, CURLOPT_FORBID_REUSE, 1L);
    set(handle, CURLOPT_NOSIGNAL, 1L);
    set(handle, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(times.connect.count()));
    set(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(times.answer.count()));
    set(handle, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    set(handle, CURLOPT_SSL_VERIFYPEER, 1L);
    set(handle, CURLOPT_SSL_VERIFYHOST, 2L);
    if (!ca_file.empty()) {
        set(handle, CURLOPT_CAINFO, ca_file.c_str());
        set(handle, CURLOPT_CAPATH, static_cast<const char*>(nullptr));  // instead of the system's, not beside them
    }
    if (is_loopback(url)) {
        set(handle, CURLOPT_PROXY, "");  // a proxy from the environment would carry plain http off this machine
    }
}

// Asked for each address that a name was resolved to, at the moment of connecting: a name that is resolved anew between
// a check and the connection leads nowhere else.
curl_socket_t open_if_public(void* refused, curlsocktype, curl_sockaddr* address) {
    if (!is_public(address->addr)) {
        *static_cast<bool*>(refused) = true;
        return CURL_SOCKET_BAD;
    }
    return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

}  // namespace

CurlHttpClient::CurlHttpClient(const std::filesystem::path& ca_file, const HttpTimes& times, Reachable reachable)
    : ca_file_(ca_file.string()), times_(times), reachable_(reachable) {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
}

HttpOutcome CurlHttpClient::post(const HttpCall& call) const {
    const Handle handle(curl_easy_init());
    if (!handle || !is_safe_url(call.url)) {
        return tl::unexpected<HttpTrouble>({HttpTrouble::Reach::not_reached, "no safe address"});
    }
    HttpReply reply;
    const auto headers = header_list(call.headers);
    set_bounds(handle, call.url, ca_file_, times_);
    set(handle, CURLOPT_URL, call.url.c_str());
    set(handle, CURLOPT_USERAGENT, "madoguchi");
    set(handle, CURLOPT_HTTPHEADER, headers.get());
    set(handle, CURLOPT_POST, 1L);
    set(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call.body.reveal().size()));
    set(handle, CURLOPT_POSTFIELDS, call.body.reveal().c_str());
    if (!call.user.empty()) {
        set(handle, CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
        set(handle, CURLOPT_USERNAME, call.user.c_str());
        set(handle, CURLOPT_PASSWORD, call.password.reveal().c_str());
    }
    set(handle, CURLOPT_WRITEFUNCTION, take_body);
    set(handle, CURLOPT_WRITEDATA, &reply.body);
    set(handle, CURLOPT_HEADERFUNCTION, take_header);
    set(handle, CURLOPT_HEADERDATA, &reply);
    bool refused = false;
    if (reachable_ == Reachable::only_public) {
        set(handle, CURLOPT_OPENSOCKETFUNCTION, open_if_public);
        set(handle, CURLOPT_OPENSOCKETDATA, &refused);
        set(handle, CURLOPT_PROXY, "");  // it would be the proxy's address that is judged
    }
    if (const CURLcode code = curl_easy_perform(handle.get()); code != CURLE_OK) {
        return refused ? tl::unexpected<HttpTrouble>({HttpTrouble::Reach::not_reached, "address is not public"})
                       : tl::unexpected<HttpTrouble>(trouble(code, handle.get()));
    }
    long status = 0;
    curl_easy_getinfo(handle.get(), CURLINFO_RESPONSE_CODE, &status);
    reply.status = static_cast<int>(status);
    return reply;
}

bool is_safe_url(const std::string& url) {
    const bool printable = std::ranges::all_of(url, [](char c) { return c > ' ' && c < 127; });
    return printable && ((url.starts_with("https://") && url.size() > 8) || is_loopback(url));
}

std::string form_encoded(const std::vector<std::pair<std::string, std::string>>& fields) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out;
    const auto append = [&](std::string_view text) {
        for (const char c : text) {
            const auto byte = static_cast<unsigned char>(c);
            const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' ||
                               c == '.' || c == '_' || c == '~';
            if (plain) {
                out += c;
            } else {
                out += '%';
                out += kHex[byte >> 4U];
                out += kHex[byte & 15U];
            }
        }
    };
    for (const auto& [name, value] : fields) {
        out += out.empty() ? "" : "&";
        append(name);
        out += '=';
        append(value);
    }
    return out;
}

}  // namespace madoguchi::gateway
