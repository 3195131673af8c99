#include "directory/organization_api.hpp"

#include "base/japanese_text.hpp"
#include "base/limits.hpp"
#include "http/conditional.hpp"
#include "http/json_reader.hpp"

namespace madoguchi::directory {
namespace {

using http::Request;
using http::Response;

std::string tag_of(const Organization& organization) {
    return http::entity_tag("organization " + std::to_string(organization.id.value) + " " +
                            std::to_string(organization.version));
}

Response answer(int status, const Organization& organization, const std::vector<std::string>& warnings = {}) {
    auto response = Response::json(status, to_json(organization, warnings));
    return response.with_header("ETag", tag_of(organization));
}

Result<OrganizationId> wanted(const Request& request) {
    const auto id = http::parse_identifier(request.path_parameter("id"));
    if (!id) {
        return failure(ErrorKind::not_found, "not_found");
    }
    return OrganizationId{*id};
}

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
    if (mode == Mode::dry_run) {
        return Response::json(200, to_json(created.organization, created.warnings));
    }
    return answer(201, created.organization, created.warnings)
        .with_header("Location", "/api/v1/organizations/" + std::to_string(created.organization.id.value));
}

Result<Response> show(OrganizationService& service, const Guard& guard, const Request& request) {
    const auto principal = TRY(guard(request));
    TRY(http::known_query(request, {}));
    return answer(200, TRY(service.show(principal, TRY(wanted(request)), request.now)));
}

// RFC 7396: what is not named stays as it is.
Result<Response> edit(OrganizationService& service, const Guard& guard, const Request& request) {
    const auto principal = TRY(guard(request));
    const auto current = TRY(service.show(principal, TRY(wanted(request)), request.now));
    TRY(http::require_match(request, tag_of(current)));
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    CreateOrganization command{.kind = current.kind, .parent = current.parent};
    command.name = reader.optional_text("name").value_or(current.name);
    command.kana = reader.optional_text("kana").value_or(current.kana);
    command.institution_code = reader.optional_text("institution_code").value_or(current.institution_code);
    command.local_government_code =
        reader.optional_text("local_government_code").value_or(current.local_government_code);
    command.phone = reader.optional_text("phone").value_or(current.phone);
    command.postal_code = reader.optional_text("postal_code").value_or(current.postal_code);
    command.address = reader.optional_text("address").value_or(current.address);
    TRY(reader.finish());
    const auto edited = TRY(service.edit(principal, current.id, command, current.version, request.now));
    return answer(200, edited.organization, edited.warnings);
}

Result<Response> act(OrganizationService& service, const Guard& guard, const Request& request) {
    const auto principal = TRY(guard(request));
    const auto id = TRY(wanted(request));
    const auto which = request.path_parameter("act");
    if (which != "close" && which != "reopen" && which != "move") {
        return failure(ErrorKind::not_found, "not_found");
    }
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    const auto reason = reader.text("reason");
    const auto parent = which == "move" ? reader.id<OrganizationId>("parent_id") : OrganizationId{};
    TRY(reader.finish());
    if (request.header("if-match")) {
        TRY(http::match_if_asked(request, tag_of(TRY(service.show(principal, id, request.now)))));
    }
    return answer(200, which == "close"    ? TRY(service.close(principal, id, reason, request.now))
                       : which == "reopen" ? TRY(service.reopen(principal, id, reason, request.now))
                                           : TRY(service.move(principal, id, parent, reason, request.now)));
}

Result<Response> list(OrganizationService& service, const Guard& guard, const Request& request) {
    const auto principal = TRY(guard(request));
    TRY(http::known_query(request, {"cursor", "limit", "kind", "q", "parent_id"}));
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
               [&service, guard](const Request& request) { return show(service, guard, request); });
    routes.api(http::Method::patch, "/api/v1/organizations/{id}",
               [&service, guard](const Request& request) { return edit(service, guard, request); });
    routes.api(http::Method::post, "/api/v1/organizations/{id}/{act}",
               [&service, guard](const Request& request) { return act(service, guard, request); });
}

}  // namespace madoguchi::directory
