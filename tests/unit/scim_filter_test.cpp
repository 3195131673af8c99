#include "scim/filter.hpp"

#include <gtest/gtest.h>

#include "base/scim_limits.hpp"
#include "scim/date_time.hpp"

namespace madoguchi::scim {
namespace {

using nlohmann::json;

const json& person() {
    static const json kPerson = json::parse(R"({
        "id": "7", "externalId": "HR-7", "userName": "f13-00007@madoguchi.example", "active": true,
        "name": {"familyName": "山田", "givenName": "Hanako"},
        "meta": {"created": "2026-04-01T00:00:00.000Z"},
        "groups": [{"value": "3-facility_staff", "display": "Staff"}, {"value": "3-facility_admin", "display": "Admin"}],
        "urn:ietf:params:scim:schemas:extension:madoguchi:2.0:User": {
            "organization": {"id": "3", "name": "山田医院"}, "institutionCode": "1310100019", "state": "active"}})");
    return kPerson;
}

bool meets(const std::string& text) {
    const auto filter = parse_filter(text);
    EXPECT_TRUE(filter.has_value()) << text;
    if (!filter) {
        return false;
    }
    const auto good = check_filter(*filter, user_type());
    EXPECT_TRUE(good.has_value()) << text;
    return good && matches(*filter, person(), user_type());
}

bool refused(const std::string& text) {
    const auto filter = parse_filter(text);
    return !filter || !check_filter(*filter, user_type());
}

TEST(ScimFilter, EveryOperatorComparesByTheTypeOfItsAttribute) {
    for (const auto* text : {R"(userName eq "F13-00007@Madoguchi.Example")",
                             R"(USERNAME EQ "f13-00007@madoguchi.example")",
                             R"(userName sw "f13")",
                             R"(userName co "00007")",
                             R"(userName ew ".example")",
                             R"(name.familyName eq "山田")",
                             R"(externalId eq "HR-7")",
                             R"(externalId ne "hr-7")",
                             R"(active eq true)",
                             R"(active ne false)",
                             R"(title pr or userName pr)",
                             R"(meta.created gt "2026-03-31T23:59:59Z")",
                             R"(meta.created ge "2026-04-01T09:00:00+09:00")",
                             R"(meta.created le "2026-04-01T00:00:00Z")",
                             R"(meta.created lt "2026-04-01T09:00:01+09:00")",
                             R"(urn:ietf:params:scim:schemas:extension:madoguchi:2.0:User:familyKana eq null)",
                             R"(name.familyName ne null)",
                             R"(urn:ietf:params:scim:schemas:core:2.0:User:userName sw "f13")",
                             R"(urn:ietf:params:scim:schemas:extension:madoguchi:2.0:User:organization.id eq "3")",
                             R"(URN:ietf:params:scim:schemas:extension:madoguchi:2.0:user:institutionCode sw "131")",
                             R"(groups eq "3-facility_admin")",
                             R"(groups[value eq "3-facility_staff" and display eq "staff"])",
                             R"(groups.display sw "ad")"}) {
        EXPECT_TRUE(meets(text)) << text;
    }
    for (const auto* text :
         {R"(externalId eq "hr-7")", R"(active eq false)", R"(title pr)", R"(emails[type eq "work"])",
          R"(userName gt "g")", R"(groups[value eq "3-facility_staff" and display eq "admin"])", R"(groups eq "3")"}) {
        EXPECT_FALSE(meets(text)) << text;
    }
}

TEST(ScimFilter, NotBindsTighterThanAndAndTighterThanOr) {
    EXPECT_TRUE(meets(R"(active eq true or active eq true and active eq false)"));
    EXPECT_FALSE(meets(R"((active eq true or active eq true) and active eq false)"));
    EXPECT_TRUE(meets(R"(not (active eq false) and userName pr)"));
    EXPECT_TRUE(meets(R"(not(active eq false))"));
    EXPECT_FALSE(meets(R"(not (active eq false or userName pr))"));
}

TEST(ScimFilter, WhatIsNoFilterIsRefused) {
    for (const auto* text : {"",
                             " ",
                             "userName",
                             "userName eq",
                             R"(userName eq "a)",
                             R"(userName eq 'a')",
                             "userName is 3",
                             R"(userName eq "a" and)",
                             R"((userName eq "a")",
                             R"(userName eq "a"))",
                             "not userName pr",
                             R"(userName eq {"a":1})",
                             R"(userName eq "a" xor userName pr)",
                             R"(groups[value eq "1")",
                             R"(groups[groups[value eq "1"]])",
                             "eq eq eq eq",
                             R"(userName eq 5)",
                             R"(active gt true)",
                             R"(active co "t")",
                             R"(active eq "true")",
                             "nothing pr",
                             "name.nothing pr",
                             R"(meta.created gt "yesterday")",
                             R"(name eq "x")",
                             R"(userName[value eq "x"])",
                             R"(userName eq"a")"}) {
        EXPECT_TRUE(refused(text)) << text;
    }
}

TEST(ScimFilter, DepthAndLengthAreBounded) {
    const auto nested = [](int depth) {
        return std::string(static_cast<std::size_t>(depth), '(') + "userName pr" +
               std::string(static_cast<std::size_t>(depth), ')');
    };
    EXPECT_TRUE(parse_filter(nested(limits::kScimFilterDepth - 1)).has_value());
    EXPECT_FALSE(parse_filter(nested(limits::kScimFilterDepth)).has_value());
    EXPECT_FALSE(parse_filter(nested(900)).has_value());
    std::string many = "id pr";
    for (std::size_t i = 0; i < limits::kScimFilterTerms; ++i) {
        many += " or id pr";
    }
    EXPECT_FALSE(parse_filter(many).has_value());
    EXPECT_FALSE(parse_filter("userName eq \"" + std::string(limits::kScimFilterBytes, 'a') + "\"").has_value());
}

TEST(ScimFilter, WhatIsWrittenAgainReadsTheSame) {
    const auto filter = parse_filter(R"(a pr and (b eq "x\"y" or not (c.d gt 5)) and e[f eq null])");
    ASSERT_TRUE(filter.has_value());
    const auto text = to_text(*filter);
    EXPECT_EQ(to_text(*parse_filter(text)), text);
}

TEST(ScimFilter, PathsNameAnAttributeAFilterAndAPart) {
    const auto path = parse_path(R"(members[value eq "7"].display)");
    ASSERT_TRUE(path.has_value());
    EXPECT_EQ(path->attribute, "members");
    EXPECT_EQ(path->part, "display");
    ASSERT_TRUE(path->filter.has_value());
    EXPECT_EQ(parse_path("name.familyName")->attribute, "name.familyName");
    for (const auto* text : {"", "[value eq 1]", "members[", "members[]", "members[value eq \"7\"",
                             "members[value eq 7].", "a b", "members[value eq 7]x", "7"}) {
        const auto bad = parse_path(text);
        ASSERT_FALSE(bad.has_value()) << text;
        EXPECT_EQ(bad.error().message_id, "scim_path");
    }
}

TEST(ScimDateTime, ReadsOffsetsAndFractionsAndNothingElse) {
    EXPECT_EQ(to_date_time(*instant_of("2026-12-02T15:04:05.1234567+09:00")), "2026-12-02T06:04:05.123Z");
    EXPECT_EQ(to_date_time(*instant_of("2024-02-29T00:00:00Z")), "2024-02-29T00:00:00.000Z");
    for (const auto* text : {"", "2026-12-02", "2026-02-30T00:00:00Z", "2026-12-02T24:00:00Z", "2026-12-02T00:00:00",
                             "2026-12-02T00:00:00.Z", "2026-12-02T00:00:00+9:00", "2026-12-02T00:00:00Zx", "x"}) {
        EXPECT_FALSE(instant_of(text).has_value()) << text;
    }
}

}  // namespace
}  // namespace madoguchi::scim
