#include "http/percent.hpp"

#include <cstdint>

#include "telemetry/utf8.hpp"

namespace madoguchi::http {
namespace {

int hex_value(char character) {
    if (character >= '0' && character <= '9') {
        return character - '0';
    }
    if (character >= 'a' && character <= 'f') {
        return character - 'a' + 10;
    }
    if (character >= 'A' && character <= 'F') {
        return character - 'A' + 10;
    }
    return -1;
}

bool is_unreserved(char character) {
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           (character >= '0' && character <= '9') || character == '-' || character == '.' || character == '_' ||
           character == '~';
}

}  // namespace

bool is_utf8(std::string_view text) {
    for (std::size_t position = 0; position < text.size();) {
        if (!telemetry::next_code_point(text, position)) {
            return false;
        }
    }
    return true;
}

Result<std::string> percent_decode(std::string_view text, Plus plus) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '%') {
            const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
            const int low = i + 2 < text.size() ? hex_value(text[i + 2]) : -1;
            if (high < 0 || low < 0) {
                return failure(ErrorKind::invalid, "malformed_request", "bad percent escape");
            }
            out.push_back(static_cast<char>(high * 16 + low));
            i += 2;
        } else {
            out.push_back(text[i] == '+' && plus == Plus::is_space ? ' ' : text[i]);
        }
        if (out.back() == '\0') {
            return failure(ErrorKind::invalid, "malformed_request", "NUL");
        }
    }
    if (!is_utf8(out)) {
        return failure(ErrorKind::invalid, "malformed_request", "not UTF-8");
    }
    return out;
}

std::string percent_encode(std::string_view text) {
    static constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out;
    for (const char character : text) {
        if (is_unreserved(character)) {
            out.push_back(character);
        } else {
            const auto byte = static_cast<std::uint8_t>(character);
            out.push_back('%');
            out.push_back(kHex[byte >> 4U]);
            out.push_back(kHex[byte & 0x0FU]);
        }
    }
    return out;
}

}  // namespace madoguchi::http
