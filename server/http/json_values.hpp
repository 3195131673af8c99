// Values of JSON answers that may be missing.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "base/time.hpp"

namespace madoguchi::http {

/// RFC 3339 in Japan's time, or null.
inline nlohmann::json optional_time(const std::optional<Instant>& instant) {
    return instant ? nlohmann::json(format_rfc3339_japan(*instant)) : nlohmann::json(nullptr);
}

/// null for an empty text.
inline nlohmann::json optional_text(const std::string& text) {
    return text.empty() ? nlohmann::json(nullptr) : nlohmann::json(text);
}

}  // namespace madoguchi::http
