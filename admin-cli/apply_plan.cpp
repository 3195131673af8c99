#include "admin-cli/apply_plan.hpp"

#include <algorithm>

#include "admin-cli/text_width.hpp"

namespace madoguchi::admin_cli {
namespace {

std::string text(const Json& object, std::string_view path) {
    return cell(member(object, path));
}

std::vector<FieldChange> differences(const Fields& wanted, const Json& actual) {
    std::vector<FieldChange> out;
    for (const auto& [field, value] : wanted) {
        const auto before = actual.is_null() ? std::string() : text(actual, field);
        if (before != value) {
            out.push_back({field, before, value});
        }
    }
    return out;
}

std::string shown(const DesiredOrganization& desired, const Json& actual) {
    const auto named = desired.fields.find("name");
    const auto name = named != desired.fields.end() ? named->second : text(actual, "name");
    return name.empty() || name == desired.key ? desired.key : name + " (" + desired.key + ")";
}

std::string shown(const DesiredAccount& desired, const Json& actual) {
    const auto id = actual.is_null() ? desired.login_id : text(actual, "login_id");
    const auto name = desired.name();
    return name.empty() ? id : name + (id.empty() ? " @ " + desired.organization : " (" + id + ")");
}

bool is_standing(const Json& grant) {
    return text(grant, "state") == "active" || text(grant, "state") == "future";
}

void compare_roles(Plan& plan, const DesiredAccount& desired, std::size_t index, const Json& actual,
                   const std::vector<std::string>& places) {
    const auto what = shown(desired, actual);
    const auto account = text(actual, "id");
    std::vector<std::string> kept;
    for (std::size_t i = 0; i < desired.roles->size(); ++i) {
        const auto& wanted = (*desired.roles)[i];
        const auto place = places[i].empty() ? text(actual, "organization.id") : places[i];
        const auto& grants = member(actual, "grants");
        const auto held = std::ranges::find_if(grants, [&](const Json& grant) {
            return is_standing(grant) && text(grant, "role") == wanted.role && text(grant, "organization.id") == place;
        });
        if (held != grants.end()) {
            kept.push_back(text(*held, "id"));
        } else {
            add(plan, {.kind = StepKind::give_role,
                       .what = what,
                       .changes = {{"role", "", wanted.role},
                                   {"organization", "", wanted.organization},
                                   {"organization_id", "", place},
                                   {"until", "", wanted.until}},
                       .of = index,
                       .id = account});
        }
    }
    for (const Json& grant : member(actual, "grants")) {
        if (is_standing(grant) && std::ranges::find(kept, text(grant, "id")) == kept.end()) {
            add(plan,
                {.kind = StepKind::take_role,
                 .what = what,
                 .changes = {{"role", text(grant, "role"), ""}, {"organization", text(grant, "organization.name"), ""}},
                 .of = index,
                 .id = text(grant, "id")});
        }
    }
}

}  // namespace

std::string_view effect_of(StepKind kind) {
    switch (kind) {
        case StepKind::create_organization:
        case StepKind::issue_account:
        case StepKind::give_role:
            return "create";
        case StepKind::close_organization:
        case StepKind::close_account:
        case StepKind::take_role:
            return "take_away";
        default:
            return "change";
    }
}

std::string_view to_text(StepKind kind) {
    constexpr std::array<std::string_view, 12> kNames = {
        "create_organization", "edit_organization", "close_organization", "reopen_organization",
        "move_organization",   "issue_account",     "rename_account",     "suspend_account",
        "resume_account",      "close_account",     "give_role",          "take_role"};
    return kNames.at(static_cast<std::size_t>(kind));
}

void add(Plan& plan, Step step) {
    const auto effect = effect_of(step.kind);
    plan.creates += effect == "create" ? 1 : 0;
    plan.changes += effect == "change" ? 1 : 0;
    plan.takes_away += effect == "take_away" ? 1 : 0;
    plan.steps.push_back(std::move(step));
}

void compare(Plan& plan, const DesiredOrganization& desired, std::size_t index, const Json& actual,
             const std::string& tag, const std::string& wanted_parent) {
    const auto what = shown(desired, actual);
    if (actual.is_null()) {
        auto changes = differences(desired.fields, actual);
        changes.insert(changes.begin(), {{"kind", "", desired.kind}, {"parent", "", desired.parent}});
        add(plan, {.kind = StepKind::create_organization, .what = what, .changes = std::move(changes), .of = index});
        return;
    }
    const auto id = text(actual, "id");
    const auto state = text(actual, "state");
    if (desired.state == "active" && state == "closed") {
        add(plan, {.kind = StepKind::reopen_organization, .what = what, .of = index, .id = id, .tag = tag});
    }
    if (auto changes = differences(desired.fields, actual); !changes.empty()) {
        add(plan, {.kind = StepKind::edit_organization,
                   .what = what,
                   .changes = std::move(changes),
                   .of = index,
                   .id = id,
                   .tag = tag});
    }
    if (!wanted_parent.empty() && wanted_parent != text(actual, "parent_id")) {
        add(plan, {.kind = StepKind::move_organization,
                   .what = what,
                   .changes = {{"parent_id", text(actual, "parent_id"), wanted_parent}},
                   .of = index,
                   .id = id});
    }
    if (desired.state == "closed" && state == "active") {
        add(plan, {.kind = StepKind::close_organization, .what = what, .of = index, .id = id});
    }
}

void compare(Plan& plan, const DesiredAccount& desired, std::size_t index, const Json& actual, const std::string& tag,
             const std::vector<std::string>& places) {
    const auto what = shown(desired, actual);
    if (actual.is_null()) {
        if (desired.state != "closed") {
            auto changes = differences(desired.fields, actual);
            changes.insert(changes.begin(), {"organization", "", desired.organization});
            for (const auto& role : desired.roles.value_or(std::vector<DesiredRole>())) {
                changes.push_back({"role", "", role.role});
            }
            add(plan, {.kind = StepKind::issue_account, .what = what, .changes = std::move(changes), .of = index});
        }
        return;
    }
    const auto id = text(actual, "id");
    const auto state = text(actual, "state");
    if (state == "closed") {
        return;  // nothing brings it back, and nothing is left to change
    }
    if (auto changes = differences(desired.fields, actual); !changes.empty()) {
        add(plan, {.kind = StepKind::rename_account,
                   .what = what,
                   .changes = std::move(changes),
                   .of = index,
                   .id = id,
                   .tag = tag});
    }
    if (desired.state == "active" && state == "suspended") {
        add(plan, {.kind = StepKind::resume_account, .what = what, .of = index, .id = id});
    }
    if (desired.state == "suspended" && state != "suspended") {
        add(plan, {.kind = StepKind::suspend_account, .what = what, .of = index, .id = id});
    }
    if (desired.state == "closed") {
        add(plan, {.kind = StepKind::close_account, .what = what, .of = index, .id = id});
    } else if (desired.roles) {
        compare_roles(plan, desired, index, actual, places);
    }
}

std::string render_plan(const Plan& plan, Language language) {
    if (plan.empty()) {
        return say(language, texts::kApplyNothing) + "\n";
    }
    std::string out;
    for (const Step& step : plan.steps) {
        const auto effect = effect_of(step.kind);
        out += effect == "create" ? "+ " : effect == "change" ? "~ " : "- ";
        out += std::string(to_text(step.kind)) + "  " + printable(step.what) + "\n";
        for (const auto& change : step.changes) {
            if (change.before == change.after || change.field == "organization_id") {
                continue;
            }
            out += "    " + change.field + ": " + printable(change.before) + (change.before.empty() ? "" : " ") +
                   (change.before.empty() ? "" : "-> ") + printable(change.after) + "\n";
        }
    }
    return out + say(language, texts::kApplySummary, plan.creates, plan.changes, plan.takes_away) + "\n";
}

Json to_json(const Plan& plan) {
    Json out = {{"steps", Json::array()},
                {"creates", plan.creates},
                {"changes", plan.changes},
                {"takes_away", plan.takes_away}};
    for (const Step& step : plan.steps) {
        Json fields = Json::array();
        for (const auto& change : step.changes) {
            if (change.before != change.after && change.field != "organization_id") {
                fields.push_back({{"field", change.field}, {"before", change.before}, {"after", change.after}});
            }
        }
        out["steps"].push_back({{"step", to_text(step.kind)}, {"what", step.what}, {"fields", std::move(fields)}});
    }
    return out;
}

}  // namespace madoguchi::admin_cli
