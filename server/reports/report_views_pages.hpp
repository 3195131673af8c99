// Pieces that several report pages draw alike: dates, bands, what was read from a form.
#pragma once

#include "http/request.hpp"
#include "render/texts.hpp"
#include "render/view.hpp"
#include "reports/daily_report_service.hpp"

namespace madoguchi::reports {

/// "2026/12/02（水）", in English without the weekday, which is a kanji.
std::string shown_date(ReportDate date, Locale locale);
/// "10,020", with a true minus.
std::string shown_count(std::int64_t count);
/// "+3", "−1", "" for none.
std::string shown_difference(std::int64_t count);
std::string band_name(const render::Texts& texts, Locale locale, std::size_t band);

/// The fields of a form as they were typed, each cut to what a field may hold.
Typed typed_in(const http::Fields& form);
int seen_version_in(const http::Fields& form);
/// How the form names the day it is for: its query, or nothing.
std::optional<ReportDate> date_in(const http::Fields& fields);

/// Columns of fields (report_fields.html). `before`: the figures beside them; `read`: warnings; `error`: bad fields.
struct FieldsShown {
    const Typed& typed;
    const TypedCounts& values;
    const std::optional<PastDay>& before;
    const Read* read = nullptr;
    const Error* error = nullptr;
};
void show_fields(render::View& page, const render::Texts& texts, Locale locale, const FieldsShown& shown);
/// Columns of figures (report_values.html).
void show_values(render::View& page, const render::Texts& texts, Locale locale, const AgeBandCounts& counts,
                 const std::optional<PastDay>& before);
void show_adjustment(render::View& page, const render::Texts& texts, Locale locale, const Adjustment& adjustment);
/// Warnings of the report as a whole, each with its reason.
void show_whole_warnings(render::View& page, const render::Texts& texts, Locale locale, const Read& read,
                         const Error* error, const std::string& total_again);
std::string warning_text(const render::Texts& texts, Locale locale, const Warning& warning);

}  // namespace madoguchi::reports
