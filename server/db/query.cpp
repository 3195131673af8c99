#include "db/query.hpp"

#include <fmt/format.h>

namespace madoguchi::db::detail {

Argument double_argument(double value) {
    return {fmt::format("{}", value)};
}

Argument array_argument(std::span<const std::string> values) {
    std::string text = "{";
    for (const std::string& value : values) {
        text += text.size() > 1 ? ",\"" : "\"";
        for (const char character : value) {
            if (character == '"' || character == '\\') {
                text += '\\';
            }
            text += character;
        }
        text += '"';
    }
    return {text + "}"};
}

Argument array_argument(std::span<const std::int64_t> values) {
    std::string text = "{";
    for (const std::int64_t value : values) {
        text += (text.size() > 1 ? "," : "") + std::to_string(value);
    }
    return {text + "}"};
}

}  // namespace madoguchi::db::detail
