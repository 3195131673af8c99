#include "admin-cli/program.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "admin-cli/context.hpp"
#include "admin-cli/help.hpp"
#include "admin-cli/text_width.hpp"
#include "admin-cli/version.hpp"

namespace madoguchi::admin_cli {
namespace {

std::optional<std::string> environment(std::string_view name) {
    const char* value = std::getenv(std::string(name).c_str());
    return value ? std::optional<std::string>(value) : std::nullopt;
}

/// "--parent (parent_id)" where a person typed the option, the bare field where they did not.
std::string field_name(const std::string& field, const Command* command) {
    const Option* option = command ? command->option_for_field(field) : nullptr;
    if (!option) {
        return field;
    }
    const std::string dashed = "--" + std::string(option->name);
    return option->name == field ? dashed : dashed + " (" + field + ")";
}

void print_failure(const Failure& failure, const Command* command, Language language) {
    std::string text = "madoguchi-admin: " + printable(failure.message) + "\n";
    for (const FieldProblem& problem : failure.fields) {
        text += say(language, texts::kFieldLine, printable(field_name(problem.field, command)),
                    printable(problem.message), printable(problem.rule)) +
                "\n";
    }
    if (!failure.advice.empty()) {
        text += say(language, texts::kAdviceLine, printable(failure.advice)) + "\n";
    }
    if (!failure.request_id.empty()) {
        text += say(language, texts::kRequestIdLine, printable(failure.request_id)) + "\n";
    }
    if (failure.code == ExitCode::usage) {
        const std::string words = failure.usage_of.empty() ? std::string() : failure.usage_of + " ";
        text += say(language, texts::kSeeHelp, words) + "\n";
    }
    std::fflush(stdout);
    std::fputs(text.c_str(), stderr);
}

/// Core files and debuggers of other processes hold no password or token of ours (S20), and a reader that went away
/// is a failed write, not a silent death.
void guard_process() {
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    signal(SIGPIPE, SIG_IGN);
}

Outcome<ExitCode> run_command(const Invocation& invocation) {
    const Settings& settings = invocation.settings;
    const std::string folder =
        CLI_TRY(token_folder(environment("XDG_STATE_HOME"), environment("HOME"), settings.language));
    Output output(settings, stdout, stderr);
    const auto http = make_http_client(settings);
    ApiClient api(
        *http, settings, [&](std::string_view text) { output.note(text); },
        [](std::chrono::seconds wait) { std::this_thread::sleep_for(wait); });
    TokenStore tokens(folder, settings.language);
    Terminal terminal(settings.language);
    Context context{invocation, api, tokens, terminal, output};
    auto result = invocation.command->run(context);
    // A failed command may have printed something before; what got lost is told in any case.
    if (auto written = output.finish(); !written && result) {
        Failure lost = std::move(written.error());
        if (invocation.command->effect == Effect::reads) {
            if (output.reader_left()) {  // "account list | head" is no mistake: end as every program does there
                signal(SIGPIPE, SIG_DFL);
                raise(SIGPIPE);
            }
            lost.advice.clear();
        }
        return fail(std::move(lost));
    }
    return result;
}

Outcome<ExitCode> print(const std::string& text, Language language) {
    if (std::fputs(text.c_str(), stdout) < 0 || std::fflush(stdout) != 0) {
        return fail(ExitCode::failed, say(language, texts::kOutputLost, std::strerror(errno)));
    }
    return ExitCode::ok;
}

Outcome<ExitCode> run_invocation(const Invocation& invocation) {
    switch (invocation.purpose) {
        case Purpose::help:
            return print(render_help(invocation), invocation.settings.language);
        case Purpose::version:
            return print(std::string("madoguchi-admin ") + kVersion + "\n", invocation.settings.language);
        case Purpose::run:
            break;
    }
    return run_command(invocation);
}

}  // namespace

int run_program(const std::vector<std::string>& arguments) {
    guard_process();
    const Language language = choose_language(arguments, environment);
    const Command* command = nullptr;
    Outcome<ExitCode> result = ExitCode::ok;
    try {
        const auto invocation = parse_command_line(arguments, environment);
        if (invocation) {
            command = invocation->command;
            result = run_invocation(*invocation);
        } else {
            result = fail(invocation.error());
        }
    } catch (const std::exception& error) {
        result = fail(ExitCode::failed, say(language, texts::kUnexpected, error.what()));
    }
    if (!result) {
        print_failure(result.error(), command, language);
        return static_cast<int>(result.error().code);
    }
    return static_cast<int>(*result);
}

}  // namespace madoguchi::admin_cli
