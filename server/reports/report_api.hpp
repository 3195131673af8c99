// /api/v1/daily-reports: one's own organization's reports; and what other routes of reports read and show alike.
#pragma once

#include "directory/guard.hpp"
#include "http/json_reader.hpp"
#include "http/route_table.hpp"
#include "render/texts.hpp"
#include "reports/daily_report_service.hpp"

namespace madoguchi::reports {

/// POST takes an Idempotency-Key; a report of that day by somebody else is answered 409 with its number.
void add_report_api(http::RouteTable& routes, DailyReportService& service, const directory::Guard& guard,
                    const render::Texts& texts);

nlohmann::json to_json(const Report& report);
/// With all versions, and what was adjusted with it. At least one version.
nlohmann::json to_json(const Day& day);

struct SaidFigures {
    ReportKind kind = ReportKind::figures;
    AgeBandCounts counts;
};
/// "figures" with all fourteen bands, each said, or "zero" or "closed" with none.
SaidFigures read_figures(const nlohmann::json& body, http::JsonReader& reader);

/// The error as it is, or the answer that says which report was first.
Result<http::Response> refused(const Error& error, const render::Texts& texts, const http::Request& request);

}  // namespace madoguchi::reports
