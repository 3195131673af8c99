// A report that reached the health centre on paper or by telephone, to be typed for the organization that it is of.
// Rules. Pure.
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/result.hpp"
#include "reports/report_date.hpp"

namespace madoguchi::reports {

enum class ReceivedBy { fax, phone, mail, other };
inline constexpr std::array kReceivedBy = {ReceivedBy::fax, ReceivedBy::phone, ReceivedBy::mail, ReceivedBy::other};
std::string_view to_text(ReceivedBy by);
std::optional<ReceivedBy> received_by(std::string_view text);

/// Who typed a report for the organization that it is of, and how it had come.
struct ProxyEntry {
    OrganizationId organization;
    std::string organization_name;
    ReceivedBy by = ReceivedBy::fax;
    Instant received_at;
    std::string note;
};

/// waiting: to be typed. reported, corrected: it was. same: the organization had reported the same itself. kept: it had
/// reported something else, which stays. dropped: it was no report after all.
enum class ReceivedState { waiting, reported, corrected, same, kept, dropped };
std::string_view to_text(ReceivedState state);
std::optional<ReceivedState> received_state(std::string_view text);

/// "10:20", "1020" or "9:05", in digits of either width, as minutes after midnight. Errors: invalid (received_time:
/// received_time).
Result<std::chrono::minutes> parse_received_time(std::string_view typed);

/// As a form says it.
struct TypedReceipt {
    std::string report_date;
    std::string received_by;
    std::string received_date;
    std::string received_time;
    std::string note;
};
struct ReceivedDetails {
    ReportDate date;
    ReceivedBy by = ReceivedBy::fax;
    Instant received_at;
    std::string note;
};
/// Errors: invalid (report_date, received_by, received_date, received_time, note). Nothing is received before its day
/// begins, nor later than `now`.
Result<ReceivedDetails> parse_receipt(const TypedReceipt& typed, Instant now);
/// The earliest day for which something received can be registered.
ReportDate first_receivable(Instant now);

}  // namespace madoguchi::reports
