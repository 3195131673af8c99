#include "http/problem.hpp"

#include <nlohmann/json.hpp>

namespace madoguchi::http {

int status_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::invalid:
            return 400;
        case ErrorKind::unauthenticated:
            return 401;
        case ErrorKind::forbidden:
            return 403;
        case ErrorKind::not_found:
            return 404;
        case ErrorKind::conflict:
            return 409;
        case ErrorKind::too_many:
            return 429;
        case ErrorKind::unavailable:
            return 503;
        case ErrorKind::internal:
            break;
    }
    return 500;
}

int api_status_of(const Error& error) {
    return error.message_id == "changed_meanwhile"        ? 412
           : error.message_id == "if_match_required"      ? 428
           : error.message_id == "idempotency_key_reused" ? 422
                                                          : status_of(error.kind);
}

Response problem(const Request& request, const Error& error, int status, const ErrorRenderer& renderer) {
    const auto text = [&](const std::string& id, const std::map<std::string, std::string>& values) {
        return renderer.text ? renderer.text(id, request.locale, values) : id;
    };
    nlohmann::json body = {
        {"type", "urn:madoguchi:problem:" + error.message_id},
        {"title", reason_of(status)},
        {"status", status},
        {"detail", text(error.message_id, renderer.values ? renderer.values(error, request.now) : error.values)},
        {"request_id", request.request_id}};
    if (!error.fields.empty()) {
        auto& errors = body["errors"] = nlohmann::json::array();
        for (const auto& field : error.fields) {
            errors.push_back({{"field", field.field},
                              {"rule", field.message_id},
                              {"message", text(field.message_id, field.values)}});
        }
    }
    auto response = Response::json(status, body);
    response.content_type = "application/problem+json";
    if (status == 401) {
        response.with_header("WWW-Authenticate", "Bearer");
    }
    return response;
}

Response plain_error(int status, std::string_view request_id) {
    auto body = std::to_string(status) + " ";
    body += reason_of(status);
    body += "\nrequest id: ";
    body += request_id;
    body += "\n";
    return Response::text(status, std::move(body));
}

}  // namespace madoguchi::http
