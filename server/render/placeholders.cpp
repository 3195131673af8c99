#include "render/placeholders.hpp"

#include <algorithm>

namespace madoguchi::render {
namespace {

bool is_name(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
}

/// The name of the placeholder that begins at `begin`, where a '{' stands; empty if it is none.
std::string_view name_at(std::string_view text, std::size_t begin) {
    const auto end = text.find('}', begin);
    if (end == std::string_view::npos) {
        return {};
    }
    const auto name = text.substr(begin + 1, end - begin - 1);
    return is_name(name) ? name : std::string_view{};
}

}  // namespace

std::optional<std::set<std::string>> placeholders_of(std::string_view text) {
    std::set<std::string> names;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '}') {
            return std::nullopt;
        }
        if (text[i] == '{') {
            const auto name = name_at(text, i);
            if (name.empty()) {
                return std::nullopt;
            }
            names.emplace(name);
            i += name.size() + 1;
        }
    }
    return names;
}

std::string replace_placeholders(std::string_view text,
                                 const std::function<std::string(const std::string&)>& value_of) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto name = text[i] == '{' ? name_at(text, i) : std::string_view{};
        if (name.empty()) {
            result += text[i];
            continue;
        }
        result += value_of(std::string(name));
        i += name.size() + 1;
    }
    return result;
}

}  // namespace madoguchi::render
