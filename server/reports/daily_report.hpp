// Rules of the daily report. Pure: counts as people type them, what day and whether it is late, how it may be
// corrected.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "base/report_limits.hpp"
#include "base/result.hpp"
#include "reports/report_date.hpp"

namespace madoguchi::reports {

inline constexpr std::size_t kAgeBands = 14;
/// In the order of every screen and file: 0歳, 1-4歳, 5-9歳, 10代 ... 90歳以上, 不明. Columns and JSON names.
inline constexpr std::array<std::string_view, kAgeBands> kBandNames = {
    "age_0",  "age_1_4",   "age_5_9",   "age_10", "age_20", "age_30", "age_40",
    "age_50", "age_60_64", "age_65_69", "age_70", "age_80", "age_90", "age_unknown"};
inline constexpr std::size_t kUnknownAge = kAgeBands - 1;

/// People by age band; of an adjustment, more or fewer than were reported.
struct AgeBandCounts {
    std::array<std::int64_t, kAgeBands> of{};

    std::int64_t total() const;
    friend bool operator==(const AgeBandCounts&, const AgeBandCounts&) = default;
};

/// "0件" and 休診 are said on purpose; a day of which nothing was said is neither.
enum class ReportKind { figures, zero, closed };
std::string_view to_text(ReportKind kind);
std::optional<ReportKind> report_kind(std::string_view text);
/// Figures that add up to nothing are "0件".
ReportKind kind_of(const AgeBandCounts& counts);

enum class ReportChannel { screen, api, import };
std::string_view to_text(ReportChannel channel);

/// The name of a form's field: band_0 ... band_13.
std::string field_of(std::size_t band);

/// A number of people: digits of either width, commas between thousands. Errors: invalid at `field` (count_missing,
/// count_signed, count_fraction, count_not_a_number, count_too_large).
Result<std::int64_t> parse_count(const std::string& field, std::string_view typed);
/// The same with a sign, for adjustments; an empty field is 0.
Result<std::int64_t> parse_difference(const std::string& field, std::string_view typed);

/// What stands in the fields, numbers or not.
using TypedCounts = std::array<std::string, kAgeBands>;
/// Errors: invalid, every bad field named.
Result<AgeBandCounts> parse_counts(const TypedCounts& typed);
Result<AgeBandCounts> parse_differences(const TypedCounts& typed);
/// What can be read of it, the rest as 0: for the total beside a draft.
std::int64_t readable_total(const TypedCounts& typed);

// --- days ---

/// What the operator has decided. next_day: nothing is corrected, the next day's report adjusts. same_day: who reported
/// may correct until 24:00. retroactive: and those above them at any time.
enum class Corrections { next_day, same_day, retroactive };
std::string_view to_text(Corrections corrections);
std::optional<Corrections> corrections(std::string_view text);

struct ReportPolicy {
    Corrections corrections = Corrections::next_day;
    std::chrono::minutes deadline = std::chrono::hours(24);  // after 0:00 of the report date
};

Instant deadline_of(ReportDate date, const ReportPolicy& policy);

/// May a report for the day on which its form was opened be sent at `now`? Errors: conflict (report_too_late), invalid
/// (report_in_future).
Result<void> may_submit(ReportDate date, Instant now);

/// Who wants to correct: the organization itself, or somebody above it.
enum class Corrector { own, above };
/// Errors: forbidden (correction_not_by_policy, correction_day_over).
Result<void> may_correct(const ReportPolicy& policy, Corrector corrector, ReportDate date, Instant now);

// --- adjustments ---

/// What an earlier day had too much or too little, reported with a later day's report.
struct Adjustment {
    ReportDate date;
    AgeBandCounts differences;
    std::string reason;
    friend bool operator==(const Adjustment&, const Adjustment&) = default;
};

/// `reported`: the day's figures with all adjustments so far; nothing was reported: zeros. Errors: invalid (date:
/// adjustment_date; band_*: adjustment_below_zero; reason: required, too_long; form: adjustment_empty).
Result<void> check_adjustment(const Adjustment& adjustment, ReportDate booked_with, const AgeBandCounts& reported);

// --- numbers of receipts ---

/// "20261202-004217": the day of receipt and a number that no other of that day has.
std::string receipt_number(Instant received_at, std::int64_t number);

}  // namespace madoguchi::reports
