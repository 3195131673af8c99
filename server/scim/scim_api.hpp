// /scim/v2: SCIM 2.0 (RFC 7643, 7644) for identity systems that bring accounts and roles in by themselves.
#pragma once

#include "directory/guard.hpp"
#include "http/problem.hpp"
#include "http/route_table.hpp"
#include "scim/bulk.hpp"
#include "scim/group_service.hpp"

namespace madoguchi::scim {

struct ScimApiParts {
    UserService& users;
    GroupService& groups;
    directory::Guard guard;
    http::ErrorRenderer errors;  // for the errors of single operations
    std::string base;            // "https://host/scim/v2"
};

void add_scim_api(http::RouteTable& routes, const ScimApiParts& parts);

/// What one operation of a bulk was answered.
struct Answered {
    int status = 200;
    nlohmann::json resource = nullptr;
};
/// scim_bulk.cpp
Result<http::Response> answer_bulk(const ScimApiParts& parts, const http::Request& request);
/// One PUT, PATCH, DELETE or POST. Errors: those of the services; not_found for another path.
Result<Answered> carry_out(const ScimApiParts& parts, const Principal& principal, const BulkOperation& operation,
                           const Precondition& precondition, Instant now);

}  // namespace madoguchi::scim
