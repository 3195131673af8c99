#include "gateway/public_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>

namespace madoguchi::gateway {
namespace {

struct Range {
    std::array<std::uint8_t, 4> start;
    int bits;
};

constexpr std::array<Range, 14> kNotPublic = {{{{0, 0, 0, 0}, 8},
                                               {{10, 0, 0, 0}, 8},
                                               {{100, 64, 0, 0}, 10},  // carriers' own
                                               {{127, 0, 0, 0}, 8},
                                               {{169, 254, 0, 0}, 16},  // the link, and clouds' metadata
                                               {{172, 16, 0, 0}, 12},
                                               {{192, 0, 0, 0}, 24},
                                               {{192, 0, 2, 0}, 24},
                                               {{192, 168, 0, 0}, 16},
                                               {{198, 18, 0, 0}, 15},
                                               {{198, 51, 100, 0}, 24},
                                               {{203, 0, 113, 0}, 24},
                                               {{224, 0, 0, 0}, 4},
                                               {{240, 0, 0, 0}, 4}}};

std::uint32_t number(const std::array<std::uint8_t, 4>& address) {
    std::uint32_t out = 0;
    for (const auto byte : address) {
        out = out << 8U | byte;
    }
    return out;
}

template <std::size_t N>
bool starts_with(const std::array<std::uint8_t, 16>& address, const std::array<std::uint8_t, N>& prefix) {
    return std::equal(prefix.begin(), prefix.end(), address.begin());
}

std::array<std::uint8_t, 4> last_four(const std::array<std::uint8_t, 16>& address) {
    return {address[12], address[13], address[14], address[15]};
}

}  // namespace

bool is_public(std::array<std::uint8_t, 4> address) {
    return std::ranges::none_of(kNotPublic, [&](const Range& range) {
        const auto shift = static_cast<unsigned>(32 - range.bits);
        return number(address) >> shift == number(range.start) >> shift;
    });
}

bool is_public(const std::array<std::uint8_t, 16>& address) {
    constexpr std::array<std::uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    constexpr std::array<std::uint8_t, 12> kTranslated = {0, 0x64, 0xff, 0x9b};
    constexpr std::array<std::uint8_t, 4> kTeredo = {0x20, 0x01, 0, 0};
    constexpr std::array<std::uint8_t, 4> kDocuments = {0x20, 0x01, 0x0d, 0xb8};
    constexpr std::array<std::uint8_t, 2> kSixToFour = {0x20, 0x02};
    if (starts_with(address, kMapped) || starts_with(address, kTranslated)) {
        return is_public(last_four(address));
    }
    // What is not handed out to anybody, private, of the link or of many, lies outside 2000::/3.
    const bool handed_out = (address[0] & 0xe0U) == 0x20U;
    return handed_out && !starts_with(address, kTeredo) && !starts_with(address, kDocuments) &&
           !starts_with(address, kSixToFour);
}

bool is_public(const sockaddr& address) {
    if (address.sa_family == AF_INET) {
        sockaddr_in four{};
        std::memcpy(&four, &address, sizeof four);
        std::array<std::uint8_t, 4> bytes{};
        std::memcpy(bytes.data(), &four.sin_addr, bytes.size());
        return is_public(bytes);
    }
    if (address.sa_family == AF_INET6) {
        sockaddr_in6 six{};
        std::memcpy(&six, &address, sizeof six);
        std::array<std::uint8_t, 16> bytes{};
        std::memcpy(bytes.data(), &six.sin6_addr, bytes.size());
        return is_public(bytes);
    }
    return false;
}

std::optional<bool> is_public_literal(const std::string& text) {
    std::array<std::uint8_t, 4> four{};
    std::array<std::uint8_t, 16> six{};
    if (inet_pton(AF_INET, text.c_str(), four.data()) == 1) {
        return is_public(four);
    }
    if (inet_pton(AF_INET6, text.c_str(), six.data()) == 1) {
        return is_public(six);
    }
    return std::nullopt;
}

}  // namespace madoguchi::gateway
