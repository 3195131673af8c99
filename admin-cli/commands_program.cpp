// What this program says about itself to shells and to man.
#include "admin-cli/commands.hpp"
#include "admin-cli/completion.hpp"
#include "admin-cli/context.hpp"
#include "admin-cli/help_texts.hpp"
#include "admin-cli/manual.hpp"

namespace madoguchi::admin_cli {
namespace {

Outcome<ExitCode> completion(Context& context) {
    const auto& shell = context.argument(0);
    if (shell != "bash" && shell != "zsh") {
        return fail(ExitCode::usage, context.say(texts::kUnknownShell, shell));
    }
    context.output.document(shell == "bash" ? bash_completion() : zsh_completion(context.settings().language));
    return ExitCode::ok;
}

Outcome<ExitCode> manual(Context& context) {
    context.output.document(manual_page(context.settings().language));
    return ExitCode::ok;
}

}  // namespace

std::vector<Command> program_commands() {
    using namespace help_texts;
    return {
        {.verb = "completion",
         .summary = kCompletion,
         .details = kCompletionDetails,
         .arguments = {{"SHELL", kShell}},
         .examples = {{"madoguchi-admin completion bash > ~/.local/share/bash-completion/completions/madoguchi-admin",
                       kCompletionExample},
                      {"madoguchi-admin completion zsh > ~/.zfunc/_madoguchi-admin", kCompletionExampleZsh}},
         .run = completion},
        {.verb = "manual",
         .summary = kManual,
         .examples = {{"madoguchi-admin manual | man -l -", kManualExample}},
         .run = manual},
    };
}

}  // namespace madoguchi::admin_cli
