#include "http/scim_error.hpp"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

namespace madoguchi::http {
namespace {

// RFC 7644 table 9. Rules of single fields are invalidValue.
std::string_view scim_type_of(const Error& error) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 10> kTypes = {
        {{"scim_filter", "invalidFilter"},
         {"scim_too_many", "tooMany"},
         {"scim_mutability", "mutability"},
         {"scim_syntax", "invalidSyntax"},
         {"malformed_json", "invalidSyntax"},
         {"scim_path", "invalidPath"},
         {"scim_no_target", "noTarget"},
         {"scim_value", "invalidValue"},
         {"already_exists", "uniqueness"},
         {"login_id_taken", "uniqueness"}}};
    for (const auto& [id, type] : kTypes) {
        if (error.message_id == id) {
            return type;
        }
    }
    return error.kind == ErrorKind::invalid && !error.fields.empty() ? "invalidValue" : "";
}

}  // namespace

int scim_status_of(const Error& error) {
    return error.message_id == "payload_too_large"    ? 413
           : error.message_id == "scim_not_supported" ? 501
                                                      : api_status_of(error);
}

Response scim_error(const Request& request, const Error& error, int status, const ErrorRenderer& renderer) {
    const auto text = [&](const std::string& id, const std::map<std::string, std::string>& values) {
        return renderer.text ? renderer.text(id, request.locale, values) : id;
    };
    std::string detail = text(error.message_id, renderer.values ? renderer.values(error, request.now) : error.values);
    for (const auto& field : error.fields) {
        detail += " ";
        detail += field.field;
        detail += ": ";
        detail += text(field.message_id, field.values);
    }
    nlohmann::json body = {{"schemas", {"urn:ietf:params:scim:api:messages:2.0:Error"}},
                           {"status", std::to_string(status)},
                           {"detail", detail}};
    if (const auto type = scim_type_of(error); !type.empty()) {
        body["scimType"] = type;
    }
    auto response = Response::json(status, body);
    response.content_type = kScimMediaType;
    if (status == 401) {
        response.with_header("WWW-Authenticate", "Bearer");
    }
    return response;
}

}  // namespace madoguchi::http
