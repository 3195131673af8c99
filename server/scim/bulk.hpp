// Bulk requests of RFC 7644 §3.7: read, put into an order in which every reference is known, counted. Pure.
#pragma once

#include <map>

#include "scim/schema.hpp"

namespace madoguchi::scim {

struct BulkOperation {
    std::string method;  // POST, PUT, PATCH, DELETE
    std::string path;    // "/Users", "/Users/7", "/Users/bulkId:a"
    std::string bulk_id = {};
    std::string version = {};
    nlohmann::json data = nullptr;
};

struct BulkRequest {
    std::vector<BulkOperation> operations;
    int fail_on_errors = 0;  // 0: never stop
};

/// Errors: invalid (scim_syntax, scim_value), and payload_too_large for more operations than the limit.
Result<BulkRequest> bulk_of(const nlohmann::json& body);

/// What the operation refers to by "bulkId:...", in its path and data.
std::vector<std::string> references_of(const BulkOperation& operation);

/// Indexes in the order of work: as given, but what refers to a bulkId after the operation that makes it. What is left
/// over refers to itself in a circle, or to nothing, and comes last.
struct BulkOrder {
    std::vector<std::size_t> order;
    std::vector<std::size_t> unresolvable;
};
BulkOrder order_of(const BulkRequest& request);

/// With every "bulkId:x" that is known replaced by its id.
BulkOperation with_ids(BulkOperation operation, const std::map<std::string, std::string>& ids);

}  // namespace madoguchi::scim
