#include "reports/curve_question_pages.hpp"

#include "base/curve_limits.hpp"
#include "base/field_errors.hpp"
#include "http/json_reader.hpp"
#include "reports/instant_text.hpp"

namespace madoguchi::reports {
namespace {

std::optional<ReportDate> day_in(const http::Request& request, const char* field, FieldErrors& errors) {
    const auto text = request.query.text(field);
    if (text.empty()) {
        return std::nullopt;
    }
    const auto date = report_date(text);
    if (!date) {
        errors.add(field, "report_date_form");
    }
    return date;
}

}  // namespace

Result<CurveQuestion> figures_question(const http::Request& request) {
    FieldErrors errors;
    CurveQuestion out{.from = {}, .to = {}, .under = {}, .as_of = request.now};
    out.to = day_in(request, "to", errors).value_or(date_at(request.now));
    out.from = day_in(request, "from", errors).value_or(days_before(out.to, limits::kCurveDays - 1));
    if (out.to < out.from) {
        errors.add("from", "days_reversed");
    } else if ((out.to.day - out.from.day).count() >= limits::kFigureDaysMaximum) {
        errors.add("from", "days_too_many", {{"maximum", std::to_string(limits::kFigureDaysMaximum)}});
    }
    if (const auto text = request.query.text("as_of"); !text.empty()) {
        const auto as_of = instant_from(text);
        if (!as_of) {
            errors.add("as_of", "instant_form");
        } else if (*as_of > request.now) {
            errors.add("as_of", "instant_in_future");
        }
        out.as_of = as_of.value_or(request.now);
    }
    if (const auto text = request.query.text("organization_id"); !text.empty()) {
        const auto id = http::parse_identifier(text);
        if (!id) {
            errors.add("organization_id", "field_not_identifier");
        }
        out.under = {id.value_or(0)};
    }
    TRY(std::move(errors).result());
    return out;
}

}  // namespace madoguchi::reports
