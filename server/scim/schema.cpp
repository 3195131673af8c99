#include "scim/schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "scim/date_time.hpp"

namespace madoguchi::scim {
namespace {

Attribute read_only(std::string name, std::string description, bool case_exact = false) {
    return {.name = std::move(name),
            .description = std::move(description),
            .case_exact = case_exact,
            .mutability = Mutability::read_only};
}

// RFC 7643 §3.1: every resource has these, and no schema lists them.
const std::vector<Attribute>& common_attributes() {
    static const std::vector<Attribute> kCommon = {
        {.name = "id",
         .description = "The identifier that this service gave.",
         .case_exact = true,
         .mutability = Mutability::read_only,
         .returned = Returned::always,
         .uniqueness = Uniqueness::server},
        {.name = "externalId", .description = "The client's own name for it.", .case_exact = true},
        {.name = "schemas",
         .type = Type::reference,
         .description = "URNs of its schemas.",
         .multi_valued = true,
         .case_exact = true,
         .mutability = Mutability::read_only,
         .returned = Returned::always},
        {.name = "meta",
         .type = Type::complex,
         .description = "About the resource itself.",
         .mutability = Mutability::read_only,
         .parts = {
             read_only("resourceType", "", true),
             {.name = "created", .type = Type::date_time, .mutability = Mutability::read_only},
             {.name = "lastModified", .type = Type::date_time, .mutability = Mutability::read_only},
             {.name = "location", .type = Type::reference, .case_exact = true, .mutability = Mutability::read_only},
             read_only("version", "", true)}}};
    return kCommon;
}

std::vector<Attribute> references_to(const std::string& type, Mutability mutability) {
    std::vector<Attribute> out = {
        {.name = "value", .description = "Its id.", .case_exact = true, .mutability = mutability},
        {.name = "$ref",
         .type = Type::reference,
         .description = "Its address.",
         .case_exact = true,
         .mutability = mutability,
         .references = {type}},
        {.name = "type",
         .description = "What kind of resource it is.",
         .mutability = mutability,
         .canonical = type == "User" ? std::vector<std::string>{"User"} : std::vector<std::string>{"direct"}}};
    if (mutability == Mutability::read_only) {
        out.push_back(read_only("display", "What people call it."));
    }
    return out;
}

const Schema& user_schema() {
    static const Schema kSchema = {
        std::string(kUserSchema),
        "User",
        "An account.",
        {{.name = "userName",
          .description = "The login ID. Letter case, width and spaces make no difference; it can't be changed.",
          .required = true,
          .mutability = Mutability::immutable,
          .uniqueness = Uniqueness::server},
         {.name = "name",
          .type = Type::complex,
          .description = "The person's name.",
          .required = true,
          .parts = {{.name = "familyName", .description = "The family name, or a post's name.", .required = true},
                    {.name = "givenName", .description = "The given name."}}},
         read_only("displayName", "The person's name in the Japanese order."),
         {.name = "active",
          .type = Type::boolean,
          .description = "False: suspended. Setting it suspends the account, or lets it be used again."},
         {.name = "groups",
          .type = Type::complex,
          .description = "Roles in organizations, changed through Groups.",
          .multi_valued = true,
          .mutability = Mutability::read_only,
          .parts = references_to("Group", Mutability::read_only)}}};
    return kSchema;
}

const Schema& user_extension() {
    static const Schema kSchema = {
        std::string(kUserExtension),
        "Madoguchi user",
        "What public health knows of an account beyond RFC 7643.",
        {{.name = "organization",
          .type = Type::complex,
          .description = "The organization that it belongs to.",
          .required = true,
          .mutability = Mutability::immutable,
          .parts = {{.name = "id",
                     .description = "The organization's id.",
                     .required = true,
                     .case_exact = true,
                     .mutability = Mutability::immutable},
                    read_only("name", "Its name.")}},
         {.name = "organizationKind",
          .description = "The kind of its organization.",
          .case_exact = true,
          .mutability = Mutability::read_only,
          .canonical = {"ministry", "prefecture", "health_center", "facility", "follow_up_center", "helpdesk"}},
         read_only("institutionCode", "The ten digits of a medical institution.", true),
         read_only("localGovernmentCode", "The six digits of a prefecture.", true),
         {.name = "familyKana", .description = "The family name in katakana."},
         {.name = "givenKana", .description = "The given name in katakana."},
         {.name = "state",
          .description = "Where the account stands in its life.",
          .case_exact = true,
          .mutability = Mutability::read_only,
          .canonical = {"pending", "active", "suspended"}},
         {.name = "lastSignedInAt",
          .type = Type::date_time,
          .description = "When its owner last signed in.",
          .mutability = Mutability::read_only}}};
    return kSchema;
}

const Schema& group_schema() {
    static const Schema kSchema = {std::string(kGroupSchema),
                                   "Group",
                                   "A role in an organization.",
                                   {{.name = "displayName",
                                     .description = "The role and the organization.",
                                     .required = true,
                                     .mutability = Mutability::immutable},
                                    {.name = "members",
                                     .type = Type::complex,
                                     .description = "The accounts that hold the role there.",
                                     .multi_valued = true,
                                     .parts = references_to("User", Mutability::immutable)}}};
    return kSchema;
}

const Schema& group_extension() {
    static const Schema kSchema = {
        std::string(kGroupExtension),
        "Madoguchi group",
        "Which role in which organization a group is.",
        {{.name = "role",
          .description = "The role.",
          .required = true,
          .case_exact = true,
          .mutability = Mutability::immutable,
          .canonical = {"ministry_admin", "prefecture_admin", "health_center_admin", "health_center_staff",
                        "facility_admin", "facility_staff", "helpdesk_operator", "auditor"}},
         {.name = "organization",
          .type = Type::complex,
          .description = "The organization.",
          .required = true,
          .mutability = Mutability::immutable,
          .parts = {{.name = "id",
                     .description = "The organization's id.",
                     .required = true,
                     .case_exact = true,
                     .mutability = Mutability::immutable},
                    read_only("name", "Its name.")}}}};
    return kSchema;
}

std::string_view to_text(Type type) {
    switch (type) {
        case Type::text:
            return "string";
        case Type::boolean:
            return "boolean";
        case Type::integer:
            return "integer";
        case Type::date_time:
            return "dateTime";
        case Type::reference:
            return "reference";
        case Type::complex:
            break;
    }
    return "complex";
}

std::string_view to_text(Mutability mutability) {
    switch (mutability) {
        case Mutability::read_only:
            return "readOnly";
        case Mutability::read_write:
            return "readWrite";
        case Mutability::immutable:
            return "immutable";
        case Mutability::write_only:
            break;
    }
    return "writeOnly";
}

std::string_view to_text(Returned returned) {
    switch (returned) {
        case Returned::always:
            return "always";
        case Returned::never:
            return "never";
        case Returned::by_default:
            return "default";
        case Returned::on_request:
            break;
    }
    return "request";
}

nlohmann::json to_json(const Attribute& attribute) {
    nlohmann::json out = {{"name", attribute.name},
                          {"type", to_text(attribute.type)},
                          {"multiValued", attribute.multi_valued},
                          {"description", attribute.description},
                          {"required", attribute.required},
                          {"mutability", to_text(attribute.mutability)},
                          {"returned", to_text(attribute.returned)}};
    if (attribute.type == Type::complex) {
        for (const auto& part : attribute.parts) {
            out["subAttributes"].push_back(to_json(part));
        }
        return out;
    }
    out["caseExact"] = attribute.case_exact;
    out["uniqueness"] = attribute.uniqueness == Uniqueness::none ? "none" : "server";
    if (!attribute.canonical.empty()) {
        out["canonicalValues"] = attribute.canonical;
    }
    if (attribute.type == Type::reference) {
        out["referenceTypes"] = attribute.references.empty() ? std::vector<std::string>{"uri"} : attribute.references;
    }
    return out;
}

tl::unexpected<Error> scim_error(std::string id, std::string name, std::string value) {
    return failure(Error{
        .kind = ErrorKind::invalid, .message_id = std::move(id), .values = {{std::move(name), std::move(value)}}});
}

bool is_of_type(const nlohmann::json& value, const Attribute& attribute) {
    switch (attribute.type) {
        case Type::text:
        case Type::reference:
            return value.is_string();
        case Type::boolean:
            return value.is_boolean();
        case Type::integer:
            return value.is_number_integer();
        case Type::date_time:
            return value.is_string() && instant_of(value.get_ref<const std::string&>()).has_value();
        case Type::complex:
            break;
    }
    return value.is_object();
}

bool is_canonical(const nlohmann::json& value, const Attribute& attribute) {
    return attribute.canonical.empty() || !value.is_string() ||
           std::ranges::any_of(attribute.canonical, [&](const std::string& one) {
               const auto& text = value.get_ref<const std::string&>();
               return attribute.case_exact ? one == text : same_name(one, text);
           });
}

Result<nlohmann::json> accept_parts(const nlohmann::json& value, const Attribute& attribute, const std::string& where) {
    nlohmann::json out = nlohmann::json::object();
    for (const auto& [name, given] : value.items()) {
        const auto* const part = find(attribute.parts, name);
        if (part == nullptr) {
            if (!same_name(name, "primary") && !same_name(name, "display") && attribute.name != "name") {
                return bad_syntax(fmt::format("{}.{}", where, name));
            }
            continue;  // RFC 7643 §2.4 and §4.1.1 name them; nothing here keeps them
        }
        auto taken = TRY(accept_value(given, *part, where + "." + part->name));
        if (!taken.is_null() && part->mutability != Mutability::read_only) {
            out[part->name] = std::move(taken);
        }
    }
    for (const auto& part : attribute.parts) {
        if (part.required && !out.contains(part.name)) {
            return bad_value(where + "." + part.name);
        }
    }
    return out;
}

Result<nlohmann::json> accept_one(const nlohmann::json& value, const Attribute& attribute, const std::string& where) {
    if (!is_of_type(value, attribute) || !is_canonical(value, attribute)) {
        return bad_value(where);
    }
    return attribute.type == Type::complex && attribute.mutability != Mutability::read_only
               ? accept_parts(value, attribute, where)
               : Result<nlohmann::json>(value);
}

Result<void> accept_into(nlohmann::json& out, const nlohmann::json& body, const std::vector<Attribute>& attributes,
                         const std::string& name, const std::string& where) {
    const auto* const attribute = find(attributes, name);
    if (attribute == nullptr) {
        return bad_syntax(where + name);
    }
    if (attribute->mutability == Mutability::read_only) {
        return {};
    }
    auto taken = TRY(accept_value(body, *attribute, where + attribute->name));
    if (taken.is_null()) {
        return {};
    }
    if (!out.emplace(attribute->name, std::move(taken)).second) {
        return bad_syntax(where + name);  // the same name in two spellings
    }
    return {};
}

Result<void> require_all(const nlohmann::json& out, const Schema& schema, const std::string& where) {
    for (const auto& attribute : schema.attributes) {
        if (attribute.required && !out.contains(attribute.name)) {
            return bad_value(where + attribute.name);
        }
    }
    return {};
}

bool is_ignored(const ResourceType& type, std::string_view name) {
    return std::ranges::any_of(type.ignored, [&](const std::string& one) { return same_name(one, name); });
}

Result<void> require_schemas(const nlohmann::json& body, const ResourceType& type) {
    const auto found = body.find("schemas");
    const bool named = found != body.end() && found->is_array() &&
                       std::ranges::all_of(*found, [](const auto& one) { return one.is_string(); }) &&
                       std::ranges::any_of(*found, [&](const auto& one) {
                           return same_name(one.template get_ref<const std::string&>(), type.schema->id);
                       });
    return named ? Result<void>() : bad_syntax("schemas");
}

// The attribute, and the part behind a dot.
std::optional<Resolved> resolve_within(const std::vector<Attribute>& attributes, std::string_view text) {
    const auto dot = text.find('.');
    const auto* const attribute = find(attributes, text.substr(0, dot));
    if (attribute == nullptr) {
        return std::nullopt;
    }
    Resolved out{.path = {.attribute = attribute->name}, .definition = attribute};
    if (dot != std::string_view::npos) {
        out.part = find(attribute->parts, text.substr(dot + 1));
        if (out.part == nullptr) {
            return std::nullopt;
        }
        out.path.part = out.part->name;
    }
    return out;
}

}  // namespace

const std::vector<const Schema*>& schemas() {
    static const std::vector<const Schema*> kAll = {&user_schema(), &user_extension(), &group_schema(),
                                                    &group_extension()};
    return kAll;
}

const ResourceType& user_type() {
    static const ResourceType kType = {"User",
                                       "/Users",
                                       "Accounts",
                                       &user_schema(),
                                       &user_extension(),
                                       {"nickName",
                                        "profileUrl",
                                        "title",
                                        "userType",
                                        "preferredLanguage",
                                        "locale",
                                        "timezone",
                                        "emails",
                                        "phoneNumbers",
                                        "name.formatted",
                                        "name.middleName",
                                        "name.honorificPrefix",
                                        "name.honorificSuffix",
                                        "ims",
                                        "photos",
                                        "addresses",
                                        "entitlements",
                                        "roles",
                                        "x509Certificates",
                                        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"}};
    return kType;
}

const ResourceType& group_type() {
    static const ResourceType kType = {"Group",         "/Groups",          "Roles in organizations",
                                       &group_schema(), &group_extension(), {}};
    return kType;
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(),
                           [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    return out;
}

bool same_name(std::string_view left, std::string_view right) {
    return left.size() == right.size() && lower(left) == lower(right);
}

const Attribute* find(const std::vector<Attribute>& attributes, std::string_view name) {
    const auto found =
        std::ranges::find_if(attributes, [&](const Attribute& one) { return same_name(one.name, name); });
    return found == attributes.end() ? nullptr : &*found;
}

std::optional<Resolved> resolve(const ResourceType& type, std::string_view text) {
    if (same_name(text, type.extension->id)) {
        return Resolved{.path = {.schema = type.extension->id}};
    }
    for (const auto* schema : {type.extension, type.schema}) {
        const auto prefix = schema->id + ":";
        if (text.size() > prefix.size() && same_name(text.substr(0, prefix.size()), prefix)) {
            auto found = resolve_within(schema->attributes, text.substr(prefix.size()));
            if (found && schema == type.extension) {
                found->path.schema = schema->id;
            }
            return found;
        }
    }
    auto found = resolve_within(type.schema->attributes, text);
    if (!found) {
        found = resolve_within(common_attributes(), text);
    }
    if (!found && (is_ignored(type, text.substr(0, text.find('.'))) || is_ignored(type, text))) {
        return Resolved{.path = {.attribute = std::string(text)}};
    }
    return found;
}

nlohmann::json to_json(const Schema& schema) {
    nlohmann::json out = {{"schemas", {"urn:ietf:params:scim:schemas:core:2.0:Schema"}},
                          {"id", schema.id},
                          {"name", schema.name},
                          {"description", schema.description},
                          {"attributes", nlohmann::json::array()},
                          {"meta", {{"resourceType", "Schema"}, {"location", "/scim/v2/Schemas/" + schema.id}}}};
    for (const auto& attribute : schema.attributes) {
        out["attributes"].push_back(to_json(attribute));
    }
    return out;
}

nlohmann::json to_json(const ResourceType& type) {
    const auto extension = nlohmann::json{{"schema", type.extension->id}, {"required", true}};
    return {{"schemas", {"urn:ietf:params:scim:schemas:core:2.0:ResourceType"}},
            {"id", type.name},
            {"name", type.name},
            {"endpoint", type.endpoint},
            {"description", type.description},
            {"schema", type.schema->id},
            {"schemaExtensions", nlohmann::json::array({extension})},
            {"meta", {{"resourceType", "ResourceType"}, {"location", "/scim/v2/ResourceTypes/" + type.name}}}};
}

Result<nlohmann::json> accept_value(const nlohmann::json& value, const Attribute& attribute, const std::string& where) {
    if (value.is_null() || (value.is_array() && value.empty() && attribute.multi_valued)) {
        return nlohmann::json(nullptr);
    }
    if (!attribute.multi_valued) {
        return accept_one(value, attribute, where);
    }
    if (!value.is_array()) {
        return bad_value(where);
    }
    nlohmann::json out = nlohmann::json::array();
    for (const auto& one : value) {
        out.push_back(TRY(accept_one(one, attribute, where)));
    }
    return out;
}

Result<nlohmann::json> accept(const nlohmann::json& body, const ResourceType& type) {
    if (!body.is_object()) {
        return bad_syntax("{}");
    }
    TRY(require_schemas(body, type));
    nlohmann::json out = nlohmann::json::object();
    for (const auto& [name, value] : body.items()) {
        if (same_name(name, type.extension->id)) {
            if (!value.is_object()) {
                return bad_value(type.extension->id);
            }
            auto& extension = out[type.extension->id] = nlohmann::json::object();
            for (const auto& [inner, given] : value.items()) {
                TRY(accept_into(extension, given, type.extension->attributes, inner, type.extension->id + ":"));
            }
        } else if (same_name(name, "password") && &type == &user_type()) {
            return not_mutable("password");
        } else if (find(common_attributes(), name) != nullptr) {
            TRY(accept_into(out, value, common_attributes(), name, ""));
        } else if (!is_ignored(type, name)) {
            TRY(accept_into(out, value, type.schema->attributes, name, ""));
        }
    }
    TRY(require_all(out, *type.schema, ""));
    TRY(require_all(out.value(type.extension->id, nlohmann::json::object()), *type.extension,
                    type.extension->id + ":"));
    return out;
}

tl::unexpected<Error> bad_syntax(const std::string& what) {
    return scim_error("scim_syntax", "attribute", what);
}
tl::unexpected<Error> bad_value(const std::string& attribute) {
    return scim_error("scim_value", "attribute", attribute);
}
tl::unexpected<Error> bad_path(const std::string& path) {
    return scim_error("scim_path", "path", path);
}
tl::unexpected<Error> no_target(const std::string& path) {
    return scim_error("scim_no_target", "path", path);
}
tl::unexpected<Error> not_mutable(const std::string& attribute) {
    return scim_error("scim_mutability", "attribute", attribute);
}

nlohmann::json schemas_of(const nlohmann::json& resource, const ResourceType& type) {
    auto out = nlohmann::json::array({type.schema->id});
    if (resource.contains(type.extension->id)) {
        out.push_back(type.extension->id);
    }
    return out;
}

}  // namespace madoguchi::scim
