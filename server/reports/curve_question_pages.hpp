// What an address asks of the figures: days, an instant, a place.
#pragma once

#include "http/request.hpp"
#include "reports/curve_service.hpp"

namespace madoguchi::reports {

/// from, to, organization_id, as_of, each of them optional; without days, the last 28. Errors: invalid (from, to:
/// report_date_form, days_reversed, days_too_many{maximum}; as_of: instant_form, instant_in_future).
Result<CurveQuestion> figures_question(const http::Request& request);

}  // namespace madoguchi::reports
