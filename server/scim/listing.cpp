#include "scim/listing.hpp"

#include <algorithm>
#include <charconv>

#include "base/scim_limits.hpp"

namespace madoguchi::scim {
namespace {

using nlohmann::json;

constexpr std::string_view kSearchSchema = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
constexpr std::string_view kListSchema = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

Result<std::int64_t> number_of(const std::string& text, const std::string& name) {
    std::int64_t out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc() && end == text.data() + text.size() ? Result<std::int64_t>(out) : bad_value(name);
}

Result<std::vector<std::string>> names_of(const json& body, const char* name) {
    std::vector<std::string> out;
    const auto found = body.find(name);
    if (found == body.end() || found->is_null()) {
        return out;
    }
    if (!found->is_array()) {
        return bad_syntax(name);
    }
    out.reserve(found->size());
    for (const auto& one : *found) {
        if (!one.is_string()) {
            return bad_syntax(name);
        }
        out.push_back(one.get<std::string>());
    }
    return out;
}

Result<std::optional<std::string>> scalar_of(const json& body, const char* name, bool number) {
    const auto found = body.find(name);
    if (found == body.end() || found->is_null()) {
        return std::optional<std::string>();
    }
    if (number ? !found->is_number_integer() : !found->is_string()) {
        return bad_syntax(name);
    }
    return std::optional(number ? found->dump() : found->get<std::string>());
}

const Attribute* sorted_by(const Resolved& resolved) {
    const auto* const attribute = resolved.part != nullptr ? resolved.part : resolved.definition;
    if (attribute == nullptr || attribute->type != Type::complex) {
        return attribute;
    }
    return find(attribute->parts, "value");
}

// RFC 7644 §3.4.2.3: of several values the primary one; here none has one, so the first.
const json* sort_value(const json& resource, const Resolved& by) {
    auto path = by.path;
    if (path.part.empty() && by.definition != nullptr && by.definition->type == Type::complex) {
        path.part = "value";
    }
    const auto values = values_at(resource, path);
    return values.empty() ? nullptr : values.front();
}

void sort(std::vector<json>& resources, const ListQuery& query) {
    const auto* const attribute = sorted_by(*query.sort_by);
    if (attribute == nullptr) {
        return;
    }
    // What has no value comes last, and first where the order is turned around.
    const auto before = [&](const json& left, const json& right) {
        const auto* const one = sort_value(left, *query.sort_by);
        const auto* const other = sort_value(right, *query.sort_by);
        if (one == nullptr || other == nullptr) {
            return one != nullptr && other == nullptr;
        }
        return compare(*one, *other, *attribute) < 0;
    };
    if (query.descending) {
        std::ranges::stable_sort(resources, [&](const json& left, const json& right) { return before(right, left); });
    } else {
        std::ranges::stable_sort(resources, before);
    }
}

bool names(const Filter& filter, std::string_view attribute, const ResourceType& type) {
    const auto dot = attribute.find('.');
    const auto resolved = resolve(type, filter.attribute);
    return resolved && resolved->path.schema.empty() && same_name(resolved->path.attribute, attribute.substr(0, dot)) &&
           (dot == std::string_view::npos || resolved->path.part.empty() ||
            same_name(resolved->path.part, attribute.substr(dot + 1)));
}

}  // namespace

Result<RawQuery> search_of(const json& body) {
    if (!body.is_object()) {
        return bad_syntax("{}");
    }
    const auto schemas = TRY(names_of(body, "schemas"));
    if (std::ranges::find(schemas, kSearchSchema) == schemas.end()) {
        return bad_syntax("schemas");
    }
    RawQuery out;
    out.filter = TRY(scalar_of(body, "filter", false));
    out.sort_by = TRY(scalar_of(body, "sortBy", false));
    out.sort_order = TRY(scalar_of(body, "sortOrder", false));
    out.start_index = TRY(scalar_of(body, "startIndex", true));
    out.count = TRY(scalar_of(body, "count", true));
    out.attributes = TRY(names_of(body, "attributes"));
    out.excluded_attributes = TRY(names_of(body, "excludedAttributes"));
    return out;
}

Result<ListQuery> list_query(const RawQuery& raw, const ResourceType& type) {
    ListQuery out;
    if (raw.filter) {
        out.filter = TRY(parse_filter(*raw.filter));
        TRY(check_filter(*out.filter, type));
    }
    if (raw.sort_by) {
        out.sort_by = resolve(type, *raw.sort_by);
        if (!out.sort_by || (out.sort_by->path.attribute.empty())) {
            return bad_value("sortBy");
        }
    }
    const auto order = lower(raw.sort_order.value_or("ascending"));
    if (order != "ascending" && order != "descending") {
        return bad_value("sortOrder");
    }
    out.descending = order == "descending";
    out.start_index = std::max<std::int64_t>(1, TRY(number_of(raw.start_index.value_or("1"), "startIndex")));
    const auto count = TRY(number_of(raw.count.value_or(std::to_string(limits::kScimPageRows)), "count"));
    out.count = static_cast<int>(std::clamp<std::int64_t>(count, 0, limits::kScimPageRowsMaximum));
    out.projection = TRY(projection_of(raw.attributes, raw.excluded_attributes, type));
    return out;
}

std::optional<std::string> equals(const std::optional<Filter>& filter, std::string_view attribute,
                                  const ResourceType& type) {
    if (!filter) {
        return std::nullopt;
    }
    if (filter->kind == Filter::Kind::all) {
        for (const auto& part : filter->parts) {
            if (auto found = equals(part, attribute, type)) {
                return found;
            }
        }
        return std::nullopt;
    }
    const bool bracketed = filter->kind == Filter::Kind::value_path && attribute.find('.') != std::string_view::npos &&
                           same_name(filter->attribute, attribute.substr(0, attribute.find('.')));
    if (bracketed) {
        const auto& inner = filter->parts[0];
        const bool wanted = inner.kind == Filter::Kind::comparison && inner.compare == Operator::eq &&
                            same_name(inner.attribute, attribute.substr(attribute.find('.') + 1));
        return wanted && inner.value.is_string() ? std::optional(inner.value.get<std::string>()) : std::nullopt;
    }
    const bool wanted = filter->kind == Filter::Kind::comparison && filter->compare == Operator::eq &&
                        filter->value.is_string() && names(*filter, attribute, type);
    return wanted ? std::optional(filter->value.get<std::string>()) : std::nullopt;
}

Listed paged(std::vector<json> resources, const ListQuery& query, const ResourceType& type) {
    if (query.filter) {
        std::erase_if(resources, [&](const json& resource) { return !matches(*query.filter, resource, type); });
    }
    if (query.sort_by) {
        sort(resources, query);
    }
    Listed out{.total = static_cast<std::int64_t>(resources.size())};
    const auto first = std::min(out.total, query.start_index - 1);
    const auto end = std::min(out.total, first + query.count);
    std::move(resources.begin() + first, resources.begin() + end, std::back_inserter(out.resources));
    return out;
}

json to_json(const Listed& listed, const ListQuery& query, const ResourceType& type) {
    json out = {{"schemas", {kListSchema}},
                {"totalResults", listed.total},
                {"startIndex", query.start_index},
                {"itemsPerPage", listed.resources.size()},
                {"Resources", json::array()}};
    for (const auto& resource : listed.resources) {
        out["Resources"].push_back(project(resource, query.projection, type));
    }
    return out;
}

}  // namespace madoguchi::scim
