// What `apply` would do: the difference between a file and the server, as steps that people read like a diff. Pure.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "admin-cli/desired_state.hpp"
#include "admin-cli/output.hpp"

namespace madoguchi::admin_cli {

enum class StepKind {
    create_organization,
    edit_organization,
    close_organization,
    reopen_organization,
    move_organization,
    issue_account,
    rename_account,
    suspend_account,
    resume_account,
    close_account,
    give_role,
    take_role
};
/// "create", "change" or "take_away": how the plan counts it, and how it marks it.
std::string_view effect_of(StepKind kind);
std::string_view to_text(StepKind kind);

struct FieldChange {
    std::string field;
    std::string before;
    std::string after;
};

struct Step {
    StepKind kind = StepKind::create_organization;
    std::string what;                  // "しおかぜ診療所 (1312345678)"
    std::vector<FieldChange> changes;  // of fields; for a role its name and place
    std::size_t of = 0;                // which organization or account of the file
    std::string id;                    // of what is there already: organization, account or grant
    std::string tag;                   // its ETag, for changes
};

struct Plan {
    std::vector<Step> steps;
    int creates = 0;
    int changes = 0;
    int takes_away = 0;
    bool empty() const { return steps.empty(); }
};
void add(Plan& plan, Step step);

/// `actual`: as GET /organizations/{id} answers; null where there is none. `actual_parent`: the id of the wanted
/// parent, empty where the file names none.
void compare(Plan& plan, const DesiredOrganization& desired, std::size_t index, const Json& actual,
             const std::string& tag, const std::string& wanted_parent);
/// `actual`: as GET /accounts/{account} answers; null where there is none. `places`: the id of each role's
/// organization, in the file's order; empty where it is the account's own.
void compare(Plan& plan, const DesiredAccount& desired, std::size_t index, const Json& actual, const std::string& tag,
             const std::vector<std::string>& places);

/// Like a diff: "+", "~", "-", with each field below.
std::string render_plan(const Plan& plan, Language language);
Json to_json(const Plan& plan);

}  // namespace madoguchi::admin_cli
