#include "directory/organization_api.hpp"

#include "base/japanese_text.hpp"
#include "base/limits.hpp"
#include "http/json_reader.hpp"

namespace madoguchi::directory {
namespace {

using http::Request;
using http::Response;

Result<Response> create(OrganizationService& service, const Guard& guard, const Request& request) {
    const auto principal = TRY(guard(request));
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    CreateOrganization command;
    const auto kind = organization_kind(reader.text("kind"));
    if (!kind) {
        reader.errors().add("kind", "unknown_value");
    }
    command.kind = kind.value_or(OrganizationKind::facility);
    command.parent = reader.id<OrganizationId>("parent_id");
    command.name = reader.text("name");
    command.kana = reader.optional_text("kana").value_or("");
    command.institution_code = reader.optional_text("institution_code").value_or("");
    command.local_government_code = reader.optional_text("local_government_code").value_or("");
    command.phone = reader.optional_text("phone").value_or("");
    command.postal_code = reader.optional_text("postal_code").value_or("");
    command.address = reader.optional_text("address").value_or("");
    const auto mode = reader.flag("dry_run") ? Mode::dry_run : Mode::real;
    TRY(reader.finish());
    const auto created = TRY(service.create(principal, command, mode, request.now));
    return Response::json(mode == Mode::real ? 201 : 200, to_json(created.organization, created.warnings));
}

Result<Response> list(OrganizationService& service, const Guard& guard, const Request& request) {
    const auto principal = TRY(guard(request));
    const auto page = TRY(page_of(request));
    OrganizationFilter filter{.after_id = page.after_id, .limit = page.limit + 1};
    if (const auto kind = request.query.find("kind")) {
        if (!organization_kind(*kind)) {
            return invalid_field("kind", "unknown_value");
        }
        filter.kind = *kind;
    }
    if (const auto text = request.query.find("q")) {
        filter.search = search_key(*text);
    }
    if (const auto parent = request.query.find("parent_id")) {
        const auto id = http::parse_identifier(*parent);
        if (!id) {
            return invalid_field("parent_id", "field_not_identifier");
        }
        filter.parent = OrganizationId{*id};
    }
    auto found = TRY(service.list(principal, filter, request.now));
    nlohmann::json out = {{"organizations", nlohmann::json::array()}, {"next_cursor", nullptr}};
    if (found.size() > static_cast<std::size_t>(page.limit)) {
        found.resize(static_cast<std::size_t>(page.limit));
        out["next_cursor"] = std::to_string(found.back().id.value);
    }
    for (const auto& organization : found) {
        out["organizations"].push_back(to_json(organization));
    }
    return Response::json(200, out);
}

}  // namespace

Result<Page> page_of(const http::Request& request) {
    Page page{.after_id = 0, .limit = limits::kPageRows};
    if (const auto cursor = request.query.find("cursor"); cursor && !cursor->empty()) {
        const auto id = http::parse_identifier(*cursor);
        if (!id) {
            return invalid_field("cursor", "unknown_value");
        }
        page.after_id = *id;
    }
    if (const auto limit = request.query.find("limit")) {
        const auto number = http::parse_identifier(*limit);
        if (!number || *number > limits::kPageRowsMaximum) {
            return invalid_field("limit", "unknown_value");
        }
        page.limit = static_cast<int>(*number);
    }
    return page;
}

nlohmann::json to_json(const OrganizationRef& organization) {
    return {{"id", std::to_string(organization.id.value)},
            {"name", organization.name},
            {"kind", to_text(organization.kind)}};
}

nlohmann::json to_json(const Organization& organization, const std::vector<std::string>& warnings) {
    return {{"id", std::to_string(organization.id.value)},
            {"kind", to_text(organization.kind)},
            {"parent_id",
             organization.parent ? nlohmann::json(std::to_string(organization.parent.value)) : nlohmann::json(nullptr)},
            {"name", organization.name},
            {"kana", organization.kana},
            {"institution_code", organization.institution_code},
            {"local_government_code", organization.local_government_code},
            {"phone", organization.phone},
            {"postal_code", organization.postal_code},
            {"address", organization.address},
            {"state", organization.state},
            {"created_at", format_rfc3339_japan(organization.created_at)},
            {"warnings", warnings}};
}

void add_organization_api(http::RouteTable& routes, OrganizationService& service, const Guard& guard) {
    routes.api(http::Method::post, "/api/v1/organizations",
               [&service, guard](const Request& request) { return create(service, guard, request); });
    routes.api(http::Method::get, "/api/v1/organizations",
               [&service, guard](const Request& request) { return list(service, guard, request); });
    routes.api(http::Method::get, "/api/v1/organizations/{id}",
               [&service, guard](const Request& request) -> Result<Response> {
                   const auto principal = TRY(guard(request));
                   const auto id = http::parse_identifier(request.path_parameter("id"));
                   if (!id) {
                       return failure(ErrorKind::not_found, "not_found");
                   }
                   return Response::json(200, to_json(TRY(service.show(principal, OrganizationId{*id}, request.now))));
               });
}

}  // namespace madoguchi::directory
