// session list, end, end-others.
#include "admin-cli/commands.hpp"
#include "admin-cli/context.hpp"
#include "admin-cli/help_texts.hpp"

namespace madoguchi::admin_cli {
namespace {

const Columns kListed{"id", "channel", "browser", "source", "started_at", "last_used_at", "current"};

Outcome<ExitCode> list(Context& context) {
    return print_list(context, "/me/sessions", "sessions", kListed);
}

Outcome<ExitCode> end(Context& context) {
    CLI_TRY(require_sign_in(context));
    CLI_TRY(context.api.post("/me/sessions/" + url_encoded(context.argument(0)) + "/end", Json::object()));
    context.note(texts::kSessionsEnded);
    return ExitCode::ok;
}

Outcome<ExitCode> end_others(Context& context) {
    CLI_TRY(require_sign_in(context));
    CLI_TRY(context.api.post("/me/sessions/end-others", Json::object()));
    context.note(texts::kSessionsEnded);
    return ExitCode::ok;
}

}  // namespace

std::vector<Command> own_session_commands() {
    using namespace help_texts;
    return {
        {.group = "session",
         .verb = "list",
         .summary = kSessionList,
         .options = {limit_option(), all_option()},
         .examples = {{"madoguchi-admin session list", kSessionListExample}},
         .run = list},
        {.group = "session",
         .verb = "end",
         .effect = Effect::session,
         .summary = kSessionEnd,
         .arguments = {{"SESSION", kSessionArgument}},
         .examples = {{"madoguchi-admin session end 4711", kSessionEndExample}},
         .run = end},
        {.group = "session",
         .verb = "end-others",
         .effect = Effect::session,
         .summary = kSessionEndOthers,
         .examples = {{"madoguchi-admin session end-others", kSessionEndOthersExample}},
         .run = end_others},
    };
}

}  // namespace madoguchi::admin_cli
