#include "console/home_reports_pages.hpp"

#include "reports/report_views_pages.hpp"

namespace madoguchi::console {
namespace {

using reports::Day;
using reports::ReportKind;

// "12/2（水）"; the day of the week is a kanji: only Japanese pages show it.
std::string short_date(reports::ReportDate date, Locale locale) {
    constexpr std::size_t kDateOnly = 10;  // 2026/12/02
    const auto weekday = format_japanese_date(reports::begin_of(date)).substr(kDateOnly);
    return reports::month_and_day(date) + (locale == Locale::ja ? weekday : "");
}

void show_day(render::View& section, const render::Texts& texts, Locale locale, const Day& day, bool today) {
    auto& shown = section.add("DAY");
    const auto state = [&](const char* id) {
        shown.set("DAY_STATE", texts.text("home_report.state_" + std::string(id), locale));
    };
    const auto figure = [&](std::int64_t count) { shown.add("DAY_FIGURE").set("FIGURE", reports::shown_count(count)); };
    shown.set("DAY_DATE", short_date(day.date, locale));
    if (day.versions.empty()) {
        day.draft ? figure(day.draft->total) : void(shown.show("DAY_NONE"));
        state(day.draft ? "draft" : today ? "not_yet" : "silent");
        shown.add("DAY_TONE").set("TONE", day.draft ? "is-warning" : "is-neutral");
        return;
    }
    const auto& report = day.versions.front();
    if (report.kind == ReportKind::closed) {
        shown.show("DAY_NONE").add("DAY_TONE").set("TONE", "is-neutral");
        state("closed");
        return;
    }
    figure(report.counts.total());
    shown.show("DAY_SOFT");
    state(report.kind == ReportKind::zero ? "zero" : "reported");
}

}  // namespace

Result<void> show_reports(render::View& page, reports::DailyReportService& service, const render::Texts& texts,
                          const http::Request& request, const directory::Principal& principal) {
    if (!service.place_of(principal, request.now)) {
        return {};
    }
    const auto week = TRY(service.week(principal, request.now));
    auto& section = page.add("REPORTS");
    const auto unsent = TRY(service.unsent(principal, request.now));
    if (unsent.empty()) {
        section.show("NO_DRAFT");
    }
    for (const auto& draft : unsent) {
        section.add("DRAFT")
            .set("DRAFT_DATE", reports::shown_date(draft.date, request.locale))
            .set("DRAFT_DAY", reports::to_text(draft.date))
            .set("DRAFT_AT", format_japanese_date_time(draft.saved_at))
            .set("DRAFT_TOTAL", reports::shown_count(draft.total));
    }
    const Day& today = week.front();
    if (!today.versions.empty()) {
        const auto& report = today.versions.front();
        section.add("DONE")
            .set("RECEIPT", report.receipt)
            .set("SUBMITTED_AT", format_japanese_date_time(report.submitted_at))
            .set("WHO", report.account_name);
    } else if (!today.draft) {
        section.show("NOT_YET");
    }
    for (auto day = week.rbegin(); day != week.rend(); ++day) {
        show_day(section, texts, request.locale, *day, day->date == today.date);
    }
    return {};
}

}  // namespace madoguchi::console
