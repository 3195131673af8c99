// Queries for many resources (RFC 7644 §3.4.2): what the client asks, and a page of what was found. Pure.
#pragma once

#include "scim/filter.hpp"
#include "scim/projection.hpp"

namespace madoguchi::scim {

/// As it stands in an address or in the body of a .search; numbers as text.
struct RawQuery {
    std::optional<std::string> filter = {};
    std::optional<std::string> sort_by = {};
    std::optional<std::string> sort_order = {};
    std::optional<std::string> start_index = {};
    std::optional<std::string> count = {};
    std::vector<std::string> attributes = {};
    std::vector<std::string> excluded_attributes = {};
};
/// The body of POST .search, RFC 7644 §3.4.3. Errors: invalid (scim_syntax).
Result<RawQuery> search_of(const nlohmann::json& body);

struct ListQuery {
    std::optional<Filter> filter = {};
    std::optional<Resolved> sort_by = {};
    bool descending = false;
    std::int64_t start_index = 1;  // from 1
    int count = 0;
    Projection projection = {};
};
/// Errors: invalid (scim_filter, scim_value{attribute}: what can't be sorted by, no number).
Result<ListQuery> list_query(const RawQuery& raw, const ResourceType& type);

/// The text that a filter wants a text attribute to equal, where every resource that meets it has exactly that: an
/// index may be asked first. `attribute` as in its schema, "members.value" for a part.
std::optional<std::string> equals(const std::optional<Filter>& filter, std::string_view attribute,
                                  const ResourceType& type);

struct Listed {
    std::int64_t total = 0;
    std::vector<nlohmann::json> resources = {};
};

/// Of resources that are all there: those that meet the filter, in order, one page of them.
Listed paged(std::vector<nlohmann::json> resources, const ListQuery& query, const ResourceType& type);

nlohmann::json to_json(const Listed& listed, const ListQuery& query, const ResourceType& type);

}  // namespace madoguchi::scim
