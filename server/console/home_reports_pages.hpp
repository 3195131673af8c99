// The daily report on the home page: a draft that was not sent is the largest thing on it; then the last week.
#pragma once

#include "http/request.hpp"
#include "render/texts.hpp"
#include "render/view.hpp"
#include "reports/daily_report_service.hpp"

namespace madoguchi::console {

/// Nothing for those who do not report.
Result<void> show_reports(render::View& page, reports::DailyReportService& service, const render::Texts& texts,
                          const http::Request& request, const directory::Principal& principal);

}  // namespace madoguchi::console
