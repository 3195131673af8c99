// request list, approve, decline.
#include "admin-cli/commands.hpp"
#include "admin-cli/context.hpp"
#include "admin-cli/help_texts.hpp"

namespace madoguchi::admin_cli {
namespace {

const Columns kListed{
    "id",           "kind",          "state",        "account.login_id", "summary", "contact.organization_name",
    "contact.name", "contact.phone", "requested_by", "requested_at"};
const Columns kShown{
    "id",         "kind",       "state",  "account.login_id",          "summary",      "requested_by",  "requested_at",
    "decided_by", "decided_at", "reason", "contact.organization_name", "contact.name", "contact.phone", "contact.note"};

std::string asked_act(const Json& request, Language language) {
    const std::string act = cell(member(request, "summary.act"));
    const std::string kind = cell(member(request, "kind"));
    if (act == "access-code") {
        return say(language, texts::kAsksAccessCode);
    }
    if (act == "start-reset") {
        return say(language, texts::kAsksStartReset);
    }
    const bool second_step = act == "reset-second-step" || (act.empty() && kind == "second_reset");
    return say(language, second_step ? texts::kAsksResetSecondStep : texts::kAsksResetPassword);
}

/// For people, the summary is a sentence; programs get what the server stores.
void summarize(Json& request, Language language) {
    const Json summary = member(request, "summary");
    const auto part = [&](std::string_view name) { return cell(member(summary, name)); };
    std::string said = asked_act(request, language);
    if (!part("role").empty()) {
        said = say(language, texts::kAsksForRole, part("role"), part("organization"));
    } else if (!part("login_id").empty()) {
        said = say(language, texts::kAsksUnverified, said, part("login_id"));
    }
    request["summary"] = part("reason").empty() ? said : say(language, texts::kAsksBecause, said, part("reason"));
}

Outcome<ExitCode> list(Context& context) {
    return print_list(context, "/requests", "requests", kListed, summarize);
}

Outcome<ExitCode> decide(Context& context) {
    CLI_TRY(require_sign_in(context));
    const std::string path =
        "/requests/" + url_encoded(context.argument(0)) + "/" + std::string(context.invocation.command->verb);
    const Json answer = CLI_TRY(context.api.post(path, body_of_options(context))).body;
    Json shown = member(answer, "request").is_object() ? member(answer, "request") : answer;
    Columns columns = kShown;
    if (member(answer, "initial_password").is_string() && context.settings().output == OutputFormat::csv) {
        shown["initial_password"] = member(answer, "initial_password");
        shown["initial_password_expires_at"] = member(answer, "initial_password_expires_at");
        columns.insert(columns.end(), {"initial_password", "initial_password_expires_at"});
    }
    if (context.output.is_table()) {
        summarize(shown, context.settings().language);
    }
    context.output.record(answer, shown, columns);
    Json handed_over = answer;
    if (member(answer, "account").is_null()) {
        handed_over["account"] = member(shown, "account");
    }
    print_initial_password(context, handed_over);
    print_handed_codes(context, handed_over);
    if (const Json& waits = member(answer, "approval_request_id"); waits.is_string() && !context.settings().dry_run) {
        context.note(texts::kWaitsForApproval, cell(waits));
    }
    note_dry_run(context);
    return ExitCode::ok;
}

}  // namespace

std::vector<Command> request_commands() {
    using namespace help_texts;
    return {
        {.group = "request",
         .verb = "list",
         .summary = kRequestList,
         .options = {{.name = "state", .value_name = "STATE", .help = kRequestStateOption, .field = "state"},
                     limit_option(),
                     all_option()},
         .examples = {{"madoguchi-admin request list", kRequestListExample},
                      {"madoguchi-admin request list --state all --all --output json", kRequestListExampleAll}},
         .run = list},
        {.group = "request",
         .verb = "approve",
         .effect = Effect::changes,
         .summary = kRequestApprove,
         .details = kRequestApproveDetails,
         .arguments = {{"REQUEST", kRequestArgument}},
         .options = {reason_option()},
         .examples = {{"madoguchi-admin request approve 27 --reason 折り返し電話で確認", kRequestApproveExample}},
         .run = decide},
        {.group = "request",
         .verb = "decline",
         .effect = Effect::changes,
         .summary = kRequestDecline,
         .arguments = {{"REQUEST", kRequestArgument}},
         .options = {reason_option()},
         .examples = {{"madoguchi-admin request decline 27 --reason 本人の依頼ではない", kRequestDeclineExample}},
         .run = decide},
    };
}

}  // namespace madoguchi::admin_cli
