#include "events/event_api.hpp"

#include "base/event_limits.hpp"
#include "base/field_errors.hpp"
#include "http/conditional.hpp"
#include "http/json_reader.hpp"

namespace madoguchi::events {
namespace {

using http::Request;
using http::Response;

// "account.issued,account.closed"
std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> out;
    while (!text.empty()) {
        const auto end = std::min(text.find(','), text.size());
        out.emplace_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out;
}

Result<EventQuestion> question_of(const Request& request) {
    TRY(http::known_query(request, {"after", "type", "limit", "organization_id"}));
    FieldErrors errors;
    EventQuestion question{.limit = limits::kEventsPage};
    const auto said = request.query.find("after");
    const auto after = said ? cursor_of(*said) : std::optional<std::int64_t>(0);
    if (!after || (said && said->empty())) {
        errors.add("after", "unknown_value");
    }
    question.after = after.value_or(0);
    for (auto& type : words_of(request.query.text("type"))) {
        if (!is_event_type(type)) {
            errors.add("type", "unknown_value");
            break;
        }
        question.types.push_back(std::move(type));
    }
    if (const auto limit = request.query.find("limit")) {
        const auto number = http::parse_identifier(*limit);
        if (!number || *number > limits::kEventsPageMost) {
            errors.add("limit", "unknown_value");
        } else {
            question.limit = static_cast<int>(*number);
        }
    }
    if (const auto organization = request.query.find("organization_id")) {
        const auto id = http::parse_identifier(*organization);
        if (!id) {
            errors.add("organization_id", "field_not_identifier");
        }
        question.organization = OrganizationId{id.value_or(0)};
    }
    TRY(std::move(errors).result());
    return question;
}

}  // namespace

void add_event_api(http::RouteTable& routes, const EventService& service, const directory::Guard& guard,
                   const std::string& source) {
    routes.api(
        http::Method::get, "/api/v1/events", [&service, guard, source](const Request& request) -> Result<Response> {
            const auto principal = TRY(guard(request));
            const auto page = TRY(service.read(principal, TRY(question_of(request)), request.now));
            nlohmann::json out = {
                {"events", nlohmann::json::array()}, {"next_cursor", cursor_text(page.next)}, {"more", page.more}};
            for (const auto& event : page.events) {
                out["events"].push_back(to_cloud_event(event, source));
            }
            return Response::json(200, out);
        });
}

}  // namespace madoguchi::events
