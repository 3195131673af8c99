// SHA-256, HMAC and a comparison whose time does not depend on where two texts differ. Digests are raw bytes.
#pragma once

#include <string>
#include <string_view>

#include "base/secret.hpp"

namespace madoguchi::crypto {

/// 32 bytes.
std::string sha256(std::string_view message);
/// 32 bytes. RFC 2104, RFC 4231.
std::string hmac_sha256(const SecretText& key, std::string_view message);
/// 20 bytes. RFC 2202. Only where somebody else's protocol asks for it: signatures of telephone providers.
std::string hmac_sha1(const SecretText& key, std::string_view message);
bool equal_in_constant_time(std::string_view left, std::string_view right);

}  // namespace madoguchi::crypto
