// What an address or a command asks of the figures: days, an instant, a place. Pure.
#pragma once

#include "http/request.hpp"
#include "reports/curve_store.hpp"

namespace madoguchi::reports {

/// "2026-12-02T16:50:00+09:00" or with Z (RFC 3339), with at most six digits of a second. Nothing for anything else.
std::optional<Instant> instant_from(std::string_view text);

/// from, to, organization_id, as_of, each of them optional; without days, the last 28. Errors: invalid (from, to:
/// report_date_form, days_reversed, days_too_many{maximum}; as_of: instant_form, instant_in_future).
Result<CurveQuestion> figures_question(const http::Request& request);

}  // namespace madoguchi::reports
