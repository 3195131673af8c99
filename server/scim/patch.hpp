// PATCH of RFC 7644 §3.5.2: add, replace and remove, with and without a path. Pure.
#pragma once

#include "scim/filter.hpp"

namespace madoguchi::scim {

/// `resource` as it stands, after all operations of the request's body: all or none. Read-only attributes are refused,
/// unless a value without a path says what is there anyway. Errors: invalid (scim_syntax, scim_path, scim_no_target,
/// scim_mutability, scim_value).
Result<nlohmann::json> patched(nlohmann::json resource, const nlohmann::json& body, const ResourceType& type);

}  // namespace madoguchi::scim
