#include "reports/completeness_pages.hpp"

#include <algorithm>

#include "base/completeness_limits.hpp"
#include "base/limits.hpp"
#include "http/json_reader.hpp"
#include "reports/completeness_views_pages.hpp"
#include "reports/report_views_pages.hpp"

namespace madoguchi::reports {

using http::Method;
using http::Response;

namespace {

constexpr std::array kPeriods = {7, limits::kCompletenessDays, limits::kCompletenessDaysMaximum};

// "24:00"; "33:00" is 9:00 of the next morning.
std::string clock_of(std::chrono::minutes after_midnight) {
    const auto minutes = std::to_string(after_midnight.count() % 60);
    return std::to_string(after_midnight.count() / 60) + ":" + (minutes.size() == 1 ? "0" : "") + minutes;
}

std::string file_address(const http::Request& request) {
    http::Request file = request;
    file.path = "/completeness/list.csv";
    return directory::first_page_with(file, {});
}

}  // namespace

CompletenessQuestion completeness_question(const http::Request& request) {
    const auto period = http::parse_identifier(request.query.text("period")).value_or(limits::kCompletenessDays);
    const auto found = std::find(kPeriods.begin(), kPeriods.end(), period);
    const int days = found == kPeriods.end() ? limits::kCompletenessDays : *found;
    const ReportDate today = date_at(request.now);
    return {.from = days_before(today, days - 1),
            .to = today,
            .shown = shown(request.query.text("show")).value_or(Shown::all),
            .word = request.query.text("q"),
            .under = {http::parse_identifier(request.query.text("under")).value_or(0)},
            .after = {directory::place_of(request).after},
            .limit = limits::kPageRows};
}

void CompletenessPages::add_pages() {
    using Handler = Page (CompletenessPages::*)(const Request&, const Principal&);
    const auto add = [&](Method method, std::string pattern, Handler handler) {
        parts_.console.page(method, std::move(pattern),
                            [this, handler](const Request& request, const Principal& principal) -> Page {
                                if (!oversees(principal, request.now)) {
                                    return failure(ErrorKind::forbidden, "forbidden");
                                }
                                return (this->*handler)(request, principal);
                            });
    };
    add(Method::get, "/completeness", &CompletenessPages::list);
    add(Method::get, "/completeness/list.csv", &CompletenessPages::as_csv);
    add(Method::get, "/completeness/remind", &CompletenessPages::confirm_reminders);
    add(Method::post, "/completeness/remind", &CompletenessPages::send_reminders);
    add(Method::get, "/completeness/{id}", &CompletenessPages::organization);
    add(Method::post, "/completeness/{id}/schedule", &CompletenessPages::change_schedule);
}

void CompletenessPages::show_tally(render::View& page, const Request& request, const Completeness& found) const {
    page.set("RECEIVED", shown_count(found.today.received)).set("EXPECTED", shown_count(found.today.expected));
    page.set("WAITING", shown_count(found.today.waiting))
        .set("DRAFTS", shown_count(found.today.drafts))
        .set("SILENT", shown_count(found.today.silent));
    const auto open = found.today.expected - found.today.received - found.today.waiting - found.today.drafts;
    page.set("NOT_YET", shown_count(std::max<std::int64_t>(0, open)));
    const auto& policy = parts_.completeness.policy();
    page.set("DEADLINE", clock_of(policy.deadline));
    const auto left = deadline_of(date_at(request.now), policy) - request.now;
    if (left < std::chrono::minutes(1)) {
        page.show("DEADLINE_OVER");
    } else {
        const auto minutes = std::chrono::floor<std::chrono::minutes>(left).count();
        auto& shown = page.add(minutes < 60 ? "DEADLINE_MINUTES" : "DEADLINE_HOURS");
        shown.set("HOURS", std::to_string(minutes / 60)).set("MINUTES", std::to_string(minutes % 60));
    }
    if (!found.expected_today) {
        page.show("NO_REPORT_DAY");
    }
}

void CompletenessPages::show_filters(render::View& page, const Request& request,
                                     const CompletenessQuestion& question) const {
    const int days = static_cast<int>((question.to.day - question.from.day).count()) + 1;
    for (const int period : kPeriods) {
        directory::add_option(page, "period", std::to_string(period),
                              text(request, "completeness.period_days", {{"days", std::to_string(period)}}),
                              std::to_string(days));
    }
    for (const auto one : kShown) {
        directory::add_option(page, "show", to_text(one),
                              text(request, "completeness.show_" + std::string(to_text(one))), to_text(question.shown));
    }
    page.set("WORD", question.word);
    if (question.under) {
        page.add("UNDER").set("UNDER_ID", std::to_string(question.under.value));
    }
    if (!question.word.empty()) {
        directory::add_chip(
            page,
            text(request, "list.condition", {{"field", text(request, "completeness.word")}, {"value", question.word}}),
            directory::first_page_with(request, {{"q", ""}}));
    }
    if (question.shown != Shown::all) {
        directory::add_chip(page, text(request, "completeness.show_" + std::string(to_text(question.shown))),
                            directory::first_page_with(request, {{"show", ""}}));
    }
}

void CompletenessPages::show_head(render::View& page, const Request& request,
                                  const CompletenessQuestion& question) const {
    for (ReportDate date = question.from; date <= question.to; date = days_before(date, -1)) {
        const auto month_and_day_text = month_and_day(date);
        const bool names_month = date == question.from || month_and_day_text.ends_with("/1");
        page.add("HEAD")
            .set("HEAD_DAY",
                 names_month ? month_and_day_text : month_and_day_text.substr(month_and_day_text.find('/') + 1))
            .set("HEAD_WEEKDAY", weekday_name(parts_.console, request, date))
            .set("HEAD_CLASS", day_class(date, question.to));
    }
}

void CompletenessPages::show_row(render::View& page, const Request& request, const CompletenessRow& row) const {
    const auto& organization = row.standing.organization;
    const ReportDate today = date_at(request.now);
    auto& shown = page.add("ROW");
    shown.set("ROW_ID", std::to_string(organization.id.value)).set("ROW_NAME", organization.name);
    if (organization.kind != directory::OrganizationKind::facility) {
        shown.add("ROW_KIND")
            .set("KIND_NAME", text(request, "organization_kind." + std::string(to_text(organization.kind))));
    }
    show_concerns(shown, parts_.console, request, row);
    if (may_remind(row, today)) {
        auto& tick = shown.add("TICK");
        if ((row.silence.ever && row.silence.days > 0) || row.standing.draft_waits) {
            tick.show("TICKED");
        }
        if (!page.shows("CAN_REMIND")) {
            page.show("CAN_REMIND");
        }
    }
    for (const auto& [date, mark] : row.marks) {
        auto& cell = shown.add("CELL");
        const auto label = month_and_day(date);
        cell.set("CELL_DAY", label.substr(label.find('/') + 1) + weekday_name(parts_.console, request, date));
        cell.set("CELL_CLASS", day_class(date, today));
        show_mark(cell, parts_.console, request, mark);
        if (const auto total = row.totals.find(date); total != row.totals.end() && total->second > 0) {
            cell.add("CELL_TOTAL").set("CELL_FIGURE", shown_count(total->second));
        }
    }
}

void CompletenessPages::show_places(render::View& page, const Request& request, const Completeness& found) const {
    if (found.places.empty()) {
        return;
    }
    page.set("PLACE", found.places.back().name);
    page.show("ONE_PLACE");
    if (found.places.size() > 1) {
        for (std::size_t above = 0; above + 1 < found.places.size(); ++above) {
            const auto& place = found.places.at(above);
            directory::add_crumb(
                page, place.name,
                above == 0 ? "/completeness" : "/completeness?under=" + std::to_string(place.id.value));
        }
    }
    if (found.units.empty()) {
        return;
    }
    auto& units = page.add("UNITS");
    for (const auto& unit : found.units) {
        auto& row = units.add("UNIT");
        row.set("UNIT_NAME", unit.organization.name);
        row.set("UNIT_URL",
                directory::first_page_with(request, {{"under", std::to_string(unit.organization.id.value)}}));
        row.set("UNIT_RECEIVED", shown_count(unit.tally.received));
        row.set("UNIT_EXPECTED", shown_count(unit.tally.expected));
        row.set("UNIT_DRAFTS", shown_count(unit.tally.drafts)).set("UNIT_SILENT", shown_count(unit.tally.silent));
        if (unit.tally.silent > 0) {
            row.show("UNIT_HAS_SILENT");
        }
    }
}

void CompletenessPages::show_days(render::View& page, const Request& request, const Completeness& found) const {
    const ReportDate today = date_at(request.now);
    for (auto day = found.days.rbegin(); day != found.days.rend(); ++day) {
        const auto& [date, total] = *day;
        auto& row = page.add("DAY");
        row.set("DAY_DATE", shown_date(date, request.locale));
        row.set("DAY_RECEIVED", shown_count(total.received)).set("DAY_EXPECTED", shown_count(total.expected));
        row.set("DAY_ON_TIME", shown_count(total.on_time));
        row.set("DAY_LATE", shown_count(total.received - total.on_time));
        row.set("DAY_MISSING", shown_count(std::max<std::int64_t>(0, total.expected - total.received)));
        if (date == today) {
            row.show("DAY_OPEN");
        } else if (total.received < total.expected) {
            row.show("DAY_INCOMPLETE");
        }
    }
}

CompletenessPages::Page CompletenessPages::list(const Request& request, const Principal& principal) {
    const auto question = completeness_question(request);
    const auto place = directory::place_of(request);
    const auto found = TRY(parts_.completeness.show(principal, question, request.now));
    render::View page = parts_.console.view(request, principal, "completeness");
    page.set("AS_OF", shown_date(question.to, request.locale) + " " + format_japanese_time(request.now));
    page.set("CSV_URL", file_address(request));
    show_tally(page, request, found);
    show_places(page, request, found);
    show_filters(page, request, question);
    show_days(page, request, found);
    if (found.rows.empty()) {
        page.show(!question.word.empty() || question.shown != Shown::all ? "EMPTY_BY_CONDITIONS" : "EMPTY");
    } else {
        auto& shown = page.add("LIST");
        show_head(shown, request, question);
        for (const auto& row : found.rows) {
            show_row(shown, request, row);
        }
    }
    for (const DayMark mark : kDayMarks) {
        show_mark(page.add("LEGEND"), parts_.console, request, mark);
    }
    directory::show_pager(page, request, place, found.more ? found.rows.back().standing.organization.id.value : 0);
    if (request.query.text("done") == "reminded") {
        const auto told = http::parse_identifier(request.query.text("told")).value_or(0);
        const auto id = told > 0 ? "completeness.done_reminded" : "completeness.done_nobody";
        directory::show_toast(page, text(request, id, {{"count", std::to_string(told)}}));
    }
    return parts_.console.writer().page(request, "completeness", page);
}

}  // namespace madoguchi::reports
