#include "reports/report_api.hpp"

#include "http/conditional.hpp"
#include "http/json_reader.hpp"
#include "http/json_values.hpp"
#include "http/problem.hpp"

namespace madoguchi::reports {
namespace {

using directory::Guard;
using http::Request;
using http::Response;

// What an earlier day had too much or too little: {"adjusted_date", "reason", and the bands that differ}. It is taken
// out of the body, whose other members one reader reads.
std::optional<Adjustment> take_adjustment(nlohmann::json& body, FieldErrors& errors) {
    if (!body.is_object() || !body.contains("adjustment")) {
        return std::nullopt;
    }
    const auto said = body["adjustment"];
    body.erase("adjustment");
    if (said.is_null()) {
        return std::nullopt;
    }
    if (!said.is_object()) {
        errors.add("adjustment", "field_not_object");
        return std::nullopt;
    }
    http::JsonReader reader(said);
    Adjustment out;
    const auto date = report_date(reader.text("adjusted_date"));
    if (!date) {
        reader.errors().add("adjusted_date", "report_date_form");
    }
    out.date = date.value_or(out.date);
    out.reason = reader.text("reason");
    for (std::size_t band = 0; band < kAgeBands; ++band) {
        const std::string field(kBandNames.at(band));
        const auto difference = reader.optional_integer(field).value_or(0);
        if (difference > limits::kReportCountMaximum || difference < -limits::kReportCountMaximum) {
            reader.errors().add(field, "count_too_large", {{"maximum", "999,999"}});
        }
        out.differences.of.at(band) = difference;
    }
    if (const auto read = reader.finish(); !read) {
        for (const auto& field : read.error().fields) {
            errors.add("adjustment." + field.field, field.message_id, field.values);
        }
    }
    return out;
}

SubmitReport read_command(const nlohmann::json& body, http::JsonReader& reader, std::string key) {
    SubmitReport out{
        .date = {}, .kind = ReportKind::figures, .counts = {}, .adjustment = std::nullopt, .key = std::move(key)};
    const auto date = report_date(reader.text("report_date"));
    if (date) {
        out.date = *date;
    } else {
        reader.errors().add("report_date", "report_date_form");
    }
    const auto figures = read_figures(body, reader);
    out.kind = figures.kind;
    out.counts = figures.counts;
    return out;
}

Result<Response> submit(DailyReportService& service, const Guard& guard, const render::Texts& texts,
                        const Request& request) {
    const auto principal = TRY(guard(request));
    auto body = TRY(request.json());
    FieldErrors adjustment_errors;
    auto adjustment = take_adjustment(body, adjustment_errors);
    http::JsonReader reader(body);
    reader.errors().take(std::move(adjustment_errors).result().map([] { return true; }));
    const auto key = request.header("idempotency-key").value_or("");
    if (key.empty() || key.size() > limits::kReportKeyCharacters) {
        reader.errors().add("Idempotency-Key", "idempotency_key_missing",
                            {{"maximum", std::to_string(limits::kReportKeyCharacters)}});
    }
    auto command = read_command(body, reader, "api-" + key);
    command.adjustment = std::move(adjustment);
    const auto mode = reader.flag("dry_run") ? Mode::dry_run : Mode::real;
    TRY(reader.finish());
    const auto report = service.submit(principal, command, ReportChannel::api, mode, request.now);
    if (report) {
        return Response::json(mode == Mode::dry_run ? 200 : 201, to_json(*report));
    }
    return refused(report.error(), texts, request);
}

Result<Response> list(DailyReportService& service, const Guard& guard, const Request& request) {
    const auto principal = TRY(guard(request));
    TRY(http::known_query(request, {}));
    nlohmann::json out = {{"reports", nlohmann::json::array()}};
    for (const auto& day : TRY(service.week(principal, request.now))) {
        if (!day.versions.empty()) {
            out["reports"].push_back(to_json(day.versions.front()));
        }
    }
    return Response::json(200, out);
}

// One's own, or, by organization_id, of one below.
Result<Response> show(DailyReportService& service, const Guard& guard, const Request& request) {
    const auto principal = TRY(guard(request));
    TRY(http::known_query(request, {"organization_id"}));
    const auto date = report_date(request.path_parameter("date"));
    if (!date) {
        return failure(ErrorKind::not_found, "not_found");
    }
    const auto asked = request.query.find("organization_id");
    const auto id = asked ? http::parse_identifier(*asked) : std::optional<std::int64_t>();
    if (asked && !id) {
        return invalid_field("organization_id", "field_not_identifier");
    }
    const auto day = asked ? TRY(service.day_of(principal, OrganizationId{*id}, *date, request.now))
                           : TRY(service.day(principal, *date, request.now));
    if (day.versions.empty()) {
        return failure(ErrorKind::not_found, "not_found");
    }
    return Response::json(200, to_json(day));
}

}  // namespace

nlohmann::json to_json(const Report& report) {
    nlohmann::json out = {{"organization_id", std::to_string(report.organization.value)},
                          {"report_date", to_text(report.date)},
                          {"version", report.version},
                          {"kind", to_text(report.kind)},
                          {"total", report.counts.total()},
                          {"receipt_number", http::optional_text(report.receipt)},
                          {"reason", report.reason},
                          {"reported_by", report.account_name},
                          {"channel", report.channel},
                          {"submitted_at", format_rfc3339_japan(report.submitted_at)},
                          {"deadline_at", format_rfc3339_japan(report.deadline_at)},
                          {"late", report.late},
                          {"warnings", report.warnings},
                          {"proxy", nullptr}};
    if (report.proxy) {
        out["proxy"] = {{"organization_name", report.proxy->organization_name},
                        {"received_by", to_text(report.proxy->by)},
                        {"received_at", format_rfc3339_japan(report.proxy->received_at)},
                        {"note", report.proxy->note}};
    }
    for (std::size_t band = 0; band < kAgeBands; ++band) {
        out[std::string(kBandNames.at(band))] = report.counts.of.at(band);
    }
    return out;
}

nlohmann::json to_json(const Day& day) {
    nlohmann::json out = to_json(day.versions.front());
    out["versions"] = nlohmann::json::array();
    for (const auto& version : day.versions) {
        out["versions"].push_back(to_json(version));
    }
    out["adjustments"] = nlohmann::json::array();
    for (const auto& booked : day.adjustments) {
        nlohmann::json adjustment = {{"adjusted_date", to_text(booked.adjustment.date)},
                                     {"reason", booked.adjustment.reason},
                                     {"total", booked.adjustment.differences.total()}};
        for (std::size_t band = 0; band < kAgeBands; ++band) {
            adjustment[std::string(kBandNames.at(band))] = booked.adjustment.differences.of.at(band);
        }
        out["adjustments"].push_back(std::move(adjustment));
    }
    return out;
}

SaidFigures read_figures(const nlohmann::json& body, http::JsonReader& reader) {
    SaidFigures out;
    if (const auto typed = reader.optional_text("kind")) {
        const auto kind = report_kind(*typed);
        if (!kind) {
            reader.errors().add("kind", "unknown_value");
        }
        out.kind = kind.value_or(ReportKind::figures);
    }
    for (std::size_t band = 0; band < kAgeBands; ++band) {
        const std::string field(kBandNames.at(band));
        const auto count = reader.optional_integer(field);
        const bool said = body.is_object() && body.contains(field);  // what is said and no number, the reader tells
        if (!count && !said && out.kind == ReportKind::figures) {
            reader.errors().add(field, "field_required");
        } else if (count && *count != 0 && out.kind != ReportKind::figures) {
            reader.errors().add(field, "report_kind_has_no_figures");
        } else if (count && *count < 0) {
            reader.errors().add(field, "count_signed");
        } else if (count && *count > limits::kReportCountMaximum) {
            reader.errors().add(field, "count_too_large", {{"maximum", "999,999"}});
        }
        out.counts.of.at(band) = count.value_or(0);
    }
    if (out.kind == ReportKind::figures) {
        out.kind = kind_of(out.counts);
    }
    return out;
}

Result<http::Response> refused(const Error& error, const render::Texts& texts, const Request& request) {
    if (error.message_id != "already_reported") {
        return failure(error);
    }
    // RFC 9457 §3.2: a member of its own says which report was first.
    auto response = Response::json(409, {{"type", "urn:madoguchi:problem:already_reported"},
                                         {"title", http::reason_of(409)},
                                         {"status", 409},
                                         {"detail", texts.text("error.already_reported", request.locale, error.values)},
                                         {"request_id", request.request_id},
                                         {"receipt_number", error.values.at("receipt")}});
    response.content_type = "application/problem+json";
    return response;
}

void add_report_api(http::RouteTable& routes, DailyReportService& service, const Guard& guard,
                    const render::Texts& texts) {
    routes.api(http::Method::post, "/api/v1/daily-reports",
               [&service, guard, &texts](const Request& request) { return submit(service, guard, texts, request); });
    routes.api(http::Method::get, "/api/v1/daily-reports",
               [&service, guard](const Request& request) { return list(service, guard, request); });
    routes.api(http::Method::get, "/api/v1/daily-reports/{date}",
               [&service, guard](const Request& request) { return show(service, guard, request); });
}

}  // namespace madoguchi::reports
