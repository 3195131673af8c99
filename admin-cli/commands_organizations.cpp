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

}  // namespace

std::vector<Command> organization_commands() {
    using namespace help_texts;
    return {
        {.group = "organization",
         .verb = "create",
         .effect = Effect::changes,
         .summary = kOrganizationCreate,
         .details = kOrganizationCreateDetails,
         .options =
             {{.name = "kind", .value_name = "KIND", .help = kKindOption, .field = "kind", .required = true},
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
    };
}

}  // namespace madoguchi::admin_cli
