#include "http/fields.hpp"

#include "base/limits.hpp"
#include "http/ascii.hpp"
#include "http/percent.hpp"

namespace madoguchi::http {

std::optional<std::string> Fields::find(std::string_view name) const {
    for (const auto& [key, value] : pairs_) {
        if (key == name) {
            return value;
        }
    }
    return std::nullopt;
}

std::string Fields::text(std::string_view name) const {
    return find(name).value_or("");
}

Result<Fields> parse_urlencoded(std::string_view text) {
    Fields fields;
    while (!text.empty()) {
        const auto pair = take_until(text, '&');
        if (pair.empty()) {
            continue;
        }
        if (fields.all().size() == limits::kFormFields) {
            return failure(ErrorKind::invalid, "malformed_request", "too many fields");
        }
        const auto equals = pair.find('=');
        auto name = TRY(percent_decode(pair.substr(0, equals), Plus::is_space));
        auto value = equals == std::string_view::npos ? std::string()
                                                      : TRY(percent_decode(pair.substr(equals + 1), Plus::is_space));
        fields.add(std::move(name), std::move(value));
    }
    return fields;
}

}  // namespace madoguchi::http
