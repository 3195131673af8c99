// apply: makes the server what a file says, and says before what that would change.
#include <unistd.h>

#include <algorithm>
#include <iostream>

#include "admin-cli/apply_plan.hpp"
#include "admin-cli/commands.hpp"
#include "admin-cli/context.hpp"
#include "admin-cli/help_texts.hpp"
#include "admin-cli/text_width.hpp"

namespace madoguchi::admin_cli {
namespace {

constexpr std::size_t kInstitutionCodeDigits = 10;
constexpr std::size_t kGovernmentCodeDigits = 6;

std::string text(const Json& object, std::string_view path) {
    return cell(member(object, path));
}

bool is_number(std::string_view key) {
    return !key.empty() && key.find_first_not_of("0123456789") == std::string_view::npos;
}

struct Found {
    Json body;  // null: there is none
    std::string tag;
};

/// The file against one server. Organizations are looked for once each, and those that it makes are known from then on.
class Application {
public:
    Application(Context& context, DesiredState desired) : context_(context), desired_(std::move(desired)) {}

    Outcome<Plan> plan() {
        Plan out;
        for (std::size_t i = 0; i < desired_.organizations.size(); ++i) {
            const auto& wanted = desired_.organizations[i];
            const Found found = CLI_TRY(organization(wanted.key));
            if (found.body.is_null() && (wanted.kind.empty() || wanted.parent.empty())) {
                return wrong(wanted.line, context_.say(texts::kApplyNeedsKind, wanted.key));
            }
            const auto parent = found.body.is_null() ? std::string() : CLI_TRY(id_of(wanted.parent, wanted.line));
            compare(out, wanted, i, found.body, found.tag, parent);
        }
        for (std::size_t i = 0; i < desired_.accounts.size(); ++i) {
            CLI_TRY(plan_account(out, i));
        }
        return out;
    }

    Outcome<void> run(const Plan& plan) {
        for (std::size_t i = 0; i < plan.steps.size(); ++i) {
            show_progress(i + 1, plan.steps.size());
            CLI_TRY(run(plan.steps[i]));
        }
        return {};
    }

    int waiting() const { return waiting_; }

private:
    tl::unexpected<Failure> wrong(int line, const std::string& what) const {
        return fail(ExitCode::invalid_input, context_.say(texts::kApplyLine, line, what));
    }

    void show_progress(std::size_t done, std::size_t of) const {
        if (isatty(STDERR_FILENO) != 0 && !context_.settings().quiet) {
            std::cerr << "\r" << done << "/" << of << (done == of ? "\n" : "") << std::flush;
        }
    }

    // --- looking ---

    Outcome<Found> at(const std::string& path) {
        auto answer = context_.api.get(path);
        if (!answer && answer.error().http_status == 404) {
            return Found{};
        }
        CLI_TRY(std::move(answer).map([&](ApiAnswer got) { last_ = std::move(got); }));
        return Found{last_.body, last_.tag};
    }

    Outcome<Found> organization(const std::string& key) {
        if (const auto known = ids_.find(key); known != ids_.end()) {
            return at("/organizations/" + known->second);
        }
        const bool code = is_number(key) && key.size() == kInstitutionCodeDigits;
        const bool government = is_number(key) && key.size() == kGovernmentCodeDigits;
        if (is_number(key) && !code && !government) {
            return at("/organizations/" + key);
        }
        const char* field = code ? "institution_code" : government ? "local_government_code" : "name";
        const Json listed = CLI_TRY(context_.api.list("/organizations", "organizations", {{"q", key}}, std::nullopt));
        std::vector<std::string> same;
        std::string open;
        for (const Json& one : listed["organizations"]) {
            if (text(one, field) == key) {
                same.push_back(text(one, "id"));
                open = text(one, "state") == "active" ? same.back() : open;
            }
        }
        if (same.empty()) {
            return Found{};
        }
        if (same.size() > 1 && open.empty()) {
            return fail(ExitCode::invalid_input, context_.say(texts::kApplyAmbiguous, key));
        }
        ids_[key] = open.empty() ? same.front() : open;
        return at("/organizations/" + ids_[key]);
    }

    /// Empty where the file makes it first.
    Outcome<std::string> id_of(const std::string& key, int line) {
        if (key.empty()) {
            return std::string();
        }
        const Found found = CLI_TRY(organization(key));
        if (!found.body.is_null()) {
            return text(found.body, "id");
        }
        const bool comes =
            std::ranges::any_of(desired_.organizations, [&](const DesiredOrganization& one) { return one.key == key; });
        if (!comes) {
            return wrong(line, context_.say(texts::kApplyNoOrganization, key));
        }
        return std::string();
    }

    Outcome<Found> account(const DesiredAccount& wanted, const std::string& organization) {
        if (!wanted.login_id.empty()) {
            return at("/accounts/" + url_encoded(wanted.login_id));
        }
        if (organization.empty()) {
            return Found{};
        }
        const auto part = [&](const char* field) {
            const auto found = wanted.fields.find(field);
            return found == wanted.fields.end() ? std::string() : found->second;
        };
        const Json listed = CLI_TRY(context_.api.list(
            "/accounts", "accounts", {{"q", part("family_name")}, {"organization_id", organization}}, std::nullopt));
        for (const Json& one : listed["accounts"]) {
            const bool same = text(one, "family_name") == part("family_name") &&
                              text(one, "given_name") == part("given_name") && text(one, "state") != "closed";
            if (same) {
                return at("/accounts/" + text(one, "id"));
            }
        }
        return Found{};
    }

    Outcome<std::vector<std::string>> places_of(const DesiredAccount& wanted) {
        std::vector<std::string> places;
        for (const auto& role : wanted.roles.value_or(std::vector<DesiredRole>())) {
            places.push_back(CLI_TRY(id_of(role.organization, wanted.line)));
        }
        return places;
    }

    Outcome<void> plan_account(Plan& out, std::size_t index) {
        const auto& wanted = desired_.accounts[index];
        const auto organization = CLI_TRY(id_of(wanted.organization, wanted.line));
        const Found found = CLI_TRY(account(wanted, organization));
        if (found.body.is_null() && (wanted.organization.empty() || !wanted.fields.contains("family_name"))) {
            return wrong(wanted.line, context_.say(texts::kApplyNoAccount, wanted.login_id));
        }
        compare(out, wanted, index, found.body, found.tag, CLI_TRY(places_of(wanted)));
        return {};
    }

    // --- doing ---

    std::string reason() const { return context_.invocation.option("reason").value_or("madoguchi-admin apply"); }

    Outcome<ApiAnswer> act(const Step& step, const char* kind, const char* act, Json body = Json::object()) {
        body["reason"] = reason();
        return context_.api.post(std::string("/") + kind + "/" + step.id + "/" + act, body);
    }

    Outcome<ApiAnswer> patch(const Step& step, const char* kind) {
        Json body = Json::object();
        for (const auto& change : step.changes) {
            body[change.field] = change.after;
        }
        return context_.api.patch(std::string("/") + kind + "/" + step.id, body, step.tag);
    }

    Outcome<void> create(const Step& step) {
        const auto& wanted = desired_.organizations[step.of];
        Json body = {{"kind", wanted.kind}, {"parent_id", CLI_TRY(id_of(wanted.parent, wanted.line))}};
        for (const auto& [field, value] : wanted.fields) {
            body[field] = value;
        }
        const auto made = CLI_TRY(context_.api.post("/organizations", body));
        ids_[wanted.key] = text(made.body, "id");
        return {};
    }

    // The usual role comes with the ID; what else the file says of roles is a difference that is left.
    Outcome<void> issue(const Step& step) {
        const auto& wanted = desired_.accounts[step.of];
        Json body = {{"organization_id", CLI_TRY(id_of(wanted.organization, wanted.line))}, {"handover", "by_letter"}};
        for (const auto& [field, value] : wanted.fields) {
            body[field] = value;
        }
        if (!wanted.login_id.empty()) {
            body["login_id"] = wanted.login_id;
        }
        if (wanted.roles && !wanted.roles->empty() && wanted.roles->front().organization.empty()) {
            body["role"] = wanted.roles->front().role;
        }
        const auto made = CLI_TRY(context_.api.post("/accounts", body));
        if (!member(made.body, "approval_request_id").is_null()) {
            ++waiting_;
            return {};
        }
        const Found found = CLI_TRY(at("/accounts/" + text(made.body, "account.id")));
        Plan rest;
        compare(rest, wanted, step.of, found.body, found.tag, CLI_TRY(places_of(wanted)));
        for (const Step& further : rest.steps) {
            CLI_TRY(run(further));
        }
        return {};
    }

    Outcome<void> give(const Step& step) {
        Json body = {{"account", step.id}, {"reason", reason()}};
        for (const auto& change : step.changes) {
            if (change.field != "organization" && !change.after.empty()) {
                body[change.field] = change.after;
            }
        }
        waiting_ += CLI_TRY(context_.api.post("/grants", body)).status == 202 ? 1 : 0;
        return {};
    }

    Outcome<void> run(const Step& step) {
        switch (step.kind) {
            case StepKind::create_organization:
                return create(step);
            case StepKind::edit_organization:
                CLI_TRY(patch(step, "organizations"));
                break;
            case StepKind::close_organization:
                CLI_TRY(act(step, "organizations", "close"));
                break;
            case StepKind::reopen_organization:
                CLI_TRY(act(step, "organizations", "reopen"));
                break;
            case StepKind::move_organization:
                CLI_TRY(act(step, "organizations", "move", {{"parent_id", step.changes.front().after}}));
                break;
            case StepKind::issue_account:
                return issue(step);
            case StepKind::rename_account:
                CLI_TRY(patch(step, "accounts"));
                break;
            case StepKind::suspend_account:
                CLI_TRY(act(step, "accounts", "suspend"));
                break;
            case StepKind::resume_account:
                CLI_TRY(act(step, "accounts", "resume"));
                break;
            case StepKind::close_account:
                CLI_TRY(act(step, "accounts", "close"));
                break;
            case StepKind::give_role:
                return give(step);
            case StepKind::take_role:
                CLI_TRY(act(step, "grants", "revoke"));
                break;
        }
        return {};
    }

    Context& context_;
    DesiredState desired_;
    std::map<std::string, std::string> ids_;
    ApiAnswer last_;
    int waiting_ = 0;
};

Outcome<ExitCode> apply(Context& context) {
    CLI_TRY(require_sign_in(context));
    const auto name = context.argument(0);
    const auto format = context.invocation.option("format").value_or(name.ends_with(".csv") ? "csv" : "yaml");
    const auto file = CLI_TRY(whole_input(context, name));
    const Language language = context.settings().language;
    Application application(
        context, CLI_TRY(format == "csv" ? desired_of_csv(file, language) : desired_of_yaml(file, language)));
    const Plan plan = CLI_TRY(application.plan());
    if (context.output.is_table()) {
        context.output.line(render_plan(plan, language));
    } else {
        const Json shown = to_json(plan);
        context.output.list(shown, "steps", {"step", "what", "fields"});
    }
    if (context.invocation.has("check") || context.settings().dry_run || plan.empty()) {
        return context.invocation.has("check") && !plan.empty() ? ExitCode::difference : ExitCode::ok;
    }
    CLI_TRY(confirm_change(context, context.say(texts::kApplySummary, plan.creates, plan.changes, plan.takes_away)));
    CLI_TRY(application.run(plan));
    context.note(texts::kApplyDone, plan.steps.size());
    if (application.waiting() > 0) {
        context.note(texts::kApplyWaiting, application.waiting());
    }
    return ExitCode::ok;
}

}  // namespace

std::vector<Command> apply_commands() {
    using namespace help_texts;
    return {
        {.verb = "apply",
         .effect = Effect::changes,
         .summary = kApply,
         .details = kApplyDetails,
         .arguments = {{"FILE", kApplyFile}},
         .options = {{.name = "check", .value_name = "", .help = kApplyCheck, .form = Form::flag},
                     {.name = "format", .value_name = "FORMAT", .help = kApplyFormat, .choices = {"yaml", "csv"}},
                     {.name = "reason", .value_name = "TEXT", .help = kApplyReason}},
         .examples = {{"madoguchi-admin apply clinics.yaml", kApplyExample},
                      {"madoguchi-admin apply clinics.yaml --check --quiet", kApplyExampleCheck},
                      {"madoguchi-admin apply - --format csv --yes", kApplyExamplePipe}},
         .run = apply},
    };
}

}  // namespace madoguchi::admin_cli
