#include "http/request.hpp"

#include <nlohmann/json.hpp>

#include "http/ascii.hpp"
#include "http/json_reader.hpp"
#include "http/multipart.hpp"

namespace madoguchi::http {
namespace {

// "q=0" and its longer forms say "not this one" (RFC 9110 §12.4.2).
bool is_wanted(std::string_view parameters) {
    const auto quality = trim(parameters);
    return !quality.starts_with("q=0") || quality.find_first_of("123456789") != std::string_view::npos;
}

}  // namespace

std::optional<std::string> Request::cookie(std::string_view name) const {
    const auto found = cookies.find(name);
    return found == cookies.end() ? std::nullopt : std::optional(found->second);
}

std::string Request::path_parameter(std::string_view name) const {
    const auto found = path_parameters.find(name);
    return found == path_parameters.end() ? std::string() : found->second;
}

std::optional<std::string> Request::bearer_token() const {
    const auto value = header("authorization").value_or("");
    if (value.size() < 8 || lower_case(value.substr(0, 7)) != "bearer ") {
        return std::nullopt;
    }
    return std::string(trim(std::string_view(value).substr(7)));
}

Result<Fields> Request::form() const {
    if (parsed_form) {
        return *parsed_form;
    }
    if (body.empty()) {
        return Fields();
    }
    const auto type = media_type(content_type);
    if (type == "multipart/form-data") {
        return parse_multipart_fields(body, content_type);
    }
    if (type == "application/x-www-form-urlencoded") {
        return parse_urlencoded(body);
    }
    return failure(ErrorKind::invalid, "malformed_request", "not a form");
}

Result<nlohmann::json> Request::json() const {
    return parse_json(body);
}

std::string media_type(std::string_view content_type) {
    return lower_case(trim(take_until(content_type, ';')));
}

bool is_utf8_content(std::string_view content_type) {
    take_until(content_type, ';');
    while (!content_type.empty()) {
        const auto parameter = lower_case(trim(take_until(content_type, ';')));
        if (parameter.starts_with("charset=") && parameter != "charset=utf-8" && parameter != "charset=\"utf-8\"") {
            return false;
        }
    }
    return true;
}

Locale choose_locale(const std::optional<std::string>& language_cookie,
                     const std::optional<std::string>& accept_language) {
    if (language_cookie == "ja" || language_cookie == "en") {
        return *language_cookie == "en" ? Locale::en : Locale::ja;
    }
    bool english = false;
    for (std::string_view rest = accept_language ? *accept_language : std::string_view(); !rest.empty();) {
        auto range = take_until(rest, ',');
        const auto language = lower_case(trim(take_until(range, ';')));
        if (!is_wanted(range)) {
            continue;
        }
        if (language == "ja" || language.starts_with("ja-")) {
            return Locale::ja;
        }
        english = english || language == "en" || language.starts_with("en-");
    }
    return english ? Locale::en : Locale::ja;
}

}  // namespace madoguchi::http
