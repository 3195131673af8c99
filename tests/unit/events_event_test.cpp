// What of the log is told outside, under which id, to whom.
#include <gmock/gmock.h>

#include "events/event.hpp"

namespace madoguchi::events {
namespace {

using directory::Permission;
using ::testing::Each;
using ::testing::SizeIs;
using ::testing::StartsWith;

Event issued() {
    return {.position = 42,
            .type = "account.issued",
            .occurred_at = from_microseconds(1'780'000'000'000'000),
            .organization_path = "1.13.205.",
            .subject_kind = "account",
            .subject_id = 77,
            .subject_name = "hc0001@example",
            .actor_account = 5,
            .actor_name = "admin@example",
            .before = "",
            .after = R"({"organization_id":205,"login_id":"hc0001@example","batch":9007199254740993})"};
}

TEST(Events, ACursorSortsAsPositionsDoAndReadsBack) {
    EXPECT_EQ(cursor_text(42), "e0000000000000042");
    EXPECT_LT(cursor_text(9), cursor_text(10));
    EXPECT_EQ(cursor_of(cursor_text(1234567890123)), 1234567890123);
    EXPECT_EQ(cursor_of(""), 0);
}

TEST(Events, WhatIsNoCursorIsRefused) {
    for (const auto* text : {"0", "42", "e42", "e00000000000000-1", "e00000000000000042", "x0000000000000042",
                             "e000000000000004x", "E0000000000000042", "e 000000000000042"}) {
        EXPECT_EQ(cursor_of(text), std::nullopt) << text;
    }
}

TEST(Events, IsACloudEvent) {
    const auto event = to_cloud_event(issued(), "https://madoguchi.example");
    EXPECT_EQ(event["specversion"], "1.0");
    EXPECT_EQ(event["id"], "e0000000000000042");
    EXPECT_EQ(event["source"], "https://madoguchi.example");
    EXPECT_EQ(event["type"], "account.issued");
    EXPECT_EQ(event["subject"], "accounts/77");
    EXPECT_EQ(event["time"], "2026-05-29T05:26:40.000000+09:00");
    EXPECT_EQ(event["data"]["organization"], (nlohmann::json{{"id", "205"}}));
    EXPECT_EQ(event["data"]["actor"], (nlohmann::json{{"id", "5"}, {"login_id", "admin@example"}}));
    EXPECT_EQ(event["data"]["after"]["batch"], "9007199254740993") << "ids are texts";
    EXPECT_EQ(event["data"]["before"], nullptr);
    EXPECT_EQ(event.dump().find("1.13"), std::string::npos) << "paths stay inside";
}

TEST(Events, TheServiceItselfIsNobodysActor) {
    auto event = issued();
    event.actor_account = 0;
    EXPECT_EQ(to_cloud_event(event, "")["data"]["actor"], nullptr);
}

TEST(Events, FieldsThatAreNotListedStayInside) {
    auto event = issued();
    event.before = R"({"state":"active","phone":"+819012345678","contact":{"name":"x"}})";
    event.after = R"({"reset_code_sent_to":"090","proxy":{"organization":"保健所","secret":"s"},"password":"p"})";
    const auto data = to_cloud_event(event, "")["data"];
    EXPECT_EQ(data["before"], (nlohmann::json{{"state", "active"}}));
    EXPECT_EQ(data["after"], (nlohmann::json{{"proxy", {{"organization", "保健所"}}}}));
}

TEST(Events, WhatIsNoObjectIsNull) {
    auto event = issued();
    event.after = "[1]";
    event.before = "{";
    EXPECT_EQ(to_cloud_event(event, "")["data"]["after"], nullptr);
    EXPECT_EQ(to_cloud_event(event, "")["data"]["before"], nullptr);
}

TEST(Events, ReportsAreForThoseWhoSeeReportsTheRestForReadersOfTheLog) {
    EXPECT_THAT(types_under(Permission::see_reports, {}), Each(StartsWith("report.")));
    EXPECT_THAT(types_under(Permission::see_reports, {}), SizeIs(2));
    EXPECT_THAT(types_under(Permission::read_audit, {}), SizeIs(kEventTypes.size() - 2));
    EXPECT_THAT(types_under(Permission::read_audit, {"report.submitted"}), SizeIs(0));
    EXPECT_THAT(types_under(Permission::issue_account, {}), SizeIs(0));
}

}  // namespace
}  // namespace madoguchi::events
