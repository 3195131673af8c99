#include "scim/projection.hpp"

#include <algorithm>

namespace madoguchi::scim {
namespace {

using nlohmann::json;

bool stays_always(const AttributePath& path) {
    return path.schema.empty() && (path.attribute == "id" || path.attribute == "schemas");
}

std::vector<AttributePath> paths_of(const std::vector<std::string>& names, const ResourceType& type) {
    std::vector<AttributePath> out;
    for (const auto& name : names) {
        const auto resolved = resolve(type, name);
        out.push_back(resolved ? resolved->path : AttributePath{.attribute = "\n"});
    }
    return out;
}

json part_of(const json& value, const std::string& part) {
    if (value.is_array()) {
        json out = json::array();
        for (const auto& one : value) {
            out.push_back(part_of(one, part));
        }
        return out;
    }
    return value.contains(part) ? json{{part, value.at(part)}} : json::object();
}

void merge(json& target, const json& value) {
    if (target.is_array() && value.is_array() && target.size() == value.size()) {
        for (std::size_t i = 0; i < value.size(); ++i) {
            target[i].update(value[i]);
        }
    } else if (target.is_object() && value.is_object()) {
        target.update(value);
    } else {
        target = value;
    }
}

void copy_to(json& out, const json& from, const AttributePath& path) {
    if (!path.schema.empty()) {
        if (const auto found = from.find(path.schema); found != from.end()) {
            auto inner = path;
            inner.schema.clear();
            if (path.attribute.empty()) {
                out[path.schema] = *found;
            } else {
                copy_to(out[path.schema], *found, inner);
            }
        }
        return;
    }
    const auto found = from.find(path.attribute);
    if (found == from.end()) {
        return;
    }
    merge(out[path.attribute], path.part.empty() ? *found : part_of(*found, path.part));
}

void erase_from(json& from, const AttributePath& path) {
    if (!path.schema.empty() && !path.attribute.empty()) {
        if (const auto found = from.find(path.schema); found != from.end()) {
            erase_from(*found, {.attribute = path.attribute, .part = path.part});
        }
        return;
    }
    const auto& name = path.schema.empty() ? path.attribute : path.schema;
    const auto found = from.find(name);
    if (found == from.end()) {
        return;
    }
    if (path.part.empty()) {
        from.erase(found);
        return;
    }
    if (found->is_object()) {
        found->erase(path.part);
        return;
    }
    for (auto& one : *found) {
        one.erase(path.part);
    }
}

}  // namespace

std::vector<std::string> listed(std::string_view text) {
    std::vector<std::string> out;
    while (!text.empty()) {
        const auto end = std::min(text.find(','), text.size());
        auto one = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        while (one.starts_with(' ')) {
            one.remove_prefix(1);
        }
        while (one.ends_with(' ')) {
            one.remove_suffix(1);
        }
        if (!one.empty()) {
            out.emplace_back(one);
        }
    }
    return out;
}

Result<Projection> projection_of(const std::vector<std::string>& attributes,
                                 const std::vector<std::string>& excluded_attributes, const ResourceType& type) {
    if (!attributes.empty() && !excluded_attributes.empty()) {
        return bad_value("excludedAttributes");
    }
    return Projection{.only = paths_of(attributes, type), .except = paths_of(excluded_attributes, type)};
}

json project(const json& resource, const Projection& projection, const ResourceType& type) {
    json out = projection.only.empty() ? resource : json::object();
    for (const auto& path : projection.only) {
        copy_to(out, resource, path);
    }
    for (const auto& path : projection.except) {
        if (!stays_always(path)) {
            erase_from(out, path);
        }
    }
    for (const auto* name : {"id", "schemas"}) {
        if (resource.contains(name)) {
            out[name] = resource.at(name);
        }
    }
    if (out.contains(type.extension->id) && out.at(type.extension->id).empty()) {
        out.erase(type.extension->id);
    }
    return out;
}

}  // namespace madoguchi::scim
