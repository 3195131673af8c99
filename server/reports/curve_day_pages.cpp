// One day of the curve down to who reported it, and the figures as files.
#include <fmt/format.h>

#include "base/limits.hpp"
#include "directory/file_pages.hpp"
#include "http/json_reader.hpp"
#include "reports/curve_pages.hpp"
#include "reports/curve_question_pages.hpp"
#include "reports/report_views_pages.hpp"

namespace madoguchi::reports {

CurvePages::Page CurvePages::day(const Request& request, const Principal& principal) {
    const auto date = report_date(request.path_parameter("date"));
    if (!date || *date > date_at(request.now)) {
        return failure(ErrorKind::not_found, "not_found");
    }
    const OrganizationId under{http::parse_identifier(request.query.text("under")).value_or(0)};
    const auto place = directory::place_of(request);
    const auto found = TRY(service_.day(principal, {.from = *date, .to = *date, .under = under, .as_of = request.now},
                                        {place.after}, limits::kPageRows, request.now));
    render::View page = console_.view(request, principal, "curve");
    directory::add_crumb(page, text(request, "nav.curve"),
                         under ? "/curve?under=" + std::to_string(under.value) : "/curve");
    page.set("DAY_DATE", shown_date(*date, request.locale));
    const auto places = TRY(service_.places(principal, under, request.now));
    if (!places.empty()) {
        page.add("ONE_PLACE").set("PLACE", places.back().name);
    }
    const auto& figures = found.figures;
    page.set("TOTAL", shown_count(figures.organizations.total()));
    page.set("FOLLOW_UP", shown_count(figures.follow_up.total()));
    page.set("BOTH", shown_count(figures.counted(true).total()));
    page.set("ADJUSTED", figures.adjustments.total() == 0 ? "±0" : shown_difference(figures.adjustments.total()));
    page.set("RECEIVED", shown_count(figures.received)).set("EXPECTED", shown_count(figures.expected));
    if (!found.units.empty()) {
        page.show("UNITS");
    }
    for (const auto& unit : found.units) {
        page.add("UNIT")
            .set("UNIT_NAME", unit.organization.name)
            .set("UNIT_URL", "/curve/" + to_text(*date) + "?under=" + std::to_string(unit.organization.id.value))
            .set("UNIT_TOTAL", shown_count(unit.organizations))
            .set("UNIT_FOLLOW_UP", shown_count(unit.follow_up))
            .set("UNIT_RECEIVED", shown_count(unit.received));
    }
    page.show(found.reports.empty() ? "EMPTY" : "REPORTS");
    for (const auto& report : found.reports) {
        auto& row = page.add("ROW");
        row.set("ROW_NAME", report.organization.name).set("ROW_ID", std::to_string(report.organization.id.value));
        row.set("ROW_KIND", text(request, "organization_kind." + report.kind));
        row.set("ROW_TOTAL", shown_count(report.total));
        if (report.version > 1) {
            row.add("ROW_CORRECTED").set("VERSIONS", std::to_string(report.version));
        }
        const auto groups = grouped(report.counts);
        for (std::size_t group = 0; group < kAgeGroups; ++group) {
            row.add("CELL")
                .set("CELL_NAME", text(request, "age_group." + std::string(kGroupNames.at(group))))
                .set("CELL_COUNT", shown_count(groups.at(group)));
        }
    }
    for (std::size_t group = 0; group < kAgeGroups; ++group) {
        page.add("HEAD").set("HEAD_NAME", text(request, "age_group." + std::string(kGroupNames.at(group))));
    }
    directory::show_pager(page, request, place, found.more ? found.reports.back().organization.id.value : 0);
    return console_.writer().page(request, "curve_day", page);
}

// --- files: counts without follow-up centres, theirs, and adjustments, each in lines of their own ---

std::vector<std::string> CurvePages::headings(const Request& request) const {
    std::vector<std::string> out = {text(request, "report.date"), text(request, "curve_file.part")};
    for (std::size_t band = 0; band < kAgeBands; ++band) {
        out.push_back(band_name(console_.writer().texts(), request.locale, band));
    }
    for (const auto* id : {"total", "received", "expected", "average", "difference", "as_of"}) {
        out.push_back(text(request, "curve_file." + std::string(id)));
    }
    return out;
}

Result<std::vector<std::vector<std::string>>> CurvePages::rows(const Request& request, const Principal& principal) {
    constexpr int kDaysBefore = 7;
    const auto question = TRY(figures_question(request));
    auto earlier = question;
    earlier.from = days_before(question.from, kDaysBefore);
    const auto curve = TRY(service_.figures(principal, earlier, request.now));
    const auto comparisons = compared(curve, false, service_.policy(), question.as_of);
    std::vector<std::vector<std::string>> out;
    for (auto found = curve.lower_bound(question.from); found != curve.end(); ++found) {
        const auto& [date, day] = *found;
        const auto add = [&, &date = date](const char* part, const AgeBandCounts& counts) -> std::vector<std::string>& {
            auto& row = out.emplace_back();
            row = {to_text(date), text(request, "curve_file." + std::string(part))};
            for (const auto count : counts.of) {
                row.push_back(std::to_string(count));
            }
            row.push_back(std::to_string(counts.total()));
            return row;
        };
        const auto& comparison = comparisons.at(date);
        auto& first = add("organizations", day.organizations);
        first.insert(first.end(), {std::to_string(day.received), std::to_string(day.expected),
                                   comparison.average ? fmt::format("{:.1f}", *comparison.average) : "",
                                   comparison.difference ? std::to_string(*comparison.difference) : "",
                                   format_rfc3339_japan(question.as_of)});
        for (const auto& [part, counts] :
             {std::pair("follow_up", day.follow_up), std::pair("adjustments", day.adjustments)}) {
            auto& row = add(part, counts);
            row.insert(row.end(), {"", "", "", "", format_rfc3339_japan(question.as_of)});
        }
    }
    TRY(completeness_.note_export(principal, "figures", out.size(), request.now));
    return out;
}

CurvePages::Page CurvePages::as_csv(const Request& request, const Principal& principal) {
    const auto table = TRY(rows(request, principal));
    return directory::as_table(console_, request, headings(request), table, "madoguchi-figures.csv");
}

CurvePages::Page CurvePages::as_xlsx(const Request& request, const Principal& principal) {
    spreadsheet::WrittenSheet sheet{.name = text(request, "curve.title"), .columns = {}, .rows = {}};
    for (const auto& heading : headings(request)) {
        sheet.columns.push_back({heading, 14});
    }
    sheet.rows = TRY(rows(request, principal));
    return directory::as_workbook({sheet}, "madoguchi-figures.xlsx", request.now);
}

}  // namespace madoguchi::reports
