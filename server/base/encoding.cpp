#include "base/encoding.hpp"

#include <array>
#include <cstdint>

namespace madoguchi {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kBase64Url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kBase32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

// Packs bytes into groups of `bits_each`, most significant first.
std::string pack(std::string_view bytes, std::string_view alphabet, unsigned bits_each) {
    std::string out;
    out.reserve((bytes.size() * 8 + bits_each - 1) / bits_each);
    std::uint32_t buffer = 0;
    unsigned bits = 0;
    for (const char byte : bytes) {
        buffer = (buffer << 8U) | static_cast<std::uint8_t>(byte);
        bits += 8;
        while (bits >= bits_each) {
            bits -= bits_each;
            out.push_back(alphabet[(buffer >> bits) & ((1U << bits_each) - 1U)]);
        }
    }
    if (bits > 0) {
        out.push_back(alphabet[(buffer << (bits_each - bits)) & ((1U << bits_each) - 1U)]);
    }
    return out;
}

std::optional<std::string> unpack(std::string_view text, std::string_view alphabet, unsigned bits_each) {
    std::string out;
    std::uint32_t buffer = 0;
    unsigned bits = 0;
    for (const char character : text) {
        const auto value = alphabet.find(character);
        if (value == std::string_view::npos) {
            return std::nullopt;
        }
        buffer = (buffer << bits_each) | static_cast<std::uint32_t>(value);
        bits += bits_each;
        if (bits >= 8) {
            bits -= 8;
            out.push_back(static_cast<char>((buffer >> bits) & 0xFFU));
        }
    }
    if (pack(out, alphabet, bits_each) != text) {
        return std::nullopt;
    }
    return out;
}

}  // namespace

std::string to_hex(std::string_view bytes) {
    return pack(bytes, kHex, 4);
}
std::optional<std::string> from_hex(std::string_view text) {
    return unpack(text, kHex, 4);
}
std::string to_base64url(std::string_view bytes) {
    return pack(bytes, kBase64Url, 6);
}
std::optional<std::string> from_base64url(std::string_view text) {
    return unpack(text, kBase64Url, 6);
}
std::string to_base32(std::string_view bytes) {
    return pack(bytes, kBase32, 5);
}

}  // namespace madoguchi
