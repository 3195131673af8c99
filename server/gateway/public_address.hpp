// Is an address one of the public Internet? Asked of what a name was resolved to, when the connection is made. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

struct sockaddr;

namespace madoguchi::gateway {

/// RFC 6890 and the registries behind it: neither this machine, nor a private network, nor a link, nor many at once.
bool is_public(std::array<std::uint8_t, 4> address);
/// The same for IPv6; an address that carries one of IPv4 is judged by that one.
bool is_public(const std::array<std::uint8_t, 16>& address);
/// False for families other than these two.
bool is_public(const sockaddr& address);
/// Of an address written as text, without brackets; nothing: it is a name.
std::optional<bool> is_public_literal(const std::string& text);

}  // namespace madoguchi::gateway
