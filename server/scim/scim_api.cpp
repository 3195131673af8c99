#include "scim/scim_api.hpp"

#include <algorithm>
#include <array>
#include <tuple>

#include "base/scim_limits.hpp"
#include "http/ascii.hpp"
#include "http/json_reader.hpp"
#include "http/scim_error.hpp"

namespace madoguchi::scim {
namespace {

using http::Request;
using http::Response;
using nlohmann::json;

Response scim_json(int status, const json& body) {
    auto response = Response::json(status, body);
    response.content_type = http::kScimMediaType;
    return response;
}

std::string_view strong(std::string_view tag) {
    tag = http::trim(tag);
    return tag.starts_with("W/") ? tag.substr(2) : tag;
}

bool names(std::string_view tags, const std::string& version) {
    while (!tags.empty()) {
        const auto one = strong(http::take_until(tags, ','));
        if (one == "*" || one == version) {
            return true;
        }
    }
    return false;
}

Precondition precondition_of(const Request& request) {
    const auto tags = request.header("if-match");
    return tags ? Precondition([tags = *tags](const std::string& version) { return names(tags, version); })
                : Precondition();
}

tl::unexpected<Error> hidden() {
    return failure(ErrorKind::not_found, "not_found");
}

Result<Response> answer(const Request& request, int status, const json& resource, const ResourceType& type) {
    const auto projection = TRY(projection_of(listed(request.query.text("attributes")),
                                              listed(request.query.text("excludedAttributes")), type));
    const auto& meta = resource.at("meta");
    const auto version = meta.at("version").get<std::string>();
    const auto known = request.header("if-none-match");
    const bool unchanged = request.method == http::Method::get && known && names(*known, version);
    auto response = unchanged ? Response::empty(304) : scim_json(status, project(resource, projection, type));
    response.with_header("ETag", version);
    if (status == 201) {
        response.with_header("Location", meta.at("location").get<std::string>());
    }
    return response;
}

RawQuery raw_query(const Request& request) {
    return {.filter = request.query.find("filter"),
            .sort_by = request.query.find("sortBy"),
            .sort_order = request.query.find("sortOrder"),
            .start_index = request.query.find("startIndex"),
            .count = request.query.find("count"),
            .attributes = listed(request.query.text("attributes")),
            .excluded_attributes = listed(request.query.text("excludedAttributes"))};
}

const ResourceType* type_named(std::string_view endpoint) {
    return endpoint == "Users" ? &user_type() : endpoint == "Groups" ? &group_type() : nullptr;
}

Result<Response> list(const ScimApiParts& parts, const Request& request, const ResourceType& type,
                      const RawQuery& raw) {
    const auto principal = TRY(parts.guard(request));
    const auto query = TRY(list_query(raw, type));
    const auto found = &type == &user_type() ? TRY(parts.users.list(principal, query, request.now))
                                             : TRY(parts.groups.list(principal, query, request.now));
    return scim_json(200, to_json(found, query, type));
}

// Over both kinds (RFC 7644 §3.4.3): accounts first, then roles. What means nothing to a kind finds nothing there.
Result<Response> search_all(const ScimApiParts& parts, const Request& request) {
    const auto principal = TRY(parts.guard(request));
    const auto raw = TRY(search_of(TRY(request.json())));
    const auto users = list_query(raw, user_type());
    auto groups = list_query(raw, group_type());
    if (!users && !groups) {
        return failure(users.error());
    }
    const auto& query = users ? *users : *groups;
    const auto accounts = users ? TRY(parts.users.list(principal, *users, request.now)) : Listed{};
    const auto count = query.count - static_cast<int>(accounts.resources.size());
    auto out = to_json(accounts, query, user_type());
    if (groups) {
        groups->start_index = std::max<std::int64_t>(1, query.start_index - accounts.total);
        groups->count = count;
        const auto roles = TRY(parts.groups.list(principal, *groups, request.now));
        for (const auto& role : roles.resources) {
            out["Resources"].push_back(project(role, groups->projection, group_type()));
        }
        out["totalResults"] = accounts.total + roles.total;
        out["itemsPerPage"] = out["Resources"].size();
    }
    return scim_json(200, out);
}

Result<Response> search(const ScimApiParts& parts, const Request& request, const ResourceType& type) {
    return list(parts, request, type, TRY(search_of(TRY(request.json()))));
}

Result<Response> show(const ScimApiParts& parts, const Request& request, const ResourceType& type) {
    const auto principal = TRY(parts.guard(request));
    const auto id = request.path_parameter("id");
    if (&type == &user_type()) {
        const auto account = http::parse_identifier(id);
        return account ? answer(request, 200, TRY(parts.users.show(principal, AccountId{*account}, request.now)), type)
                       : Result<Response>(hidden());
    }
    const auto group = group_key(id);
    return group ? answer(request, 200, TRY(parts.groups.show(principal, *group, request.now)), type)
                 : Result<Response>(hidden());
}

// A single request is carried out as the one operation of a bulk would be.
Result<Response> change(const ScimApiParts& parts, const Request& request, const ResourceType& type) {
    const auto principal = TRY(parts.guard(request));
    const auto id = request.path_parameter("id");
    BulkOperation operation{.method = std::string(http::name_of(request.method)),
                            .path = type.endpoint + (id.empty() ? "" : "/" + id)};
    if (request.method != http::Method::del) {
        operation.data = TRY(request.json());
    }
    const auto answered = TRY(carry_out(parts, principal, operation, precondition_of(request), request.now));
    return answered.resource.is_null() ? Result<Response>(Response::empty(answered.status))
                                       : answer(request, answered.status, answered.resource, type);
}

// --- discovery: RFC 7644 §4, for anybody ---

json provider_config(const std::string& base) {
    const json scheme = {
        {"type", "oauthbearertoken"},
        {"name", "API token"},
        {"description", "Authorization: Bearer TOKEN, a token made in the console or by madoguchi-admin."},
        {"specUri", "https://www.rfc-editor.org/info/rfc6750"},
        {"primary", true}};
    return {{"schemas", {"urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"}},
            {"patch", {{"supported", true}}},
            {"bulk",
             {{"supported", true},
              {"maxOperations", limits::kScimBulkOperations},
              {"maxPayloadSize", limits::kScimBulkBytes}}},
            {"filter", {{"supported", true}, {"maxResults", limits::kScimPageRowsMaximum}}},
            {"changePassword", {{"supported", false}}},
            {"sort", {{"supported", true}}},
            {"etag", {{"supported", true}}},
            {"authenticationSchemes", json::array({scheme})},
            {"meta", {{"resourceType", "ServiceProviderConfig"}, {"location", base + "/ServiceProviderConfig"}}}};
}

json at(json document, const std::string& base, const std::string& place) {
    document["meta"]["location"] = base + place + "/" + document.at("id").get<std::string>();
    return document;
}

std::vector<json> all_schemas(const std::string& base) {
    std::vector<json> out;
    for (const auto* schema : schemas()) {
        out.push_back(at(to_json(*schema), base, "/Schemas"));
    }
    return out;
}

std::vector<json> all_types(const std::string& base) {
    return {at(to_json(user_type()), base, "/ResourceTypes"), at(to_json(group_type()), base, "/ResourceTypes")};
}

using Documents = std::vector<json> (*)(const std::string& base);

// RFC 7644 §4: a filter is refused here, everything else of a query is ignored.
Result<Response> all_of(Documents documents, const std::string& base, const Request& request) {
    if (request.query.find("filter")) {
        return failure(ErrorKind::forbidden, "scim_no_filter_here");
    }
    const auto found = documents(base);
    return scim_json(200, {{"schemas", {"urn:ietf:params:scim:api:messages:2.0:ListResponse"}},
                           {"totalResults", found.size()},
                           {"startIndex", 1},
                           {"itemsPerPage", found.size()},
                           {"Resources", found}});
}

Result<Response> one_of(Documents documents, const std::string& base, const Request& request) {
    const auto id = request.path_parameter("id");
    for (const auto& document : documents(base)) {
        if (same_name(document.at("id").get_ref<const std::string&>(), id)) {
            return scim_json(200, document);
        }
    }
    return hidden();
}

void add_discovery(http::RouteTable& routes, const std::string& base) {
    using http::Method;
    routes.scim(Method::get, "/scim/v2/ServiceProviderConfig",
                [base](const Request&) -> Result<Response> { return scim_json(200, provider_config(base)); });
    const std::array<std::pair<std::string, Documents>, 2> kinds = {
        {{"/scim/v2/Schemas", &all_schemas}, {"/scim/v2/ResourceTypes", &all_types}}};
    for (const auto& [path, documents] : kinds) {
        routes.scim(Method::get, path,
                    [documents = documents, base](const Request& request) { return all_of(documents, base, request); });
        routes.scim(Method::get, path + "/{id}",
                    [documents = documents, base](const Request& request) { return one_of(documents, base, request); });
    }
}

void add_resources(http::RouteTable& routes, const ScimApiParts& parts, const ResourceType& type) {
    using http::Method;
    const std::string path = "/scim/v2" + type.endpoint;
    const auto changes = [parts, &type](const Request& request) { return change(parts, request, type); };
    routes.scim(Method::get, path,
                [parts, &type](const Request& request) { return list(parts, request, type, raw_query(request)); });
    routes.scim(Method::post, path + "/.search",
                [parts, &type](const Request& request) { return search(parts, request, type); });
    routes.scim(Method::get, path + "/{id}",
                [parts, &type](const Request& request) { return show(parts, request, type); });
    routes.scim(Method::post, path, changes);
    routes.scim(Method::put, path + "/{id}", changes);
    routes.scim(Method::patch, path + "/{id}", changes);
    routes.scim(Method::del, path + "/{id}", changes);
}

}  // namespace

Result<Answered> carry_out(const ScimApiParts& parts, const Principal& principal, const BulkOperation& operation,
                           const Precondition& precondition, Instant now) {
    const auto slash = std::min(operation.path.find('/', 1), operation.path.size());
    const auto* const type =
        operation.path.starts_with('/') ? type_named(operation.path.substr(1, slash - 1)) : nullptr;
    const auto id = operation.path.substr(std::min(slash + 1, operation.path.size()));
    const auto& [method, body] = std::tie(operation.method, operation.data);
    if (type == nullptr || (method == "POST") != id.empty()) {
        return hidden();
    }
    const auto answered = [](int status, Result<json> made) -> Result<Answered> {
        auto resource = TRY(std::move(made));
        return Answered{status, std::move(resource)};
    };
    if (method == "POST") {
        return answered(201, type == &user_type() ? parts.users.create(principal, body, now)
                                                  : parts.groups.create(principal, body, now));
    }
    if (type == &group_type()) {
        const auto key = group_key(id);
        if (!key) {
            return hidden();
        }
        if (method == "DELETE") {
            TRY(parts.groups.remove(principal, *key, precondition, now));
            return Answered{204};
        }
        return answered(200, method == "PUT" ? parts.groups.replace(principal, *key, body, precondition, now)
                                             : parts.groups.patch(principal, *key, body, precondition, now));
    }
    const auto number = http::parse_identifier(id);
    if (!number) {
        return hidden();
    }
    const AccountId account{*number};
    if (method == "DELETE") {
        TRY(parts.users.remove(principal, account, precondition, now));
        return Answered{204};
    }
    return answered(200, method == "PUT" ? parts.users.replace(principal, account, body, precondition, now)
                                         : parts.users.patch(principal, account, body, precondition, now));
}

void add_scim_api(http::RouteTable& routes, const ScimApiParts& parts) {
    add_discovery(routes, parts.base);
    add_resources(routes, parts, user_type());
    add_resources(routes, parts, group_type());
    routes.scim(
        http::Method::post, "/scim/v2/Bulk", [parts](const Request& request) { return answer_bulk(parts, request); },
        http::RouteBody::rows);
    routes.scim(http::Method::post, "/scim/v2/.search",
                [parts](const Request& request) { return search_all(parts, request); });
    // A token is no account of its own.
    routes.scim(http::Method::get, "/scim/v2/Me", [parts](const Request& request) -> Result<Response> {
        TRY(parts.guard(request));
        return failure(ErrorKind::invalid, "scim_not_supported");
    });
}

}  // namespace madoguchi::scim
