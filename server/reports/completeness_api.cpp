#include "reports/completeness_api.hpp"

#include <algorithm>

#include "base/completeness_limits.hpp"
#include "base/limits.hpp"
#include "directory/organization_api.hpp"
#include "http/conditional.hpp"
#include "http/json_reader.hpp"

namespace madoguchi::reports {
namespace {

using http::Request;
using http::Response;

constexpr std::array<std::string_view, 7> kWeekdays = {"monday", "tuesday",  "wednesday", "thursday",
                                                       "friday", "saturday", "sunday"};

OrganizationId organization_id(const Request& request) {
    return {http::parse_identifier(request.path_parameter("id")).value_or(0)};
}

nlohmann::json organization_json(const directory::OrganizationRef& organization) {
    return {{"id", std::to_string(organization.id.value)},
            {"name", organization.name},
            {"kind", directory::to_text(organization.kind)}};
}

nlohmann::json to_json(const CompletenessRow& row) {
    const auto& standing = row.standing;
    nlohmann::json out = {{"organization", organization_json(standing.organization)},
                          {"last_report_date",
                           standing.last_date ? nlohmann::json(to_text(*standing.last_date)) : nlohmann::json(nullptr)},
                          {"silent_days", row.silence.days},
                          {"draft_waits", standing.draft_waits},
                          {"received", row.received},
                          {"expected", row.expected},
                          {"on_time", row.on_time}};
    out["days"] = nlohmann::json::object();
    for (const auto& [date, mark] : row.marks) {
        out["days"][to_text(date)] = to_text(mark);
    }
    return out;
}

nlohmann::json to_json(const ReportScheduleService::Shown& shown) {
    nlohmann::json out = {{"organization_id", std::to_string(shown.organization.id.value)},
                          {"version", shown.stored.version},
                          {"public_holidays", shown.stored.schedule.on_holidays}};
    for (std::size_t day = 0; day < kWeekdays.size(); ++day) {
        out[std::string(kWeekdays.at(day))] = shown.stored.schedule.on.at(day);
    }
    return out;
}

Result<std::int64_t> number(const Request& request, const char* field, std::int64_t usual) {
    const auto text = request.query.find(field);
    const auto asked = text ? http::parse_identifier(*text) : std::optional(usual);
    return asked ? Result<std::int64_t>(*asked) : invalid_field(field, "field_not_identifier");
}

Result<Response> list(const CompletenessApiParts& parts, const Request& request) {
    const auto principal = TRY(parts.guard(request));
    TRY(http::known_query(request, {"cursor", "limit", "days", "show", "q", "organization_id"}));
    const ReportDate today = date_at(request.now);
    const auto page = TRY(directory::page_of(request));
    const auto days = static_cast<int>(std::min<std::int64_t>(TRY(number(request, "days", limits::kCompletenessDays)),
                                                              limits::kCompletenessDaysMaximum));
    const auto asked = request.query.text("show");
    if (!asked.empty() && !shown(asked)) {
        return invalid_field("show", "unknown_value");
    }
    const auto under_number = TRY(number(request, "organization_id", 0));
    const CompletenessQuestion question{.from = days_before(today, days - 1),
                                        .to = today,
                                        .shown = shown(asked).value_or(Shown::all),
                                        .word = request.query.text("q"),
                                        .under = {under_number},
                                        .after = {page.after_id},
                                        .limit = page.limit};
    const auto found = TRY(parts.completeness.show(principal, question, request.now));
    nlohmann::json out = {{"as_of", format_rfc3339_japan(request.now)},
                          {"today",
                           {{"received", found.today.received},
                            {"expected", found.today.expected},
                            {"on_paper", found.today.waiting},
                            {"drafts", found.today.drafts},
                            {"overdue", found.today.silent}}},
                          {"days", nlohmann::json::array()},
                          {"organizations", nlohmann::json::array()},
                          {"next_cursor", nullptr}};
    for (const auto& [date, total] : found.days) {
        out["days"].push_back({{"date", to_text(date)},
                               {"received", total.received},
                               {"expected", total.expected},
                               {"on_time", total.on_time}});
    }
    for (const auto& row : found.rows) {
        out["organizations"].push_back(to_json(row));
    }
    if (found.more) {
        out["next_cursor"] = std::to_string(found.rows.back().standing.organization.id.value);
    }
    return Response::json(200, out);
}

Result<Response> show_schedule(const CompletenessApiParts& parts, const Request& request) {
    const auto principal = TRY(parts.guard(request));
    TRY(http::known_query(request, {}));
    return Response::json(200, to_json(TRY(parts.schedules.show(principal, organization_id(request), request.now))));
}

// null says nothing: neither "no" nor 0.
bool said(const nlohmann::json& body, const std::string& field) {
    return body.is_object() && body.contains(field) && !body[field].is_null();
}

Result<Response> change_schedule(const CompletenessApiParts& parts, const Request& request) {
    const auto principal = TRY(parts.guard(request));
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    Schedule schedule;
    for (std::size_t day = 0; day < kWeekdays.size(); ++day) {
        const std::string field(kWeekdays.at(day));
        if (!said(body, field)) {
            reader.errors().add(field, "field_required");
        }
        schedule.on.at(day) = reader.flag(field);
    }
    schedule.on_holidays = reader.flag("public_holidays");
    const auto version = reader.optional_integer("version");
    if (!said(body, "version")) {
        reader.errors().add("version", "field_required");
    }
    TRY(reader.finish());
    const auto changed = TRY(parts.schedules.change(principal, organization_id(request), schedule,
                                                    static_cast<int>(version.value_or(0)), request.now));
    return Response::json(200, to_json(changed));
}

Result<Response> remind(const CompletenessApiParts& parts, const Request& request) {
    const auto principal = TRY(parts.guard(request));
    const auto people = TRY(parts.missing.remind(principal, organization_id(request), request.now));
    return Response::json(202, {{"people", people}});
}

}  // namespace

void add_completeness_api(http::RouteTable& routes, const CompletenessApiParts& parts) {
    using Function = Result<Response> (*)(const CompletenessApiParts&, const Request&);
    const auto add = [&](http::Method method, const char* pattern, Function function) {
        routes.api(method, pattern, [parts, function](const Request& request) { return function(parts, request); });
    };
    add(http::Method::get, "/api/v1/completeness", list);
    add(http::Method::get, "/api/v1/organizations/{id}/report-schedule", show_schedule);
    add(http::Method::put, "/api/v1/organizations/{id}/report-schedule", change_schedule);
    add(http::Method::post, "/api/v1/organizations/{id}/report-reminders", remind);
}

}  // namespace madoguchi::reports
