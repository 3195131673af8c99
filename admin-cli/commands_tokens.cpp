// token make, list, revoke.
#include "admin-cli/commands.hpp"
#include "admin-cli/context.hpp"
#include "admin-cli/help_texts.hpp"

namespace madoguchi::admin_cli {
namespace {

const Columns kListed{"id", "name", "state", "hint", "scopes", "organization.name", "expires_at", "last_used_at"};
const Columns kShown{"id",      "name",       "state",      "hint",         "scopes",    "sources", "organization.name",
                     "made_by", "created_at", "expires_at", "last_used_at", "revoked_at"};

Outcome<ExitCode> make(Context& context) {
    CLI_TRY(require_sign_in(context));
    const ApiAnswer answer = CLI_TRY(context.api.post("/tokens", body_of_options(context)));
    context.output.record(answer.body, answer.body, kShown);
    context.output.line("");
    context.output.line(context.say(texts::kTokenOnce));
    context.output.line(cell(member(answer.body, "token")));
    return ExitCode::ok;
}

Outcome<ExitCode> list(Context& context) {
    return print_list(context, "/tokens", "tokens", kListed);
}

Outcome<ExitCode> revoke(Context& context) {
    CLI_TRY(require_sign_in(context));
    CLI_TRY(confirm_change(context, context.say(texts::kWillRevokeToken, context.argument(0))));
    const std::string path = "/tokens/" + url_encoded(context.argument(0)) + "/revoke";
    const ApiAnswer answer = CLI_TRY(context.api.post(path, Json::object()));
    context.output.record(answer.body, answer.body, kShown);
    return ExitCode::ok;
}

}  // namespace

std::vector<Command> token_commands() {
    using namespace help_texts;
    return {
        {.group = "token",
         .verb = "make",
         .effect = Effect::changes,
         .summary = kTokenMake,
         .details = kTokenMakeDetails,
         .options = {{.name = "name", .value_name = "NAME", .help = kTokenName, .field = "name", .required = true},
                     {.name = "organization",
                      .value_name = "ID",
                      .help = kTokenOrganization,
                      .field = "organization_id",
                      .required = true},
                     {.name = "scopes",
                      .value_name = "LIST",
                      .help = kTokenScopes,
                      .field = "scopes",
                      .form = Form::words,
                      .required = true},
                     {.name = "until",
                      .value_name = "TIME",
                      .help = kTokenUntil,
                      .field = "expires_at",
                      .form = Form::time,
                      .required = true},
                     {.name = "sources",
                      .value_name = "LIST",
                      .help = kTokenSources,
                      .field = "sources",
                      .form = Form::words}},
         .examples = {{"madoguchi-admin token make --name 夜間連携 --organization 205 --scopes "
                       "directory:read,accounts:write --until 2027-03-31 --sources 192.0.2.0/24",
                       kTokenMakeExample}},
         .run = make},
        {.group = "token",
         .verb = "list",
         .summary = kTokenList,
         .options = {limit_option(), all_option()},
         .examples = {{"madoguchi-admin token list", kTokenListExample}},
         .run = list},
        {.group = "token",
         .verb = "show",
         .summary = {"Show one token, never the secret", "トークンを1件表示する（秘密の部分は除く）"},
         .arguments = {{"TOKEN", kTokenArgument}},
         .examples = {{"madoguchi-admin token show 12", {"who made it, and when was it used?", "作成者と最後の使用"}}},
         .run = carry_out,
         .call = {.how = Call::How::show, .path = "/tokens/{0}", .columns = kShown}},
        {.group = "token",
         .verb = "revoke",
         .effect = Effect::changes,
         .summary = kTokenRevoke,
         .arguments = {{"TOKEN", kTokenArgument}},
         .examples = {{"madoguchi-admin token revoke 12 --yes", kTokenRevokeExample}},
         .run = revoke},
    };
}

}  // namespace madoguchi::admin_cli
