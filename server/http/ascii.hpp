// Letters and blanks of HTTP's own grammar: ASCII only, no locale.
#pragma once

#include <string>
#include <string_view>

namespace madoguchi::http {

inline std::string lower_case(std::string_view text) {
    std::string out(text);
    for (char& character : out) {
        if (character >= 'A' && character <= 'Z') {
            character = static_cast<char>(character - 'A' + 'a');
        }
    }
    return out;
}

/// Without spaces and tabs at both ends (OWS, RFC 9110 §5.6.3).
inline std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) {
        return {};
    }
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// The part before `separator`, taken off the front of `rest` together with it.
inline std::string_view take_until(std::string_view& rest, char separator) {
    const auto end = rest.find(separator);
    const auto taken = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return taken;
}

}  // namespace madoguchi::http
