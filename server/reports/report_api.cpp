#include "reports/report_api.hpp"

#include "http/json_reader.hpp"
#include "http/problem.hpp"

namespace madoguchi::reports {
namespace {

using directory::Guard;
using http::Request;
using http::Response;

nlohmann::json to_json(const Report& report) {
    nlohmann::json out = {
        {"organization_id", std::to_string(report.organization.value)},
        {"report_date", to_text(report.date)},
        {"version", report.version},
        {"kind", to_text(report.kind)},
        {"total", report.counts.total()},
        {"receipt_number", report.receipt.empty() ? nlohmann::json(nullptr) : nlohmann::json(report.receipt)},
        {"reason", report.reason},
        {"reported_by", report.account_name},
        {"channel", report.channel},
        {"submitted_at", format_rfc3339_japan(report.submitted_at)},
        {"deadline_at", format_rfc3339_japan(report.deadline_at)},
        {"late", report.late},
        {"warnings", report.warnings}};
    for (std::size_t band = 0; band < kAgeBands; ++band) {
        out[std::string(kBandNames.at(band))] = report.counts.of.at(band);
    }
    return out;
}

/// "figures" with all fourteen bands, each said, or "zero" or "closed" with none.
SubmitReport read_command(const nlohmann::json& body, http::JsonReader& reader, std::string key) {
    SubmitReport out{
        .date = {}, .kind = ReportKind::figures, .counts = {}, .adjustment = std::nullopt, .key = std::move(key)};
    const auto date = report_date(reader.text("report_date"));
    if (date) {
        out.date = *date;
    } else {
        reader.errors().add("report_date", "report_date_form");
    }
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

Result<Response> submit(DailyReportService& service, const Guard& guard, const render::Texts& texts,
                        const Request& request) {
    const auto principal = TRY(guard(request));
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    const auto key = request.header("idempotency-key").value_or("");
    if (key.empty() || key.size() > limits::kReportKeyCharacters) {
        reader.errors().add("Idempotency-Key", "idempotency_key_missing",
                            {{"maximum", std::to_string(limits::kReportKeyCharacters)}});
    }
    const auto command = read_command(body, reader, "api-" + key);
    const auto mode = reader.flag("dry_run") ? Mode::dry_run : Mode::real;
    TRY(reader.finish());
    const auto report = service.submit(principal, command, ReportChannel::api, mode, request.now);
    if (report) {
        return Response::json(mode == Mode::dry_run ? 200 : 201, to_json(*report));
    }
    const auto& error = report.error();
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

Result<Response> list(DailyReportService& service, const Guard& guard, const Request& request) {
    const auto principal = TRY(guard(request));
    nlohmann::json out = {{"reports", nlohmann::json::array()}};
    for (const auto& day : TRY(service.week(principal, request.now))) {
        if (!day.versions.empty()) {
            out["reports"].push_back(to_json(day.versions.front()));
        }
    }
    return Response::json(200, out);
}

Result<Response> show(DailyReportService& service, const Guard& guard, const Request& request) {
    const auto principal = TRY(guard(request));
    const auto date = report_date(request.path_parameter("date"));
    if (!date) {
        return failure(ErrorKind::not_found, "not_found");
    }
    const auto day = TRY(service.day(principal, *date, request.now));
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
    return Response::json(200, out);
}

}  // namespace

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
