#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace madoguchi::admin_cli {

/// The known word that `word` is most likely a typing error of (at most two letters apart), if there is one.
std::optional<std::string> closest_spelling(std::string_view word, const std::vector<std::string>& known);

}  // namespace madoguchi::admin_cli
