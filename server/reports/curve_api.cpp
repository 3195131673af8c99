#include "reports/curve_api.hpp"

#include "http/conditional.hpp"
#include "reports/curve_question_pages.hpp"

namespace madoguchi::reports {
namespace {

using http::Request;
using http::Response;

nlohmann::json to_json(const AgeBandCounts& counts) {
    nlohmann::json out = {{"total", counts.total()}};
    for (std::size_t band = 0; band < kAgeBands; ++band) {
        out[std::string(kBandNames.at(band))] = counts.of.at(band);
    }
    return out;
}

Result<Response> figures(CurveService& service, const directory::Guard& guard, const Request& request) {
    const auto principal = TRY(guard(request));
    TRY(http::known_query(request, {"from", "to", "as_of", "organization_id"}));
    for (const auto* name : {"from", "to", "as_of", "organization_id"}) {
        if (const auto text = request.query.find(name); text && text->empty()) {
            return invalid_field(name, "unknown_value");
        }
    }
    const auto question = TRY(figures_question(request));
    const auto curve = TRY(service.figures(principal, question, request.now));
    nlohmann::json out = {{"format", "madoguchi-daily-figures/1"},
                          {"as_of", format_rfc3339_japan(question.as_of)},
                          {"from", to_text(question.from)},
                          {"to", to_text(question.to)},
                          {"organization_id", question.under ? nlohmann::json(std::to_string(question.under.value))
                                                             : nlohmann::json(nullptr)},
                          {"days", nlohmann::json::array()}};
    for (const auto& [date, day] : curve) {
        out["days"].push_back({{"report_date", to_text(date)},
                               {"reports_received", day.received},
                               {"organizations", to_json(day.organizations)},
                               {"follow_up_centers", to_json(day.follow_up)},
                               {"adjustments", to_json(day.adjustments)},
                               {"total_without_follow_up_centers", day.organizations.total()},
                               {"total_with_follow_up_centers", day.counted(true).total()}});
    }
    return Response::json(200, out);
}

}  // namespace

void add_curve_api(http::RouteTable& routes, CurveService& service, const directory::Guard& guard) {
    routes.api(http::Method::get, "/api/v1/daily-figures",
               [&service, guard](const Request& request) { return figures(service, guard, request); });
}

}  // namespace madoguchi::reports
