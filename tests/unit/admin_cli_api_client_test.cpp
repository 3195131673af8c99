#include "admin-cli/api_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

namespace madoguchi::admin_cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ScriptedServer final : public HttpClient {
public:
    Outcome<HttpAnswer> send(const HttpRequest& request) override {
        requests.push_back(request);
        HttpAnswer answer = answers.at(0);
        answers.pop_front();
        return answer;
    }
    std::deque<HttpAnswer> answers;
    std::vector<HttpRequest> requests;
};

class AdminCliApi : public testing::Test {
protected:
    ScriptedServer server_;
    Settings settings_;
    std::vector<int> waits_;
    ApiClient api_{server_, settings_, [](std::string_view) {},
                   [this](std::chrono::seconds wait) { waits_.push_back(static_cast<int>(wait.count())); }};
};

TEST_F(AdminCliApi, MapsEveryStatusToItsExitCode) {
    const std::vector<std::pair<int, ExitCode>> expected{
        {200, ExitCode::ok},
        {202, ExitCode::ok},
        {400, ExitCode::invalid_input},
        {401, ExitCode::not_signed_in},
        {403, ExitCode::forbidden},
        {404, ExitCode::forbidden},
        {409, ExitCode::conflict},
        {429, ExitCode::unavailable},
        {500, ExitCode::failed},
        {502, ExitCode::unavailable},
        {503, ExitCode::unavailable},
        {302, ExitCode::failed},
    };
    for (const auto& [status, code] : expected) {
        EXPECT_EQ(exit_code_for_status(status), code) << status;
    }
    for (std::size_t i = 0; i < kExitCodes.size(); ++i) {
        EXPECT_EQ(static_cast<std::size_t>(kExitCodes[i].code), i);
    }
}

TEST_F(AdminCliApi, TakesFieldsAndRequestIdFromTheProblem) {
    server_.answers = {{400,
                        {},
                        R"({"type":"urn:madoguchi:problem:invalid_fields","title":"Invalid","status":400,
                            "request_id":"r-1","errors":[{"field":"phone","rule":"phone_format","message":"Not a number"}]})"}};
    const auto result = api_.post("/organizations", Json::object());
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ExitCode::invalid_input);
    EXPECT_EQ(result.error().problem_id, "invalid_fields");
    EXPECT_EQ(result.error().request_id, "r-1");
    ASSERT_EQ(result.error().fields.size(), 1U);
    EXPECT_EQ(result.error().fields[0].field, "phone");
    EXPECT_EQ(result.error().fields[0].rule, "phone_format");
}

TEST_F(AdminCliApi, SaysTheServersSentenceWithoutTheStatusInHttpsWords) {
    server_.answers = {
        {403,
         {},
         R"({"type":"urn:madoguchi:problem:forbidden","title":"Forbidden","status":403,"detail":"You may not."})"},
        {400,
         {},
         R"({"type":"urn:madoguchi:problem:invalid_fields","title":"Bad Request","status":400,"detail":"See each field.",
             "errors":[{"field":"name","rule":"required","message":"Fill it in"}]})"}};
    EXPECT_EQ(api_.post("/organizations", Json::object()).error().message, "You may not.");
    const std::string refused = api_.post("/organizations", Json::object()).error().message;
    EXPECT_NE(refused, "See each field.") << "there is no page with fields here";
    EXPECT_FALSE(refused.empty());
}

TEST_F(AdminCliApi, RetriesWhatMayBeRepeatedWithinBounds) {
    const HttpAnswer busy{503, {{"retry-after", "2"}}, ""};
    server_.answers = {busy, {429, {}, ""}, {200, {}, R"({"ok":true})"}};
    ASSERT_TRUE(api_.get("/me"));
    EXPECT_THAT(waits_, ElementsAre(2, 1));

    server_.answers = {busy, busy, busy, busy, busy};
    EXPECT_FALSE(api_.get("/me"));
    EXPECT_EQ(server_.answers.size(), 1U);  // one try and three retries

    // What changes something is sent again under the same key, which makes it happen once.
    server_.answers = {busy, {200, {}, "{}"}};
    server_.requests.clear();
    ASSERT_TRUE(api_.post("/accounts", Json::object()));
    ASSERT_EQ(server_.requests.size(), 2U);
    EXPECT_EQ(server_.requests[0].idempotency_key.size(), 32U);
    EXPECT_EQ(server_.requests[0].idempotency_key, server_.requests[1].idempotency_key);
    server_.answers = {{200, {}, "{}"}};
    ASSERT_TRUE(api_.post("/accounts", Json::object()));
    EXPECT_NE(server_.requests[2].idempotency_key, server_.requests[0].idempotency_key);

    // A change of one version has no such key.
    server_.answers = {busy, {200, {}, "{}"}};
    const auto patched = api_.patch("/accounts/1", Json::object(), "\"v1\"");
    ASSERT_FALSE(patched);
    EXPECT_EQ(patched.error().code, ExitCode::unavailable);
    EXPECT_THAT(patched.error().advice, HasSubstr("2 s"));
    EXPECT_EQ(server_.requests.back().if_match, "\"v1\"");
    EXPECT_EQ(server_.answers.size(), 1U);

    server_.answers = {{503, {{"retry-after", "3600"}}, ""}, {200, {}, "{}"}};
    waits_.clear();
    EXPECT_FALSE(api_.get("/me"));
    EXPECT_TRUE(waits_.empty());
}

TEST_F(AdminCliApi, FollowsTheCursorUpToTheLimit) {
    server_.answers = {{200, {}, R"({"accounts":[{"id":"1"},{"id":"2"}],"next_cursor":"a b"})"},
                       {200, {}, R"({"accounts":[{"id":"3"}],"next_cursor":"c"})"}};
    const auto three = api_.list("/accounts", "accounts", {{"q", "青&葉"}}, 3);
    ASSERT_TRUE(three);
    EXPECT_EQ(three->dump(), R"({"accounts":[{"id":"1"},{"id":"2"},{"id":"3"}],"next_cursor":"c"})");
    EXPECT_EQ(server_.requests[0].path, "/api/v1/accounts?q=%E9%9D%92%26%E8%91%89&limit=3");
    EXPECT_EQ(server_.requests[1].path, "/api/v1/accounts?q=%E9%9D%92%26%E8%91%89&limit=1&cursor=a%20b");

    server_.answers = {{200, {}, R"({"accounts":[{"id":"1"}],"next_cursor":"x"})"},
                       {200, {}, R"({"accounts":[{"id":"2"}],"next_cursor":null})"}};
    EXPECT_EQ((*api_.list("/accounts", "accounts", {}, std::nullopt))["accounts"].size(), 2U);
}

TEST_F(AdminCliApi, ACursorThatStandsStillEndsTheList) {
    const HttpAnswer page{200, {}, R"({"accounts":[{"id":"1"}],"next_cursor":"x"})"};
    server_.answers = {page, page};
    EXPECT_TRUE(api_.list("/accounts", "accounts", {}, std::nullopt));
}

TEST_F(AdminCliApi, SaysWhenTheServerIsNotOurs) {
    server_.answers = {{404, {}, "<html>nginx</html>"}, {200, {}, "<html>welcome</html>"}, {302, {}, ""}};
    const auto not_found = api_.get("/me");
    ASSERT_FALSE(not_found);
    EXPECT_THAT(not_found.error().advice, HasSubstr("--server"));
    const auto welcome = api_.get("/me");
    ASSERT_FALSE(welcome);
    EXPECT_EQ(welcome.error().code, ExitCode::failed);
    EXPECT_FALSE(api_.get("/me"));
}

TEST_F(AdminCliApi, EncodesPathSegments) {
    EXPECT_EQ(url_encoded("a/b?c#d@e.jp"), "a%2Fb%3Fc%23d%40e.jp");
    EXPECT_EQ(url_encoded("../x"), "..%2Fx");
}

}  // namespace
}  // namespace madoguchi::admin_cli
