#include "reports/report_change_api.hpp"

#include "http/conditional.hpp"
#include "http/json_reader.hpp"
#include "http/json_values.hpp"
#include "reports/instant_text.hpp"
#include "reports/report_api.hpp"

namespace madoguchi::reports {
namespace {

using http::Request;
using http::Response;

// --- corrections ---

// Of one's own organization, or, named by its id, of one below.
Result<Response> correct(const ReportChangeApiParts& parts, const Request& request) {
    const auto principal = TRY(parts.guard(request));
    const auto date = report_date(request.path_parameter("date"));
    if (!date) {
        return failure(ErrorKind::not_found, "not_found");
    }
    const auto body = TRY(request.json());
    http::JsonReader reader(body);
    const auto organization = reader.optional_identifier("organization_id");
    const auto seen = reader.optional_integer("version");
    if (!seen || *seen < 1) {
        reader.errors().add("version", "field_required");
    }
    const auto reason = reader.text("reason");
    const auto figures = read_figures(body, reader);
    TRY(reader.finish());
    const auto corrected =
        TRY(parts.daily.correct(principal,
                                {.organization = OrganizationId{organization.value_or(principal.home.id.value)},
                                 .date = *date,
                                 .seen_version = static_cast<int>(*seen),
                                 .kind = figures.kind,
                                 .counts = figures.counts,
                                 .reason = reason},
                                request.now));
    return Response::json(201, to_json(corrected));
}

// --- drafts ---

nlohmann::json to_json(const Draft& draft) {
    return {{"organization_id", std::to_string(draft.organization.value)},
            {"organization_name", draft.organization_name},
            {"report_date", to_text(draft.date)},
            {"total", draft.total},
            {"saved_at", format_rfc3339_japan(draft.saved_at)},
            {"saved_by", draft.account_name}};
}

Result<Response> drafts(const ReportChangeApiParts& parts, const Request& request) {
    const auto principal = TRY(parts.guard(request));
    TRY(http::known_query(request, {}));
    auto below = parts.daily.waiting_below(principal, request.now);
    if (!below && below.error().kind == ErrorKind::forbidden) {
        below = parts.daily.unsent(principal, request.now);  // nobody's counter: one's own
    }
    nlohmann::json out = {{"drafts", nlohmann::json::array()}};
    for (const auto& draft : TRY(below)) {
        out["drafts"].push_back(to_json(draft));
    }
    return Response::json(200, out);
}

// --- all of a jurisdiction ---

ReportDate day_of(const Request& request, const std::string& name, ReportDate usual, FieldErrors& errors) {
    const auto typed = request.query.find(name);
    const auto date = typed ? report_date(*typed) : std::optional(usual);
    if (!date) {
        errors.add(name, "report_date_form");
    }
    return date.value_or(usual);
}

Result<Response> exported(const ReportChangeApiParts& parts, const Request& request) {
    const auto principal = TRY(parts.guard(request));
    TRY(http::known_query(request, {"from", "to", "as_of"}));
    FieldErrors errors;
    const auto to = day_of(request, "to", date_at(request.now), errors);
    const auto from = day_of(request, "from", to, errors);
    const auto typed = request.query.find("as_of");
    const auto as_of = typed ? instant_from(*typed) : std::optional(request.now);
    if (!as_of || *as_of > request.now) {
        errors.add("as_of", as_of ? "instant_in_future" : "instant_form");
    }
    TRY(std::move(errors).result());
    nlohmann::json out = {{"as_of", format_rfc3339_japan(*as_of)}, {"reports", nlohmann::json::array()}};
    for (const auto& [code, report] : TRY(parts.files.exported(principal, {from, to, *as_of}, request.now))) {
        auto one = to_json(report);
        one["institution_code"] = http::optional_text(code);
        one["organization_name"] = report.organization_name;
        out["reports"].push_back(std::move(one));
    }
    return Response::json(200, out);
}

}  // namespace

void add_report_change_api(http::RouteTable& routes, const ReportChangeApiParts& parts) {
    using Handler = Result<Response> (*)(const ReportChangeApiParts&, const Request&);
    const auto add = [&](http::Method method, const char* pattern, Handler handler) {
        routes.api(method, pattern, [parts, handler](const Request& request) { return handler(parts, request); });
    };
    add(http::Method::post, "/api/v1/daily-reports/{date}/corrections", correct);
    add(http::Method::get, "/api/v1/daily-reports/drafts", drafts);
    add(http::Method::get, "/api/v1/daily-reports/export", exported);
}

}  // namespace madoguchi::reports
