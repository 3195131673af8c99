#include "admin-cli/context.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>

#include "admin-cli/commands.hpp"
#include "admin-cli/text_width.hpp"

namespace madoguchi::admin_cli {

namespace {

Json json_of(const Option& option, const std::string& value) {
    switch (option.form) {
        case Form::flag:
            return true;
        case Form::number:
        case Form::integer:
            return std::stoll(value);
        case Form::words:
            return words_of(value);
        default:
            return value;
    }
}

/// "adjustment.reason" is a member of a member; figures are fourteen members, beside the others or below "adjustment.".
void set_field(Json& body, const Option& option, const std::string& value) {
    const auto dot = option.field.find('.');
    Json& into = dot == std::string_view::npos ? body : body[std::string(option.field.substr(0, dot))];
    if (option.form != Form::figures && option.form != Form::differences) {
        into[std::string(dot == std::string_view::npos ? option.field : option.field.substr(dot + 1))] =
            json_of(option, value);
        return;
    }
    const auto numbers = words_of(value);
    for (std::size_t band = 0; band < kAgeBandFields.size(); ++band) {
        into[std::string(kAgeBandFields.at(band))] = std::stoll(numbers.at(band));
    }
}

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
            set_field(body, option, *value);
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

namespace {

/// "/applications/{0}/accept" with the arguments, encoded.
std::string filled(std::string_view path, const std::vector<std::string>& arguments) {
    std::string out(path);
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string place = "{" + std::to_string(i) + "}";
        if (const auto at = out.find(place); at != std::string::npos) {
            out.replace(at, place.size(), url_encoded(arguments[i]));
        }
    }
    return out;
}

bool write_whole(int file, std::string_view bytes) {
    while (!bytes.empty()) {
        const auto written = write(file, bytes.data(), bytes.size());
        if (written < 0) {
            return false;
        }
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return true;
}

Outcome<ApiAnswer> changed(Context& context, Call::How how, const std::string& path) {
    if (how == Call::How::put) {
        return context.api.put(path, body_of_options(context));
    }
    if (how == Call::How::remove) {
        return context.api.remove(path);
    }
    if (how == Call::How::edit) {
        const ApiAnswer current = CLI_TRY(context.api.get(path));
        return context.api.patch(path, body_of_options(context), current.tag);
    }
    return context.api.post(path, body_of_options(context));
}

/// Made with an access that is ours alone, before anything is asked of the server: an initial password is made once.
Outcome<ExitCode> save(Context& context, const std::string& path) {
    const std::string name = context.invocation.option("to").value_or("");
    const int file = open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file < 0) {
        return fail(ExitCode::failed, context.say(texts::kFileUnwritable, name, std::strerror(errno)));
    }
    const auto bytes = context.api.download(path, body_of_options(context));
    const bool written = bytes && write_whole(file, *bytes);
    const bool kept = close(file) == 0 && written;
    if (!kept) {
        unlink(name.c_str());
        return bytes ? fail(ExitCode::failed, context.say(texts::kFileUnwritable, name, std::strerror(errno)))
                     : fail(bytes.error());
    }
    context.note(texts::kSaved, name, bytes->size());
    return ExitCode::ok;
}

}  // namespace

Outcome<std::string> whole_input(const Context& context, const std::string& name) {
    if (name == "-") {
        return std::string(std::istreambuf_iterator<char>(std::cin), {});
    }
    std::ifstream file(name, std::ios::binary);
    if (!file) {
        return fail(ExitCode::usage, context.say(texts::kApplyNoFile, name));
    }
    return std::string(std::istreambuf_iterator<char>(file), {});
}

Outcome<ExitCode> carry_out(Context& context) {
    const Call& call = context.invocation.command->call;
    const std::string path = filled(call.path, context.invocation.arguments);
    if (call.how == Call::How::list) {
        return print_list(context, path, std::string(call.key), call.columns);
    }
    CLI_TRY(require_sign_in(context));
    if (call.how == Call::How::show || call.how == Call::How::rows) {
        const Json answer = CLI_TRY(context.api.get(path, query_of_options(context))).body;
        if (call.how == Call::How::rows) {
            context.output.list(answer, call.key, call.columns);
        } else {
            context.output.record(answer, call.key.empty() ? answer : member(answer, call.key), call.columns);
        }
        return ExitCode::ok;
    }
    if (!call.asks.empty()) {
        std::vector<std::string> said = context.invocation.arguments;
        said.resize(2);
        CLI_TRY(confirm_change(context, context.say(call.asks, said[0], said[1])));
    }
    if (call.how == Call::How::save) {
        return save(context, path);
    }
    const ApiAnswer answer = CLI_TRY(changed(context, call.how, path));
    if (answer.body.is_object() && !call.columns.empty()) {
        const Json& shown = call.key.empty() ? answer.body : member(answer.body, call.key);
        if (shown.is_array()) {
            context.output.list(answer.body, call.key, call.columns);
        } else {
            context.output.record(answer.body, shown, call.columns);
        }
    } else {
        context.note(texts::kDone);
    }
    note_dry_run(context);
    return ExitCode::ok;
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
