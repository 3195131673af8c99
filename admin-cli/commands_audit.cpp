// audit list, verify.
#include "admin-cli/commands.hpp"
#include "admin-cli/context.hpp"
#include "admin-cli/help_texts.hpp"
#include "admin-cli/text_width.hpp"

namespace madoguchi::admin_cli {
namespace {

const Columns kEvents{"id",     "at",     "actor",  "action", "outcome",   "target",
                      "source", "reason", "before", "after",  "request_id"};

Outcome<ExitCode> list(Context& context) {
    return print_list(context, "/audit", "events", kEvents);
}

Outcome<ExitCode> verify(Context& context) {
    CLI_TRY(require_sign_in(context));
    const Json answer = CLI_TRY(context.api.get("/audit/verification")).body;
    const bool good = member(answer, "ok") == true;
    const Json& problems = member(answer, "problems");
    context.output.record(answer, answer, {"ok", "checked", "head.position", "head.hash"});
    const std::string checked = cell(member(answer, "checked"));
    if (good) {
        context.note(texts::kAuditGood, checked);
        return ExitCode::ok;
    }
    if (context.output.is_table() && problems.is_array() && !problems.empty()) {
        context.output.line("");
        context.output.line(render_table(problems, {"position", "problem"}, context.settings().language));
    }
    return fail(ExitCode::difference, context.say(texts::kAuditBad, problems.size(), checked),
                context.say(texts::kAuditBadAdvice));
}

}  // namespace

std::vector<Command> audit_commands() {
    using namespace help_texts;
    return {
        {.group = "audit",
         .verb = "list",
         .summary = kAuditList,
         .options =
             {{.name = "account", .value_name = "ACCOUNT", .help = kAuditAccountOption, .field = "account"},
              {.name = "action", .value_name = "ACTION", .help = kActionOption, .field = "action"},
              {.name = "since", .value_name = "TIME", .help = kSinceOption, .field = "since", .form = Form::time},
              {.name = "until", .value_name = "TIME", .help = kBeforeOption, .field = "until", .form = Form::time},
              limit_option(),
              all_option()},
         .examples = {{"madoguchi-admin audit list --account aoba-clinic@madoguchi.example --since 2026-04-01 --until "
                       "2026-05-01",
                       kAuditListExample},
                      {"madoguchi-admin audit list --all --output csv > audit.csv", kAuditListExampleCsv}},
         .run = list},
        {.group = "audit",
         .verb = "verify",
         .summary = kAuditVerify,
         .details = kAuditVerifyDetails,
         .examples = {{"madoguchi-admin audit verify --quiet", kAuditVerifyExample}},
         .run = verify},
    };
}

}  // namespace madoguchi::admin_cli
