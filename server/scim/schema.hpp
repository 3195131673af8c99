// The schemas of RFC 7643 as far as this provider holds them, as data: they are shown under /Schemas, and every request
// is checked against them. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace madoguchi::scim {

inline constexpr std::string_view kUserSchema = "urn:ietf:params:scim:schemas:core:2.0:User";
inline constexpr std::string_view kGroupSchema = "urn:ietf:params:scim:schemas:core:2.0:Group";
inline constexpr std::string_view kUserExtension = "urn:ietf:params:scim:schemas:extension:madoguchi:2.0:User";
inline constexpr std::string_view kGroupExtension = "urn:ietf:params:scim:schemas:extension:madoguchi:2.0:Group";

enum class Type { text, boolean, integer, date_time, reference, complex };
enum class Mutability { read_only, read_write, immutable, write_only };
enum class Returned { always, never, by_default, on_request };
enum class Uniqueness { none, server };

struct Attribute {
    std::string name;
    Type type = Type::text;
    std::string description = {};
    bool multi_valued = false;
    bool required = false;
    bool case_exact = false;
    Mutability mutability = Mutability::read_write;
    Returned returned = Returned::by_default;
    Uniqueness uniqueness = Uniqueness::none;
    std::vector<std::string> canonical = {};   // the only values there are
    std::vector<std::string> references = {};  // resource types that a reference may name
    std::vector<Attribute> parts = {};         // of a complex one
};

struct Schema {
    std::string id;
    std::string name;
    std::string description;
    std::vector<Attribute> attributes;
};

struct ResourceType {
    std::string name;
    std::string endpoint;
    std::string description;
    const Schema* schema = nullptr;
    const Schema* extension = nullptr;
    std::vector<std::string> ignored = {};  // attributes of the RFC that are taken and not kept
};

const std::vector<const Schema*>& schemas();
const ResourceType& user_type();
const ResourceType& group_type();

/// Names are compared without regard to case (RFC 7643 §2.1).
bool same_name(std::string_view left, std::string_view right);
std::string lower(std::string_view text);
const Attribute* find(const std::vector<Attribute>& attributes, std::string_view name);

/// "userName", "name.familyName", "urn:...:User:organization.id", or a whole extension by its URN.
struct AttributePath {
    std::string schema = {};     // of an extension; empty: the core schema or what every resource has
    std::string attribute = {};  // canonical; empty: the whole extension
    std::string part = {};
    friend bool operator==(const AttributePath&, const AttributePath&) = default;
};

/// What a path means on a resource type. `definition` is empty where the attribute is taken and not kept, and for a
/// whole extension.
struct Resolved {
    AttributePath path;
    const Attribute* definition = nullptr;  // of the attribute itself
    const Attribute* part = nullptr;
};
/// Nothing: there is no such attribute.
std::optional<Resolved> resolve(const ResourceType& type, std::string_view text);

/// The documents of RFC 7643 §5 to §7, without meta.location's origin.
nlohmann::json to_json(const Schema& schema);
nlohmann::json to_json(const ResourceType& type);

/// A resource as a client sent it: names in their own spelling, read-only attributes and nothings left out, every value
/// of its type. Errors: invalid (scim_syntax, scim_value{attribute}).
Result<nlohmann::json> accept(const nlohmann::json& body, const ResourceType& type);
/// The same for one attribute's value; `where` is its name in errors. Null and [] are nothing, told as null.
Result<nlohmann::json> accept_value(const nlohmann::json& value, const Attribute& attribute, const std::string& where);

/// Errors of SCIM by their scimType, RFC 7644 §3.12. The http room writes them.
tl::unexpected<Error> bad_syntax(const std::string& what);
tl::unexpected<Error> bad_value(const std::string& attribute);
tl::unexpected<Error> bad_path(const std::string& path);
tl::unexpected<Error> no_target(const std::string& path);
tl::unexpected<Error> not_mutable(const std::string& attribute);

/// The schemas that a resource of this content belongs to.
nlohmann::json schemas_of(const nlohmann::json& resource, const ResourceType& type);

}  // namespace madoguchi::scim
