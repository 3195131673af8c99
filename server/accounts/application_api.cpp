// Applications of clinics without an ID, for the health centre that decides.
#include "accounts/account_api.hpp"
#include "accounts/application_service.hpp"
#include "directory/organization_api.hpp"
#include "http/conditional.hpp"
#include "http/json_reader.hpp"
#include "http/json_values.hpp"

namespace madoguchi::accounts {
namespace {

using directory::Guard;
using http::Response;
using HttpRequest = http::Request;

nlohmann::json to_json(const Application& application) {
    const auto& applicant = application.applicant;
    return {{"id", std::to_string(application.id.value)},
            {"number", application.number},
            {"state", to_text(application.state)},
            {"health_center",
             {{"id", std::to_string(application.health_center.value)}, {"name", application.health_center_name}}},
            {"institution_code", applicant.institution_code},
            {"institution_name", applicant.institution_name},
            {"institution_kana", applicant.institution_kana},
            {"postal_code", applicant.postal_code},
            {"address", applicant.address},
            {"family_name", applicant.names.family_name},
            {"given_name", applicant.names.given_name},
            {"family_kana", applicant.names.family_kana},
            {"given_kana", applicant.names.given_kana},
            {"note", applicant.note},
            {"applied_at", format_rfc3339_japan(application.created_at)},
            {"question", application.question},
            {"asked_at", http::optional_time(application.asked_at)},
            {"reply", application.reply},
            {"replied_at", http::optional_time(application.replied_at)},
            {"decided_by", application.decided_by_name},
            {"decided_at", http::optional_time(application.decided_at)},
            {"reason", application.reason},
            {"account_id", application.account ? nlohmann::json(std::to_string(application.account.value))
                                               : nlohmann::json(nullptr)}};
}

Result<ApplicationId> wanted(const HttpRequest& request) {
    const auto id = http::parse_identifier(request.path_parameter("id"));
    if (!id) {
        return failure(ErrorKind::not_found, "not_found");
    }
    return ApplicationId{*id};
}

Result<Response> list(ApplicationService& service, const Guard& guard, const HttpRequest& request) {
    const auto principal = TRY(guard(request));
    TRY(http::known_query(request, {"cursor", "limit", "state"}));
    const auto page = TRY(directory::page_of(request));
    ApplicationFilter filter{.state = request.query.find("state"), .after_id = page.after_id, .limit = page.limit + 1};
    if (filter.state && *filter.state != "open" && *filter.state != "asked" && *filter.state != "done") {
        return invalid_field("state", "unknown_value");
    }
    auto found = TRY(service.list(principal, filter, request.now));
    nlohmann::json out = {{"applications", nlohmann::json::array()}, {"next_cursor", nullptr}};
    if (found.size() > static_cast<std::size_t>(page.limit)) {
        found.resize(static_cast<std::size_t>(page.limit));
        out["next_cursor"] = std::to_string(found.back().id.value);
    }
    for (const auto& one : found) {
        out["applications"].push_back(to_json(one));
    }
    return Response::json(200, out);
}

Result<Response> show(ApplicationService& service, const Guard& guard, const HttpRequest& request) {
    const auto principal = TRY(guard(request));
    TRY(http::known_query(request, {}));
    const auto details = TRY(service.show(principal, TRY(wanted(request)), request.now));
    auto out = to_json(details.application);
    out["phone"] = details.phone;
    out["may_decide"] = details.may_decide;
    return Response::json(200, out);
}

Result<Response> act(ApplicationService& service, const Guard& guard, const HttpRequest& request) {
    const auto principal = TRY(guard(request));
    const auto id = TRY(wanted(request));
    const auto which = request.path_parameter("act");
    if (which != "accept" && which != "ask" && which != "decline") {
        return failure(ErrorKind::not_found, "not_found");
    }
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    const auto text = which == "accept" ? std::string() : reader.text(which == "ask" ? "question" : "reason");
    TRY(reader.finish());
    if (which != "accept") {
        return Response::json(200, to_json(which == "ask" ? TRY(service.ask(principal, id, text, request.now))
                                                          : TRY(service.decline(principal, id, text, request.now))));
    }
    const auto accepted = TRY(service.accept(principal, id, request.now));
    auto out = to_json(accepted.application);
    out["account"] = to_json(accepted.issued.account, accepted.issued.second_steps, request.now);
    return Response::json(200, out);
}

}  // namespace

void add_application_api(http::RouteTable& routes, ApplicationService& service, const Guard& guard) {
    using http::Method;
    routes.api(Method::get, "/api/v1/applications",
               [&service, guard](const HttpRequest& request) { return list(service, guard, request); });
    routes.api(Method::get, "/api/v1/applications/{id}",
               [&service, guard](const HttpRequest& request) { return show(service, guard, request); });
    routes.api(Method::post, "/api/v1/applications/{id}/{act}",
               [&service, guard](const HttpRequest& request) { return act(service, guard, request); });
}

}  // namespace madoguchi::accounts
