#include "reports/curve_pages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "base/curve_limits.hpp"
#include "http/json_reader.hpp"
#include "reports/completeness_views_pages.hpp"
#include "reports/report_views_pages.hpp"

namespace madoguchi::reports {

using http::Method;

namespace {

constexpr int kWeek = 7;
constexpr int kDaysBefore = 7;  // for the first day's average and comparison
constexpr std::array kPeriods = {limits::kCurveDays, 2 * limits::kCurveDays, limits::kCurveDaysMaximum};

std::string address_below(OrganizationId place) {
    return "/curve?under=" + std::to_string(place.value);
}

std::string signed_count(std::int64_t count) {
    return count == 0 ? "±0" : shown_difference(count);
}

}  // namespace

std::string shown_average(double average) {
    const auto tenths = std::llround(average * 10);
    return shown_count(tenths / 10) + "." + std::to_string(tenths % 10);
}

void CurvePages::add_pages() {
    using Handler = Page (CurvePages::*)(const Request&, const Principal&);
    const auto add = [&](std::string pattern, Handler handler) {
        console_.page(Method::get, std::move(pattern),
                      [this, handler](const Request& request, const Principal& principal) -> Page {
                          if (!oversees(principal, request.now)) {
                              return failure(ErrorKind::forbidden, "forbidden");
                          }
                          return (this->*handler)(request, principal);
                      });
    };
    add("/curve", &CurvePages::curve);
    add("/curve/figures.csv", &CurvePages::as_csv);
    add("/curve/figures.xlsx", &CurvePages::as_xlsx);
    add("/curve/{date}", &CurvePages::day);
}

CurvePages::Asked CurvePages::asked_in(const Request& request) const {
    const auto period = http::parse_identifier(request.query.text("period")).value_or(limits::kCurveDays);
    const auto known = std::find(kPeriods.begin(), kPeriods.end(), period);
    const int days = known == kPeriods.end() ? limits::kCurveDays : *known;
    const ReportDate today = date_at(request.now);
    const ReportDate shown_from = days_before(today, days - 1);
    return {.question = {.from = days_before(shown_from, kDaysBefore),
                         .to = today,
                         .under = {http::parse_identifier(request.query.text("under")).value_or(0)},
                         .as_of = request.now},
            .shown_from = shown_from,
            .with_follow_up = request.query.text("source") == "all",
            .all_bands = request.query.text("ages") == "all"};
}

Result<CurvePages::Found> CurvePages::found(const Request& request, const Principal& principal, const Asked& asked) {
    Found out;
    out.asked = asked;
    out.curve = TRY(service_.figures(principal, asked.question, request.now));
    out.compared = compared(out.curve, asked.with_follow_up, service_.policy(), request.now);
    return out;
}

Result<void> CurvePages::show_places(render::View& page, const Request& request, const Principal& principal,
                                     OrganizationId under) {
    const auto places = TRY(service_.places(principal, under, request.now));
    if (places.empty()) {
        return {};
    }
    page.add("ONE_PLACE").set("PLACE", places.back().name);
    for (std::size_t above = 0; above + 1 < places.size(); ++above) {
        directory::add_crumb(page, places.at(above).name, above == 0 ? "/curve" : address_below(places.at(above).id));
    }
    const auto below = TRY(service_.below(principal, under, request.now));
    if (below.empty()) {
        return {};
    }
    page.show("BELOW");
    directory::add_option(page, "under", under ? std::to_string(under.value) : "", places.back().name,
                          under ? std::to_string(under.value) : "");
    for (const auto& place : below) {
        directory::add_option(page, "under", std::to_string(place.id.value), place.name, "");
    }
    return {};
}

void CurvePages::show_filters(render::View& page, const Request& request, const Asked& asked) const {
    const auto days = (asked.question.to.day - asked.shown_from.day).count() + 1;
    for (const int period : kPeriods) {
        directory::add_option(page, "period", std::to_string(period),
                              text(request, "completeness.period_days", {{"days", std::to_string(period)}}),
                              std::to_string(days));
    }
    for (const auto* ages : {"", "all"}) {
        directory::add_option(page, "ages", ages,
                              text(request, *ages == '\0' ? "curve.ages_grouped" : "curve.ages_all"),
                              asked.all_bands ? "all" : "");
    }
    for (const auto* source : {"", "all"}) {
        directory::add_option(page, "source", source,
                              text(request, *source == '\0' ? "curve.source_organizations" : "curve.source_all"),
                              asked.with_follow_up ? "all" : "");
    }
    if (asked.question.under && !page.shows("BELOW")) {
        page.add("UNDER").set("UNDER_ID", std::to_string(asked.question.under.value));
    }
    const std::string place =
        asked.question.under ? "&organization_id=" + std::to_string(asked.question.under.value) : "";
    const std::string query = "?from=" + to_text(asked.shown_from) + "&to=" + to_text(asked.question.to) + place;
    page.set("CSV_URL", "/curve/figures.csv" + query).set("XLSX_URL", "/curve/figures.xlsx" + query);
}

void CurvePages::show_tally(render::View& page, const Found& found) const {
    const ReportDate yesterday = days_before(found.asked.question.to, 1);
    const auto& day = found.curve.at(yesterday);
    const auto& comparison = found.compared.at(yesterday);
    page.set("YESTERDAY", month_and_day(yesterday));
    page.set("YESTERDAY_TOTAL", shown_count(day.counted(found.asked.with_follow_up).total()));
    page.set("YESTERDAY_RECEIVED", shown_count(day.received)).set("YESTERDAY_EXPECTED", shown_count(day.expected));
    page.set("WEEK_BEFORE", month_and_day(days_before(yesterday, kWeek)));
    if (comparison.percent) {
        auto& shown = page.add("CHANGE");
        shown.set("CHANGE_PERCENT", signed_count(std::llround(*comparison.percent)));
        if (comparison.holiday) {
            shown.show("CHANGE_HOLIDAY");
        }
    } else if (comparison.difference) {
        page.add("CHANGE_PEOPLE").set("PEOPLE_MORE", signed_count(*comparison.difference));
    } else {
        page.show("NO_CHANGE");
    }
    const auto last = std::find_if(found.compared.rbegin(), found.compared.rend(),
                                   [](const auto& one) { return one.second.average.has_value(); });
    if (last == found.compared.rend()) {
        page.show("NO_AVERAGE");
    } else {
        page.add("AVERAGE")
            .set("AVERAGE_DAY", month_and_day(last->first))
            .set("AVERAGE_PEOPLE", shown_average(*last->second.average));
    }
    page.set("FOLLOW_UP", shown_count(day.follow_up.total()));
    page.show(found.asked.with_follow_up ? "FOLLOW_UP_COUNTED" : "FOLLOW_UP_APART");
}

void CurvePages::show_chart(render::View& page, const Request& request, const Found& found) const {
    const auto chart = draw_chart(found.curve, found.compared, found.asked.shown_from, found.asked.with_follow_up);
    page.set("FIRST_DAY", shown_date(found.asked.shown_from, request.locale));
    page.set("LAST_DAY", shown_date(found.asked.question.to, request.locale));
    for (std::size_t group = kAgeGroups; group-- > 0;) {
        page.add("GROUP")
            .set("GROUP_NUMBER", std::to_string(group + 1))
            .set("GROUP_NAME", text(request, "age_group." + std::string(kGroupNames.at(group))));
    }
    for (const auto& tick : chart.ticks) {
        page.add("TICK").set("TICK_Y", tick.text_y).set("TICK_VALUE", shown_count(tick.value));
        if (tick.value != 0) {
            page.add("GRID").set("GRID_Y", tick.y);
        }
    }
    for (const auto& bar : chart.incomplete) {
        page.add("PENDING").set("X", bar.x).set("WIDTH", bar.width);
    }
    for (const auto& bar : chart.bars) {
        page.add("BAR")
            .set("NUMBER", std::to_string(bar.group + 1))
            .set("X", bar.x)
            .set("Y", bar.y)
            .set("WIDTH", bar.width)
            .set("HEIGHT", bar.height);
    }
    for (const auto* section : {"HALO", "LINE"}) {
        for (const auto& line : chart.average) {
            page.add(section).set("X1", line.x1).set("Y1", line.y1).set("X2", line.x2).set("Y2", line.y2);
        }
    }
    for (const auto& label : chart.labels) {
        page.add("LABEL")
            .set("X", label.x)
            .set("LABEL_CLASS", label.ends ? "end" : "middle")
            .set("LABEL_DAY", month_and_day(label.date))
            .set("LABEL_WEEKDAY", text(request, "weekday.1"));
    }
}

void CurvePages::show_table(render::View& page, const Request& request, const Found& found) const {
    const auto& asked = found.asked;
    page.show(asked.all_bands ? "WIDE" : "NARROW");
    const auto add_head = [&](const std::string& name) { page.add("HEAD").set("HEAD_NAME", name); };
    for (std::size_t i = 0; i < (asked.all_bands ? kAgeBands : kAgeGroups); ++i) {
        add_head(asked.all_bands ? band_name(console_.writer().texts(), request.locale, i)
                                 : text(request, "age_group." + std::string(kGroupNames.at(i))));
    }
    for (auto day = found.curve.rbegin(); day != found.curve.rend() && day->first >= asked.shown_from; ++day) {
        const auto& [date, figures] = *day;
        const auto& comparison = found.compared.at(date);
        const auto counted = figures.counted(asked.with_follow_up);
        auto& row = page.add("ROW");
        row.set("ROW_DATE", shown_date(date, request.locale));
        row.set("ROW_URL", "/curve/" + to_text(date) +
                               (asked.question.under ? "?under=" + std::to_string(asked.question.under.value) : ""));
        const auto groups = grouped(counted);
        for (std::size_t i = 0; i < (asked.all_bands ? kAgeBands : kAgeGroups); ++i) {
            row.add("CELL")
                .set("CELL_NAME", *page.sections().at("HEAD").at(i).find("HEAD_NAME"))
                .set("CELL_COUNT", shown_count(asked.all_bands ? counted.of.at(i) : groups.at(i)));
        }
        row.set("ROW_TOTAL", shown_count(counted.total())).set("ROW_FOLLOW_UP", shown_count(figures.follow_up.total()));
        const auto adjusted = figures.adjustments.total();
        row.set("ROW_ADJUSTED", adjusted == 0 ? "—" : shown_difference(adjusted));
        row.set("ROW_AVERAGE", comparison.average ? shown_average(*comparison.average) : "—");
        row.set("ROW_CHANGE", comparison.difference ? signed_count(*comparison.difference) : "—");
        if (comparison.holiday) {
            row.show("ROW_HOLIDAY");
        }
        row.set("ROW_RECEIVED", shown_count(figures.received)).set("ROW_EXPECTED", shown_count(figures.expected));
        row.show(comparison.complete || !comparison.begun ? "COMPLETE" : "INCOMPLETE");
    }
}

CurvePages::Page CurvePages::curve(const Request& request, const Principal& principal) {
    const auto asked = asked_in(request);
    const auto shown = TRY(found(request, principal, asked));
    render::View page = console_.view(request, principal, "curve");
    page.set("AS_OF", shown_date(asked.question.to, request.locale) + " " + format_japanese_time(request.now));
    page.set("COMPLETE_PERCENT", std::to_string(limits::kCompletePercent));
    TRY(show_places(page, request, principal, asked.question.under));
    show_filters(page, request, asked);
    show_tally(page, shown);
    show_chart(page, request, shown);
    show_table(page, request, shown);
    return console_.writer().page(request, "curve", page);
}

}  // namespace madoguchi::reports
