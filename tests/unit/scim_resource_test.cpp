// Schemas, PATCH, projections and the order of bulk operations.
#include <gtest/gtest.h>

#include "base/scim_limits.hpp"
#include "scim/bulk.hpp"
#include "scim/patch.hpp"
#include "scim/projection.hpp"

namespace madoguchi::scim {
namespace {

using nlohmann::json;

json user() {
    return json::parse(R"({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "id": "7", "userName": "hanako@madoguchi.example",
        "active": true, "name": {"familyName": "山田", "givenName": "花子", "formatted": "山田 花子"},
        "urn:ietf:params:scim:schemas:extension:madoguchi:2.0:User": {"organization": {"id": "3"}, "familyKana": "ヤマダ"}})");
}

json group() {
    return json::parse(R"({"id": "3-facility_staff", "displayName": "Staff",
        "members": [{"value": "1", "display": "a", "type": "User"}, {"value": "2", "display": "b", "type": "User"}]})");
}

json operations(const std::string& text) {
    return {{"schemas", {"urn:ietf:params:scim:api:messages:2.0:PatchOp"}}, {"Operations", json::parse(text)}};
}

json after(json resource, const std::string& text, const ResourceType& type = user_type()) {
    const auto result = patched(std::move(resource), operations(text), type);
    EXPECT_TRUE(result.has_value()) << text << " " << (result ? "" : result.error().message_id);
    return result.value_or(json());
}

std::string refusal(json resource, const std::string& text, const ResourceType& type = user_type()) {
    const auto result = patched(std::move(resource), operations(text), type);
    return result ? "none" : result.error().message_id;
}

constexpr auto kExtension = "urn:ietf:params:scim:schemas:extension:madoguchi:2.0:User";

TEST(ScimPatch, SetsSingleValuesByPathAndByObject) {
    EXPECT_EQ(after(user(), R"([{"op":"replace","path":"active","value":false}])")["active"], false);
    EXPECT_EQ(after(user(), R"([{"op":"Replace","value":{"ACTIVE":false}}])")["active"], false);
    EXPECT_EQ(after(user(), R"([{"op":"add","path":"externalId","value":"x"}])")["externalId"], "x");
    const auto renamed = after(user(), R"([{"op":"replace","path":"name","value":{"familyName":"佐藤"}}])");
    EXPECT_EQ(renamed["name"]["familyName"], "佐藤");
    EXPECT_EQ(renamed["name"]["givenName"], "花子");
    EXPECT_EQ(after(user(), R"([{"op":"replace","value":{"name.givenName":"桜"}}])")["name"]["givenName"], "桜");
    EXPECT_FALSE(after(user(), R"([{"op":"remove","path":"name.givenName"}])")["name"].contains("givenName"));
    const auto kana = after(
        user(),
        R"([{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:madoguchi:2.0:User:familyKana","value":"サトウ"}])");
    EXPECT_EQ(kana[kExtension]["familyKana"], "サトウ");
    EXPECT_EQ(
        after(
            user(),
            R"([{"op":"add","value":{"urn:ietf:params:scim:schemas:extension:madoguchi:2.0:User":{"givenKana":"ハナコ"}}}])")
            [kExtension]["givenKana"],
        "ハナコ");
}

TEST(ScimPatch, RefusesWhatMustNotChangeAndWhatIsNotThere) {
    EXPECT_EQ(refusal(user(), R"([{"op":"replace","path":"id","value":"8"}])"), "scim_mutability");
    EXPECT_EQ(refusal(user(), R"([{"op":"replace","value":{"id":"8"}}])"), "scim_mutability");
    EXPECT_EQ(refusal(user(), R"([{"op":"replace","value":{"id":"7"}}])"), "none");
    EXPECT_EQ(refusal(user(), R"([{"op":"replace","path":"password","value":"secret"}])"), "scim_mutability");
    EXPECT_EQ(refusal(user(), R"([{"op":"replace","path":"userName","value":"other"}])"), "scim_mutability");
    EXPECT_EQ(refusal(user(), R"([{"op":"replace","path":"userName","value":"hanako@madoguchi.example"}])"), "none");
    EXPECT_EQ(refusal(user(), R"([{"op":"remove","path":"userName"}])"), "scim_mutability");
    EXPECT_EQ(refusal(user(), R"([{"op":"remove","path":"name.familyName"}])"), "scim_mutability");
    EXPECT_EQ(refusal(user(), R"([{"op":"remove"}])"), "scim_no_target");
    EXPECT_EQ(refusal(user(), R"([{"op":"replace","path":"nothing","value":1}])"), "scim_path");
    EXPECT_EQ(refusal(user(), R"([{"op":"replace","path":"name[","value":1}])"), "scim_path");
    EXPECT_EQ(refusal(user(), R"([{"op":"replace","path":"active","value":"yes"}])"), "scim_value");
    EXPECT_EQ(refusal(user(), R"([{"op":"replace","path":"active"}])"), "scim_value");
    EXPECT_EQ(refusal(user(), R"([{"op":"move","path":"active","value":true}])"), "scim_syntax");
    EXPECT_EQ(refusal(user(), R"([])"), "scim_syntax");
    EXPECT_EQ(refusal(user(), R"(["x"])"), "scim_syntax");
    EXPECT_EQ(
        refusal(
            user(),
            R"([{"op":"replace","path":"urn:ietf:params:scim:schemas:extension:madoguchi:2.0:User:organization.id","value":"4"}])"),
        "scim_mutability");
    EXPECT_EQ(
        refusal(user(), R"([{"op":"replace","path":"active","value":false},{"op":"replace","path":"id","value":"8"}])"),
        "scim_mutability");
}

TEST(ScimPatch, MembersAreAddedOnceReplacedAndRemovedByFilter) {
    const auto& type = group_type();
    EXPECT_EQ(after(group(), R"([{"op":"add","path":"members","value":[{"value":"3"}]}])", type)["members"].size(), 3U);
    EXPECT_EQ(
        after(group(), R"([{"op":"add","path":"members","value":[{"value":"3"},{"value":"3"}]}])", type)["members"]
            .size(),
        3U);
    EXPECT_EQ(after(group(), R"([{"op":"replace","path":"members","value":[{"value":"3"}]}])", type)["members"].size(),
              1U);
    const auto left = after(group(), R"([{"op":"remove","path":"members[value eq \"1\"]"}])", type)["members"];
    ASSERT_EQ(left.size(), 1U);
    EXPECT_EQ(left[0]["value"], "2");
    EXPECT_EQ(after(group(), R"([{"op":"remove","path":"members","value":[{"value":"2"}]}])", type)["members"].size(),
              1U);
    EXPECT_FALSE(after(group(), R"([{"op":"remove","path":"members"}])", type).contains("members"));
    EXPECT_EQ(refusal(group(), R"([{"op":"remove","path":"members[value eq \"9\"]"}])", type), "scim_no_target");
    EXPECT_EQ(refusal(group(), R"([{"op":"remove","path":"members[nothing eq \"9\"]"}])", type), "scim_path");
    EXPECT_EQ(refusal(group(), R"([{"op":"add","path":"members","value":[{"value":7}]}])", type), "scim_value");
    EXPECT_EQ(refusal(group(), R"([{"op":"add","path":"members","value":"7"}])", type), "scim_value");
}

TEST(ScimPatch, OnlyOneValueStaysPrimary) {
    static const Schema kSchema = {
        "urn:test:Thing",
        "Thing",
        "",
        {{.name = "emails",
          .type = Type::complex,
          .multi_valued = true,
          .parts = {{.name = "value"}, {.name = "type"}, {.name = "primary", .type = Type::boolean}}}}};
    static const ResourceType kType = {"Thing", "/Things", "", &kSchema, &kSchema, {}};
    const auto things =
        json::parse(R"({"emails":[{"value":"a","type":"work","primary":true},{"value":"b","type":"home"}]})");
    auto added =
        after(things, R"([{"op":"add","path":"emails","value":[{"value":"c","primary":true}]}])", kType)["emails"];
    EXPECT_EQ(added[0]["primary"], false);
    EXPECT_EQ(added[2]["primary"], true);
    auto flipped =
        after(things, R"([{"op":"replace","path":"emails[type eq \"home\"].primary","value":true}])", kType)["emails"];
    EXPECT_EQ(flipped[0]["primary"], false);
    EXPECT_EQ(flipped[1]["primary"], true);
    EXPECT_EQ(after(things, R"([{"op":"replace","path":"emails[type eq \"work\"].value","value":"z"}])",
                    kType)["emails"][0]["value"],
              "z");
}

TEST(ScimSchema, AcceptsWhatIsOfItsTypesInItsOwnSpelling) {
    auto body = user();
    body["USERNAME"] = body["userName"];
    body.erase("userName");
    body["emails"] = json::array({{{"value", "x@example.com"}}});
    body["meta"] = {{"version", "x"}};
    body[kExtension]["givenKana"] = nullptr;
    const auto taken = accept(body, user_type());
    ASSERT_TRUE(taken.has_value()) << taken.error().message_id;
    EXPECT_EQ(taken->value("userName", ""), "hanako@madoguchi.example");
    for (const auto* name : {"id", "meta", "emails", "schemas"}) {
        EXPECT_FALSE(taken->contains(name)) << name;
    }
    EXPECT_FALSE(taken->at("name").contains("formatted"));
    EXPECT_FALSE(taken->at(kExtension).contains("givenKana"));
}

TEST(ScimSchema, RefusesOtherTypesMissingOnesAndPasswords) {
    const auto refused = [](const std::string& pointer, const json& value) {
        auto body = user();
        body[json::json_pointer(pointer)] = value;
        const auto taken = accept(body, user_type());
        return taken ? std::string("none") : taken.error().message_id;
    };
    EXPECT_EQ(refused("/active", "true"), "scim_value");
    EXPECT_EQ(refused("/userName", 5), "scim_value");
    EXPECT_EQ(refused("/userName", nullptr), "scim_value");
    EXPECT_EQ(refused("/name", json::array()), "scim_value");
    EXPECT_EQ(refused("/name", {{"givenName", "x"}}), "scim_value");
    EXPECT_EQ(refused("/password", "secret"), "scim_mutability");
    EXPECT_EQ(refused("/favourite", "x"), "scim_syntax");
    EXPECT_EQ(refused("/schemas", json::array()), "scim_syntax");
    EXPECT_EQ(refused("/schemas", "x"), "scim_syntax");
    EXPECT_EQ(refused(std::string("/") + kExtension, nullptr), "scim_value");
    EXPECT_EQ(refused("/username", "twice"), "scim_syntax");
    EXPECT_FALSE(accept(json::array(), user_type()).has_value());
}

TEST(ScimProjection, ShowsWhatIsAskedForAndAlwaysTheId) {
    const auto shown = [](const std::vector<std::string>& only, const std::vector<std::string>& except) {
        return project(user(), *projection_of(only, except, user_type()), user_type());
    };
    auto some = shown({"NAME.familyName", "userName"}, {});
    EXPECT_EQ(some.size(), 4U) << some.dump();
    EXPECT_EQ(some["name"], json({{"familyName", "山田"}}));
    auto rest = shown({}, {"name.givenName", "id", "schemas", "active", kExtension});
    EXPECT_TRUE(rest.contains("id") && rest.contains("schemas"));
    EXPECT_FALSE(rest.contains("active") || rest.contains(kExtension) || rest["name"].contains("givenName"));
    EXPECT_EQ(shown({"nothing"}, {}).size(), 2U);
    EXPECT_EQ(shown({std::string(kExtension) + ":organization.id"}, {})[kExtension],
              json({{"organization", {{"id", "3"}}}}));
    EXPECT_FALSE(projection_of({"id"}, {"name"}, user_type()).has_value());
    EXPECT_EQ(listed(" a, b,,c "), (std::vector<std::string>{"a", "b", "c"}));
    const auto members =
        project(group(), *projection_of({"members.value", "members.type"}, {}, group_type()), group_type());
    EXPECT_EQ(members["members"][1], json({{"value", "2"}, {"type", "User"}}));
}

json bulk(const std::string& text) {
    return {{"schemas", {"urn:ietf:params:scim:api:messages:2.0:BulkRequest"}}, {"Operations", json::parse(text)}};
}

TEST(ScimBulk, WorksAfterWhatItRefersTo) {
    const auto request = bulk_of(bulk(R"([
        {"method":"PATCH","path":"/Groups/3-facility_staff","data":{"Operations":[{"op":"add","path":"members","value":[{"value":"bulkId:a"}]}]}},
        {"method":"post","path":"/Users","bulkId":"a","data":{"userName":"x"}},
        {"method":"DELETE","path":"/Users/bulkId:a"}])"));
    ASSERT_TRUE(request.has_value());
    const auto order = order_of(*request);
    EXPECT_EQ(order.order, (std::vector<std::size_t>{1, 2, 0}));
    EXPECT_TRUE(order.unresolvable.empty());
    const std::map<std::string, std::string> ids = {{"a", "12"}};
    EXPECT_EQ(with_ids(request->operations[2], ids).path, "/Users/12");
    EXPECT_EQ(with_ids(request->operations[0], ids).data.dump().find("bulkId"), std::string::npos);
}

TEST(ScimBulk, CirclesAndUnknownReferencesAreLeftOver) {
    const auto request = bulk_of(bulk(R"([
        {"method":"POST","path":"/Users","bulkId":"a","data":{"x":"bulkId:b"}},
        {"method":"POST","path":"/Users","bulkId":"b","data":{"x":"bulkId:a"}},
        {"method":"POST","path":"/Users","bulkId":"c","data":{}},
        {"method":"DELETE","path":"/Users/bulkId:nobody"}])"));
    const auto order = order_of(*request);
    EXPECT_EQ(order.order, std::vector<std::size_t>{2});
    EXPECT_EQ(order.unresolvable, (std::vector<std::size_t>{0, 1, 3}));
}

TEST(ScimBulk, RefusesWhatIsNoBulkRequest) {
    for (const auto* text :
         {R"([])", R"([5])", R"([{"path":"/Users"}])", R"([{"method":"GET","path":"/Users"}])",
          R"([{"method":"POST","path":"/Users"}])", R"([{"method":"PUT","path":5}])",
          R"([{"method":"POST","path":"/Users","bulkId":"a"},{"method":"POST","path":"/Users","bulkId":"a"}])"}) {
        EXPECT_FALSE(bulk_of(bulk(text)).has_value()) << text;
    }
    json many = json::array();
    for (std::size_t i = 0; i <= limits::kScimBulkOperations; ++i) {
        many.push_back({{"method", "DELETE"}, {"path", "/Users/1"}});
    }
    EXPECT_EQ(bulk_of(bulk(many.dump())).error().message_id, "payload_too_large");
    many.erase(0);
    EXPECT_TRUE(bulk_of(bulk(many.dump())).has_value());
}

}  // namespace
}  // namespace madoguchi::scim
