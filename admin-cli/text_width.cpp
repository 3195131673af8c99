#include "admin-cli/text_width.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace madoguchi::admin_cli {
namespace {

struct Range {
    char32_t first;
    char32_t last;
};

// East Asian Width W and F, Unicode 15 EastAsianWidth.txt, neighbouring blocks of emoji merged.
constexpr std::array kWide{
    Range{0x1100, 0x115F},   Range{0x231A, 0x231B},   Range{0x2329, 0x232A},   Range{0x23E9, 0x23EC},
    Range{0x23F0, 0x23F0},   Range{0x23F3, 0x23F3},   Range{0x25FD, 0x25FE},   Range{0x2614, 0x2615},
    Range{0x2648, 0x2653},   Range{0x267F, 0x267F},   Range{0x2693, 0x2693},   Range{0x26A1, 0x26A1},
    Range{0x26AA, 0x26AB},   Range{0x26BD, 0x26BE},   Range{0x26C4, 0x26C5},   Range{0x26CE, 0x26CE},
    Range{0x26D4, 0x26D4},   Range{0x26EA, 0x26EA},   Range{0x26F2, 0x26F3},   Range{0x26F5, 0x26F5},
    Range{0x26FA, 0x26FA},   Range{0x26FD, 0x26FD},   Range{0x2705, 0x2705},   Range{0x270A, 0x270B},
    Range{0x2728, 0x2728},   Range{0x274C, 0x274C},   Range{0x274E, 0x274E},   Range{0x2753, 0x2755},
    Range{0x2757, 0x2757},   Range{0x2795, 0x2797},   Range{0x27B0, 0x27B0},   Range{0x27BF, 0x27BF},
    Range{0x2B1B, 0x2B1C},   Range{0x2B50, 0x2B50},   Range{0x2B55, 0x2B55},   Range{0x2E80, 0x303E},
    Range{0x3041, 0x33FF},   Range{0x3400, 0x4DBF},   Range{0x4E00, 0xA4CF},   Range{0xA960, 0xA97C},
    Range{0xAC00, 0xD7A3},   Range{0xF900, 0xFAFF},   Range{0xFE10, 0xFE19},   Range{0xFE30, 0xFE6F},
    Range{0xFF01, 0xFF60},   Range{0xFFE0, 0xFFE6},   Range{0x16FE0, 0x16FE4}, Range{0x17000, 0x18CD5},
    Range{0x1AFF0, 0x1B2FB}, Range{0x1F004, 0x1F004}, Range{0x1F0CF, 0x1F0CF}, Range{0x1F18E, 0x1F18E},
    Range{0x1F191, 0x1F19A}, Range{0x1F200, 0x1F320}, Range{0x1F32D, 0x1F335}, Range{0x1F337, 0x1F37C},
    Range{0x1F37E, 0x1F393}, Range{0x1F3A0, 0x1F3CA}, Range{0x1F3CF, 0x1F3D3}, Range{0x1F3E0, 0x1F3F0},
    Range{0x1F3F4, 0x1F3F4}, Range{0x1F3F8, 0x1F43E}, Range{0x1F440, 0x1F440}, Range{0x1F442, 0x1F4FC},
    Range{0x1F4FF, 0x1F53D}, Range{0x1F54B, 0x1F54E}, Range{0x1F550, 0x1F567}, Range{0x1F57A, 0x1F57A},
    Range{0x1F595, 0x1F596}, Range{0x1F5A4, 0x1F5A4}, Range{0x1F5FB, 0x1F64F}, Range{0x1F680, 0x1F6C5},
    Range{0x1F6CC, 0x1F6CC}, Range{0x1F6D0, 0x1F6D2}, Range{0x1F6D5, 0x1F6DF}, Range{0x1F6EB, 0x1F6EC},
    Range{0x1F6F4, 0x1F6FC}, Range{0x1F7E0, 0x1F7F0}, Range{0x1F90C, 0x1F93A}, Range{0x1F93C, 0x1F945},
    Range{0x1F947, 0x1F9FF}, Range{0x1FA70, 0x1FAF8}, Range{0x20000, 0x2FFFD}, Range{0x30000, 0x3FFFD},
};

// Combining marks and variation selectors: names of places in Japan are written with the latter (辻󠄀).
constexpr std::array kZeroWidth{
    Range{0x0300, 0x036F}, Range{0x0483, 0x0489}, Range{0x0591, 0x05BD}, Range{0x1AB0, 0x1AFF},
    Range{0x1DC0, 0x1DFF}, Range{0x200C, 0x200D}, Range{0x20D0, 0x20FF}, Range{0x302A, 0x302D},
    Range{0x3099, 0x309A}, Range{0xFE00, 0xFE0F}, Range{0xFE20, 0xFE2F}, Range{0xE0100, 0xE01EF},
};

// Characters that steer the terminal or the reader's eye instead of showing something.
constexpr std::array kSteering{
    Range{0x0000, 0x001F}, Range{0x007F, 0x009F}, Range{0x00AD, 0x00AD}, Range{0x061C, 0x061C},
    Range{0x180E, 0x180E}, Range{0x200B, 0x200B}, Range{0x200E, 0x200F}, Range{0x2028, 0x202E},
    Range{0x2060, 0x206F}, Range{0xFEFF, 0xFEFF}, Range{0xFFF9, 0xFFFB}, Range{0xE0000, 0xE007F},
};

template <std::size_t Size>
bool in(const std::array<Range, Size>& ranges, char32_t code_point) {
    const auto after = std::upper_bound(ranges.begin(), ranges.end(), code_point,
                                        [](char32_t value, const Range& range) { return value < range.first; });
    return after != ranges.begin() && code_point <= std::prev(after)->last;
}

constexpr char32_t kReplacement = 0xFFFD;

/// The code point at `position`, which moves behind it. A byte that begins no valid UTF-8 counts as U+FFFD (RFC 3629).
char32_t next_code_point(std::string_view text, std::size_t& position) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned char lead = byte(position++);
    if (lead < 0x80) {
        return lead;
    }
    const std::size_t following = lead >= 0xF0 && lead < 0xF5   ? 3
                                  : lead >= 0xE0 && lead < 0xF0 ? 2
                                  : lead >= 0xC2 && lead < 0xE0 ? 1
                                                                : 0;
    if (following == 0 || position + following > text.size()) {
        return kReplacement;
    }
    char32_t code_point = lead & (0x3FU >> following);
    for (std::size_t i = 0; i < following; ++i) {
        if ((byte(position + i) & 0xC0U) != 0x80) {
            return kReplacement;
        }
        code_point = (code_point << 6U) | (byte(position + i) & 0x3FU);
    }
    constexpr std::array<char32_t, 4> kSmallest{0, 0x80, 0x800, 0x10000};
    if (code_point < kSmallest[following] || code_point > 0x10FFFF || (code_point >= 0xD800 && code_point <= 0xDFFF)) {
        return kReplacement;
    }
    position += following;
    return code_point;
}

std::string utf16_escape(char32_t code_point) {
    if (code_point <= 0xFFFF) {
        return fmt::format("\\u{:04x}", static_cast<std::uint32_t>(code_point));
    }
    const auto offset = static_cast<std::uint32_t>(code_point - 0x10000);
    return fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + (offset >> 10U), 0xDC00 + (offset & 0x3FFU));
}

template <class Escape>
std::string replaced(std::string_view text, Escape escape) {
    std::string result;
    result.reserve(text.size());
    for (std::size_t position = 0; position < text.size();) {
        const std::size_t start = position;
        const char32_t code_point = next_code_point(text, position);
        if (code_point == kReplacement && position == start + 1) {
            result += "\xEF\xBF\xBD";
        } else if (in(kSteering, code_point)) {
            result += escape(code_point);
        } else {
            result += text.substr(start, position - start);
        }
    }
    return result;
}

}  // namespace

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    for (std::size_t position = 0; position < text.size();) {
        const char32_t code_point = next_code_point(text, position);
        width += in(kZeroWidth, code_point) ? 0U : in(kWide, code_point) ? 2U : 1U;
    }
    return width;
}

std::string printable(std::string_view text) {
    return replaced(text, [](char32_t code_point) -> std::string {
        switch (code_point) {
            case '\n':
                return "\\n";
            case '\r':
                return "\\r";
            case '\t':
                return "\\t";
            default:
                return utf16_escape(code_point);
        }
    });
}

std::string printable_json(std::string_view json) {
    // The writer escaped what stands inside strings; a line break here is one between values.
    return replaced(json, [](char32_t code_point) { return code_point == '\n' ? "\n" : utf16_escape(code_point); });
}

std::string padded(std::string_view text, std::size_t width) {
    const std::size_t taken = display_width(text);
    return std::string(text) + std::string(taken < width ? width - taken : 0, ' ');
}

}  // namespace madoguchi::admin_cli
