#include "reports/proxy_report_api.hpp"

#include "base/japanese_date.hpp"
#include "http/conditional.hpp"
#include "http/json_values.hpp"
#include "reports/instant_text.hpp"
#include "reports/report_api.hpp"

namespace madoguchi::reports {
namespace {

using http::Request;
using http::Response;

Result<std::int64_t> wanted(const Request& request) {
    const auto id = http::parse_identifier(request.path_parameter("id"));
    return id ? Result<std::int64_t>(*id) : failure(ErrorKind::not_found, "not_found");
}

int version_in(http::JsonReader& reader, const std::string& field) {
    const auto version = reader.optional_integer(field);
    if (!version || *version < 1 || *version > std::numeric_limits<int>::max()) {
        reader.errors().add(field, "field_required");
        return 0;
    }
    return static_cast<int>(*version);
}

// --- received ---

nlohmann::json to_json(const ReceivedReport& one) {
    return {{"id", std::to_string(one.id)},
            {"organization_id", std::to_string(one.organization.value)},
            {"organization_name", one.organization_name},
            {"phone", one.phone},
            {"report_date", to_text(one.date)},
            {"received_by", to_text(one.proxy.by)},
            {"received_at", format_rfc3339_japan(one.proxy.received_at)},
            {"note", one.proxy.note},
            {"registered_at", format_rfc3339_japan(one.registered_at)},
            {"registered_by", one.registered_by_name},
            {"version", one.version},
            {"state", to_text(one.state)},
            {"reason", one.reason},
            {"finished_at", http::optional_time(one.finished_at)},
            {"finished_by", one.finished_by_name},
            {"receipt_number", http::optional_text(one.receipt)}};
}

Result<Response> shown(const ProxyReportApiParts& parts, const directory::Principal& principal, std::int64_t id,
                       int status, Instant now) {
    const auto form = TRY(parts.proxy.form(principal, id, now));
    auto out = to_json(form.received);
    out["reported"] = form.reported ? to_json(*form.reported) : nlohmann::json(nullptr);
    out["may_correct"] = form.may_correct;
    return Response::json(status, out);
}

Result<Response> list(const ProxyReportApiParts& parts, const Request& request) {
    const auto principal = TRY(parts.guard(request));
    TRY(http::known_query(request, {"state"}));
    const auto state = request.query.find("state").value_or("waiting");
    if (state != "waiting" && state != "finished") {
        return invalid_field("state", "unknown_value");
    }
    nlohmann::json out = {{"received_reports", nlohmann::json::array()}};
    for (const auto& one : state == "waiting" ? TRY(parts.proxy.waiting(principal, request.now))
                                              : TRY(parts.proxy.finished_today(principal, request.now))) {
        out["received_reports"].push_back(to_json(one));
    }
    return Response::json(200, out);
}

Result<Response> receive(const ProxyReportApiParts& parts, const Request& request) {
    const auto principal = TRY(parts.guard(request));
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    const auto organization = reader.id<OrganizationId>("organization_id");
    TypedReceipt typed{.report_date = reader.text("report_date"), .received_by = reader.text("received_by")};
    typed.note = reader.optional_text("note").value_or("");
    const auto received_at = instant_from(reader.text("received_at"));
    if (!received_at) {
        reader.errors().add("received_at", "instant_form");
    }
    TRY(reader.finish());
    // The rules of the form, which takes day and minute apart.
    typed.received_date = to_text(date_at(*received_at));
    typed.received_time = format_japanese_time(*received_at);
    auto details = parse_receipt(typed, request.now);
    if (!details) {
        for (auto& field : details.error().fields) {
            field.field =
                field.field == "received_date" || field.field == "received_time" ? "received_at" : field.field;
        }
        return failure(details.error());
    }
    const auto id = TRY(parts.proxy.receive(principal, {organization, *details}, request.now));
    return TRY(shown(parts, principal, id, 201, request.now))
        .with_header("Location", "/api/v1/received-reports/" + std::to_string(id));
}

Result<Response> show(const ProxyReportApiParts& parts, const Request& request) {
    const auto principal = TRY(parts.guard(request));
    TRY(http::known_query(request, {}));
    return shown(parts, principal, TRY(wanted(request)), 200, request.now);
}

/// Figures as the form has them. Accepted: each is typed again, as somebody does who was warned of it.
Typed typed_of(const AgeBandCounts& counts, bool accepted) {
    Typed typed = nothing_typed();
    for (std::size_t band = 0; band < kAgeBands; ++band) {
        typed.bands.at(band) = std::to_string(counts.of.at(band));
        typed.again.at(band) = accepted ? typed.bands.at(band) : std::string();
    }
    typed.total_again = accepted ? std::to_string(counts.total()) : std::string();
    return typed;
}

struct Said {
    int version = 0;
    SaidFigures figures;
    bool accepted = false;
};

Said read_said(const nlohmann::json& body, http::JsonReader& reader) {
    Said out{.version = version_in(reader, "version"), .figures = read_figures(body, reader)};
    out.accepted = reader.flag("accept_warnings");
    return out;
}

// "0件" and 休診 say so and have no figures to be kept.
Result<int> kept(const ProxyReportApiParts& parts, const directory::Principal& principal, std::int64_t id,
                 const Said& said, Instant now) {
    if (said.figures.kind != ReportKind::figures) {
        return said.version;
    }
    return parts.proxy.save(principal, id, said.version, typed_of(said.figures.counts, said.accepted), now);
}

Result<Response> report(const ProxyReportApiParts& parts, const Request& request) {
    const auto principal = TRY(parts.guard(request));
    const auto id = TRY(wanted(request));
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    const auto said = read_said(body, reader);
    TRY(reader.finish());
    const auto version = TRY(kept(parts, principal, id, said, request.now));
    const auto kind = said.figures.kind == ReportKind::figures ? std::nullopt : std::optional(said.figures.kind);
    const auto done = parts.proxy.submit(principal, id, version, kind, request.now);
    return done ? Result<Response>(Response::json(201, to_json(*done))) : refused(done.error(), parts.texts, request);
}

Result<Response> correct(const ProxyReportApiParts& parts, const Request& request) {
    const auto principal = TRY(parts.guard(request));
    const auto id = TRY(wanted(request));
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    auto said = read_said(body, reader);
    const auto seen = version_in(reader, "report_version");
    const auto reason = reader.text("reason");
    TRY(reader.finish());
    said.figures.kind = ReportKind::figures;  // figures are what replaces figures, were they all 0
    const auto version = TRY(kept(parts, principal, id, said, request.now));
    return Response::json(201, to_json(TRY(parts.proxy.correct(principal, id, version, seen, reason, request.now))));
}

Result<Response> finish(const ProxyReportApiParts& parts, const Request& request) {
    const auto principal = TRY(parts.guard(request));
    const auto id = TRY(wanted(request));
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    const auto state = received_state(reader.text("state"));
    if (!state ||
        (*state != ReceivedState::same && *state != ReceivedState::kept && *state != ReceivedState::dropped)) {
        reader.errors().add("state", "unknown_value");
    }
    const auto reason = reader.optional_text("reason").value_or("");
    TRY(reader.finish());
    TRY(parts.proxy.finish(principal, id, *state, reason, request.now));
    return shown(parts, principal, id, 200, request.now);
}

// --- looked at twice ---

nlohmann::json to_review_json(const Report& report) {
    auto out = to_json(report);
    out["id"] = std::to_string(report.id);
    out["organization_name"] = report.organization_name;
    out["review_state"] = report.review_state;
    out["review_note"] = report.review_note;
    return out;
}

Result<Response> unusual(const ProxyReportApiParts& parts, const Request& request) {
    const auto principal = TRY(parts.guard(request));
    TRY(http::known_query(request, {}));
    nlohmann::json out = {{"reports", nlohmann::json::array()}};
    for (const auto& one : TRY(parts.proxy.unusual(principal, request.now))) {
        out["reports"].push_back(to_review_json(one));
    }
    return Response::json(200, out);
}

Result<Response> review(const ProxyReportApiParts& parts, const Request& request) {
    const auto principal = TRY(parts.guard(request));
    const auto id = TRY(wanted(request));
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    const ProxyReportStore::Review said{reader.text("state"), reader.optional_text("note").value_or("")};
    if (said.state != "asked" && said.state != "seen") {
        reader.errors().add("state", "unknown_value");
    }
    TRY(reader.finish());
    TRY(parts.proxy.review(principal, id, said, request.now));
    return Response::json(200, to_review_json(TRY(parts.proxy.to_review(principal, id, request.now)).report));
}

}  // namespace

void add_proxy_report_api(http::RouteTable& routes, const ProxyReportApiParts& parts) {
    using http::Method;
    using Handler = Result<Response> (*)(const ProxyReportApiParts&, const Request&);
    const auto add = [&](Method method, const char* pattern, Handler handler) {
        routes.api(method, pattern, [parts, handler](const Request& request) { return handler(parts, request); });
    };
    add(Method::get, "/api/v1/received-reports", list);
    add(Method::post, "/api/v1/received-reports", receive);
    add(Method::get, "/api/v1/received-reports/{id}", show);
    add(Method::post, "/api/v1/received-reports/{id}/report", report);
    add(Method::post, "/api/v1/received-reports/{id}/correction", correct);
    add(Method::post, "/api/v1/received-reports/{id}/finish", finish);
    add(Method::get, "/api/v1/unusual-reports", unusual);
    add(Method::post, "/api/v1/unusual-reports/{id}/review", review);
}

}  // namespace madoguchi::reports
