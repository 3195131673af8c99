#include "http/head.hpp"

#include <algorithm>
#include <charconv>

#include "base/limits.hpp"
#include "http/ascii.hpp"

namespace madoguchi::http {
namespace {

tl::unexpected<Refusal> malformed(std::string detail) {
    return refuse(400, "malformed_request", std::move(detail));
}

// RFC 9110 §5.6.2
bool is_token(std::string_view text) {
    static constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char character) {
        return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
               (character >= '0' && character <= '9') || kMarks.find(character) != std::string_view::npos;
    });
}

bool is_field_value(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char character) {
        const auto byte = static_cast<unsigned char>(character);
        return byte == '\t' || (byte >= 0x20 && byte != 0x7F);
    });
}

bool has_list_member(std::string_view list, std::string_view wanted) {
    while (!list.empty()) {
        if (lower_case(trim(take_until(list, ','))) == wanted) {
            return true;
        }
    }
    return false;
}

tl::expected<void, Refusal> parse_request_line(std::string_view line, Head& head, std::string_view& version) {
    const auto first = line.find(' ');
    const auto second = first == std::string_view::npos ? first : line.find(' ', first + 1);
    if (second == std::string_view::npos) {
        return malformed("request line");
    }
    const auto method = line.substr(0, first);
    version = line.substr(second + 1);
    if (!is_token(method) || (version != "HTTP/1.1" && version != "HTTP/1.0")) {
        return malformed("request line");
    }
    head.method = method;
    head.target = line.substr(first + 1, second - first - 1);
    return {};
}

tl::expected<void, Refusal> parse_header_lines(std::string_view text, Headers& headers) {
    while (!text.empty()) {
        const auto end = text.find("\r\n");
        const auto line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
        const auto colon = line.find(':');
        if (colon == std::string_view::npos || !is_token(line.substr(0, colon)) ||
            !is_field_value(line.substr(colon + 1))) {
            return malformed("header line");
        }
        if (headers.all().size() == limits::kHeaderCount) {
            return refuse(431, "headers_too_large", "too many headers");
        }
        headers.add(lower_case(line.substr(0, colon)), std::string(trim(line.substr(colon + 1))));
    }
    return {};
}

tl::expected<std::size_t, Refusal> content_length_of(const Headers& headers, std::size_t most) {
    if (headers.count("transfer-encoding") != 0) {
        return malformed("Transfer-Encoding");  // nginx sends us bodies with their length
    }
    if (headers.count("expect") != 0) {
        return refuse(417, "malformed_request", "Expect");
    }
    if (headers.count("content-length") == 0) {
        return 0;
    }
    const auto text = headers.find("content-length").value_or("");
    std::size_t length = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), length);
    const bool digits = !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
    if (headers.count("content-length") > 1 || !digits) {
        return malformed("Content-Length");
    }
    if (parsed.ec != std::errc() || length > most) {
        return refuse(413, "payload_too_large", "Content-Length");
    }
    return length;
}

}  // namespace

std::optional<std::string> Headers::find(std::string_view lower_case_name) const {
    for (const auto& [name, value] : lines_) {
        if (name == lower_case_name) {
            return value;
        }
    }
    return std::nullopt;
}

std::size_t Headers::count(std::string_view lower_case_name) const {
    return static_cast<std::size_t>(
        std::count_if(lines_.begin(), lines_.end(), [&](const auto& line) { return line.first == lower_case_name; }));
}

tl::expected<Head, Refusal> parse_head(std::string_view text, const BodyLimit& limit) {
    Head head;
    std::string_view version;
    const auto end = text.find("\r\n");
    if (auto line = parse_request_line(text.substr(0, end), head, version); !line) {
        return tl::unexpected<Refusal>(std::move(line.error()));
    }
    if (end != std::string_view::npos) {
        if (auto lines = parse_header_lines(text.substr(end + 2), head.headers); !lines) {
            return tl::unexpected<Refusal>(std::move(lines.error()));
        }
    }
    const auto hosts = head.headers.count("host");
    if (hosts > 1 || (hosts == 0 && version == "HTTP/1.1")) {
        return malformed("Host");
    }
    auto length = content_length_of(head.headers, limit ? limit(head) : limits::kRequestBytes);
    if (!length) {
        return tl::unexpected<Refusal>(std::move(length.error()));
    }
    head.content_length = *length;
    const bool close = version == "HTTP/1.0" || has_list_member(head.headers.find("connection").value_or(""), "close");
    head.persistence = close ? Persistence::close : Persistence::keep_alive;
    return head;
}

RequestReader::State RequestReader::feed(std::string_view bytes) {
    if (state_ == State::refused) {
        return state_;
    }
    buffer_ += bytes;
    return state_ == State::complete ? state_ : advance();
}

RequestReader::State RequestReader::next() {
    if (state_ == State::complete) {
        state_ = State::waiting;
        head_ = {};
        body_.clear();
        searched_ = 0;
        blank_passed_ = false;
        advance();
    }
    return state_;
}

RequestReader::State RequestReader::give_up(Refusal refusal) {
    refusal_ = std::move(refusal);
    std::string_view line(buffer_);
    line = line.substr(0, std::min(line.find("\r\n"), limits::kPathBytes));
    take_until(line, ' ');
    refused_target_ = take_until(line, ' ');
    buffer_.clear();
    return state_ = State::refused;
}

RequestReader::State RequestReader::advance() {
    if (state_ == State::waiting && !buffer_.empty()) {
        state_ = State::in_head;
    }
    if (state_ == State::in_head) {
        if (!blank_passed_ && buffer_.size() >= 2) {
            blank_passed_ = true;  // RFC 9112 §2.2: an empty line before the request line is passed over, once
            buffer_.erase(0, buffer_.starts_with("\r\n") ? 2 : 0);
        }
        const auto end = buffer_.find("\r\n\r\n", searched_);
        if (std::min(end, buffer_.size()) > limits::kRequestHeadBytes) {
            return give_up({431, {.kind = ErrorKind::invalid, .message_id = "headers_too_large"}});
        }
        if (end == std::string::npos) {
            searched_ = buffer_.size() < 3 ? 0 : buffer_.size() - 3;
            return state_;
        }
        auto head = parse_head(std::string_view(buffer_).substr(0, end), limit_);
        if (!head) {
            return give_up(std::move(head.error()));
        }
        head_ = std::move(*head);
        buffer_.erase(0, end + 4);
        state_ = State::in_body;
    }
    if (state_ == State::in_body && buffer_.size() >= head_.content_length) {
        body_ = buffer_.substr(0, head_.content_length);
        buffer_.erase(0, head_.content_length);
        state_ = State::complete;
    }
    return state_;
}

}  // namespace madoguchi::http
