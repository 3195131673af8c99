#include "scim/patch.hpp"

#include <algorithm>

#include "base/scim_limits.hpp"

namespace madoguchi::scim {
namespace {

using nlohmann::json;

constexpr std::string_view kPatchSchema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

enum class Act { add, replace, remove };

struct Change {
    Act act = Act::add;
    std::string path_text;
    json value = nullptr;
    bool has_value = false;
};

Result<json> member(const json& body, std::string_view name) {
    for (const auto& [key, value] : body.items()) {
        if (same_name(key, name)) {
            return value;
        }
    }
    return bad_syntax(std::string(name));
}

// "Add" and "REPLACE" come from clients that are older than the RFC's last word.
Result<Change> change_of(const json& operation) {
    if (!operation.is_object()) {
        return bad_syntax("Operations");
    }
    const auto name = TRY(member(operation, "op"));
    Change out;
    const auto op = name.is_string() ? lower(name.get_ref<const std::string&>()) : std::string();
    if (op != "add" && op != "replace" && op != "remove") {
        return bad_syntax("op");
    }
    out.act = op == "add" ? Act::add : op == "replace" ? Act::replace : Act::remove;
    if (const auto path = member(operation, "path"); path && !path->is_null()) {
        if (!path->is_string() || path->get_ref<const std::string&>().empty()) {
            return bad_path("");
        }
        out.path_text = path->get<std::string>();
    }
    if (auto value = member(operation, "value")) {
        out.value = std::move(*value);
        out.has_value = true;
    }
    if (out.act != Act::remove && !out.has_value) {
        return bad_value("value");
    }
    return out;
}

// Of several values at most one is the primary one (RFC 7644 §3.5.2): the one set last.
void keep_one_primary(json& values, const json& set_last) {
    const auto is_primary = [](const json& one) {
        return one.is_object() && one.value("primary", json(false)) == true;
    };
    if (!values.is_array() || !is_primary(set_last)) {
        return;
    }
    for (auto& one : values) {
        if (is_primary(one) && one != set_last) {
            one["primary"] = false;
        }
    }
}

void append_new(json& values, const json& more) {
    values = values.is_array() ? std::move(values) : json::array();
    for (const auto& one : more) {
        if (std::ranges::find(values, one) == values.end()) {
            values.push_back(one);
        }
        keep_one_primary(values, one);
    }
}

// A value for a whole multi-valued attribute may come alone or in a list.
json as_list(const json& value) {
    return value.is_array() ? value : json::array({value});
}

class Patcher {
public:
    Patcher(json& resource, const ResourceType& type) : resource_(resource), type_(type) {}

    Result<void> apply(const Change& change) {
        if (!change.path_text.empty()) {
            return at_path(change, parse_path(change.path_text), Given::by_path);
        }
        if (change.act == Act::remove) {
            return no_target("");
        }
        if (!change.value.is_object()) {
            return bad_value("value");
        }
        for (const auto& [name, value] : change.value.items()) {
            if (same_name(name, "schemas")) {
                continue;
            }
            TRY(at_path({change.act, name, value, true}, parse_path(name), Given::in_object));
        }
        return {};
    }

private:
    enum class Given { by_path, in_object };

    Result<void> at_path(const Change& change, const Result<PatchPath>& parsed, Given given) {
        const auto path = TRY(parsed);
        if (same_name(path.attribute, "password")) {
            return not_mutable("password");
        }
        const auto resolved = resolve(type_, path.attribute);
        if (!resolved) {
            return bad_path(change.path_text);
        }
        if (resolved->path.attribute.empty()) {
            return whole_extension(change);
        }
        if (resolved->definition == nullptr) {
            return {};
        }
        const bool read_only = resolved->definition->mutability == Mutability::read_only ||
                               (resolved->part != nullptr && resolved->part->mutability == Mutability::read_only);
        if (read_only) {
            return given == Given::in_object && says_what_is_there(*resolved, change.value)
                       ? Result<void>()
                       : not_mutable(change.path_text);
        }
        if (path.filter) {
            return filtered(change, path, *resolved);
        }
        return resolved->part != nullptr ? one_part(change, *resolved) : whole(change, *resolved);
    }

    bool says_what_is_there(const Resolved& resolved, const json& value) const {
        const auto& place =
            resolved.path.schema.empty() ? resource_ : resource_.value(resolved.path.schema, json::object());
        return place.value(resolved.path.attribute, json(nullptr)) == value;
    }

    Result<void> whole_extension(const Change& change) {
        if (change.act == Act::remove) {
            return not_mutable(change.path_text);
        }
        if (!change.value.is_object()) {
            return bad_value(change.path_text);
        }
        for (const auto& [name, value] : change.value.items()) {
            if (same_name(name, "schemas")) {
                continue;
            }
            const auto inner = change.path_text + ":" + name;
            TRY(at_path({change.act, inner, value, true}, parse_path(inner), Given::in_object));
        }
        return {};
    }

    json& place_of(const Resolved& resolved) {
        return resolved.path.schema.empty() ? resource_ : resource_[resolved.path.schema];
    }

    // What a client may say of it.
    static json sayable(const json& value, const Attribute& attribute) {
        json out = value;
        for (const auto& part : attribute.parts) {
            if (part.mutability == Mutability::read_only && out.is_object()) {
                out.erase(part.name);
            }
        }
        return out;
    }

    // Immutable values may be said again, and given where there are none (RFC 7643 §7).
    static Result<void> replaceable(const Attribute& attribute, const json& before, const json& after,
                                    const std::string& name) {
        return attribute.mutability == Mutability::immutable && !before.is_null() &&
                       sayable(before, attribute) != sayable(after, attribute)
                   ? not_mutable(name)
                   : Result<void>();
    }

    Result<void> whole(const Change& change, const Resolved& resolved) {
        const auto& attribute = *resolved.definition;
        auto& place = place_of(resolved);
        json before = place.is_object() ? place.value(attribute.name, json(nullptr)) : json(nullptr);
        if (change.act == Act::remove) {
            return remove_whole(change, attribute, place, before);
        }
        auto value = attribute.multi_valued && !change.value.is_null()
                         ? TRY(accept_value(as_list(change.value), attribute, attribute.name))
                         : TRY(merged(change.value, before, attribute));
        if (attribute.multi_valued && change.act == Act::add) {
            auto values = before;
            append_new(values, value.is_null() ? json::array() : value);
            value = std::move(values);
        }
        if (value.is_null() && attribute.required) {
            return bad_value(attribute.name);
        }
        TRY(replaceable(attribute, before, value, attribute.name));
        if (value.is_null()) {
            place.erase(attribute.name);
        } else {
            place[attribute.name] = std::move(value);
        }
        return {};
    }

    // RFC 7644 §3.5.2.1 and §3.5.2.3: of a complex attribute only the named parts are set.
    static Result<json> merged(const json& value, const json& before, const Attribute& attribute) {
        if (attribute.type != Type::complex || !value.is_object()) {
            return accept_value(value, attribute, attribute.name);
        }
        json all = before.is_object() ? before : json::object();
        for (const auto& [name, given] : value.items()) {
            const auto* const part = find(attribute.parts, name);
            all[part == nullptr ? name : part->name] = given;
        }
        return accept_value(all, attribute, attribute.name);
    }

    static Result<void> remove_whole(const Change& change, const Attribute& attribute, json& place,
                                     const json& before) {
        if (attribute.multi_valued && change.has_value && !change.value.is_null()) {
            json left = json::array();
            for (const auto& one : before) {
                const bool named = std::ranges::any_of(as_list(change.value), [&](const json& value) {
                    return value == one || (value.is_object() && value.contains("value") && one.is_object() &&
                                            one.value("value", json(nullptr)) == value.at("value"));
                });
                if (!named) {
                    left.push_back(one);
                }
            }
            place[attribute.name] = std::move(left);
            return {};
        }
        if (attribute.required || (attribute.mutability == Mutability::immutable && !before.is_null())) {
            return not_mutable(attribute.name);
        }
        if (place.is_object()) {
            place.erase(attribute.name);
        }
        return {};
    }

    Result<void> set_part(json& value, const Change& change, const Attribute& part) {
        const json before = value.value(part.name, json(nullptr));
        if (change.act == Act::remove) {
            if (part.required) {
                return not_mutable(change.path_text);
            }
            TRY(replaceable(part, before, nullptr, change.path_text));
            value.erase(part.name);
            return {};
        }
        const auto after = TRY(accept_value(change.value, part, change.path_text));
        TRY(replaceable(part, before, after, change.path_text));
        if (after.is_null()) {
            return part.required ? Result<void>(bad_value(change.path_text)) : (value.erase(part.name), Result<void>());
        }
        value[part.name] = after;
        return {};
    }

    Result<void> one_part(const Change& change, const Resolved& resolved) {
        auto& place = place_of(resolved);
        auto& value = place[resolved.definition->name];
        if (resolved.definition->multi_valued) {
            for (auto& one : value) {
                TRY(set_part(one, change, *resolved.part));
            }
            return value.empty() ? Result<void>(no_target(change.path_text)) : Result<void>();
        }
        if (value.is_null()) {
            value = json::object();
        }
        return set_part(value, change, *resolved.part);
    }

    Result<void> filtered(const Change& change, const PatchPath& path, const Resolved& resolved) {
        const auto& attribute = *resolved.definition;
        const auto* const part = path.part.empty() ? nullptr : find(attribute.parts, path.part);
        const bool sensible = attribute.type == Type::complex && attribute.multi_valued && resolved.part == nullptr &&
                              (path.part.empty() || part != nullptr);
        if (!sensible || !check_filter(*path.filter, attribute)) {
            return bad_path(change.path_text);
        }
        auto& values = place_of(resolved)[attribute.name];
        json left = json::array();
        bool found = false;
        json last = nullptr;
        for (auto& one : values) {
            if (!matches(*path.filter, one, attribute)) {
                left.push_back(one);
                continue;
            }
            found = true;
            if (part != nullptr) {
                TRY(set_part(one, change, *part));
            } else if (change.act != Act::remove) {
                one = TRY(merged(change.value, change.act == Act::add ? one : json::object(), single(attribute)));
            } else {
                continue;
            }
            left.push_back(one);
            last = one;
        }
        if (!found) {
            return no_target(change.path_text);
        }
        keep_one_primary(left, last);
        values = std::move(left);
        return {};
    }

    static Attribute single(Attribute attribute) {
        attribute.multi_valued = false;
        return attribute;
    }

    json& resource_;
    const ResourceType& type_;
};

Result<json> operations_of(const json& body) {
    if (!body.is_object()) {
        return bad_syntax("{}");
    }
    const auto named = TRY(member(body, "schemas"));
    const bool ours = named.is_array() && std::ranges::any_of(named, [](const json& one) {
                          return one.is_string() && same_name(one.get_ref<const std::string&>(), kPatchSchema);
                      });
    if (!ours) {
        return bad_syntax("schemas");
    }
    auto operations = TRY(member(body, "Operations"));
    if (!operations.is_array() || operations.empty() || operations.size() > limits::kScimPatchOperations) {
        return bad_syntax("Operations");
    }
    return operations;
}

}  // namespace

Result<json> patched(json resource, const json& body, const ResourceType& type) {
    const auto operations = TRY(operations_of(body));
    Patcher patcher(resource, type);
    for (const auto& operation : operations) {
        const auto change = TRY(change_of(operation));
        TRY(patcher.apply(change));
    }
    return resource;
}

}  // namespace madoguchi::scim
