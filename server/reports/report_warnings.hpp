// Figures that are worth a second look. A warning gives its reason in figures and never blocks: who reports types the
// number again, the report counts, and the health centre sees the mark. Pure.
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "reports/daily_report.hpp"

namespace madoguchi::reports {

/// What was reported for an earlier day, as it stands now.
struct PastDay {
    ReportDate date;
    ReportKind kind = ReportKind::figures;
    AgeBandCounts counts;
};

enum class WarningKind {
    ten_thousand,       // in one field, as on the ministry's slides
    shifted_digits,     // two neighbouring fields are unusual, and usual with a digit moved between them
    ten_times,          // the usual
    unusual_high,       // modified z-score over the organization's own four weeks
    unusual_low,        // of the total: 1,125 was once reported as 41
    shifted_rows,       // all figures would be usual one field further up or down
    dominant,           // one field holds more than nine tenths of a large total
    same_as_yesterday,  // every figure
    unknown_share       // of people whose age is not known
};
std::string_view to_text(WarningKind kind);
std::optional<WarningKind> warning_kind(std::string_view text);

struct Warning {
    WarningKind kind = WarningKind::ten_thousand;
    std::optional<std::size_t> band;            // nothing: the report as a whole
    std::map<std::string, std::string> values;  // the figures of its reason
};

/// `past`: the four weeks before `date`, in any order; days that were closed say nothing. At most one warning a field,
/// the gravest; those of the report as a whole come last.
std::vector<Warning> warnings(const AgeBandCounts& counts, ReportDate date, std::span<const PastDay> past);

/// Each warned field typed again, and the total where a warning is about the whole. Errors: invalid (band_N_again,
/// total_again: count_again_missing, count_again_differs).
Result<void> confirmed(const AgeBandCounts& counts, const std::vector<Warning>& found, const TypedCounts& again,
                       std::string_view total_again);

}  // namespace madoguchi::reports
