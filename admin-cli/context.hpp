// What a command works with, and the few steps that many commands share.
#pragma once

#include <string>

#include "admin-cli/api_client.hpp"
#include "admin-cli/command_line.hpp"
#include "admin-cli/output.hpp"
#include "admin-cli/terminal.hpp"
#include "admin-cli/token_store.hpp"

namespace madoguchi::admin_cli {

struct Context {
    const Invocation& invocation;
    ApiClient& api;
    TokenStore& tokens;
    Terminal& terminal;
    Output& output;

    const Settings& settings() const { return invocation.settings; }
    const std::string& argument(std::size_t index) const { return invocation.arguments.at(index); }

    template <class... Values>
    std::string say(const Text& text, const Values&... values) const {
        return admin_cli::say(settings().language, text, values...);
    }
    template <class... Values>
    void note(const Text& text, const Values&... values) const {
        output.note(say(text, values...));
    }
};

/// Gives the API client a script's token (--token-file, MADOGUCHI_TOKEN), else that of the kept sign-in. Errors:
/// not_signed_in.
Outcome<void> require_sign_in(Context& context);

/// The options that have a field, as a JSON body with dry_run when asked for, or as a query.
Json body_of_options(const Context& context);
Query query_of_options(const Context& context);

/// The file of that name, or standard input for "-". Errors: usage.
Outcome<std::string> whole_input(const Context& context, const std::string& name);

/// A GET of a list, with --limit and --all, printed. `for_people` rewrites a row for a table; programs get it as it
/// came.
Outcome<ExitCode> print_list(Context& context, const std::string& path, const std::string& key, const Columns& columns,
                             void (*for_people)(Json& row, Language language) = nullptr);

/// Shows `what` and asks, unless --yes or --dry-run. Errors: not_confirmed.
Outcome<void> confirm_change(Context& context, const std::string& what);

/// What every changing command ends with: says that a dry run changed nothing, or that it waits for approval (202).
/// True when the answer is an approval request, which has been printed.
bool print_waiting(Context& context, const ApiAnswer& answer);
void note_dry_run(Context& context);

/// The temporary code of an answer, once; and where a reset code went.
void print_handed_codes(Context& context, const Json& answer);
/// An initial password stands in `answer`: say so once, clearly, and warn when it goes to a file.
void print_initial_password(Context& context, const Json& answer);

const Columns& account_columns();

}  // namespace madoguchi::admin_cli
