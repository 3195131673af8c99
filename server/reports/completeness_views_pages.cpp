#include "reports/completeness_views_pages.hpp"

#include "reports/public_holidays.hpp"
#include "reports/report_views_pages.hpp"

namespace madoguchi::reports {
namespace {

std::string_view tone_of(DayMark mark) {
    switch (mark) {
        case DayMark::late:
        case DayMark::corrected:
            return "is-info";
        case DayMark::proxy:
        case DayMark::waiting:
            return "is-proxy";
        case DayMark::draft:
            return "is-warning";
        case DayMark::silent:
            return "is-danger";
        case DayMark::reported:
        case DayMark::zero:
        case DayMark::closed:
        case DayMark::due:
        case DayMark::none:
            break;
    }
    return "";
}

}  // namespace

std::string weekday_name(const directory::Console& console, const http::Request& request, ReportDate date) {
    const auto number = std::chrono::weekday(date.day).iso_encoding();
    return console.text(request, is_public_holiday(date) ? "weekday.holiday" : "weekday." + std::to_string(number));
}

std::string_view day_class(ReportDate date, ReportDate today) {
    if (date == today) {
        return "is-today";
    }
    return is_public_holiday(date) || std::chrono::weekday(date.day) == std::chrono::Sunday ? "is-off" : "";
}

void show_mark(render::View& cell, const directory::Console& console, const http::Request& request, DayMark mark) {
    const std::string name(to_text(mark));
    const bool shape_alone = mark == DayMark::reported || mark == DayMark::due;
    cell.set("MARK", name).set("MARK_TONE", tone_of(mark)).set("MARK_NAME", console.text(request, "day_mark." + name));
    cell.set("MARK_GLYPH", shape_alone ? "" : console.text(request, "day_mark_glyph." + name));
}

void show_concerns(render::View& row, const directory::Console& console, const http::Request& request,
                   const CompletenessRow& shown) {
    const auto add = [&](const char* tone, const char* id, const render::TextValues& values = {}) {
        row.add("CONCERN")
            .set("CONCERN_TONE", tone)
            .set("CONCERN_TEXT", console.text(request, "completeness.concern_" + std::string(id), values));
    };
    const auto& standing = shown.standing;
    if (!standing.last_date) {
        add("soft", "never");
    } else if (!shown.silence.ever && shown.silence.days > 0) {
        add("is-danger", "long", {{"date", shown_date(*standing.last_date, request.locale)}});
    } else if (shown.silence.days > 0) {
        add("is-danger", shown.silence.days == 1 ? "silent_one" : "silent",
            {{"days", std::to_string(shown.silence.days)}});
    }
    if (standing.draft_waits) {
        add("is-warning", "draft");
    }
    if (standing.reminded_at) {
        add("soft", "reminded", {{"at", format_japanese_time(*standing.reminded_at)}});
    }
}

bool may_remind(const CompletenessRow& row, ReportDate today) {
    const auto mark = row.marks.find(today);
    const bool open_today = mark != row.marks.end() && (mark->second == DayMark::due || mark->second == DayMark::draft);
    return !row.standing.reminded_at && (open_today || row.standing.draft_waits || row.silence.days > 0);
}

}  // namespace madoguchi::reports
