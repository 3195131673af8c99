#include <gmock/gmock.h>

#include "admin-cli/apply_plan.hpp"

namespace madoguchi::admin_cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::string_view kFile = R"(
organizations:
  - kind: facility
    parent: みなと保健所
    name: しおかぜ診療所
    institution_code: "1310100019"
    phone: 03-0000-1042
accounts:
  - organization: "1310100019"
    family_name: 髙橋
    given_name: みどり
    roles: [facility_admin, {role: facility_staff, until: 2027-03-31}]
  - login_id: sato@madoguchi.example
    state: suspended
)";

DesiredState of(std::string_view yaml) {
    auto state = desired_of_yaml(yaml, Language::en);
    EXPECT_TRUE(state) << (state ? "" : state.error().message);
    return state.value_or(DesiredState{});
}

std::string refusal(const Outcome<DesiredState>& state) {
    return state ? "taken" : state.error().message;
}

std::vector<std::string> steps_of(const Plan& plan) {
    std::vector<std::string> out;
    for (const auto& step : plan.steps) {
        out.emplace_back(to_text(step.kind));
    }
    return out;
}

const Json kFacility = {{"id", "7"},
                        {"kind", "facility"},
                        {"parent_id", "3"},
                        {"name", "しおかぜ診療所"},
                        {"institution_code", "1310100019"},
                        {"phone", "03-0000-1042"},
                        {"state", "active"}};

Json account(const std::string& state, const Json& grants = Json::array()) {
    return {{"id", "9"},
            {"login_id", "f13-00001@madoguchi.example"},
            {"family_name", "髙橋"},
            {"given_name", "みどり"},
            {"state", state},
            {"organization", {{"id", "7"}, {"name", "しおかぜ診療所"}}},
            {"grants", grants}};
}

Json grant(const std::string& id, const std::string& role, const std::string& state = "active") {
    return {{"id", id}, {"role", role}, {"state", state}, {"organization", {{"id", "7"}, {"name", "しおかぜ診療所"}}}};
}

// --- files ---

TEST(AdminCliApplyFile, YamlNamesOrganizationsAccountsAndRoles) {
    const auto state = of(kFile);
    ASSERT_THAT(state.organizations, SizeIs(1));
    EXPECT_EQ(state.organizations[0].key, "1310100019");
    EXPECT_EQ(state.organizations[0].parent, "みなと保健所");
    ASSERT_THAT(state.accounts, SizeIs(2));
    ASSERT_TRUE(state.accounts[0].roles);
    EXPECT_EQ((*state.accounts[0].roles)[1].until, "2027-03-31");
    EXPECT_FALSE(state.accounts[1].roles) << "what the file does not name is left alone";
}

TEST(AdminCliApplyFile, EachMistakeNamesItsLine) {
    EXPECT_THAT(refusal(desired_of_yaml("organizations:\n  - nmae: x\n", Language::en)),
                HasSubstr("line 2: there is no field \"nmae\""));
    EXPECT_THAT(refusal(desired_of_yaml("accounts:\n  - state: active\n", Language::en)), HasSubstr("line 2"));
    EXPECT_THAT(refusal(desired_of_yaml("clinics: []\n", Language::en)), HasSubstr("clinics"));
    EXPECT_THAT(refusal(desired_of_yaml("organizations:\n  - name: [a, b]\n", Language::en)), HasSubstr("line 2"));
    EXPECT_THAT(refusal(desired_of_yaml("a: b: c\n", Language::en)), HasSubstr("line 1"));
    EXPECT_THAT(refusal(desired_of_yaml("just text", Language::en)), HasSubstr("line 1"));
}

TEST(AdminCliApplyFile, CsvHasARowAThingAndARowARole) {
    const auto state = desired_of_csv(
        "\xEF\xBB\xBFrecord,kind,parent,name,institution_code,organization,family_name,role\r\n"
        "organization,facility,130001,\"しおかぜ, 診療所\",1310100019,,,\r\n"
        "account,,,,,1310100019,髙橋,facility_admin\r\n"
        "account,,,,,1310100019,髙橋,facility_staff\r\n",
        Language::en);
    ASSERT_TRUE(state) << refusal(state);
    EXPECT_EQ(state->organizations[0].fields.at("name"), "しおかぜ, 診療所");
    ASSERT_THAT(state->accounts, SizeIs(1));
    EXPECT_THAT(*state->accounts[0].roles, SizeIs(2));
    EXPECT_THAT(refusal(desired_of_csv("name\nx\n", Language::en)), HasSubstr("record"));
    EXPECT_THAT(refusal(desired_of_csv("record,name\nclinic,x\n", Language::en)), HasSubstr("line 2"));
}

TEST(AdminCliApplyFile, CsvCellsHoldQuotesAndLines) {
    const auto rows = csv_rows("a,\"b \"\"c\"\"\nd\"\ne,f\n\n");
    ASSERT_THAT(rows, SizeIs(2));
    EXPECT_THAT(rows[0].cells, ElementsAre("a", "b \"c\"\nd"));
    EXPECT_EQ(rows[1].line, 3);
}

// --- differences ---

TEST(AdminCliPlan, WhatIsNotThereIsMade) {
    const auto state = of(kFile);
    Plan plan;
    compare(plan, state.organizations[0], 0, nullptr, "", "");
    compare(plan, state.accounts[0], 0, nullptr, "", {"", ""});
    EXPECT_THAT(steps_of(plan), ElementsAre("create_organization", "issue_account"));
    EXPECT_EQ(plan.creates, 2);
}

TEST(AdminCliPlan, WhatIsAsTheFileSaysIsNoStep) {
    const auto state = of(kFile);
    Plan plan;
    compare(plan, state.organizations[0], 0, kFacility, "\"v1\"", "3");
    compare(plan, state.accounts[0], 0, account("active", {grant("1", "facility_admin"), grant("2", "facility_staff")}),
            "\"v1\"", {"", ""});
    EXPECT_THAT(steps_of(plan), IsEmpty());
    EXPECT_THAT(render_plan(plan, Language::en), HasSubstr("Nothing to do"));
}

TEST(AdminCliPlan, TellsFieldsPlacesAndStates) {
    auto state = of(kFile);
    auto& clinic = state.organizations[0];
    clinic.fields["phone"] = "03-0000-9999";
    clinic.state = "closed";
    Plan plan;
    compare(plan, clinic, 0, kFacility, "\"v1\"", "4");
    EXPECT_THAT(steps_of(plan), ElementsAre("edit_organization", "move_organization", "close_organization"));
    EXPECT_THAT(render_plan(plan, Language::en), HasSubstr("phone: 03-0000-1042 -> 03-0000-9999"));
    EXPECT_EQ(plan.steps[0].tag, "\"v1\"");

    Plan accounts;
    compare(accounts, state.accounts[1], 1, account("active"), "", {});
    EXPECT_THAT(steps_of(accounts), ElementsAre("suspend_account"));
}

TEST(AdminCliPlan, NamedRolesAreExactlyThose) {
    const auto state = of(kFile);
    Plan plan;
    compare(plan, state.accounts[0], 0,
            account("active", {grant("1", "facility_staff"), grant("2", "auditor"), grant("3", "auditor", "revoked")}),
            "", {"", ""});
    EXPECT_THAT(steps_of(plan), ElementsAre("give_role", "take_role"));
    EXPECT_EQ(plan.steps[1].id, "2");
    EXPECT_EQ(plan.takes_away, 1);
}

TEST(AdminCliPlan, NothingBringsAClosedAccountBack) {
    auto state = of(kFile);
    Plan plan;
    compare(plan, state.accounts[0], 0, account("closed"), "", {"", ""});
    EXPECT_THAT(steps_of(plan), IsEmpty());
    state.accounts[0].state = "closed";
    compare(plan, state.accounts[0], 0, nullptr, "", {"", ""});
    EXPECT_THAT(steps_of(plan), IsEmpty()) << "what never was need not be closed";
}

}  // namespace
}  // namespace madoguchi::admin_cli
