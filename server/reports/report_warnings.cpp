#include "reports/report_warnings.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/field_errors.hpp"

namespace madoguchi::reports {
namespace {

constexpr std::array<std::string_view, 9> kNames = {"ten_thousand", "shifted_digits",    "ten_times",
                                                    "unusual_high", "unusual_low",       "shifted_rows",
                                                    "dominant",     "same_as_yesterday", "unknown_share"};

double median(std::vector<double> values) {
    std::ranges::sort(values);
    const auto middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

/// What one figure was on the organization's own days.
struct Usual {
    double median = 0;
    double spread = 0;  // what one unit of the modified z-score is
    std::int64_t least = 0;
    std::int64_t most = 0;
    std::size_t days = 0;
};

// Iglewicz and Hoaglin: 0.6745 (x - median) / MAD; where half of all days are alike MAD is 0, and the mean absolute
// deviation takes its place. A spread below one person would make news of one person.
Usual usual_of(const std::vector<std::int64_t>& days) {
    Usual out{.days = days.size()};
    if (days.empty()) {
        return out;
    }
    const std::vector<double> values(days.begin(), days.end());
    out.median = median(values);
    std::vector<double> deviations;
    std::ranges::transform(values, std::back_inserter(deviations), [&](double x) { return std::abs(x - out.median); });
    constexpr double kMadToSigma = 1 / 0.6745;
    constexpr double kMeanToSigma = 1.253314;
    const double mad = median(deviations);
    const double mean =
        std::accumulate(deviations.begin(), deviations.end(), 0.0) / static_cast<double>(deviations.size());
    out.spread = std::max(1.0, mad > 0 ? mad * kMadToSigma : mean * kMeanToSigma);
    const auto [least, most] = std::ranges::minmax(days);
    out.least = least;
    out.most = most;
    return out;
}

double score(const Usual& usual, std::int64_t count) {
    return (static_cast<double>(count) - usual.median) / usual.spread;
}

bool is_known(const Usual& usual) {
    return usual.days >= limits::kReportUsualLeast;
}

bool is_far(const Usual& usual, std::int64_t count) {
    return is_known(usual) && std::abs(score(usual, count)) > limits::kUnusualScore &&
           std::abs(static_cast<double>(count) - usual.median) >= static_cast<double>(limits::kUnusualDifference);
}

std::string whole(double value) {
    return std::to_string(std::llround(value));
}

std::map<std::string, std::string> figures(const Usual& usual, std::int64_t count) {
    return {{"count", std::to_string(count)},
            {"median", whole(usual.median)},
            {"least", std::to_string(usual.least)},
            {"most", std::to_string(usual.most)},
            {"days", std::to_string(usual.days)}};
}

/// The organization's own four weeks, figure by figure.
struct History {
    std::array<Usual, kAgeBands> bands;
    Usual total;
    std::int64_t people = 0;
    std::int64_t unknown = 0;
    const PastDay* yesterday = nullptr;
};

History history_of(ReportDate date, std::span<const PastDay> past) {
    std::array<std::vector<std::int64_t>, kAgeBands> bands;
    std::vector<std::int64_t> totals;
    History out;
    for (const PastDay& day : past) {
        const bool recent = day.date < date && day.date >= days_before(date, limits::kReportUsualDays);
        if (!recent || day.kind == ReportKind::closed) {
            continue;
        }
        for (std::size_t band = 0; band < kAgeBands; ++band) {
            bands.at(band).push_back(day.counts.of.at(band));
        }
        totals.push_back(day.counts.total());
        out.people += day.counts.total();
        out.unknown += day.counts.of[kUnknownAge];
        if (day.date == days_before(date, 1)) {
            out.yesterday = &day;
        }
    }
    std::ranges::transform(bands, out.bands.begin(), usual_of);
    out.total = usual_of(totals);
    return out;
}

bool within(const Usual& usual, std::int64_t count) {
    return count >= usual.least && count <= usual.most;
}

// "12 | 3" typed as "1 | 23": the digits of both are right, their border is not.
std::optional<std::pair<std::int64_t, std::int64_t>> moved_border(std::int64_t left, std::int64_t right,
                                                                  const Usual& usual_left, const Usual& usual_right) {
    const std::string left_digits = left == 0 ? "" : std::to_string(left);
    const std::string right_digits = right == 0 ? "" : std::to_string(right);
    const std::string digits = left_digits + right_digits;
    for (std::size_t border = 0; border <= digits.size(); ++border) {
        const auto count = [](const std::string& text) { return text.empty() ? 0 : std::stoll(text); };
        const std::int64_t one = count(digits.substr(0, border));
        const std::int64_t other = count(digits.substr(border));
        if (border != left_digits.size() && within(usual_left, one) && within(usual_right, other)) {
            return std::pair(one, other);
        }
    }
    return std::nullopt;
}

std::optional<Warning> of_neighbours(const AgeBandCounts& counts, const History& history, std::size_t band) {
    for (const std::size_t left : {band == 0 ? band : band - 1, band}) {
        const std::size_t right = left + 1;
        if (right >= kAgeBands || (left != band && right != band) ||
            !is_far(history.bands.at(band), counts.of.at(band))) {
            continue;
        }
        const auto& usual_left = history.bands.at(left);
        const auto& usual_right = history.bands.at(right);
        if (const auto better = moved_border(counts.of.at(left), counts.of.at(right), usual_left, usual_right)) {
            return Warning{.kind = WarningKind::shifted_digits,
                           .band = band,
                           .values = {{"left", std::to_string(counts.of.at(left))},
                                      {"right", std::to_string(counts.of.at(right))},
                                      {"left_usual", std::to_string(better->first)},
                                      {"right_usual", std::to_string(better->second)}}};
        }
    }
    return std::nullopt;
}

std::optional<Warning> of_band(const AgeBandCounts& counts, const History& history, std::size_t band) {
    const auto count = counts.of.at(band);
    const Usual& usual = history.bands.at(band);
    if (count >= limits::kTenThousand) {
        return Warning{WarningKind::ten_thousand, band, {{"count", std::to_string(count)}}};
    }
    if (auto shifted = of_neighbours(counts, history, band)) {
        return shifted;
    }
    const bool ten_times = is_known(usual) && usual.median >= 1 && static_cast<double>(count) >= 10 * usual.median &&
                           count >= limits::kTenTimesLeast;
    if (ten_times) {
        return Warning{WarningKind::ten_times, band, figures(usual, count)};
    }
    if (is_far(usual, count) && score(usual, count) > 0) {
        return Warning{WarningKind::unusual_high, band, figures(usual, count)};
    }
    const auto total = counts.total();
    const bool as_ever = is_known(usual) && within(usual, count);  // a children's clinic reports children every day
    if (!as_ever && total >= limits::kDominantTotal && count * 100 > total * limits::kDominantPercent) {
        return Warning{WarningKind::dominant,
                       band,
                       {{"count", std::to_string(count)},
                        {"total", std::to_string(total)},
                        {"percent", std::to_string(count * 100 / total)}}};
    }
    return std::nullopt;
}

// How far the figures lie from the usual ones when each stands `step` fields further down.
double distance(const AgeBandCounts& counts, const History& history, int step) {
    double sum = 0;
    for (int band = 0; band < static_cast<int>(kAgeBands); ++band) {
        const int from = band - step;
        const bool inside = from >= 0 && from < static_cast<int>(kAgeBands);
        const double count = inside ? static_cast<double>(counts.of.at(static_cast<std::size_t>(from))) : 0;
        sum += std::abs(count - history.bands.at(static_cast<std::size_t>(band)).median);
    }
    return sum;
}

bool rows_are_shifted(const AgeBandCounts& counts, const History& history) {
    if (!is_known(history.total) || counts.total() < limits::kSameTotal) {
        return false;
    }
    constexpr double kMuchCloser = 3;
    const double here = distance(counts, history, 0);
    const double elsewhere = std::min(distance(counts, history, 1), distance(counts, history, -1));
    return here > static_cast<double>(limits::kUnusualDifference) && elsewhere * kMuchCloser < here;
}

void add_of_whole(std::vector<Warning>& out, const AgeBandCounts& counts, const History& history) {
    const auto total = counts.total();
    const bool some_field = !out.empty();
    if (rows_are_shifted(counts, history)) {
        out.push_back({WarningKind::shifted_rows, std::nullopt, {{"days", std::to_string(history.total.days)}}});
    }
    if (is_far(history.total, total) && score(history.total, total) < 0) {
        out.push_back({WarningKind::unusual_low, std::nullopt, figures(history.total, total)});
    } else if (is_far(history.total, total) && !some_field) {
        out.push_back({WarningKind::unusual_high, std::nullopt, figures(history.total, total)});
    }
    if (history.yesterday != nullptr && total >= limits::kSameTotal && history.yesterday->counts == counts) {
        out.push_back({WarningKind::same_as_yesterday, std::nullopt, {{"total", std::to_string(total)}}});
    }
    const auto unknown = counts.of[kUnknownAge];
    const bool many = unknown >= limits::kUnknownLeast && unknown * 100 > total * limits::kUnknownPercent;
    const bool unlike = is_known(history.total) && unknown * history.people > 3 * history.unknown * total;
    if (many && (unlike || !is_known(history.total))) {
        const auto usual = history.people == 0 ? 0 : history.unknown * 100 / history.people;
        out.push_back({WarningKind::unknown_share,
                       std::nullopt,
                       {{"count", std::to_string(unknown)},
                        {"total", std::to_string(total)},
                        {"percent", std::to_string(unknown * 100 / total)},
                        {"usual_percent", std::to_string(usual)}}});
    }
}

}  // namespace

std::string_view to_text(WarningKind kind) {
    return kNames.at(static_cast<std::size_t>(kind));
}

std::optional<WarningKind> warning_kind(std::string_view text) {
    const auto found = std::ranges::find(kNames, text);
    return found == kNames.end() ? std::nullopt : std::optional(static_cast<WarningKind>(found - kNames.begin()));
}

std::vector<Warning> warnings(const AgeBandCounts& counts, ReportDate date, std::span<const PastDay> past) {
    const History history = history_of(date, past);
    std::vector<Warning> out;
    for (std::size_t band = 0; band < kAgeBands; ++band) {
        if (auto found = of_band(counts, history, band)) {
            out.push_back(std::move(*found));
        }
    }
    add_of_whole(out, counts, history);
    return out;
}

Result<void> confirmed(const AgeBandCounts& counts, const std::vector<Warning>& found, const TypedCounts& again,
                       std::string_view total_again) {
    FieldErrors errors;
    const auto compare = [&](const std::string& field, std::string_view typed, std::int64_t wanted) {
        if (typed.empty()) {
            errors.add(field, "count_again_missing");
        } else if (const auto count = errors.take(parse_count(field, typed)); count && *count != wanted) {
            errors.add(field, "count_again_differs");
        }
    };
    bool of_whole = false;
    for (const Warning& warning : found) {
        if (warning.band) {
            compare(field_of(*warning.band) + "_again", again.at(*warning.band), counts.of.at(*warning.band));
        } else if (!of_whole) {
            of_whole = true;
            compare("total_again", total_again, counts.total());
        }
    }
    return std::move(errors).result();
}

}  // namespace madoguchi::reports
