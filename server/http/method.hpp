#pragma once

#include <optional>
#include <string_view>

namespace madoguchi::http {

enum class Method { get, head, post, put, patch, del };

inline constexpr int kMethodCount = 6;

/// "GET", "HEAD" ...
std::string_view name_of(Method method);
std::optional<Method> method_from(std::string_view name);

}  // namespace madoguchi::http
