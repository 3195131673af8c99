// account issue, list, show, slowed, reset-password, reset-second-step, access-code, unlock, suspend,
// resume, close.
#include "admin-cli/commands.hpp"
#include "admin-cli/context.hpp"
#include "admin-cli/help_texts.hpp"

namespace madoguchi::admin_cli {
namespace {

const Columns kSlowedColumns{"id", "login_id", "organization.name", "reasons", "unlock_helps"};
const Columns kListed{"id",    "login_id",          "family_name", "given_name",
                      "state", "organization.name", "grants",      "last_signed_in_at"};

std::string account_path(const Context& context) {
    return "/accounts/" + url_encoded(context.argument(0));
}

/// The account of an answer; with its initial password beside it where CSV is read by programs.
void print_account(Context& context, const ApiAnswer& answer) {
    const Json& account = member(answer.body, "account").is_object() ? member(answer.body, "account") : answer.body;
    const bool has_password = member(answer.body, "initial_password").is_string();
    const bool has_access_code = member(answer.body, "access_code").is_string();
    if (has_access_code && context.settings().output == OutputFormat::csv) {
        Json row = account;
        row["access_code"] = member(answer.body, "access_code");
        row["access_code_expires_at"] = member(answer.body, "access_code_expires_at");
        context.output.record(answer.body, row, {"id", "login_id", "access_code", "access_code_expires_at"});
    } else if (has_password && context.settings().output == OutputFormat::csv) {
        Json row = account;
        row["initial_password"] = member(answer.body, "initial_password");
        row["initial_password_expires_at"] = member(answer.body, "initial_password_expires_at");
        context.output.record(answer.body, row, {"id", "login_id", "initial_password", "initial_password_expires_at"});
    } else {
        context.output.record(answer.body, account, account_columns());
    }
    print_initial_password(context, answer.body);
    print_handed_codes(context, answer.body);
}

Outcome<ExitCode> issue(Context& context) {
    CLI_TRY(require_sign_in(context));
    const ApiAnswer answer = CLI_TRY(context.api.post("/accounts", body_of_options(context)));
    if (!print_waiting(context, answer)) {
        print_account(context, answer);
        const Json& request = member(answer.body, "approval_request_id");
        if (!request.is_null() && !context.settings().dry_run) {
            context.note(texts::kWaitsForApproval, cell(request));
        }
    }
    note_dry_run(context);
    return ExitCode::ok;
}

Outcome<ExitCode> list(Context& context) {
    return print_list(context, "/accounts", "accounts", kListed);
}

Outcome<ExitCode> slowed(Context& context) {
    return print_list(context, "/accounts/slowed", "accounts", kSlowedColumns);
}

Outcome<ExitCode> show(Context& context) {
    CLI_TRY(require_sign_in(context));
    const ApiAnswer answer = CLI_TRY(context.api.get(account_path(context)));
    print_account(context, answer);
    return ExitCode::ok;
}

/// One name for the question: ID, name and organization, so that a mistaken ID is seen before it hurts.
Outcome<std::string> describe(Context& context) {
    const Json account = CLI_TRY(context.api.get(account_path(context))).body;
    const auto text = [&](std::string_view path) { return cell(member(account, path)); };
    return text("login_id") + " (" + text("family_name") + " " + text("given_name") + ", " + text("organization.name") +
           ", " + text("state") + ")";
}

Outcome<ExitCode> act(Context& context, const Text& consequence) {
    CLI_TRY(require_sign_in(context));
    const bool asks = !consequence.empty() && !context.settings().yes && !context.settings().dry_run;
    if (asks) {
        // Without a terminal it is refused before anything is sent.
        const bool interactive = context.terminal.interactive();
        const std::string whom = interactive ? CLI_TRY(describe(context)) : std::string();
        CLI_TRY(confirm_change(context, context.say(consequence, whom)));
    }
    const std::string action(context.invocation.command->verb);
    const ApiAnswer answer = CLI_TRY(context.api.post(account_path(context) + "/" + action, body_of_options(context)));
    if (!print_waiting(context, answer)) {
        print_account(context, answer);
    }
    note_dry_run(context);
    return ExitCode::ok;
}

Outcome<ExitCode> reset_password(Context& context) {
    return act(context, texts::kWillResetPassword);
}
Outcome<ExitCode> reset_second_step(Context& context) {
    return act(context, texts::kWillResetSecondStep);
}
Outcome<ExitCode> access_code(Context& context) {
    return act(context, texts::kWillIssueAccessCode);
}
Outcome<ExitCode> suspend(Context& context) {
    return act(context, texts::kWillSuspend);
}
Outcome<ExitCode> close(Context& context) {
    return act(context, texts::kWillClose);
}
Outcome<ExitCode> act_unasked(Context& context) {
    return act(context, Text{});
}

Command action(std::string_view verb, Text summary, Text details, Example example, Outcome<ExitCode> (*run)(Context&)) {
    return {.group = "account",
            .verb = verb,
            .effect = Effect::changes,
            .summary = summary,
            .details = details,
            .arguments = {{"ACCOUNT", help_texts::kAccountArgument}},
            .options = {reason_option()},
            .examples = {example},
            .run = run};
}

Command issue_command() {
    using namespace help_texts;
    return {
        .group = "account",
        .verb = "issue",
        .effect = Effect::changes,
        .summary = kAccountIssue,
        .details = kAccountIssueDetails,
        .options = {{.name = "organization",
                     .value_name = "ID",
                     .help = kOrganizationOption,
                     .field = "organization_id",
                     .required = true},
                    {.name = "family-name",
                     .value_name = "NAME",
                     .help = kFamilyNameOption,
                     .field = "family_name",
                     .required = true},
                    {.name = "given-name", .value_name = "NAME", .help = kGivenNameOption, .field = "given_name"},
                    {.name = "role", .value_name = "ROLE", .help = kRoleOption, .field = "role"},
                    {.name = "family-kana", .value_name = "KANA", .help = kFamilyKanaOption, .field = "family_kana"},
                    {.name = "given-kana", .value_name = "KANA", .help = kGivenKanaOption, .field = "given_kana"},
                    {.name = "login-id", .value_name = "ID", .help = kLoginIdOption, .field = "login_id"}},
        .examples = {{"madoguchi-admin account issue --organization 1042 --family-name 佐藤 --given-name 花子 "
                      "--role facility_staff",
                      kAccountIssueExample},
                     {"madoguchi-admin account issue --organization 1042 --family-name 佐藤 --given-name 花子 "
                      "--role facility_admin --login-id aoba-clinic@madoguchi.example --dry-run",
                      kAccountIssueExampleDry}},
        .run = issue,
    };
}

using namespace help_texts;

const std::vector<Command> kTable{
    issue_command(),
    {.group = "account",
     .verb = "list",
     .summary = kAccountList,
     .options = {{.name = "query", .value_name = "TEXT", .help = kAccountQueryOption, .field = "q"},
                 {.name = "state", .value_name = "STATE", .help = kStateOption, .field = "state"},
                 {.name = "organization", .value_name = "ID", .help = kOrganizationOption, .field = "organization_id"},
                 limit_option(),
                 all_option()},
     .examples = {{"madoguchi-admin account list --state pending", kAccountListExample},
                  {"madoguchi-admin account list --organization 1042 --all --output csv", kAccountListExampleCsv}},
     .run = list},
    {.group = "account",
     .verb = "show",
     .summary = kAccountShow,
     .arguments = {{"ACCOUNT", kAccountArgument}},
     .examples = {{"madoguchi-admin account show aoba-clinic@madoguchi.example", kAccountShowExample}},
     .run = show},
    {.group = "account",
     .verb = "slowed",
     .summary = kSlowed,
     .options = {limit_option(), all_option()},
     .examples = {{"madoguchi-admin account slowed", kSlowedExample}},
     .run = slowed},
    action("reset-password", kResetPassword, kResetPasswordDetails,
           {"madoguchi-admin account reset-password aoba-clinic@madoguchi.example --reason 本人からの電話で確認",
            kResetPasswordExample},
           reset_password),
    action("reset-second-step", kResetSecondStep, kResetSecondStepDetails,
           {"madoguchi-admin account reset-second-step aoba-clinic@madoguchi.example --reason 電話機の交換",
            kResetSecondStepExample},
           reset_second_step),
    action("access-code", kAccessCode, kAccessCodeDetails,
           {"madoguchi-admin account access-code aoba-clinic@madoguchi.example --reason 折り返し電話で本人確認",
            kAccessCodeExample},
           access_code),
    action("unlock", kUnlock, {},
           {"madoguchi-admin account unlock aoba-clinic@madoguchi.example --reason 本人確認済み", kUnlockExample},
           act_unasked),
    action("suspend", kSuspend, kSuspendDetails,
           {"madoguchi-admin account suspend aoba-clinic@madoguchi.example --reason 端末の紛失", kSuspendExample},
           suspend),
    action("resume", kResume, {},
           {"madoguchi-admin account resume aoba-clinic@madoguchi.example --reason 端末の発見", kResumeExample},
           act_unasked),
    action("close", kClose, kCloseDetails,
           {"madoguchi-admin account close aoba-clinic@madoguchi.example --reason 閉院 --yes", kCloseExample}, close),
    {.group = "account",
     .verb = "rename",
     .effect = Effect::acts,
     .summary = {"Change the name, leave what is not named", "氏名を改める（指定した項目だけ）"},
     .arguments = {{"ACCOUNT", {"login ID or number of the account", "ログインIDまたはアカウント番号"}}},
     .options = {{.name = "family-name", .value_name = "NAME", .help = {"family name", "姓"}, .field = "family_name"},
                 {.name = "given-name", .value_name = "NAME", .help = {"given name", "名"}, .field = "given_name"},
                 {.name = "family-kana",
                  .value_name = "KANA",
                  .help = {"family name in katakana", "姓のカナ"},
                  .field = "family_kana"},
                 {.name = "given-kana",
                  .value_name = "KANA",
                  .help = {"given name in katakana", "名のカナ"},
                  .field = "given_kana"}},
     .examples = {{"madoguchi-admin account rename 77 --family-name 髙橋", {"a misspelt name", "氏名の誤り"}}},
     .run = carry_out,
     .call = {.how = Call::How::edit, .path = "/accounts/{0}", .columns = account_columns()}},
    {.group = "account",
     .verb = "history",
     .summary = {"What happened to an account", "アカウントの記録"},
     .arguments = {{"ACCOUNT", {"login ID or number of the account", "ログインIDまたはアカウント番号"}}},
     .options = {limit_option(), all_option()},
     .examples = {{"madoguchi-admin account history 77 --limit 20",
                   {"who reset the password, and when?", "再設定した人と日時"}}},
     .run = carry_out,
     .call = {.how = Call::How::list,
              .path = "/accounts/{0}/history",
              .key = "events",
              .columns = {"at", "action", "outcome", "actor", "channel", "reason", "request_id"}}},
    {.group = "account",
     .verb = "letter",
     .effect = Effect::acts,
     .summary = {"Print the handover letter", "通知書を印刷する"},
     .arguments = {{"ACCOUNT", {"ID of the account, a number", "アカウントの番号"}}},
     .options = {{.name = "to",
                  .value_name = "FILE",
                  .help = {"where the PDF goes; it must not be there yet", "PDFの保存先（まだないファイル）"},
                  .required = true},
                 {.name = "language",
                  .value_name = "LANGUAGE",
                  .help = {"of the letter: ja or en", "通知書の言語：ja か en"},
                  .field = "language",
                  .choices = {"ja", "en"}},
                 {.name = "printed-before",
                  .value_name = "N",
                  .help = {"how many times it was printed before", "これまでに印刷した回数"},
                  .field = "printed_before",
                  .form = Form::integer}},
     .examples = {{"madoguchi-admin account letter 77 --to letter.pdf --yes",
                   {"the password is made now", "初期パスワードはこの時に作られる"}}},
     .run = carry_out,
     .call =
         {.how = Call::How::save,
          .path = "/accounts/{0}/letter",
          .asks = {"The letter of account {0} is printed: its initial password is made now, and an earlier one ends.",
                   "アカウント {0} "
                   "の通知書を印刷します。初期パスワードはこの時に作られ、前のものは使えなくなります。"}}},
};

}  // namespace

std::vector<Command> account_commands() {
    return kTable;
}

}  // namespace madoguchi::admin_cli
