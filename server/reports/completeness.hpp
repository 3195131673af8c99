// Rules of completeness: on which days an organization is expected to report, what one day's state is, and for how long
// it has been silent. Pure.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "reports/daily_report.hpp"

namespace madoguchi::reports {

/// The weekdays on which somebody reports.
struct Schedule {
    std::array<bool, 7> on = {true, true, true, true, true, true, false};  // Monday first
    bool on_holidays = false;

    /// Bit 0 is Monday.
    int weekdays() const;
    static Schedule of(int weekdays, bool on_holidays);
    friend bool operator==(const Schedule&, const Schedule&) = default;
};

/// A holiday counts like a Sunday that nobody works on, whatever its weekday, unless the schedule says otherwise.
bool is_expected(const Schedule& schedule, ReportDate date);
/// The last day up to `last` on which a report was expected; nothing within the four weeks before it.
std::optional<ReportDate> last_expected(const Schedule& schedule, ReportDate last);

/// In the order of the legend. waiting: it came on paper and is not typed yet. due: its deadline has not passed; none:
/// nobody expects a report of that day.
enum class DayMark { reported, zero, closed, late, corrected, proxy, waiting, draft, silent, due, none };
inline constexpr std::array kDayMarks = {DayMark::reported,  DayMark::zero,  DayMark::closed,  DayMark::late,
                                         DayMark::corrected, DayMark::proxy, DayMark::waiting, DayMark::draft,
                                         DayMark::silent,    DayMark::due,   DayMark::none};
std::string_view to_text(DayMark mark);

/// What is known of one organization's day.
struct DayFacts {
    std::optional<ReportKind> reported;
    std::int64_t total = 0;
    bool late = false;
    bool corrected = false;
    bool by_proxy = false;
    bool on_paper = false;  // received by fax or telephone, and not typed yet
    bool draft = false;     // typed and not sent
};

/// One mark a day; where several fit, the one that a health centre would ask about: proxy entry, then correction, then
/// lateness, then what was reported.
DayMark mark_of(const DayFacts& facts, bool expected, ReportDate date, Instant deadline, Instant now);

/// How long an organization has said nothing.
struct Silence {
    int days = 0;       // expected days in a row, up to the last one that is due, without a report
    bool ever = false;  // it did report within the days looked at
};

/// `marks`: by day, up to today. Days that are not expected neither add to a silence nor end it; paper ends it.
Silence silence_of(const std::map<ReportDate, DayMark>& marks);

}  // namespace madoguchi::reports
