// Bytes as text and back. Decoders return nothing for anything but the canonical form.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace madoguchi {

std::string to_hex(std::string_view bytes);
std::optional<std::string> from_hex(std::string_view text);
/// RFC 4648 §5, without padding.
std::string to_base64url(std::string_view bytes);
std::optional<std::string> from_base64url(std::string_view text);
/// RFC 4648 §6, without padding, upper case: TOTP keys.
std::string to_base32(std::string_view bytes);

}  // namespace madoguchi
