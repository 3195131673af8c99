// One strict UTF-8 decoder, without tables or locale, for log lines and the HTTP edge. RFC 3629: no overlong forms, no
// surrogates.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace madoguchi::telemetry {

/// The code point at `position`, which moves behind it; nothing (and one byte further) where the bytes are not UTF-8.
inline std::optional<char32_t> next_code_point(std::string_view text, std::size_t& position) {
    const auto first = static_cast<std::uint8_t>(text[position++]);
    if (first < 0x80) {
        return first;
    }
    const std::size_t more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
    if (first < 0xC2 || first > 0xF4 || position + more > text.size()) {
        return std::nullopt;
    }
    char32_t value = first & (0x3FU >> more);
    for (std::size_t i = 0; i < more; ++i) {
        const auto next = static_cast<std::uint8_t>(text[position + i]);
        if ((next & 0xC0U) != 0x80) {
            return std::nullopt;
        }
        value = (value << 6U) | (next & 0x3FU);
    }
    const bool overlong = (more == 2 && value < 0x800) || (more == 3 && value < 0x10000);
    if (overlong || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
        return std::nullopt;
    }
    position += more;
    return value;
}

}  // namespace madoguchi::telemetry
