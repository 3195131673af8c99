#include "app/demo_country.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "directory/organization.hpp"
#include "directory/organization_codes.hpp"

namespace madoguchi::app {
namespace {

using testing::MatchesRegex;

const std::vector<DemoOrganization>& country() {
    static const std::vector<DemoOrganization> value = demo_country();
    return value;
}

std::vector<DemoOrganization> all_of(std::string_view kind) {
    std::vector<DemoOrganization> found;
    std::copy_if(country().begin(), country().end(), std::back_inserter(found),
                 [&](const DemoOrganization& organization) { return organization.kind == kind; });
    return found;
}

std::string kind_of_parent(const DemoOrganization& organization) {
    return organization.parent_index < 0 ? "" : country()[static_cast<std::size_t>(organization.parent_index)].kind;
}

/// Written apart from the server's own check, from the rule: double every second digit from the right, sum, divide
/// by 10.
bool passes_luhn(std::string_view digits) {
    int sum = 0;
    for (std::size_t from_right = 0; from_right < digits.size(); ++from_right) {
        const int value = (digits[digits.size() - 1 - from_right] - '0') * (from_right % 2 == 1 ? 2 : 1);
        sum += value / 10 + value % 10;
    }
    return sum % 10 == 0;
}

bool full_width_katakana_only(std::string_view text) {
    // ァ to ヺ and ー; each takes three bytes, whose order is that of the code points.
    for (std::size_t at = 0; at < text.size(); at += 3) {
        const std::string_view letter = text.substr(at, 3);
        if (letter != "ー" && (letter < "ァ" || letter > "ヺ")) {
            return false;
        }
    }
    return !text.empty() && text.size() % 3 == 0;
}

bool has_ending(std::string_view text, std::string_view ending) {
    return text.ends_with(ending);
}

template <class Value>
std::string fields(const Value& value) {
    return value.name + value.kana + value.institution_code + value.local_government_code + value.phone +
           value.postal_code + value.address + std::to_string(value.parent_index) + value.kind +
           std::to_string(value.prefecture);
}

TEST(DemoCountry, HasTheNumbersThatWerePromised) {
    EXPECT_EQ(all_of("ministry").size(), 1U);
    EXPECT_EQ(all_of("helpdesk").size(), 1U);
    EXPECT_EQ(all_of("prefecture").size(), 47U);
    EXPECT_EQ(all_of("follow_up_center").size(), 12U);
    EXPECT_EQ(all_of("facility").size(), kDemoFacilities);
    EXPECT_GE(all_of("health_center").size(), 110U);
    EXPECT_LE(all_of("health_center").size(), 130U);
    std::map<int, int> centers;
    for (const DemoOrganization& center : all_of("health_center")) {
        ++centers[center.prefecture];
    }
    ASSERT_EQ(centers.size(), 47U);
    for (const auto& [prefecture, count] : centers) {
        EXPECT_TRUE(count >= 2 && count <= 4) << prefecture;
    }
}

TEST(DemoCountry, ParentsComeFirstAndAreOfTheRightKind) {
    const std::map<std::string, std::string> parents{{"ministry", ""},
                                                     {"helpdesk", "ministry"},
                                                     {"prefecture", "ministry"},
                                                     {"follow_up_center", "health_center"},
                                                     {"health_center", "prefecture"},
                                                     {"facility", "health_center"}};
    for (std::size_t index = 0; index < country().size(); ++index) {
        const DemoOrganization& organization = country()[index];
        ASSERT_LT(organization.parent_index, static_cast<int>(index));
        ASSERT_EQ(kind_of_parent(organization), parents.at(organization.kind)) << organization.name;
        if (organization.kind == "facility" || organization.kind == "health_center") {
            EXPECT_EQ(organization.prefecture,
                      country()[static_cast<std::size_t>(organization.parent_index)].prefecture);
        }
    }
}

TEST(DemoCountry, EveryHealthCenterHasFacilities) {
    std::map<int, int> facilities;
    for (const DemoOrganization& facility : all_of("facility")) {
        ++facilities[facility.parent_index];
    }
    EXPECT_EQ(facilities.size(), all_of("health_center").size());
    for (const auto& [parent, count] : facilities) {
        EXPECT_GE(count, 4) << country()[static_cast<std::size_t>(parent)].name;
    }
}

TEST(DemoCountry, PrefecturesAreTheRealOnes) {
    const auto prefectures = all_of("prefecture");
    for (std::size_t index = 0; index < prefectures.size(); ++index) {
        EXPECT_EQ(prefectures[index].prefecture, static_cast<int>(index) + 1);
    }
    EXPECT_EQ(prefectures[0].name, "北海道");
    EXPECT_EQ(prefectures[0].local_government_code, "010006");
    EXPECT_EQ(prefectures[12].name, "東京都");
    EXPECT_EQ(prefectures[12].local_government_code, "130001");
    EXPECT_EQ(prefectures[46].kana, "オキナワケン");
    EXPECT_EQ(prefectures[46].local_government_code, "470007");
}

TEST(DemoCountry, LocalGovernmentCodesPassTheirCheck) {
    for (const DemoOrganization& organization : country()) {
        const bool expected = organization.kind == "prefecture" || organization.kind == "health_center";
        ASSERT_EQ(!organization.local_government_code.empty(), expected) << organization.name;
        if (expected) {
            const auto parsed = directory::parse_local_government_code(organization.local_government_code);
            ASSERT_TRUE(parsed) << organization.name;
            EXPECT_EQ(*parsed, organization.local_government_code);
        }
    }
}

TEST(DemoCountry, InstitutionCodesAreUniqueAndPassTheRuleOfTheirPrefecture) {
    std::set<std::string> seen;
    std::set<directory::ScoreTable> tables;
    for (const DemoOrganization& facility : all_of("facility")) {
        const std::string& code = facility.institution_code;
        ASSERT_EQ(code.size(), 10U);
        EXPECT_TRUE(seen.insert(code).second) << code;
        EXPECT_EQ(std::stoi(code.substr(0, 2)), facility.prefecture);
        EXPECT_EQ(code.substr(3, 2), "99") << "an area number that nobody has";
        const bool last_seven_only = facility.prefecture >= 11 && facility.prefecture <= 14;
        EXPECT_TRUE(passes_luhn(last_seven_only ? code.substr(3) : code)) << code;
        const auto parsed = directory::parse_institution_code(code);
        ASSERT_TRUE(parsed) << code;
        EXPECT_FALSE(parsed->warning) << code;
        tables.insert(parsed->score_table);
    }
    EXPECT_EQ(tables.size(), 4U);
}

TEST(DemoCountry, TheDirectoryTakesEveryOneAsItIs) {
    for (const DemoOrganization& organization : country()) {
        if (organization.kind == "ministry") {
            continue;  // made by bootstrap
        }
        const DemoOrganization& parent = country()[static_cast<std::size_t>(organization.parent_index)];
        directory::CreateOrganization command;
        command.kind = directory::organization_kind(organization.kind).value();
        command.name = organization.name;
        command.kana = organization.kana;
        command.institution_code = organization.institution_code;
        command.local_government_code = organization.local_government_code;
        command.phone = organization.phone;
        command.postal_code = organization.postal_code;
        command.address = organization.address;
        const auto checked =
            directory::check(command, directory::organization_kind(parent.kind).value(), parent.prefecture);
        ASSERT_TRUE(checked) << organization.name << ' ' << organization.phone;
        EXPECT_TRUE(checked->warnings.empty()) << organization.name;
        EXPECT_EQ(checked->organization.name, organization.name);
        EXPECT_EQ(checked->organization.kana, organization.kana);
        EXPECT_EQ(checked->organization.address, organization.address);
        EXPECT_EQ(checked->organization.postal_code, organization.postal_code);
        EXPECT_EQ(checked->organization.phone, organization.phone);
        EXPECT_EQ(checked->organization.prefecture_code, organization.prefecture);
    }
}

TEST(DemoCountry, NamesFitTheScoreTable) {
    const std::map<char, std::vector<std::string_view>> marks{{'1', {"クリニック", "医院", "病院", "診療所"}},
                                                              {'3', {"歯科", "デンタル"}},
                                                              {'4', {"薬局"}},
                                                              {'6', {"訪問看護ステーション"}}};
    for (const DemoOrganization& facility : all_of("facility")) {
        const char table = facility.institution_code[2];
        EXPECT_TRUE(std::any_of(marks.at(table).begin(), marks.at(table).end(), [&](std::string_view mark) {
            return facility.name.find(mark) != std::string::npos;
        })) << facility.name;
        EXPECT_EQ(
            facility.name.find("歯科") != std::string::npos || facility.name.find("デンタル") != std::string::npos,
            table == '3')
            << facility.name;
        EXPECT_EQ(has_ending(facility.name, "病院"), has_ending(facility.kana, "ビョウイン")) << facility.name;
        EXPECT_EQ(has_ending(facility.name, "医院"),
                  has_ending(facility.kana, "イイン") && !has_ending(facility.kana, "ビョウイン"))
            << facility.name;
    }
}

TEST(DemoCountry, NoNameTwiceWithinAHealthCenter) {
    std::set<std::pair<int, std::string>> seen;
    for (const DemoOrganization& organization : country()) {
        EXPECT_TRUE(seen.emplace(organization.parent_index, organization.name).second) << organization.name;
    }
}

TEST(DemoCountry, KanaIsFullWidthKatakanaOnly) {
    ASSERT_FALSE(full_width_katakana_only("サトウ内科"));
    ASSERT_FALSE(full_width_katakana_only("さとう"));
    ASSERT_FALSE(full_width_katakana_only("ｻﾄｳ"));
    for (const DemoOrganization& organization : country()) {
        EXPECT_TRUE(full_width_katakana_only(organization.kana)) << organization.name << ' ' << organization.kana;
    }
}

TEST(DemoCountry, PhonesAndAddressesHaveTheFormOfRealOnesAndReachNobody) {
    // Not std::regex: g++ 12 warns inside its header when a sanitizer is on.
    const auto phone = MatchesRegex("(0[1-9]-0000|0[1-9][0-9]-000|0[1-9][0-9][0-9]-00)-[0-9]{4}");
    const auto postal_code = MatchesRegex("000-[0-9]{4}");
    const auto address = MatchesRegex(".+(市|町).+丁目[0-9]+番[0-9]+号( .+[0-9]階)?");
    std::set<std::string> phones;
    for (const DemoOrganization& organization : country()) {
        EXPECT_THAT(organization.phone, phone);
        EXPECT_TRUE(phones.insert(organization.phone).second) << organization.phone;
        EXPECT_THAT(organization.postal_code, postal_code);
        EXPECT_TRUE(directory::parse_postal_code(organization.postal_code)) << organization.postal_code;
        EXPECT_THAT(organization.address, address);
        if (organization.prefecture != 0) {
            const auto& facts = directory::prefectures()[static_cast<std::size_t>(organization.prefecture) - 1];
            EXPECT_TRUE(organization.address.starts_with(facts.name)) << organization.address;
        }
    }
}

TEST(DemoCountry, SameSeedSameCountryOtherSeedAnother) {
    const auto again = demo_country();
    const auto other = demo_country(kDemoSeed + 1);
    ASSERT_EQ(again.size(), country().size());
    ASSERT_EQ(other.size(), country().size());
    std::size_t differing = 0;
    for (std::size_t index = 0; index < again.size(); ++index) {
        ASSERT_EQ(fields(again[index]), fields(country()[index]));
        differing += fields(other[index]) != fields(country()[index]) ? 1U : 0U;
    }
    EXPECT_GT(differing, country().size() / 2);
}

TEST(DemoPeople, AreAllDifferentAndReadInKatakana) {
    std::set<std::string> names;
    std::set<std::string> families;
    for (std::uint32_t number = 0; number < kDemoPeople; ++number) {
        const DemoPerson person = demo_person(number);
        EXPECT_TRUE(names.insert(person.family_name + " " + person.given_name).second) << number;
        families.insert(person.family_name);
        EXPECT_TRUE(full_width_katakana_only(person.family_kana)) << person.family_name;
        EXPECT_TRUE(full_width_katakana_only(person.given_kana)) << person.given_name;
    }
    EXPECT_EQ(families.size(), 64U);
    EXPECT_TRUE(families.contains("髙橋"));
    EXPECT_TRUE(families.contains("𠮷田"));
    EXPECT_EQ(demo_person(7).given_name, demo_person(7).given_name);
    EXPECT_EQ(demo_person(1).family_kana, "タカハシ");
    EXPECT_EQ(demo_person(3).family_kana, "ヨシダ");
}

}  // namespace
}  // namespace madoguchi::app
