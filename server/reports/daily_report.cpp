#include "reports/daily_report.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <numeric>

#include "base/field_errors.hpp"
#include "base/japanese_text.hpp"
#include "base/limits.hpp"

namespace madoguchi::reports {
namespace {

constexpr std::array<std::string_view, 3> kKindNames = {"figures", "zero", "closed"};
constexpr std::array<std::string_view, 3> kCorrectionNames = {"next-day", "same-day", "retroactive"};

struct Sign {
    std::string_view bytes;
    char as;
};
// Signs that Japanese keyboards and account books have for minus.
constexpr std::array<Sign, 5> kMinusSigns = {
    {{"\u2212", '-'}, {"\u30FC", '-'}, {"\u2010", '-'}, {"\u25B3", '-'}, {"\u25B2", '-'}}};

// Full-width forms as ASCII, and nothing else: NFKC would make 52 of "5²" and 1 of "①".
std::string narrowed(std::string_view typed) {
    constexpr char kThreeBytes = '\xEF';
    constexpr int kFirstFullWidth = 0xFF01;
    constexpr int kLastFullWidth = 0xFF5E;
    std::string out;
    for (std::size_t i = 0; i < typed.size();) {
        const auto rest = typed.substr(i);
        const auto sign = std::ranges::find_if(kMinusSigns, [&](const Sign& s) { return rest.starts_with(s.bytes); });
        if (sign != kMinusSigns.end()) {
            out += sign->as;
            i += sign->bytes.size();
            continue;
        }
        if (typed[i] == kThreeBytes && rest.size() >= 3) {
            const int second = static_cast<unsigned char>(typed[i + 1]) & 0x3F;
            const int third = static_cast<unsigned char>(typed[i + 2]) & 0x3F;
            const int code = 0xF000 | (second << 6) | third;
            if (code >= kFirstFullWidth && code <= kLastFullWidth) {
                out += static_cast<char>(code - kFirstFullWidth + '!');
                i += 3;
                continue;
            }
        }
        out += typed[i++];
    }
    return out;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool all_digits(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, is_digit);
}

// "10,000" and "1,234,567", but not "1,5": that may be a fraction.
std::optional<std::string> without_commas(const std::string& text) {
    if (text.find(',') == std::string::npos) {
        return text;
    }
    std::string digits;
    std::size_t begin = 0;
    for (bool first = true;; first = false) {
        const auto end = std::min(text.find(',', begin), text.size());
        const auto group = std::string_view(text).substr(begin, end - begin);
        const bool right = first ? !group.empty() && group.size() <= 3 : group.size() == 3;
        if (!right || !all_digits(group)) {
            return std::nullopt;
        }
        digits += group;
        if (end == text.size()) {
            return digits;
        }
        begin = end + 1;
    }
}

Result<std::int64_t> unsigned_number(const std::string& field, const std::string& text) {
    const auto dot = text.find('.');
    if (dot != std::string::npos && all_digits(text.substr(dot + 1)) && (dot == 0 || all_digits(text.substr(0, dot)))) {
        return invalid_field(field, "count_fraction");
    }
    const auto digits = without_commas(text);
    if (!digits || !all_digits(*digits)) {
        return invalid_field(field, "count_not_a_number");
    }
    constexpr std::size_t kEnough = 12;  // digits that std::int64_t holds, and more than any count has
    const auto first = std::min(digits->find_first_not_of('0'), digits->size() - 1);
    const auto significant = digits->substr(first);
    if (significant.size() > kEnough || std::stoll(significant) > limits::kReportCountMaximum) {
        return invalid_field(field, "count_too_large", {{"maximum", "999,999"}});
    }
    return std::stoll(significant);
}

template <class Parse>
Result<AgeBandCounts> parse_all(const TypedCounts& typed, Parse parse) {
    FieldErrors errors;
    AgeBandCounts counts;
    for (std::size_t band = 0; band < kAgeBands; ++band) {
        counts.of.at(band) = errors.take(parse(field_of(band), typed.at(band))).value_or(0);
    }
    TRY(std::move(errors).result());
    return counts;
}

}  // namespace

std::int64_t AgeBandCounts::total() const {
    return std::accumulate(of.begin(), of.end(), std::int64_t{0});
}

std::string_view to_text(ReportKind kind) {
    return kKindNames.at(static_cast<std::size_t>(kind));
}

std::optional<ReportKind> report_kind(std::string_view text) {
    const auto found = std::ranges::find(kKindNames, text);
    return found == kKindNames.end() ? std::nullopt
                                     : std::optional(static_cast<ReportKind>(found - kKindNames.begin()));
}

ReportKind kind_of(const AgeBandCounts& counts) {
    return counts.total() == 0 ? ReportKind::zero : ReportKind::figures;
}

std::string_view to_text(ReportChannel channel) {
    return channel == ReportChannel::screen ? "screen" : channel == ReportChannel::api ? "api" : "import";
}

std::string field_of(std::size_t band) {
    return "band_" + std::to_string(band);
}

Result<std::int64_t> parse_count(const std::string& field, std::string_view typed) {
    const auto text = strip_spaces(narrowed(typed));
    if (text.empty()) {
        return invalid_field(field, "count_missing");
    }
    if (text.size() > 1 && (text[0] == '-' || text[0] == '+') && (is_digit(text[1]) || text[1] == '.')) {
        return invalid_field(field, "count_signed");
    }
    return unsigned_number(field, text);
}

Result<std::int64_t> parse_difference(const std::string& field, std::string_view typed) {
    const auto text = strip_spaces(narrowed(typed));
    if (text.empty()) {
        return 0;
    }
    const bool is_signed = text[0] == '-' || text[0] == '+';
    const auto value = TRY(unsigned_number(field, is_signed ? text.substr(1) : text));
    return text[0] == '-' ? -value : value;
}

Result<AgeBandCounts> parse_counts(const TypedCounts& typed) {
    return parse_all(typed, parse_count);
}

Result<AgeBandCounts> parse_differences(const TypedCounts& typed) {
    return parse_all(typed, parse_difference);
}

std::int64_t readable_total(const TypedCounts& typed) {
    std::int64_t total = 0;
    for (const auto& text : typed) {
        total += parse_count("", text).value_or(0);
    }
    return total;
}

std::string_view to_text(Corrections corrections) {
    return kCorrectionNames.at(static_cast<std::size_t>(corrections));
}

std::optional<Corrections> corrections(std::string_view text) {
    const auto found = std::ranges::find(kCorrectionNames, text);
    return found == kCorrectionNames.end() ? std::nullopt
                                           : std::optional(static_cast<Corrections>(found - kCorrectionNames.begin()));
}

Instant deadline_of(ReportDate date, const ReportPolicy& policy) {
    return begin_of(date) + policy.deadline;
}

Result<void> may_submit(ReportDate date, Instant now) {
    if (now < begin_of(date)) {
        return invalid_field("report_date", "report_in_future");
    }
    if (now >= end_of(date) + limits::kReportSentLate) {
        return failure(ErrorKind::conflict, "report_too_late");
    }
    return {};
}

Result<void> may_correct(const ReportPolicy& policy, Corrector corrector, ReportDate date, Instant now) {
    if (policy.corrections == Corrections::next_day ||
        (policy.corrections == Corrections::same_day && corrector == Corrector::above)) {
        return failure(ErrorKind::forbidden, "correction_not_by_policy");
    }
    if (corrector == Corrector::own && now >= end_of(date)) {
        return failure(ErrorKind::forbidden, "correction_day_over");
    }
    return {};
}

Result<void> check_adjustment(const Adjustment& adjustment, ReportDate booked_with, const AgeBandCounts& reported) {
    FieldErrors errors;
    if (adjustment.date >= booked_with || adjustment.date < days_before(booked_with, limits::kReportHistoryDays)) {
        errors.add("adjusted_date", "adjustment_date", {{"days", std::to_string(limits::kReportHistoryDays)}});
    }
    bool any = false;
    for (std::size_t band = 0; band < kAgeBands; ++band) {
        const auto difference = adjustment.differences.of.at(band);
        any = any || difference != 0;
        if (difference < 0 && reported.of.at(band) + difference < 0) {
            errors.add(field_of(band), "adjustment_below_zero", {{"reported", std::to_string(reported.of.at(band))}});
        }
    }
    if (!any) {
        errors.add("form", "adjustment_empty");
    }
    if (adjustment.reason.empty()) {
        errors.add("reason", "required");
    } else if (code_points(adjustment.reason) > limits::kReasonCodePoints) {
        errors.add("reason", "too_long", {{"maximum", std::to_string(limits::kReasonCodePoints)}});
    }
    return std::move(errors).result();
}

std::string receipt_number(Instant received_at, std::int64_t number) {
    std::string day = to_text(date_at(received_at));
    std::erase(day, '-');
    return fmt::format("{}-{:06}", day, number);
}

}  // namespace madoguchi::reports
