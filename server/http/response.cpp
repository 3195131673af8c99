#include "http/response.hpp"

#include <algorithm>
#include <array>
#include <ctime>
#include <nlohmann/json.hpp>

#include "http/ascii.hpp"
#include "http/target.hpp"

namespace madoguchi::http {
namespace {

// The same on every answer (S15). Referrer-Policy is added where a page has none of its own: same-origin rather than
// no-referrer, because with the latter browsers send "Origin: null" even on our own forms and the origin check would
// have nothing to look at.
constexpr std::string_view kSecurityHeaders =
    "Content-Security-Policy: default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src "
    "'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; font-src 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "X-Frame-Options: DENY\r\n"
    "Permissions-Policy: camera=(), microphone=(), geolocation=(), payment=(), usb=()\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Strict-Transport-Security: max-age=31536000\r\n";

bool is_header_name(std::string_view name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char character) {
        return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
               (character >= '0' && character <= '9') || character == '-';
    });
}

bool is_header_value(std::string_view value) {
    return std::all_of(value.begin(), value.end(),
                       [](char character) { return character >= 0x20 && character < 0x7F; });
}

std::string_view http_date(Instant now) {  // RFC 9110 §5.6.7
    thread_local std::time_t written_for = -1;
    thread_local std::string text;
    const std::time_t seconds = to_unix_seconds(now);
    if (seconds != written_for) {
        std::tm parts{};
        gmtime_r(&seconds, &parts);
        std::array<char, 32> buffer{};
        const auto length = std::strftime(buffer.data(), buffer.size(), "%a, %d %b %Y %H:%M:%S GMT", &parts);
        text.assign(buffer.data(), length);
        written_for = seconds;
    }
    return text;
}

class HeaderWriter {
public:
    explicit HeaderWriter(std::string& out) : out_(out) {}
    void line(std::string_view name, std::string_view value) {
        good_ = good_ && is_header_name(name) && is_header_value(value);
        out_ += name;
        out_ += ": ";
        out_ += value;
        out_ += "\r\n";
    }
    bool good() const { return good_; }

private:
    std::string& out_;
    bool good_ = true;
};

bool has_no_content(int status) {
    return status == 204 || status == 304;
}

}  // namespace

Response Response::html(int status, std::string body) {
    return {status, "text/html; charset=utf-8", std::move(body)};
}

Response Response::json(int status, const nlohmann::json& value) {
    return {status, "application/json", value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)};
}

Response Response::text(int status, std::string body) {
    return {status, "text/plain; charset=utf-8", std::move(body)};
}

Response Response::empty(int status) {
    return {status};
}

Response Response::see_other(const std::string& path) {
    return Response{303}.with_header("Location", is_local_path(path) ? path : "/");
}

Response& Response::with_header(std::string name, std::string value) & {
    headers.emplace_back(std::move(name), std::move(value));
    return *this;
}

Response&& Response::with_header(std::string name, std::string value) && {
    headers.emplace_back(std::move(name), std::move(value));
    return std::move(*this);
}

Response& Response::with_cookie(Cookie cookie) & {
    cookies.push_back(std::move(cookie));
    return *this;
}

Response&& Response::with_cookie(Cookie cookie) && {
    cookies.push_back(std::move(cookie));
    return std::move(*this);
}

bool Response::has_header(std::string_view name) const {
    const auto wanted = lower_case(name);
    return std::any_of(headers.begin(), headers.end(), [&](const auto& header) {
        return header.first.size() == wanted.size() && lower_case(header.first) == wanted;
    });
}

std::string_view reason_of(int status) {
    static constexpr std::array<std::pair<int, std::string_view>, 27> kReasons = {
        {{200, "OK"},
         {201, "Created"},
         {202, "Accepted"},
         {204, "No Content"},
         {302, "Found"},
         {303, "See Other"},
         {304, "Not Modified"},
         {400, "Bad Request"},
         {401, "Unauthorized"},
         {403, "Forbidden"},
         {404, "Not Found"},
         {405, "Method Not Allowed"},
         {406, "Not Acceptable"},
         {408, "Request Timeout"},
         {409, "Conflict"},
         {410, "Gone"},
         {412, "Precondition Failed"},
         {413, "Content Too Large"},
         {415, "Unsupported Media Type"},
         {417, "Expectation Failed"},
         {422, "Unprocessable Content"},
         {428, "Precondition Required"},
         {429, "Too Many Requests"},
         {431, "Request Header Fields Too Large"},
         {500, "Internal Server Error"},
         {501, "Not Implemented"},
         {503, "Service Unavailable"}}};
    for (const auto& [code, reason] : kReasons) {
        if (code == status) {
            return reason;
        }
    }
    return "Unknown";
}

Result<std::string> serialize(const Response& response, const WireOptions& options) {
    std::string out;
    out.reserve(response.body.size() + 1536);
    out += "HTTP/1.1 " + std::to_string(response.status) + " ";
    out += reason_of(response.status);
    out += "\r\n";
    HeaderWriter writer(out);
    writer.line("Date", http_date(options.now));
    if (!response.content_type.empty()) {
        writer.line("Content-Type", response.content_type);
    }
    for (const auto& [name, value] : response.headers) {
        writer.line(name, value);
    }
    for (const auto& cookie : response.cookies) {
        writer.line("Set-Cookie", TRY(set_cookie_value(cookie)));
    }
    if (!response.has_header("Cache-Control")) {
        writer.line("Cache-Control", "no-store");
    }
    writer.line("X-Request-Id", options.request_id);
    if (!has_no_content(response.status)) {
        writer.line("Content-Length", std::to_string(response.body.size()));
    }
    writer.line("Connection", options.connection == ConnectionAfter::closed ? "close" : "keep-alive");
    if (!response.has_header("Referrer-Policy")) {
        writer.line("Referrer-Policy", "same-origin");
    }
    if (!writer.good()) {
        return failure(ErrorKind::internal, "internal", "a header that can't be written");
    }
    out += kSecurityHeaders;
    out += "\r\n";
    if (options.body == BodyOnWire::sent && !has_no_content(response.status)) {
        out += response.body;
    }
    return out;
}

}  // namespace madoguchi::http
