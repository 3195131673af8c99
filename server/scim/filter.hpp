// Filters of RFC 7644 §3.4.2.2 and paths of §3.5.2: read with a bounded stack, evaluated by the schema's types. Pure.
#pragma once

#include <memory>

#include "scim/schema.hpp"

namespace madoguchi::scim {

enum class Operator { eq, ne, co, sw, ew, gt, ge, lt, le, pr };

struct Filter {
    enum class Kind { comparison, all, any, negation, value_path };
    Kind kind = Kind::comparison;
    std::string attribute = {};  // as written
    Operator compare = Operator::pr;
    nlohmann::json value = nullptr;
    std::vector<Filter> parts = {};  // all, any: two or more; negation: one; value_path: what is in the brackets
};

/// "userName", "name.familyName", "members[value eq \"7\"].display": what a PATCH changes.
struct PatchPath {
    std::string attribute;  // as written, with a part behind a dot where there are no brackets
    std::optional<Filter> filter = {};
    std::string part = {};  // behind the brackets
};

/// Errors: invalid (scim_filter{at}): not of the grammar, deeper or longer than the limits.
Result<Filter> parse_filter(std::string_view text);
/// Errors: invalid (scim_path{path}).
Result<PatchPath> parse_path(std::string_view text);
/// As it would be written, fully bracketed; reading that gives the same filter.
std::string to_text(const Filter& filter);

/// Does it make sense for this resource type? Errors: invalid (scim_filter{at}): an attribute that is not there, an
/// order among booleans, a comparison with a value of another type.
Result<void> check_filter(const Filter& filter, const ResourceType& type);
Result<void> check_filter(const Filter& filter, const Attribute& attribute);

/// Does `resource` meet a filter that was checked?
bool matches(const Filter& filter, const nlohmann::json& resource, const ResourceType& type);
/// The same for one value of a multi-valued attribute, as in brackets.
bool matches(const Filter& filter, const nlohmann::json& value, const Attribute& attribute);

/// What stands at a path, one by one; nothing where there is nothing.
std::vector<const nlohmann::json*> values_at(const nlohmann::json& resource, const AttributePath& path);
/// Less than zero: `left` comes first. By the attribute's type and case-exactness.
int compare(const nlohmann::json& left, const nlohmann::json& right, const Attribute& attribute);

}  // namespace madoguchi::scim
