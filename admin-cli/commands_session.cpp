// sign-in, sign-out, me.
#include <fmt/ranges.h>

#include "admin-cli/commands.hpp"
#include "admin-cli/context.hpp"
#include "admin-cli/help_texts.hpp"
#include "admin-cli/text_width.hpp"

namespace madoguchi::admin_cli {
namespace {

constexpr int kCodeTries = 5;  // the server ends a sign-in after as many wrong codes

std::string text(const Json& object, std::string_view path) {
    return cell(member(object, path));
}

tl::unexpected<Failure> no_terminal(const Context& context) {
    return fail(ExitCode::usage, context.say(texts::kNoTerminalForSecret),
                context.say(texts::kNoTerminalForSecretAdvice));
}

Outcome<std::string> take_login_id(Context& context) {
    if (!context.invocation.arguments.empty()) {
        return context.argument(0);
    }
    if (!context.terminal.interactive()) {
        return fail(Failure{.code = ExitCode::usage,
                            .message = context.say(texts::kArgumentMissing, "LOGIN_ID"),
                            .usage_of = "sign-in"});
    }
    return context.terminal.ask(context.say(texts::kAskLoginId));
}

Outcome<std::string> take_password(Context& context) {
    const auto file = context.invocation.option("password-file");
    const bool from_input = context.invocation.has("password-stdin");
    if (file && from_input) {
        return fail(ExitCode::usage, context.say(texts::kTogether, "--password-file", "--password-stdin"));
    }
    if (file) {
        return context.terminal.secret_of_file(*file);
    }
    if (from_input) {
        return context.terminal.line_of_standard_input();
    }
    if (!context.terminal.interactive()) {
        return no_terminal(context);
    }
    return context.terminal.ask_secret(context.say(texts::kAskPassword));
}

/// The method to use: the only one, the kind asked for, the person's choice, else the default.
Outcome<Json> choose_method(Context& context, const Json& flow) {
    const Json& methods = member(flow, "methods");
    const std::string default_id = text(flow, "default_method_id");
    Json candidates = Json::array();
    std::vector<std::string> kinds;
    const auto wanted = context.invocation.option("method");
    for (const Json& method : methods) {
        kinds.push_back(text(method, "kind"));
        if (!wanted || text(method, "kind") == *wanted) {
            candidates.push_back(method);
        }
    }
    if (candidates.empty()) {
        return fail(ExitCode::invalid_input, context.say(texts::kNoSuchMethod, wanted.value_or("-"),
                                                         printable(fmt::format("{}", fmt::join(kinds, ", ")))));
    }
    std::size_t chosen = 0;
    std::string question;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        const bool is_default = text(candidates[i], "id") == default_id;
        chosen = is_default ? i : chosen;
        question +=
            fmt::format("  {} {} {} {}\n", i + 1, text(candidates[i], "kind"), printable(text(candidates[i], "label")),
                        is_default ? context.say(texts::kMethodDefault) : std::string());
    }
    if (candidates.size() > 1 && context.terminal.interactive() && !context.invocation.has("code-stdin")) {
        question += context.say(texts::kAskMethod, candidates.size(), chosen + 1);
        for (;;) {
            const std::string answer = CLI_TRY(context.terminal.ask(question));
            if (answer.empty()) {
                break;
            }
            if (answer.size() == 1 && answer[0] >= '1' &&
                static_cast<std::size_t>(answer[0] - '0') <= candidates.size()) {
                chosen = static_cast<std::size_t>(answer[0] - '1');
                break;
            }
        }
    }
    return candidates[chosen];
}

Outcome<void> send_challenge(Context& context, const Json& flow, const Json& method) {
    const Json body{{"flow", member(flow, "flow")}, {"method_id", member(method, "id")}};
    const ApiAnswer answer = CLI_TRY(context.api.post("/sign-in/challenge", body));
    if (text(method, "kind") != "totp") {
        context.note(texts::kCodeSent, text(answer.body, "sent_to"), readable_time(text(answer.body, "expires_at")));
    }
    return {};
}

Outcome<std::string> take_code(Context& context, bool is_totp) {
    if (context.invocation.has("code-stdin")) {
        return context.terminal.line_of_standard_input();
    }
    if (!context.terminal.interactive()) {
        return no_terminal(context);
    }
    return context.terminal.ask_secret(context.say(is_totp ? texts::kAskTotpCode : texts::kAskCode));
}

/// A mistyped code may be typed again; anything else that is refused ends the sign-in.
bool is_wrong_code(const Failure& failure) {
    const bool names_code = failure.problem_id.find("code") != std::string::npos ||
                            (failure.fields.size() == 1 && failure.fields[0].field == "code");
    return names_code && (failure.http_status == 400 || failure.http_status == 401 || failure.http_status == 422);
}

Outcome<Json> pass_second_step(Context& context, const Json& flow) {
    const Json method = CLI_TRY(choose_method(context, flow));
    const bool is_totp = text(method, "kind") == "totp";
    CLI_TRY(send_challenge(context, flow, method));
    for (int tries = 1;;) {
        const std::string code = CLI_TRY(take_code(context, is_totp));
        if (code.empty()) {
            if (!is_totp) {
                CLI_TRY(send_challenge(context, flow, method));
            }
            continue;
        }
        auto answer = context.api.post("/sign-in/second-step", {{"flow", member(flow, "flow")}, {"code", code}});
        if (answer) {
            return std::move(answer->body);
        }
        const bool may_retry = is_wrong_code(answer.error()) && !context.invocation.has("code-stdin");
        if (!may_retry || tries == kCodeTries) {
            return fail(std::move(answer.error()));
        }
        ++tries;
        const Failure& wrong = answer.error();
        context.output.note(wrong.fields.empty() ? wrong.message : wrong.fields[0].message);
    }
}

tl::unexpected<Failure> refused_sign_in(const Context& context, Failure failure) {
    if (failure.problem_id == "first_sign_in_required") {
        failure.advice = context.say(texts::kFirstSignIn, context.settings().server);
    } else if (failure.http_status == 401) {
        failure.advice.clear();  // "sign in" is what they are doing
    }
    return fail(std::move(failure));
}

Outcome<ExitCode> sign_in(Context& context) {
    const std::string login_id = CLI_TRY(take_login_id(context));
    const std::string password = CLI_TRY(take_password(context));
    if (password.empty()) {
        return fail(ExitCode::usage, context.say(texts::kEmptySecret));
    }
    auto flow = context.api.post("/sign-in", {{"login_id", login_id}, {"password", password}});
    if (!flow) {
        return refused_sign_in(context, std::move(flow.error()));
    }
    auto passed = pass_second_step(context, flow->body);
    if (!passed) {
        return refused_sign_in(context, std::move(passed.error()));
    }
    const Json session = std::move(*passed);
    const std::string token = text(session, "token");
    if (token.empty()) {
        return fail(ExitCode::failed, context.say(texts::kNotOurServer, context.settings().server, 200));
    }
    const std::string named = text(session, "account.login_id");
    const std::string name = named.empty() ? login_id : named;
    CLI_TRY(context.tokens.keep(context.settings().server, {token, text(session, "expires_at"), name}));
    if (!context.output.is_table()) {
        Json shown = Json::object();  // the token itself is never printed
        shown["server"] = context.settings().server;
        shown["account"] = member(session, "account");
        shown["expires_at"] = member(session, "expires_at");
        context.output.record(shown, shown, {"server", "account", "expires_at"});
    }
    context.note(texts::kSignedIn, context.settings().server, name, readable_time(text(session, "expires_at")));
    return ExitCode::ok;
}

/// Password and second step once more, within the sign-in that is kept: it goes on under another token.
Outcome<ExitCode> prove(Context& context) {
    const std::string& server = context.settings().server;
    const auto stored = CLI_TRY(context.tokens.find(server));
    if (!stored) {
        return fail(ExitCode::not_signed_in, context.say(texts::kNotSignedIn, server),
                    context.say(texts::kNotSignedInAdvice));
    }
    context.api.use_token(stored->token);
    const std::string password = CLI_TRY(take_password(context));
    const ApiAnswer flow = CLI_TRY(context.api.post("/me/confirm", {{"password", password}}));
    const Json session = CLI_TRY(pass_second_step(context, flow.body));
    CLI_TRY(context.tokens.keep(server, {text(session, "token"), text(session, "expires_at"), stored->login_id}));
    context.note(texts::kProven);
    return ExitCode::ok;
}

Outcome<ExitCode> sign_out(Context& context) {
    const std::string& server = context.settings().server;
    const auto stored = CLI_TRY(context.tokens.find(server));
    if (!stored) {
        context.note(texts::kWasNotSignedIn, server);
        return ExitCode::ok;
    }
    context.api.use_token(stored->token);
    auto answer = context.api.post("/sign-out", Json::object());
    // The token goes from this computer whatever the server says.
    CLI_TRY(context.tokens.remove(server));
    if (!answer && answer.error().http_status != 401) {
        Failure failure = std::move(answer.error());
        failure.advice = context.say(texts::kTokenRemovedOnly);
        return fail(std::move(failure));
    }
    context.note(texts::kSignedOut, server);
    return ExitCode::ok;
}

Outcome<ExitCode> me(Context& context) {
    CLI_TRY(require_sign_in(context));
    const Json answer = CLI_TRY(context.api.get("/me")).body;
    context.output.record(
        answer, answer,
        {"account.login_id", "account.id", "organization.name", "organization.id", "grants", "permissions"});
    return ExitCode::ok;
}

}  // namespace

std::vector<Command> session_commands() {
    using namespace help_texts;
    return {
        {.group = "",
         .verb = "sign-in",
         .effect = Effect::session,
         .summary = kSignIn,
         .details = kSignInDetails,
         .arguments = {{"LOGIN_ID", kLoginIdArgument, false}},
         .options =
             {{.name = "method", .value_name = "KIND", .help = kMethodOption, .choices = {"sms", "voice", "totp"}},
              {.name = "password-stdin", .value_name = "", .help = kPasswordStdin, .form = Form::flag},
              {.name = "password-file", .value_name = "FILE", .help = kPasswordFile},
              {.name = "code-stdin", .value_name = "", .help = kCodeStdin, .form = Form::flag}},
         .examples = {{"madoguchi-admin sign-in admin@madoguchi.example", kSignInExample},
                      {"madoguchi-admin sign-in admin@madoguchi.example --method totp", kSignInExampleMethod},
                      {"madoguchi-admin sign-in admin@madoguchi.example --method totp --password-file password.txt "
                       "--code-stdin",
                       kSignInExampleScript}},
         .run = sign_in},
        {.group = "",
         .verb = "prove",
         .effect = Effect::session,
         .summary = {"Prove password and second step, before what asks for it",
                     "パスワードと二段階認証で本人であることを確かめる（求められたとき）"},
         .details = {"Tokens, webhooks, recovery codes and second steps ask for it; it holds for ten minutes.",
                     "トークン、通知先、回復コード、二段階認証の変更に要ります。有効なのは10分間です。"},
         .options =
             {{.name = "method", .value_name = "KIND", .help = kMethodOption, .choices = {"sms", "voice", "totp"}},
              {.name = "password-stdin", .value_name = "", .help = kPasswordStdin, .form = Form::flag},
              {.name = "password-file", .value_name = "FILE", .help = kPasswordFile},
              {.name = "code-stdin", .value_name = "", .help = kCodeStdin, .form = Form::flag}},
         .examples = {{"madoguchi-admin prove",
                       {"then: madoguchi-admin token make ...", "続けて madoguchi-admin token make などを実行する"}}},
         .run = prove},
        {.group = "",
         .verb = "sign-out",
         .effect = Effect::session,
         .summary = kSignOut,
         .examples = {{"madoguchi-admin sign-out", kSignOutExample}},
         .run = sign_out},
        {.group = "",
         .verb = "me",
         .summary = kMe,
         .examples = {{"madoguchi-admin me", kMeExample}, {"madoguchi-admin me --output json", kMeExampleJson}},
         .run = me,
         .alias = "whoami"},
    };
}

}  // namespace madoguchi::admin_cli
