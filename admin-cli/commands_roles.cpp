// role grant, revoke, list.
#include "admin-cli/commands.hpp"
#include "admin-cli/context.hpp"
#include "admin-cli/help_texts.hpp"

namespace madoguchi::admin_cli {
namespace {

const Columns kReview{"id",       "account.login_id", "role",         "organization.name", "from",
                      "given_at", "confirmed_at",     "confirmed_by", "last_signed_in_at"};
const Columns kColumns{"id",    "account.login_id", "role", "organization.name", "organization.id", "from", "until",
                       "state", "revoked_at"};

Outcome<ExitCode> print_grant(Context& context, const ApiAnswer& answer) {
    if (!print_waiting(context, answer)) {
        const Json& grant = member(answer.body, "grant").is_object() ? member(answer.body, "grant") : answer.body;
        context.output.record(answer.body, grant, kColumns);
    }
    note_dry_run(context);
    return ExitCode::ok;
}

Outcome<ExitCode> grant(Context& context) {
    CLI_TRY(require_sign_in(context));
    Json body = body_of_options(context);
    body["account"] = context.argument(0);
    return print_grant(context, CLI_TRY(context.api.post("/grants", body)));
}

Outcome<ExitCode> revoke(Context& context) {
    CLI_TRY(require_sign_in(context));
    const std::string path = "/grants/" + url_encoded(context.argument(0)) + "/revoke";
    return print_grant(context, CLI_TRY(context.api.post(path, body_of_options(context))));
}

Outcome<ExitCode> list(Context& context) {
    CLI_TRY(require_sign_in(context));
    const Json answer = CLI_TRY(context.api.get("/grants", {{"account", context.argument(0)}})).body;
    context.output.list(answer, "grants", kColumns);
    return ExitCode::ok;
}

}  // namespace

std::vector<Command> role_commands() {
    using namespace help_texts;
    return {
        {.group = "role",
         .verb = "grant",
         .effect = Effect::changes,
         .summary = kRoleGrant,
         .details = kRoleGrantDetails,
         .arguments = {{"ACCOUNT", kAccountArgument}},
         .options =
             {{.name = "organization",
               .value_name = "ID",
               .help = kOrganizationOption,
               .field = "organization_id",
               .required = true},
              {.name = "role", .value_name = "ROLE", .help = kRoleOption, .field = "role", .required = true},
              {.name = "from", .value_name = "TIME", .help = kFromOption, .field = "from", .form = Form::time},
              {.name = "until", .value_name = "TIME", .help = kUntilOption, .field = "until", .form = Form::time},
              reason_option()},
         .examples =
             {{"madoguchi-admin role grant sato@madoguchi.example --organization 205 --role health_center_staff "
               "--from 2026-04-01 --until 2026-10-01 --reason 応援職員",
               kRoleGrantExample}},
         .run = grant},
        {.group = "role",
         .verb = "revoke",
         .effect = Effect::changes,
         .summary = kRoleRevoke,
         .arguments = {{"GRANT", kGrantArgument}},
         .options = {reason_option()},
         .examples = {{"madoguchi-admin role revoke 318 --reason 異動", kRoleRevokeExample}},
         .run = revoke},
        {.group = "role",
         .verb = "list",
         .summary = kRoleList,
         .arguments = {{"ACCOUNT", kAccountArgument}},
         .examples = {{"madoguchi-admin role list sato@madoguchi.example", kRoleListExample}},
         .run = list},
        {.group = "role",
         .verb = "review",
         .summary = {"Who holds what: the yearly review", "役割の年次点検の一覧"},
         .options =
             {{.name = "show",
               .value_name = "WHICH",
               .help = {"due (default) or all", "due（既定）か all"},
               .field = "show"},
              {.name = "role", .value_name = "ROLE", .help = {"this role alone", "この役割だけ"}, .field = "role"},
              {.name = "query",
               .value_name = "TEXT",
               .help = {"part of ID or organization", "ID・機関の一部"},
               .field = "q"},
              limit_option(),
              all_option()},
         .examples = {{"madoguchi-admin role review --all --output csv", {"for the review", "点検用"}}},
         .run = carry_out,
         .call = {.how = Call::How::list, .path = "/grants/review", .key = "grants", .columns = kReview}},
        {.group = "role",
         .verb = "confirm",
         .effect = Effect::acts,
         .summary = {"Confirm that a role is still needed", "役割がまだ必要なことを確認する"},
         .arguments = {{"GRANT", {"ID of the grant, from \"role review\"", "付与の番号（role review で確認）"}}},
         .examples = {{"madoguchi-admin role confirm 31", {"asked and answered", "本人に確認した"}}},
         .run = carry_out,
         .call = {.how = Call::How::post, .path = "/grants/{0}/confirm", .columns = kReview}},
    };
}

}  // namespace madoguchi::admin_cli
