// `{name}` in the sentences of the catalogs.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace madoguchi::render {

/// The names in `text` (lower-case letters, digits and _), or nothing if a brace stands alone or is empty.
std::optional<std::set<std::string>> placeholders_of(std::string_view text);

/// `text` with every `{name}` replaced. Expects a text that placeholders_of accepts; other braces stay as they are.
std::string replace_placeholders(std::string_view text, const std::function<std::string(const std::string&)>& value_of);

}  // namespace madoguchi::render
