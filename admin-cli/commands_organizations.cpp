// organization create, list, show.
#include "admin-cli/commands.hpp"
#include "admin-cli/context.hpp"
#include "admin-cli/help_texts.hpp"

namespace madoguchi::admin_cli {
namespace {

const Columns kListed{"id", "kind", "name", "institution_code", "local_government_code", "parent_id", "state"};
const Columns kShown{
    "id",          "kind",    "name",  "kana",       "institution_code", "local_government_code", "parent_id", "phone",
    "postal_code", "address", "state", "created_at", "warnings"};

Outcome<ExitCode> create(Context& context) {
    CLI_TRY(require_sign_in(context));
    const ApiAnswer answer = CLI_TRY(context.api.post("/organizations", body_of_options(context)));
    context.output.record(answer.body, answer.body, kShown);
    if (context.output.is_table()) {
        return note_dry_run(context), ExitCode::ok;
    }
    for (const Json& warning : member(answer.body, "warnings")) {
        context.note(texts::kWarning, cell(warning));
    }
    note_dry_run(context);
    return ExitCode::ok;
}

Outcome<ExitCode> list(Context& context) {
    return print_list(context, "/organizations", "organizations", kListed);
}

Outcome<ExitCode> show(Context& context) {
    CLI_TRY(require_sign_in(context));
    const Json answer = CLI_TRY(context.api.get("/organizations/" + url_encoded(context.argument(0)))).body;
    context.output.record(answer, answer, kShown);
    return ExitCode::ok;
}

using namespace help_texts;

const std::vector<Command> kTable{
    {.group = "organization",
     .verb = "create",
     .effect = Effect::changes,
     .summary = kOrganizationCreate,
     .details = kOrganizationCreateDetails,
     .options = {{.name = "kind", .value_name = "KIND", .help = kKindOption, .field = "kind", .required = true},
                 {.name = "name", .value_name = "NAME", .help = kNameOption, .field = "name", .required = true},
                 {.name = "parent", .value_name = "ID", .help = kParentOption, .field = "parent_id", .required = true},
                 {.name = "kana", .value_name = "KANA", .help = kKanaOption, .field = "kana"},
                 {.name = "institution-code",
                  .value_name = "CODE",
                  .help = kInstitutionCodeOption,
                  .field = "institution_code"},
                 {.name = "local-government-code",
                  .value_name = "CODE",
                  .help = kGovernmentCodeOption,
                  .field = "local_government_code"},
                 {.name = "phone", .value_name = "NUMBER", .help = kPhoneOption, .field = "phone"},
                 {.name = "postal-code", .value_name = "CODE", .help = kPostalCodeOption, .field = "postal_code"},
                 {.name = "address", .value_name = "TEXT", .help = kAddressOption, .field = "address"}},
     .examples = {{"madoguchi-admin organization create --kind facility --parent 205 --name 青葉内科クリニック "
                   "--kana アオバナイカクリニック --institution-code 1312345678 --phone 03-1234-5678",
                   kOrganizationCreateExample}},
     .run = create},
    {.group = "organization",
     .verb = "list",
     .summary = kOrganizationList,
     .options = {{.name = "kind", .value_name = "KIND", .help = kKindOption, .field = "kind"},
                 {.name = "query", .value_name = "TEXT", .help = kQueryOption, .field = "q"},
                 {.name = "parent", .value_name = "ID", .help = kParentOption, .field = "parent_id"},
                 limit_option(),
                 all_option()},
     .examples = {{"madoguchi-admin organization list --query 青葉", kOrganizationListExampleSearch},
                  {"madoguchi-admin organization list --kind facility --all --output csv > facilities.csv",
                   kOrganizationListExample}},
     .run = list},
    {.group = "organization",
     .verb = "show",
     .summary = kOrganizationShow,
     .arguments = {{"ID", kOrganizationArgument}},
     .examples = {{"madoguchi-admin organization show 205", kOrganizationShowExample}},
     .run = show},
    {.group = "organization",
     .verb = "edit",
     .effect = Effect::acts,
     .summary = {"Change what is named, leave the rest", "指定した項目だけを改める"},
     .arguments = {{"ID", {"ID of the organization", "機関の番号"}}},
     .options =
         {{.name = "name", .value_name = "NAME", .help = {"name", "名称"}, .field = "name"},
          {.name = "kana", .value_name = "KANA", .help = {"reading in katakana", "名称のカナ"}, .field = "kana"},
          {.name = "institution-code",
           .value_name = "CODE",
           .help = {"ten-digit code of a medical institution", "医療機関コード（10桁）"},
           .field = "institution_code"},
          {.name = "local-government-code",
           .value_name = "CODE",
           .help = {"six-digit local government code", "全国地方公共団体コード（6桁）"},
           .field = "local_government_code"},
          {.name = "phone", .value_name = "NUMBER", .help = {"phone number", "電話番号"}, .field = "phone"},
          {.name = "postal-code", .value_name = "CODE", .help = {"postal code", "郵便番号"}, .field = "postal_code"},
          {.name = "address", .value_name = "TEXT", .help = {"address", "住所"}, .field = "address"}},
     .examples = {{"madoguchi-admin organization edit 1042 --phone 03-0000-1043", {"a new number", "番号が変わった"}}},
     .run = carry_out,
     .call = {.how = Call::How::edit, .path = "/organizations/{0}", .columns = kShown}},
    {.group = "organization",
     .verb = "close",
     .effect = Effect::acts,
     .summary = {"Close an organization", "機関を廃止する"},
     .arguments = {{"ID", {"ID of the organization", "機関の番号"}}},
     .options = {reason_option()},
     .examples = {{"madoguchi-admin organization close 1042 --reason 閉院",
                   {"nobody of it signs in any more", "所属する人はサインインできなくなる"}}},
     .run = carry_out,
     .call = {.how = Call::How::post,
              .path = "/organizations/{0}/close",
              .columns = kShown,
              .asks = {"Organization {0} is closed; nobody of it signs in any more.",
                       "機関 {0} を廃止します。所属する人はサインインできなくなります。"}}},
    {.group = "organization",
     .verb = "reopen",
     .effect = Effect::acts,
     .summary = {"Open it again", "廃止を取り消す"},
     .arguments = {{"ID", {"ID of the organization", "機関の番号"}}},
     .options = {reason_option()},
     .examples = {{"madoguchi-admin organization reopen 1042 --reason 再開", {"it opened again", "再開した"}}},
     .run = carry_out,
     .call = {.how = Call::How::post, .path = "/organizations/{0}/reopen", .columns = kShown}},
    {.group = "organization",
     .verb = "move",
     .effect = Effect::acts,
     .summary = {"Move it to another health centre", "別の保健所に移す"},
     .arguments = {{"ID", {"ID of the organization", "機関の番号"}}},
     .options = {{.name = "parent",
                  .value_name = "ID",
                  .help = {"the organization above it from now on", "新しい上位機関の番号"},
                  .field = "parent_id",
                  .required = true},
                 reason_option()},
     .examples = {{"madoguchi-admin organization move 1042 --parent 206 --reason 管轄の変更",
                   {"accounts and history follow", "アカウントと履歴も移る"}}},
     .run = carry_out,
     .call = {.how = Call::How::post,
              .path = "/organizations/{0}/move",
              .columns = kShown,
              .asks = {"Organization {0} moves, with accounts and history.",
                       "機関 {0} を、アカウントと履歴とともに移します。"}}},
};

}  // namespace

std::vector<Command> organization_commands() {
    return kTable;
}

}  // namespace madoguchi::admin_cli
