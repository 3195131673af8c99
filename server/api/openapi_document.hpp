// The description of the API (OpenAPI 3.1): written as YAML, served as JSON, and read by the page that shows it.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace madoguchi::api {

/// YAML 1.2 of the core schema as JSON: quoted scalars are texts, mappings keep their order. Errors: invalid
/// (configuration; the detail names the line).
Result<nlohmann::ordered_json> json_of_yaml(std::string_view yaml);

/// Errors: as above; internal (the file can't be read).
Result<nlohmann::ordered_json> load_openapi(const std::filesystem::path& file);

}  // namespace madoguchi::api
