// RFC 7644 §3.7: each operation is a transaction of its own; one that fails takes nothing of the others with it.
#include <algorithm>

#include "base/scim_limits.hpp"
#include "http/json_reader.hpp"
#include "http/scim_error.hpp"
#include "scim/scim_api.hpp"

namespace madoguchi::scim {
namespace {

using http::Request;
using http::Response;
using nlohmann::json;

Precondition precondition_of(const BulkOperation& operation) {
    if (operation.version.empty()) {
        return {};
    }
    const auto wanted = operation.version.starts_with("W/") ? operation.version.substr(2) : operation.version;
    return [wanted](const std::string& version) { return version == wanted; };
}

json outline(const BulkOperation& operation, int status) {
    json out = {{"method", operation.method}, {"status", std::to_string(status)}};
    if (!operation.bulk_id.empty()) {
        out["bulkId"] = operation.bulk_id;
    }
    return out;
}

json answered(const BulkOperation& operation, const Answered& answer, const std::string& base) {
    json out = outline(operation, answer.status);
    if (answer.resource.is_null()) {
        out["location"] = base + operation.path;
    } else {
        out["location"] = answer.resource.at("meta").at("location");
        out["version"] = answer.resource.at("meta").at("version");
    }
    return out;
}

json refused(const ScimApiParts& parts, const Request& request, const BulkOperation& operation, const Error& error) {
    const int status = http::scim_status_of(error);
    json out = outline(operation, status);
    if (operation.method != "POST") {
        out["location"] = parts.base + operation.path;
    }
    out["response"] = json::parse(http::scim_error(request, error, status, parts.errors).body);
    return out;
}

}  // namespace

Result<Response> answer_bulk(const ScimApiParts& parts, const Request& request) {
    const auto principal = TRY(parts.guard(request));
    if (request.body.size() > limits::kScimBulkBytes) {
        return failure(ErrorKind::invalid, "payload_too_large");
    }
    const auto bulk = TRY(bulk_of(TRY(request.json())));
    const auto order = order_of(bulk);
    std::map<std::string, std::string> ids;
    json results = json::array();
    int errors = 0;
    const auto note = [&](json result, bool failed) {
        errors += failed ? 1 : 0;
        results.push_back(std::move(result));
        return bulk.fail_on_errors > 0 && errors >= bulk.fail_on_errors;
    };
    bool stopped = false;
    for (const auto index : order.order) {
        if (stopped) {
            break;
        }
        const auto operation = with_ids(bulk.operations[index], ids);
        const auto missing = references_of(operation);  // what it refers to was refused
        auto answer = missing.empty() ? carry_out(parts, principal, operation, precondition_of(operation), request.now)
                                      : Result<Answered>(bad_value("bulkId:" + missing.front()));
        if (answer && !operation.bulk_id.empty() && !answer->resource.is_null()) {
            ids[operation.bulk_id] = answer->resource.at("id").get<std::string>();
        }
        stopped = answer ? note(answered(operation, *answer, parts.base), false)
                         : note(refused(parts, request, operation, answer.error()), true);
    }
    for (const auto index : order.unresolvable) {
        if (stopped) {
            break;
        }
        const auto& operation = bulk.operations[index];
        const Error circle = Error{.kind = ErrorKind::conflict, .message_id = "scim_circle"};
        stopped = note(refused(parts, request, operation, circle), true);
    }
    auto response = Response::json(
        200, {{"schemas", {"urn:ietf:params:scim:api:messages:2.0:BulkResponse"}}, {"Operations", results}});
    response.content_type = http::kScimMediaType;
    return response;
}

}  // namespace madoguchi::scim
