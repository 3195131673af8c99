#include "directory/organization.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "directory/organization_codes.hpp"

namespace madoguchi::directory {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

using Kind = OrganizationKind;

TEST(OrganizationKinds, StandBelowTheOnesOfTheTree) {
    const std::map<Kind, std::set<Kind>> parents = {{Kind::ministry, {}},
                                                    {Kind::prefecture, {Kind::ministry}},
                                                    {Kind::helpdesk, {Kind::ministry}},
                                                    {Kind::health_center, {Kind::prefecture}},
                                                    {Kind::facility, {Kind::health_center}},
                                                    {Kind::follow_up_center, {Kind::health_center}}};
    for (const Kind kind : kOrganizationKinds) {
        for (const Kind parent : kOrganizationKinds) {
            EXPECT_EQ(may_stand_below(kind, parent), parents.at(kind).contains(parent))
                << to_text(kind) << " below " << to_text(parent);
        }
    }
}

CreateOrganization facility() {
    return {.kind = Kind::facility,
            .parent = {3},
            .name = "みどりの内科",
            .kana = "ミドリノナイカ",
            .institution_code = make_institution_code(13, ScoreTable::medical, 1, 234),
            .phone = "03-1234-5678",
            .postal_code = "100-0001",
            .address = "東京都千代田区1-1"};
}

std::vector<std::pair<std::string, std::string>> broken(const CreateOrganization& command, Kind parent,
                                                        int prefecture = 13) {
    const auto checked = check(command, parent, prefecture);
    std::vector<std::pair<std::string, std::string>> out;
    if (!checked) {
        EXPECT_EQ(checked.error().kind, ErrorKind::invalid);
        for (const auto& field : checked.error().fields) {
            out.emplace_back(field.field, field.message_id);
        }
    }
    return out;
}

std::vector<std::pair<std::string, std::string>> broken_facility(std::string CreateOrganization::*field,
                                                                 const std::string& value) {
    auto command = facility();
    command.*field = value;
    return broken(command, Kind::health_center);
}

TEST(Organization, AGoodFacilityIsFoldedAndKept) {
    auto command = facility();
    command.name = "　みどりの　内科 ";
    command.kana = "ﾐﾄﾞﾘﾉ";
    command.postal_code = "〒１０００００１";
    const auto checked = check(command, Kind::health_center, 13);
    ASSERT_TRUE(checked);
    EXPECT_EQ(checked->organization.name, "みどりの 内科");
    EXPECT_EQ(checked->organization.kana, "ミドリノ");
    EXPECT_EQ(checked->organization.postal_code, "100-0001");
    EXPECT_EQ(checked->organization.phone, "03-1234-5678");
    EXPECT_EQ(checked->organization.institution_code, command.institution_code);
    EXPECT_EQ(checked->organization.prefecture_code, 13);
    EXPECT_THAT(checked->warnings, IsEmpty());
}

TEST(Organization, NameIsRequiredAndBounded) {
    EXPECT_THAT(broken_facility(&CreateOrganization::name, ""), ElementsAre(Pair("name", "required")));
    EXPECT_THAT(broken_facility(&CreateOrganization::name, "　 "), ElementsAre(Pair("name", "required")));
    std::string hundred;
    for (int i = 0; i < 100; ++i) {
        hundred += "医";
    }
    EXPECT_THAT(broken_facility(&CreateOrganization::name, hundred), IsEmpty());
    EXPECT_THAT(broken_facility(&CreateOrganization::name, hundred + "院"), ElementsAre(Pair("name", "too_long")));
    EXPECT_THAT(broken_facility(&CreateOrganization::address, hundred + "院"),
                ElementsAre(Pair("address", "too_long")));
}

TEST(Organization, KanaIsKana) {
    EXPECT_THAT(broken_facility(&CreateOrganization::kana, "みどり"), IsEmpty());
    EXPECT_THAT(broken_facility(&CreateOrganization::kana, ""), IsEmpty());
    EXPECT_THAT(broken_facility(&CreateOrganization::kana, "緑"), ElementsAre(Pair("kana", "kana_format")));
}

TEST(Organization, AFacilityNeedsAGoodInstitutionCode) {
    EXPECT_THAT(broken_facility(&CreateOrganization::institution_code, ""),
                ElementsAre(Pair("institution_code", "required")));
    EXPECT_THAT(broken_facility(&CreateOrganization::institution_code, "12"),
                ElementsAre(Pair("institution_code", "institution_code_format")));
    EXPECT_THAT(broken_facility(&CreateOrganization::institution_code, "9911234567"),
                ElementsAre(Pair("institution_code", "institution_code_prefecture")));
    EXPECT_THAT(broken_facility(&CreateOrganization::institution_code, "1391234567"),
                ElementsAre(Pair("institution_code", "institution_code_score_table")));
}

TEST(Organization, OthersHaveNoInstitutionCode) {
    CreateOrganization center{.kind = Kind::health_center, .name = "保健所"};
    EXPECT_THAT(broken(center, Kind::prefecture), IsEmpty());
    center.institution_code = facility().institution_code;
    EXPECT_THAT(broken(center, Kind::prefecture),
                ElementsAre(Pair("institution_code", "institution_code_not_for_kind")));
}

TEST(Organization, APrefectureNeedsItsLocalGovernmentCode) {
    CreateOrganization prefecture{.kind = Kind::prefecture, .name = "東京都"};
    EXPECT_THAT(broken(prefecture, Kind::ministry, 0), ElementsAre(Pair("local_government_code", "required")));
    prefecture.local_government_code = "130002";
    EXPECT_THAT(broken(prefecture, Kind::ministry, 0),
                ElementsAre(Pair("local_government_code", "local_government_code_check_digit")));
    prefecture.local_government_code = "１３０００１";
    const auto checked = check(prefecture, Kind::ministry, 0);
    ASSERT_TRUE(checked);
    EXPECT_EQ(checked->organization.local_government_code, "130001");
    EXPECT_EQ(checked->organization.prefecture_code, 13);
}

TEST(Organization, PhoneAndPostalCodeAreCheckedWhereGiven) {
    EXPECT_THAT(broken_facility(&CreateOrganization::phone, ""), IsEmpty());
    EXPECT_THAT(broken_facility(&CreateOrganization::phone, "電話なし"),
                ElementsAre(Pair("phone", "phone_unreadable")));
    EXPECT_THAT(broken_facility(&CreateOrganization::postal_code, ""), IsEmpty());
    EXPECT_THAT(broken_facility(&CreateOrganization::postal_code, "12-345"),
                ElementsAre(Pair("postal_code", "postal_code_format")));
}

TEST(Organization, EveryBadFieldIsNamedAtOnce) {
    auto command = facility();
    command.name = "";
    command.kana = "緑";
    command.institution_code = "";
    command.postal_code = "x";
    EXPECT_THAT(broken(command, Kind::ministry),
                UnorderedElementsAre(Pair("kind", "kind_not_allowed_here"), Pair("name", "required"),
                                     Pair("kana", "kana_format"), Pair("institution_code", "required"),
                                     Pair("postal_code", "postal_code_format")));
}

TEST(Organization, AnotherPrefecturesCodeIsAWarning) {
    auto command = facility();
    command.institution_code = make_institution_code(14, ScoreTable::medical, 1, 234);
    const auto checked = check(command, Kind::health_center, 13);
    ASSERT_TRUE(checked);
    EXPECT_THAT(checked->warnings, Contains("prefecture_differs"));
}

}  // namespace
}  // namespace madoguchi::directory
