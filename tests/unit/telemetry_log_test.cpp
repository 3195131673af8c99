#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/limits.hpp"
#include "telemetry/log.hpp"
#include "telemetry/metrics.hpp"
#include "unit/http_fixture.hpp"

namespace madoguchi::telemetry {
namespace {

using http::testing::FixedClock;
using http::testing::LogFile;
using ::testing::HasSubstr;

TEST(TelemetryLog, OneEventIsOneAsciiLine) {
    const FixedClock clock;
    const LogFile file;
    const Log log(LogLevel::info, clock, file.descriptor());
    const std::string nasty = "a\"\\\n\r\x1b[31m\u202e\u2028日\U00020BB7\xff\x7f";
    log.warning("odd\nevent", {{"text", nasty}, {"count", 3}, {"ratio", 0.5}, {"good", true}, {"na\nme", "x"}});
    const auto line = file.text();
    EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
    EXPECT_TRUE(std::all_of(line.begin(), line.end() - 1, [](char c) { return c >= 0x20 && c < 0x7F; })) << line;
    const auto json = nlohmann::json::parse(line);
    EXPECT_EQ(json["text"], "a\"\\\n\r\x1b[31m\u202e\u2028日\U00020BB7\uFFFD\x7f");
    EXPECT_EQ(json["level"], "warning");
    EXPECT_EQ(json["count"], 3);
    EXPECT_EQ(json["good"], true);
    EXPECT_THAT(json["time"].get<std::string>(), HasSubstr("+09:00"));
}

TEST(TelemetryLog, SecretsAreNeverPrinted) {
    const FixedClock clock;
    const LogFile file;
    const Log log(LogLevel::info, clock, file.descriptor());
    log.info("e", {{"password", "hunter2"},
                   {"initial_password", "hunter2"},
                   {"Set-Cookie", "hunter2"},
                   {"phone_number", "hunter2"},
                   {"authorization", "hunter2"},
                   {"code", 123456},
                   {"status", 200}});
    log.flush();
    EXPECT_EQ(file.text().find("hunter2"), std::string::npos);
    EXPECT_EQ(file.text().find("123456"), std::string::npos);
    EXPECT_THAT(file.text(), HasSubstr("\"status\":200"));
    EXPECT_TRUE(is_redacted("Access-Token"));
    EXPECT_FALSE(is_redacted("request_id"));
    EXPECT_FALSE(is_redacted("encoded"));
}

TEST(TelemetryLog, LinesAreBounded) {
    const FixedClock clock;
    const LogFile file;
    const Log log(LogLevel::info, clock, file.descriptor());
    const std::string longest(100000, 'x');
    log.info("e", {{"a", longest}, {"b", longest}, {"c", longest}, {"d", longest}, {"f", longest}});
    log.flush();
    EXPECT_LT(file.text().size(), 4096U);
    EXPECT_EQ(nlohmann::json::parse(file.text())["truncated"], true);
    EXPECT_EQ(escape_ascii("ああ", 7), "\\u3042...");
}

TEST(TelemetryLog, LinesWaitForEachOtherButNotForAWarning) {
    const FixedClock clock;
    const LogFile file;
    const Log log(LogLevel::info, clock, file.descriptor());
    log.info("first");
    log.warning("second");
    const auto both = file.text();
    EXPECT_LT(both.find("first"), both.find("second"));
    EXPECT_THAT(both, HasSubstr("second"));
    log.info("third");
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (file.text().find("third") == std::string::npos && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::yield();
    }
    EXPECT_THAT(file.text(), HasSubstr("third"));
}

TEST(TelemetryLog, NothingIsLostAtTheEnd) {
    const FixedClock clock;
    const LogFile file;
    {
        const Log log(LogLevel::info, clock, file.descriptor());
        for (int line = 0; line < 1000; ++line) {
            log.info("event", {{"line", line}});
        }
    }
    const auto text = file.text();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1000);
    EXPECT_THAT(text, HasSubstr("\"line\":999}\n"));
}

TEST(TelemetryLog, LevelsAreKept) {
    const FixedClock clock;
    const LogFile file;
    const Log log(LogLevel::warning, clock, file.descriptor());
    log.info("quiet");
    log.debug("quiet");
    EXPECT_EQ(file.text(), "");
    log.error("loud");
    EXPECT_THAT(file.text(), HasSubstr("loud"));
    EXPECT_EQ(log_level_from("debug"), LogLevel::debug);
    EXPECT_EQ(log_level_from("verbose"), std::nullopt);
}

TEST(TelemetryMetrics, ShowsWhatHappened) {
    Metrics metrics;
    metrics.request_started();
    metrics.request_finished("/a/{id}", "GET", 200, std::chrono::milliseconds(3));
    metrics.hash_gate_waiting(7);
    metrics.hash_gate_refused();
    metrics.outbox_waiting(2);
    metrics.database_error("40001");
    metrics.sign_in(SignInOutcome::throttled);
    const auto text = metrics.text();
    for (const auto* line :
         {"madoguchi_http_requests_total{method=\"GET\",route=\"/a/{id}\",status=\"200\"} 1",
          "madoguchi_http_request_duration_seconds_count{route=\"/a/{id}\"} 1", "madoguchi_http_requests_in_flight 1",
          "madoguchi_hash_gate_waiting 7", "madoguchi_hash_gate_refused_total 1", "madoguchi_outbox_waiting 2",
          "madoguchi_database_errors_total{class=\"40\"} 1",
          "madoguchi_sign_in_steps_total{outcome=\"throttled\"} 1"}) {
        EXPECT_THAT(text, HasSubstr(line));
    }
}

}  // namespace
}  // namespace madoguchi::telemetry
