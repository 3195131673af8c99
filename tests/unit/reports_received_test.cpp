// What a form says of a report that came on paper.
#include <gtest/gtest.h>

#include "base/limits.hpp"
#include "reports/proxy_limits.hpp"
#include "reports/received_report.hpp"

namespace madoguchi::reports {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Instant kNow = begin_of(*report_date("2026-12-02")) + hours(15);

TypedReceipt good() {
    return {.report_date = "2026-12-02",
            .received_by = "fax",
            .received_date = "2026-12-02",
            .received_time = "10:20",
            .note = {}};
}

std::string refusal(const TypedReceipt& typed) {
    const auto read = parse_receipt(typed, kNow);
    return read ? "ok" : read.error().fields.at(0).field + " " + read.error().fields.at(0).message_id;
}

TEST(ReceivedReport, TimesAreReadAsTheyAreTyped) {
    for (const auto* text : {"10:20", "1020", "１０：２０", " 10:20 "}) {
        EXPECT_EQ(parse_received_time(text).value_or(minutes(0)), hours(10) + minutes(20)) << text;
    }
    EXPECT_EQ(parse_received_time("905").value_or(minutes(0)), hours(9) + minutes(5));
    for (const auto* text : {"", "10", "24:00", "10:60", "10:2", "-1:00", "10:20:30", "十時", ":20", "10:"}) {
        EXPECT_FALSE(parse_received_time(text)) << text;
    }
}

TEST(ReceivedReport, NothingComesBeforeItsDayOrFromTheFuture) {
    auto typed = good();
    EXPECT_EQ(refusal(typed), "ok");
    typed.received_time = "15:01";
    EXPECT_EQ(refusal(typed), "received_time received_in_future");
    typed = good();
    typed.received_date = "2026-12-01";
    EXPECT_EQ(refusal(typed), "received_date received_before_its_day");
    typed = good();
    typed.report_date = "2026-12-03";
    EXPECT_EQ(refusal(typed), "report_date received_report_date");
    typed.report_date = to_text(days_before(date_at(kNow), limits::kProxyDays + 1));
    EXPECT_EQ(refusal(typed), "report_date received_report_date");
    typed.report_date = to_text(days_before(date_at(kNow), limits::kProxyDays));
    EXPECT_EQ(refusal(typed), "ok");
    typed.received_by = "pigeon";
    EXPECT_EQ(refusal(typed), "received_by received_by");
    typed = good();
    typed.note = std::string(limits::kReasonCodePoints + 1, 'x');
    EXPECT_EQ(refusal(typed), "note too_long");
}

}  // namespace
}  // namespace madoguchi::reports
