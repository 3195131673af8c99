#include "admin-cli/context.hpp"

#include <cstdlib>

#include "admin-cli/text_width.hpp"

namespace madoguchi::admin_cli {

namespace {

/// A script's token comes from a file or the environment, never from the command line, where everybody reads it.
Outcome<std::optional<std::string>> token_of_script(Context& context) {
    if (const auto& file = context.settings().token_file; !file.empty()) {
        return std::optional(CLI_TRY(context.terminal.secret_of_file(file)));
    }
    const char* token = std::getenv("MADOGUCHI_TOKEN");
    return token != nullptr && *token != '\0' ? std::optional<std::string>(token) : std::nullopt;
}

}  // namespace

Outcome<void> require_sign_in(Context& context) {
    if (auto token = CLI_TRY(token_of_script(context))) {
        context.api.use_token(std::move(*token));
        return {};
    }
    const auto stored = CLI_TRY(context.tokens.find(context.settings().server));
    if (!stored) {
        return fail(ExitCode::not_signed_in, context.say(texts::kNotSignedIn, context.settings().server),
                    context.say(texts::kNotSignedInAdvice));
    }
    context.api.use_token(stored->token);
    return {};
}

Json body_of_options(const Context& context) {
    Json body = Json::object();
    for (const Option& option : context.invocation.command->options) {
        if (auto value = context.invocation.option(option.name); value && !option.field.empty()) {
            body[std::string(option.field)] = *value;
        }
    }
    if (context.settings().dry_run) {
        body["dry_run"] = true;
    }
    return body;
}

Query query_of_options(const Context& context) {
    Query query;
    for (const Option& option : context.invocation.command->options) {
        if (auto value = context.invocation.option(option.name); value && !option.field.empty()) {
            query.emplace_back(option.field, *value);
        }
    }
    return query;
}

Outcome<ExitCode> print_list(Context& context, const std::string& path, const std::string& key, const Columns& columns,
                             void (*for_people)(Json& row, Language language)) {
    CLI_TRY(require_sign_in(context));
    std::optional<int> limit = kDefaultRows;
    if (context.invocation.has("all")) {
        limit.reset();
    } else if (auto given = context.invocation.option("limit")) {
        limit = std::stoi(*given);
    }
    Json answer = CLI_TRY(context.api.list(path, key, query_of_options(context), limit));
    if (for_people != nullptr && context.output.is_table()) {
        for (Json& row : answer[key]) {
            for_people(row, context.settings().language);
        }
    }
    context.output.list(answer, key, columns);
    if (const Json& next = member(answer, "next_cursor"); next.is_string() && !next.get<std::string>().empty()) {
        context.note(texts::kMoreRows, answer[key].size());
    }
    return ExitCode::ok;
}

Outcome<void> confirm_change(Context& context, const std::string& what) {
    if (context.settings().yes || context.settings().dry_run) {
        return {};
    }
    if (!context.terminal.interactive()) {
        return fail(ExitCode::not_confirmed, context.say(texts::kNeedsYes), context.say(texts::kNeedsYesAdvice));
    }
    const std::string question = context.say(texts::kAboutTo, context.settings().server) + "\n  " + printable(what) +
                                 "\n" + context.say(texts::kContinue);
    if (!CLI_TRY(context.terminal.confirm(question))) {
        return fail(ExitCode::not_confirmed, context.say(texts::kDeclined));
    }
    return {};
}

bool print_waiting(Context& context, const ApiAnswer& answer) {
    const Json& request = member(answer.body, "approval_request");
    if (answer.status != 202 && !request.is_object()) {
        return false;
    }
    if (request.is_object()) {
        context.output.record(answer.body, request,
                              {"id", "kind", "state", "account.login_id", "summary", "requested_at"});
    } else if (member(answer.body, "account").is_object()) {
        context.output.record(answer.body, answer.body, {"approval_request_id", "account.login_id", "account.state"});
    } else {
        context.output.record(answer.body, answer.body, {"approval_request_id"});
    }
    if (!context.settings().dry_run) {
        const Json& id = request.is_object() ? member(request, "id") : member(answer.body, "approval_request_id");
        context.note(texts::kWaitsForApproval, cell(id));
    }
    return true;
}

void note_dry_run(Context& context) {
    if (context.settings().dry_run) {
        context.note(texts::kDryRunNote);
    }
}

void print_initial_password(Context& context, const Json& answer) {
    const Json& password = member(answer, "initial_password");
    if (!password.is_string()) {
        return;
    }
    context.output.line("");
    context.output.line(context.say(texts::kInitialPasswordHeading));
    if (context.output.is_table()) {
        Json shown = Json::object();
        shown["login_id"] = member(answer, "account.login_id");
        shown["initial_password"] = password;
        shown["initial_password_expires_at"] = member(answer, "initial_password_expires_at");
        context.output.line(render_record(shown, {"login_id", "initial_password", "initial_password_expires_at"},
                                          context.settings().language));
    }
    context.output.line(context.say(texts::kInitialPasswordAdvice));
    if (!context.output.goes_to_terminal()) {
        context.note(texts::kInitialPasswordNotTerminal);
    }
}

void print_handed_codes(Context& context, const Json& answer) {
    if (const Json& sent_to = member(answer, "reset_code_sent_to"); sent_to.is_string()) {
        context.note(texts::kResetCodeSent, cell(sent_to));
    }
    const Json& code = member(answer, "access_code");
    if (!code.is_string()) {
        return;
    }
    if (context.output.is_table()) {
        context.output.line("");
        context.output.line(context.say(texts::kAccessCodeHeading));
        Json shown = Json::object();
        shown["login_id"] = member(answer, "account.login_id");
        shown["access_code"] = code;
        shown["access_code_expires_at"] = member(answer, "access_code_expires_at");
        context.output.line(
            render_record(shown, {"login_id", "access_code", "access_code_expires_at"}, context.settings().language));
        context.output.line(context.say(texts::kAccessCodeAdvice));
    }
    if (!context.output.goes_to_terminal()) {
        context.note(texts::kInitialPasswordNotTerminal);
    }
}

const Columns& account_columns() {
    static const Columns kColumns{"id",
                                  "login_id",
                                  "family_name",
                                  "given_name",
                                  "family_kana",
                                  "given_kana",
                                  "state",
                                  "organization.name",
                                  "organization.id",
                                  "grants",
                                  "second_steps",
                                  "initial_password_expires_at",
                                  "last_signed_in_at",
                                  "created_at"};
    return kColumns;
}

}  // namespace madoguchi::admin_cli
