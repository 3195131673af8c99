// What the pages of completeness draw alike: marks, heads of days, what is wrong with an organization.
#pragma once

#include "directory/console_pages.hpp"
#include "reports/completeness_service.hpp"

namespace madoguchi::reports {

/// 木, or 祝 on a holiday.
std::string weekday_name(const directory::Console& console, const http::Request& request, ReportDate date);
/// "is-off" on Sundays and holidays, "is-today", or nothing.
std::string_view day_class(ReportDate date, ReportDate today);
/// Sets MARK, MARK_TONE, MARK_GLYPH, MARK_NAME of a cell.
void show_mark(render::View& cell, const directory::Console& console, const http::Request& request, DayMark mark);
/// What would be asked about, at most one line each: CONCERN with CONCERN_TONE and CONCERN_TEXT.
void show_concerns(render::View& row, const directory::Console& console, const http::Request& request,
                   const CompletenessRow& shown);
/// May a message to it be asked for?
bool may_remind(const CompletenessRow& row, ReportDate today);

}  // namespace madoguchi::reports
