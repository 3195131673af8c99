#pragma once

#include <string>
#include <string_view>

#include "admin-cli/outcome.hpp"

namespace madoguchi::admin_cli {

/// Scheme, host and port in one spelling, so that one server has one token: "HTTPS://Example.jp:443/" is
/// "https://example.jp". Errors: usage (not a URL; has a path, query or user; plain http to another computer).
Outcome<std::string> normal_server_url(std::string_view url, Language language);

/// Is the host of this normal URL this very computer?
bool is_loopback(std::string_view normal_url);

}  // namespace madoguchi::admin_cli
