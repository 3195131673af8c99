// Which attributes of a resource an answer shows: RFC 7644 §3.9. Pure.
#pragma once

#include "scim/schema.hpp"

namespace madoguchi::scim {

struct Projection {
    std::vector<AttributePath> only = {};  // empty: all that are returned by default
    std::vector<AttributePath> except = {};
};

/// From the query's comma-separated lists; both together are refused. What is no attribute selects nothing.
/// Errors: invalid (scim_value).
Result<Projection> projection_of(const std::vector<std::string>& attributes,
                                 const std::vector<std::string>& excluded_attributes, const ResourceType& type);
std::vector<std::string> listed(std::string_view text);

/// id and schemas always stay.
nlohmann::json project(const nlohmann::json& resource, const Projection& projection, const ResourceType& type);

}  // namespace madoguchi::scim
