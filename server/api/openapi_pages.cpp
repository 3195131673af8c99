#include "api/openapi_pages.hpp"

#include <algorithm>
#include <memory>

namespace madoguchi::api {
namespace {

using http::Request;
using http::Response;
using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 5> kMethods = {"get", "post", "put", "patch", "delete"};

// "#/components/schemas/Account" of this document.
const Json& resolved(const Json& document, const Json& node) {
    const auto ref = node.find("$ref");
    return ref == node.end() ? node
                             : document.at(nlohmann::ordered_json::json_pointer(ref->get<std::string>().substr(1)));
}

std::string text_of(const Json& node, const char* name) {
    const auto found = node.find(name);
    return found != node.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// What the description marks as strong or as code, one piece each: the template escapes them.
void add_pieces(render::View& view, std::string_view text) {
    while (!text.empty()) {
        const bool strong = text.starts_with("**");
        const bool code = text.front() == '`';
        const std::string_view mark = strong ? "**" : "`";
        const auto end = strong || code ? text.find(mark, mark.size()) : text.find_first_of("*`");
        if ((strong || code) && end != std::string_view::npos) {
            view.add("PIECE").add(strong ? "STRONG" : "CODE").set("TEXT", text.substr(mark.size(), end - mark.size()));
            text.remove_prefix(end + mark.size());
            continue;
        }
        const auto plain = text.substr(0, std::max<std::size_t>(1, std::min(end, text.size())));
        view.add("PIECE").add("PLAIN").set("TEXT", plain);
        text.remove_prefix(plain.size());
    }
}

void add_paragraphs(render::View& view, std::string_view text) {
    while (!text.empty()) {
        const auto end = text.find("\n\n");
        add_pieces(view.add("PARAGRAPH"), text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
    }
}

// "text", "text or null", "list of Account", "one of ja, en": what somebody wants to know first.
std::string type_of(const Json& schema) {
    if (const auto ref = schema.find("$ref"); ref != schema.end()) {
        const auto name = ref->get<std::string>();
        return name.substr(name.rfind('/') + 1);
    }
    if (const auto values = schema.find("enum"); values != schema.end()) {
        std::string out;
        for (const auto& value : *values) {
            out += (out.empty() ? "" : ", ") + value.get<std::string>();
        }
        return out;
    }
    const auto type = schema.find("type");
    if (type == schema.end()) {
        return schema.contains("const") ? schema.at("const").get<std::string>() : "any";
    }
    if (type->is_array()) {
        return type->at(0).get<std::string>() + " or null";
    }
    const auto name = type->get<std::string>();
    return name == "array" && schema.contains("items") ? "array of " + type_of(schema.at("items")) : name;
}

void add_fields(render::View& view, const Json& document, const Json& schema) {
    const Json& object = resolved(document, schema);
    const auto properties = object.find("properties");
    if (properties == object.end()) {
        return;
    }
    const auto required = object.value("required", Json::array());
    for (const auto& [name, property] : properties->items()) {
        auto& field = view.add("FIELD");
        field.set("FIELD_NAME", name).set("FIELD_TYPE", property.is_object() ? type_of(property) : "any");
        field.set("FIELD_TEXT", property.is_object() ? text_of(property, "description") : "");
        if (std::ranges::find(required, Json(name)) != required.end()) {
            field.show("FIELD_REQUIRED");
        }
    }
}

const Json* schema_of(const Json& node) {
    const auto content = node.find("content");
    if (content == node.end() || content->empty()) {
        return nullptr;
    }
    const auto& media = content->begin().value();
    return media.contains("schema") ? &media.at("schema") : nullptr;
}

void add_parameters(render::View& view, const Json& document, const Json& parameters) {
    for (const auto& entry : parameters) {
        const Json& parameter = resolved(document, entry);
        auto& row = view.add("PARAMETER");
        row.set("FIELD_NAME", text_of(parameter, "name")).set("FIELD_PLACE", text_of(parameter, "in"));
        row.set("FIELD_TYPE", type_of(parameter.at("schema"))).set("FIELD_TEXT", text_of(parameter, "description"));
        if (parameter.value("required", false)) {
            row.show("FIELD_REQUIRED");
        }
    }
}

void add_answers(render::View& view, const Json& document, const Json& responses) {
    for (const auto& [status, entry] : responses.items()) {
        if (status == "default") {
            continue;
        }
        const Json& response = resolved(document, entry);
        auto& row = view.add("ANSWER");
        row.set("ANSWER_STATUS", status).set("ANSWER_TEXT", text_of(response, "description"));
        if (const Json* schema = schema_of(response)) {
            row.add("ANSWER_BODY").set("ANSWER_TYPE", type_of(*schema));
        }
    }
}

void add_operation(render::View& group, const Json& document, const std::string& path, const std::string& method,
                   const Json& item, const Json& operation) {
    auto& view = group.add("OPERATION");
    std::string name = method;
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    view.set("OPERATION_ID", text_of(operation, "operationId")).set("METHOD", name).set("PATH", path);
    view.set("SUMMARY", text_of(operation, "summary"));
    add_paragraphs(view, text_of(operation, "description"));
    auto parameters = item.value("parameters", Json::array());
    for (const auto& parameter : operation.value("parameters", Json::array())) {
        parameters.push_back(parameter);
    }
    if (!parameters.empty()) {
        add_parameters(view.add("PARAMETERS"), document, parameters);
    }
    if (const auto body = operation.find("requestBody"); body != operation.end()) {
        if (const Json* schema = schema_of(resolved(document, *body))) {
            add_fields(view.add("BODY"), document, *schema);
        }
    }
    add_answers(view, document, operation.at("responses"));
}

void add_group(render::View& page, const Json& document, const Json& tag) {
    auto& group = page.add("GROUP");
    const auto name = text_of(tag, "name");
    std::string anchor = name;
    std::ranges::replace(anchor, ' ', '-');
    group.set("GROUP_NAME", name).set("GROUP_TEXT", text_of(tag, "description")).set("GROUP_ANCHOR", anchor);
    for (const auto& [path, item] : document.at("paths").items()) {
        for (const auto& method : kMethods) {
            const auto operation = item.find(std::string(method));
            if (operation != item.end() && operation->at("tags").at(0) == name) {
                add_operation(group, document, path, std::string(method), item, *operation);
            }
        }
    }
}

render::View view_of(const Json& document) {
    render::View page;
    const Json& info = document.at("info");
    page.set("TITLE", text_of(info, "title")).set("SUMMARY", text_of(info, "summary")).show("SIGNED_OUT");
    add_paragraphs(page, text_of(info, "description"));
    for (const auto& tag : document.at("tags")) {
        add_group(page, document, tag);
    }
    for (const auto& [name, schema] : document.at("components").at("schemas").items()) {
        if (schema.is_object() && schema.contains("properties")) {
            auto& shown = page.add("SCHEMA");
            shown.set("SCHEMA_NAME", name);
            add_fields(shown, document, schema);
        }
    }
    return page;
}

}  // namespace

void add_openapi_pages(http::RouteTable& routes, const Json& document, const render::PageWriter& writer) {
    const auto text = std::make_shared<const std::string>(document.dump(2));
    routes.plain(http::Method::get, "/api/v1/openapi.json", [text](const Request&) -> Result<Response> {
        return Response{200, "application/vnd.oai.openapi+json;version=3.1", *text};
    });
    const auto view = std::make_shared<const render::View>(view_of(document));
    routes.page(http::Method::get, "/api/docs", [view, &writer](const Request& request) -> Result<Response> {
        return writer.page(request, "api_docs", *view);
    });
}

}  // namespace madoguchi::api
