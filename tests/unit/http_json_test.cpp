#include <gtest/gtest.h>

#include "base/limits.hpp"
#include "http/json_reader.hpp"
#include "http/problem.hpp"

namespace madoguchi::http {
namespace {

using std::string_literals::operator""s;

TEST(HttpJson, ParsesStrictly) {
    EXPECT_TRUE(parse_json(R"({"a":{"a":1},"b":[{"a":1},{"a":2}]})"));
    for (const auto& bad : {""s, "{"s, R"({"a":1,"a":2})"s, R"({"x":{"a":1,"a":1}})"s, R"({"a":"\u0000"})"s,
                            R"({"\u0000":1})"s, R"([1,"a\u0000"])"s, "{\"a\":\"\xFF\"}"s, R"({"a":1}x)"s,
                            R"({"a":1e999})"s, "{'a':1}"s, "{\"a\":1,}"s, "// c\n{}"s, "\"\n\""s}) {
        const auto value = parse_json(bad);
        ASSERT_FALSE(value) << bad;
        EXPECT_EQ(value.error().message_id, "malformed_json");
    }
}

TEST(HttpJson, DepthIsBounded) {
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    EXPECT_TRUE(parse_json(nested(limits::kJsonDepth)));
    EXPECT_FALSE(parse_json(nested(limits::kJsonDepth + 2)));
    EXPECT_FALSE(parse_json(nested(30000)));
    EXPECT_FALSE(parse_json(std::string(30000, '[')));
}

TEST(HttpJsonReader, ReadsACommand) {
    const auto json =
        parse_json(R"({"name":"山田","id":"1205","count":-3,"dry_run":true,"note":null,"key":""})").value();
    JsonReader reader(json);
    EXPECT_EQ(reader.text("name"), "山田");
    EXPECT_EQ(reader.id<AccountId>("id").value, 1205);
    EXPECT_EQ(reader.optional_integer("count"), -3);
    EXPECT_TRUE(reader.flag("dry_run"));
    EXPECT_FALSE(reader.flag("other"));
    EXPECT_EQ(reader.optional_text("note"), std::nullopt);
    EXPECT_EQ(reader.text("key"), "");
    EXPECT_TRUE(reader.finish());
}

TEST(HttpJsonReader, TellsEveryBadField) {
    const auto json =
        parse_json(R"({"a":1,"b":"x","c":"yes","d":12,"e":18446744073709551615,"admin":true,"n":null})").value();
    JsonReader reader(json);
    reader.text("a");
    reader.optional_integer("b");
    reader.flag("c");
    reader.identifier("d");
    reader.optional_integer("e");
    reader.text("missing");
    reader.text("n");
    reader.errors().add("f", "own_rule");
    const auto result = reader.finish();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().message_id, "invalid_fields");
    std::map<std::string, std::string> rules;
    for (const auto& field : result.error().fields) {
        rules[field.field] = field.message_id;
    }
    EXPECT_EQ(rules, (std::map<std::string, std::string>{{"a", "field_not_text"},
                                                         {"b", "field_not_integer"},
                                                         {"c", "field_not_boolean"},
                                                         {"d", "field_not_identifier"},
                                                         {"e", "field_not_integer"},
                                                         {"missing", "field_required"},
                                                         {"n", "field_required"},
                                                         {"f", "own_rule"},
                                                         {"admin", "field_unknown"}}));
}

TEST(HttpJsonReader, WantsAnObject) {
    const nlohmann::json list = {1, 2};
    JsonReader reader(list);
    reader.text("a");
    const auto result = reader.finish();
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().message_id, "malformed_json");
}

TEST(HttpJsonReader, Identifiers) {
    EXPECT_EQ(parse_identifier("1"), 1);
    EXPECT_EQ(parse_identifier("9223372036854775807"), INT64_MAX);
    for (const auto* bad : {"", "0", "01", "-1", "+1", " 1", "1 ", "1a", "9223372036854775808", "１"}) {
        EXPECT_EQ(parse_identifier(bad), std::nullopt) << bad;
    }
}

TEST(HttpProblem, HasTheFormOfRfc9457) {
    Request request;
    request.request_id = "RID";
    const Error error{.kind = ErrorKind::conflict,
                      .message_id = "already_exists",
                      .detail = "constraint accounts_login_id_key",
                      .fields = {{"login_id", "taken", {{"login_id", "a@b"}}}}};
    const ErrorRenderer renderer{[](std::string_view id, Locale, const auto& values) {
                                     return std::string(id) + "/" + std::to_string(values.size());
                                 },
                                 {}};
    const auto response = problem(request, error, status_of(error.kind), renderer);
    EXPECT_EQ(response.content_type, "application/problem+json");
    const auto body = nlohmann::json::parse(response.body);
    EXPECT_EQ(body,
              nlohmann::json::parse(R"({"type":"urn:madoguchi:problem:already_exists","title":"Conflict","status":409,
        "detail":"already_exists/0","request_id":"RID","errors":[{"field":"login_id","rule":"taken","message":"taken/1"}]})"));
    EXPECT_EQ(response.body.find("constraint"), std::string::npos);
}

TEST(HttpProblem, KindsHaveStatuses) {
    EXPECT_EQ(status_of(ErrorKind::invalid), 400);
    EXPECT_EQ(status_of(ErrorKind::unauthenticated), 401);
    EXPECT_EQ(status_of(ErrorKind::forbidden), 403);
    EXPECT_EQ(status_of(ErrorKind::not_found), 404);
    EXPECT_EQ(status_of(ErrorKind::conflict), 409);
    EXPECT_EQ(status_of(ErrorKind::too_many), 429);
    EXPECT_EQ(status_of(ErrorKind::unavailable), 503);
    EXPECT_EQ(status_of(ErrorKind::internal), 500);
}

}  // namespace
}  // namespace madoguchi::http
