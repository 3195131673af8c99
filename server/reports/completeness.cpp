#include "reports/completeness.hpp"

#include "base/report_limits.hpp"
#include "reports/public_holidays.hpp"

namespace madoguchi::reports {
namespace {

constexpr std::array<std::string_view, kDayMarks.size()> kNames = {
    "reported", "zero", "closed", "late", "corrected", "proxy", "waiting", "draft", "silent", "due", "none"};

bool was_heard(DayMark mark) {
    return mark < DayMark::draft;
}

}  // namespace

int Schedule::weekdays() const {
    int bits = 0;
    for (std::size_t day = 0; day < on.size(); ++day) {
        bits |= on.at(day) ? 1 << day : 0;
    }
    return bits;
}

Schedule Schedule::of(int weekdays, bool on_holidays) {
    Schedule out{.on = {}, .on_holidays = on_holidays};
    for (std::size_t day = 0; day < out.on.size(); ++day) {
        out.on.at(day) = (weekdays >> day & 1) == 1;
    }
    return out;
}

bool is_expected(const Schedule& schedule, ReportDate date) {
    const auto from_monday = std::chrono::weekday(date.day).iso_encoding() - 1;
    return is_public_holiday(date) ? schedule.on_holidays : schedule.on.at(from_monday);
}

std::optional<ReportDate> last_expected(const Schedule& schedule, ReportDate last) {
    for (int back = 0; back < limits::kReportUsualDays; ++back) {
        if (const auto date = days_before(last, back); is_expected(schedule, date)) {
            return date;
        }
    }
    return std::nullopt;
}

std::string_view to_text(DayMark mark) {
    return kNames.at(static_cast<std::size_t>(mark));
}

DayMark mark_of(const DayFacts& facts, bool expected, ReportDate date, Instant deadline, Instant now) {
    if (facts.reported) {
        return facts.by_proxy                          ? DayMark::proxy
               : facts.corrected                       ? DayMark::corrected
               : facts.late                            ? DayMark::late
               : *facts.reported == ReportKind::zero   ? DayMark::zero
               : *facts.reported == ReportKind::closed ? DayMark::closed
                                                       : DayMark::reported;
    }
    if (facts.on_paper) {
        return DayMark::waiting;
    }
    if (facts.draft) {
        return DayMark::draft;
    }
    if (!expected || begin_of(date) > now) {
        return DayMark::none;
    }
    return deadline < now ? DayMark::silent : DayMark::due;
}

Silence silence_of(const std::map<ReportDate, DayMark>& marks) {
    Silence out;
    for (auto day = marks.rbegin(); day != marks.rend(); ++day) {
        if (was_heard(day->second)) {
            out.ever = true;
            break;
        }
        out.days += day->second == DayMark::silent || (day->second == DayMark::draft && day != marks.rbegin()) ? 1 : 0;
    }
    return out;
}

}  // namespace madoguchi::reports
