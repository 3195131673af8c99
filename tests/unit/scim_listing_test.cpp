// What a query asks, which filters an index may answer, and a page of what is there.
#include "scim/listing.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace madoguchi::scim {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;

std::optional<Filter> filter(const std::string& text) {
    return parse_filter(text).value();
}

std::vector<std::string> ids(const Listed& listed) {
    std::vector<std::string> out;
    for (const auto& resource : listed.resources) {
        out.push_back(resource.at("id").get<std::string>());
    }
    return out;
}

std::vector<json> people() {
    return {{{"id", "1"}, {"userName", "b"}, {"active", true}},
            {{"id", "2"}, {"userName", "A"}, {"active", false}, {"externalId", "x"}},
            {{"id", "3"}, {"userName", "c"}, {"active", true}, {"externalId", "a"}}};
}

ListQuery query(RawQuery raw) {
    return list_query(raw, user_type()).value();
}

TEST(ScimListing, NumbersOutOfRangeAreTakenAsTheRfcSays) {
    EXPECT_EQ(query({.start_index = "-3"}).start_index, 1);
    EXPECT_EQ(query({.count = "-3"}).count, 0);
    EXPECT_EQ(query({.count = "100000"}).count, 200);
    for (const char* bad : {"", "x", "1.5", "99999999999999999999"}) {
        EXPECT_FALSE(list_query({.count = bad}, user_type())) << bad;
    }
}

TEST(ScimListing, AnIndexIsAskedOnlyWhereEveryAnswerHasTheValue) {
    const auto& user = user_type();
    EXPECT_EQ(equals(filter(R"(userName eq "a")"), "userName", user), "a");
    EXPECT_EQ(equals(filter(R"(USERNAME eq "a" and active eq true)"), "userName", user), "a");
    EXPECT_EQ(equals(filter(R"(active eq true and (externalId pr and userName eq "a"))"), "userName", user), "a");
    for (const char* other : {R"(userName ne "a")", R"(userName sw "a")", R"(not (userName eq "a"))",
                              R"(userName eq "a" or active eq true)", R"(externalId eq "a")", "userName eq null"}) {
        EXPECT_EQ(equals(filter(other), "userName", user), std::nullopt) << other;
    }
    EXPECT_EQ(equals(std::nullopt, "userName", user), std::nullopt);
}

TEST(ScimListing, MembersAreAskedForInEitherSpelling) {
    const auto& group = group_type();
    EXPECT_EQ(equals(filter(R"(members.value eq "7")"), "members.value", group), "7");
    EXPECT_EQ(equals(filter(R"(members eq "7")"), "members.value", group), "7");
    EXPECT_EQ(equals(filter(R"(members[value eq "7"])"), "members.value", group), "7");
    EXPECT_EQ(equals(filter(R"(members.type eq "User")"), "members.value", group), std::nullopt);
    EXPECT_EQ(equals(filter(R"(members[type eq "User"])"), "members.value", group), std::nullopt);
}

TEST(ScimListing, OrdersRegardlessOfCaseWithWhatHasNoneLast) {
    EXPECT_THAT(ids(paged(people(), query({.sort_by = "userName"}), user_type())), ElementsAre("2", "1", "3"));
    EXPECT_THAT(ids(paged(people(), query({.sort_by = "userName", .sort_order = "descending"}), user_type())),
                ElementsAre("3", "1", "2"));
    EXPECT_THAT(ids(paged(people(), query({.sort_by = "externalId"}), user_type())), ElementsAre("3", "2", "1"));
    EXPECT_THAT(ids(paged(people(), query({.sort_by = "externalId", .sort_order = "descending"}), user_type())),
                ElementsAre("1", "2", "3"));
}

TEST(ScimListing, PagesAreCutOutOfWhatMeetsTheFilter) {
    const auto page = [](const char* from, const char* count) {
        return paged(people(), query({.filter = "active eq true", .start_index = from, .count = count}), user_type());
    };
    EXPECT_EQ(page("1", "1").total, 2);
    EXPECT_THAT(ids(page("1", "1")), ElementsAre("1"));
    EXPECT_THAT(ids(page("2", "5")), ElementsAre("3"));
    EXPECT_THAT(ids(page("3", "5")), ElementsAre());
    EXPECT_THAT(ids(page("9223372036854775807", "5")), ElementsAre());
    EXPECT_THAT(ids(page("1", "0")), ElementsAre());
}

TEST(ScimListing, ASearchIsReadStrictly) {
    const auto body = [](const char* more) {
        auto out = json{{"schemas", {"urn:ietf:params:scim:api:messages:2.0:SearchRequest"}}};
        out.update(json::parse(more));
        return out;
    };
    EXPECT_TRUE(search_of(body(R"({"filter": "active pr", "startIndex": 2, "count": 3, "attributes": ["id"]})")));
    EXPECT_EQ(search_of(body(R"({"count": 3})"))->count, "3");
    for (const char* bad : {R"({"count": "3"})", R"({"filter": 3})", R"({"attributes": "id"})",
                            R"({"attributes": [1]})", R"({"schemas": []})"}) {
        EXPECT_FALSE(search_of(body(bad))) << bad;
    }
    EXPECT_FALSE(search_of(json::array()));
}

}  // namespace
}  // namespace madoguchi::scim
