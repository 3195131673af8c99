#include "reports/received_report.hpp"

#include <algorithm>
#include <array>

#include "base/field_errors.hpp"
#include "base/japanese_text.hpp"
#include "base/limits.hpp"
#include "base/report_limits.hpp"
#include "reports/proxy_limits.hpp"

namespace madoguchi::reports {
namespace {

constexpr std::array<std::string_view, 4> kByNames = {"fax", "phone", "mail", "other"};
constexpr std::array<std::string_view, 6> kStateNames = {"waiting", "reported", "corrected", "same", "kept", "dropped"};

template <class Enum, std::size_t size>
std::optional<Enum> named(const std::array<std::string_view, size>& names, std::string_view text) {
    const auto found = std::ranges::find(names, text);
    return found == names.end() ? std::nullopt : std::optional(static_cast<Enum>(found - names.begin()));
}

bool all_digits(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string_view to_text(ReceivedBy by) {
    return kByNames.at(static_cast<std::size_t>(by));
}

std::optional<ReceivedBy> received_by(std::string_view text) {
    return named<ReceivedBy>(kByNames, text);
}

std::string_view to_text(ReceivedState state) {
    return kStateNames.at(static_cast<std::size_t>(state));
}

std::optional<ReceivedState> received_state(std::string_view text) {
    return named<ReceivedState>(kStateNames, text);
}

Result<std::chrono::minutes> parse_received_time(std::string_view typed) {
    constexpr std::size_t kLongest = 5;  // 10:20
    constexpr int kHours = 24;
    constexpr int kMinutes = 60;
    const auto text = strip_spaces(fold_width(typed));
    const auto colon = text.find(':');
    const auto split = colon != std::string::npos ? colon : text.size() - std::min<std::size_t>(text.size(), 2);
    const auto hour = text.substr(0, split);
    const auto minute = text.substr(colon != std::string::npos ? split + 1 : split);
    if (text.size() <= kLongest && all_digits(hour) && hour.size() <= 2 && all_digits(minute) && minute.size() == 2) {
        const int hours = std::stoi(hour);
        const int minutes = std::stoi(minute);
        if (hours < kHours && minutes < kMinutes) {
            return std::chrono::hours(hours) + std::chrono::minutes(minutes);
        }
    }
    return invalid_field("received_time", "received_time");
}

ReportDate first_receivable(Instant now) {
    return days_before(date_at(now), limits::kProxyDays);
}

Result<ReceivedDetails> parse_receipt(const TypedReceipt& typed, Instant now) {
    FieldErrors errors;
    ReceivedDetails out;
    const auto date = report_date(typed.report_date);
    if (!date || *date > date_at(now) || *date < first_receivable(now)) {
        errors.add("report_date", "received_report_date", {{"days", std::to_string(limits::kProxyDays)}});
    }
    const auto by = received_by(typed.received_by);
    if (!by) {
        errors.add("received_by", "received_by");
    }
    const auto day = report_date(typed.received_date);
    if (!day) {
        errors.add("received_date", "received_date");
    }
    const auto time = errors.take(parse_received_time(typed.received_time));
    out.date = date.value_or(out.date);
    out.by = by.value_or(out.by);
    out.note = strip_spaces(typed.note);
    if (code_points(out.note) > limits::kReasonCodePoints) {
        errors.add("note", "too_long", {{"maximum", std::to_string(limits::kReasonCodePoints)}});
    }
    if (day && time) {
        out.received_at = begin_of(*day) + *time;
        if (out.received_at > now) {
            errors.add("received_time", "received_in_future");
        } else if (date && out.received_at < begin_of(*date)) {
            errors.add("received_date", "received_before_its_day");
        }
    }
    TRY(std::move(errors).result());
    return out;
}

}  // namespace madoguchi::reports
