#include "events/webhook_api.hpp"

#include "directory/organization_api.hpp"
#include "http/conditional.hpp"
#include "http/json_reader.hpp"
#include "http/json_values.hpp"

namespace madoguchi::events {
namespace {

using directory::Guard;
using http::Method;
using http::Request;
using http::Response;

constexpr const char* kPath = "/api/v1/webhooks";

nlohmann::json optional_text(const std::string& text) {
    return text.empty() ? nlohmann::json(nullptr) : nlohmann::json(text);
}

nlohmann::json to_json(const Webhook& webhook) {
    return {{"id", std::to_string(webhook.id.value)},
            {"name", webhook.name},
            {"url", webhook.url},
            {"types", webhook.types},
            {"organization", directory::to_json(webhook.organization)},
            {"state", webhook.maker_may ? to_text(webhook.state) : "maker_gone"},
            {"paused_why", optional_text(webhook.paused_why)},
            {"made_by", {{"id", std::to_string(webhook.maker.value)}, {"login_id", webhook.maker_name}}},
            {"created_at", format_rfc3339_japan(webhook.created_at)},
            {"delivered_at", http::optional_time(webhook.delivered_at)},
            {"previous_secret_until", http::optional_time(webhook.previous_until)},
            {"waiting", webhook.waiting},
            {"dead", webhook.dead}};
}

nlohmann::json to_json(const Delivery& delivery) {
    const bool waits = delivery.state == DeliveryState::waiting;
    return {{"event_id", cursor_text(delivery.event.position)},
            {"type", delivery.event.type},
            {"subject", subject_text(delivery.event)},
            {"occurred_at", format_rfc3339_japan(delivery.event.occurred_at)},
            {"state", to_text(delivery.state)},
            {"attempts", delivery.attempts},
            {"next_attempt_at", waits ? http::optional_time(delivery.next_attempt_at) : nlohmann::json(nullptr)},
            {"last_status", delivery.last_status == 0 ? nlohmann::json(nullptr) : nlohmann::json(delivery.last_status)},
            {"last_problem", optional_text(delivery.last_problem)},
            {"finished_at", http::optional_time(delivery.finished_at)}};
}

Result<WebhookId> wanted(const Request& request) {
    const auto id = http::parse_identifier(request.path_parameter("id"));
    if (!id) {
        return failure(ErrorKind::not_found, "not_found");
    }
    return WebhookId{*id};
}

Result<Response> with_secret(int status, const MadeWebhook& made) {
    auto out = to_json(made.webhook);
    out["secret"] = made.secret.reveal();
    return Response::json(status, out);
}

Result<Response> make(WebhookService& service, const Request& request, const Principal& principal) {
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    MakeWebhook command;
    command.name = reader.text("name");
    command.url = reader.text("url");
    command.types = reader.texts("types");
    command.organization = reader.id<OrganizationId>("organization_id");
    TRY(reader.finish());
    const auto made = TRY(service.make(principal, command, request.now));
    return TRY(with_secret(201, made))
        .with_header("Location", std::string(kPath) + "/" + std::to_string(made.webhook.id.value));
}

Result<Response> list(WebhookService& service, const Request& request, const Principal& principal) {
    TRY(http::known_query(request, {"cursor", "limit"}));
    const auto page = TRY(directory::page_of(request));
    auto found = TRY(service.list(principal, page.after_id, page.limit + 1, request.now));
    nlohmann::json out = {{"webhooks", nlohmann::json::array()}, {"next_cursor", nullptr}};
    if (found.size() > static_cast<std::size_t>(page.limit)) {
        found.resize(static_cast<std::size_t>(page.limit));
        out["next_cursor"] = std::to_string(found.back().id.value);
    }
    for (const auto& webhook : found) {
        out["webhooks"].push_back(to_json(webhook));
    }
    return Response::json(200, out);
}

Result<Response> show(WebhookService& service, const Request& request, const Principal& principal) {
    TRY(http::known_query(request, {}));
    return Response::json(200, to_json(TRY(service.show(principal, TRY(wanted(request)), request.now))));
}

Result<Response> act(WebhookService& service, const Request& request, const Principal& principal, WebhookAct act) {
    const auto id = TRY(wanted(request));
    TRY(service.act(principal, id, act, request.now));
    return Response::json(200, to_json(TRY(service.show(principal, id, request.now))));
}

Result<Response> deliveries(WebhookService& service, const Request& request, const Principal& principal) {
    TRY(http::known_query(request, {"cursor", "limit", "state"}));
    const auto page = TRY(directory::page_of(request));
    DeliveryFilter filter{.state = std::nullopt, .before = page.after_id, .limit = page.limit + 1};
    if (const auto state = request.query.find("state")) {
        filter.state = delivery_state(*state);
        if (!filter.state) {
            return invalid_field("state", "unknown_value");
        }
    }
    auto found = TRY(service.deliveries(principal, TRY(wanted(request)), filter, request.now));
    nlohmann::json out = {{"deliveries", nlohmann::json::array()}, {"next_cursor", nullptr}};
    if (found.size() > static_cast<std::size_t>(page.limit)) {
        found.resize(static_cast<std::size_t>(page.limit));
        out["next_cursor"] = std::to_string(found.back().event.position);
    }
    for (const auto& delivery : found) {
        out["deliveries"].push_back(to_json(delivery));
    }
    return Response::json(200, out);
}

Result<Response> send_again(WebhookService& service, const Request& request, const Principal& principal) {
    const auto position = cursor_of(request.path_parameter("event"));
    if (!position || *position == 0) {
        return failure(ErrorKind::not_found, "not_found");
    }
    return Response::json(202,
                          to_json(TRY(service.send_again(principal, TRY(wanted(request)), *position, request.now))));
}

}  // namespace

void add_webhook_api(http::RouteTable& routes, WebhookService& service, const Guard& guard) {
    using Handler = std::function<Result<Response>(const Request&, const Principal&)>;
    const auto add = [&](Method method, const std::string& path, Handler handler) {
        routes.api(method, kPath + path,
                   [guard, handler = std::move(handler)](const Request& request) -> Result<Response> {
                       return handler(request, TRY(guard(request)));
                   });
    };
    add(Method::post, "", [&service](const auto& request, const auto& who) { return make(service, request, who); });
    add(Method::get, "", [&service](const auto& request, const auto& who) { return list(service, request, who); });
    add(Method::get, "/{id}", [&service](const auto& request, const auto& who) { return show(service, request, who); });
    add(Method::post, "/{id}/pause",
        [&service](const auto& request, const auto& who) { return act(service, request, who, WebhookAct::pause); });
    add(Method::post, "/{id}/resume",
        [&service](const auto& request, const auto& who) { return act(service, request, who, WebhookAct::resume); });
    add(Method::del, "/{id}", [&service](const auto& request, const auto& who) -> Result<Response> {
        TRY(service.act(who, TRY(wanted(request)), WebhookAct::remove, request.now));
        return Response::empty(204);
    });
    add(Method::post, "/{id}/secret", [&service](const auto& request, const auto& who) -> Result<Response> {
        return with_secret(200, TRY(service.rotate(who, TRY(wanted(request)), request.now)));
    });
    add(Method::get, "/{id}/deliveries",
        [&service](const auto& request, const auto& who) { return deliveries(service, request, who); });
    add(Method::post, "/{id}/deliveries/{event}/redeliver",
        [&service](const auto& request, const auto& who) { return send_again(service, request, who); });
    add(Method::post, "/{id}/redeliver-dead", [&service](const auto& request, const auto& who) -> Result<Response> {
        const auto count = TRY(service.send_dead_again(who, TRY(wanted(request)), request.now));
        return Response::json(202, {{"redelivered", count}});
    });
}

}  // namespace madoguchi::events
