#include "scim/bulk.hpp"

#include <algorithm>
#include <set>

#include "base/scim_limits.hpp"

namespace madoguchi::scim {
namespace {

using nlohmann::json;

constexpr std::string_view kBulkSchema = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
constexpr std::string_view kReference = "bulkId:";

// Depth is bounded where the JSON is read.
template <class Visit>
void each_text(json& value, const Visit& visit) {
    if (value.is_string()) {
        visit(value.get_ref<std::string&>());
    } else if (value.is_structured()) {
        for (auto& one : value) {
            each_text(one, visit);
        }
    }
}

std::string reference_in_path(const std::string& path) {
    const auto at = path.find("/" + std::string(kReference));
    return at == std::string::npos ? std::string() : path.substr(at + 1 + kReference.size());
}

Result<std::string> text_member(const json& operation, const char* name, bool required) {
    const auto found = operation.find(name);
    if (found == operation.end() || found->is_null()) {
        return required ? Result<std::string>(bad_syntax(std::string("Operations.") + name)) : std::string();
    }
    if (!found->is_string()) {
        return bad_syntax(std::string("Operations.") + name);
    }
    return found->get<std::string>();
}

Result<BulkOperation> operation_of(const json& operation) {
    if (!operation.is_object()) {
        return bad_syntax("Operations");
    }
    BulkOperation out;
    out.method = TRY(text_member(operation, "method", true));
    out.path = TRY(text_member(operation, "path", true));
    out.bulk_id = TRY(text_member(operation, "bulkId", false));
    out.version = TRY(text_member(operation, "version", false));
    std::ranges::transform(out.method, out.method.begin(),
                           [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
    if (out.method != "POST" && out.method != "PUT" && out.method != "PATCH" && out.method != "DELETE") {
        return bad_value("Operations.method");
    }
    if (out.method == "POST" && out.bulk_id.empty()) {
        return bad_syntax("Operations.bulkId");
    }
    out.data = operation.value("data", json(nullptr));
    return out;
}

}  // namespace

Result<BulkRequest> bulk_of(const json& body) {
    if (!body.is_object()) {
        return bad_syntax("{}");
    }
    const auto schemas = body.value("schemas", json(nullptr));
    if (!schemas.is_array() || std::ranges::find(schemas, json(kBulkSchema)) == schemas.end()) {
        return bad_syntax("schemas");
    }
    const auto operations = body.value("Operations", json(nullptr));
    const auto fail = body.value("failOnErrors", json(0));
    if (!operations.is_array() || operations.empty()) {
        return bad_syntax("Operations");
    }
    if (!fail.is_number_integer() || fail.get<std::int64_t>() < 0) {
        return bad_value("failOnErrors");
    }
    if (operations.size() > limits::kScimBulkOperations) {
        return failure(ErrorKind::invalid, "payload_too_large");
    }
    BulkRequest out;
    out.fail_on_errors = static_cast<int>(std::min<std::int64_t>(fail.get<std::int64_t>(), 1000000));
    std::set<std::string> ids;
    for (const auto& operation : operations) {
        out.operations.push_back(TRY(operation_of(operation)));
        const auto& id = out.operations.back().bulk_id;
        if (!id.empty() && !ids.insert(id).second) {
            return bad_value("Operations.bulkId");
        }
    }
    return out;
}

std::vector<std::string> references_of(const BulkOperation& operation) {
    std::vector<std::string> out;
    if (auto id = reference_in_path(operation.path); !id.empty()) {
        out.push_back(std::move(id));
    }
    auto data = operation.data;
    each_text(data, [&](const std::string& text) {
        if (text.starts_with(kReference)) {
            out.push_back(text.substr(kReference.size()));
        }
    });
    return out;
}

BulkOrder order_of(const BulkRequest& request) {
    BulkOrder out;
    std::set<std::string> known;
    std::vector<std::size_t> waiting;
    for (std::size_t i = 0; i < request.operations.size(); ++i) {
        waiting.push_back(i);
    }
    // At most as many rounds as operations, each no longer than those that wait: a few thousand steps at the limit.
    for (bool moved = true; moved && !waiting.empty();) {
        moved = false;
        std::vector<std::size_t> still;
        for (const auto index : waiting) {
            const auto& operation = request.operations[index];
            const auto wanted = references_of(operation);
            if (!std::ranges::all_of(wanted, [&](const std::string& id) { return known.contains(id); })) {
                still.push_back(index);
                continue;
            }
            out.order.push_back(index);
            known.insert(operation.bulk_id);
            moved = true;
        }
        waiting = std::move(still);
    }
    out.unresolvable = std::move(waiting);
    return out;
}

BulkOperation with_ids(BulkOperation operation, const std::map<std::string, std::string>& ids) {
    if (const auto found = ids.find(reference_in_path(operation.path)); found != ids.end()) {
        operation.path = operation.path.substr(0, operation.path.find('/', 1) + 1) + found->second;
    }
    each_text(operation.data, [&](std::string& text) {
        if (text.starts_with(kReference)) {
            const auto found = ids.find(text.substr(kReference.size()));
            text = found == ids.end() ? text : found->second;
        }
    });
    return operation;
}

}  // namespace madoguchi::scim
