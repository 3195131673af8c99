#include "admin-cli/command_line.hpp"

#include <fmt/chrono.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <boost/program_options.hpp>
#include <charconv>

#include "admin-cli/command_lookup.hpp"
#include "admin-cli/server_url.hpp"

namespace madoguchi::admin_cli {
namespace {

namespace po = boost::program_options;

constexpr std::string_view kArgumentKey = "argument";

// Names under which people try to pass a secret. None is an option, and each gets the reason why.
constexpr std::array<std::string_view, 7> kSecretNames{"--password", "--passwd",           "--pass", "--code",
                                                       "--token",    "--initial-password", "--pin"};

tl::unexpected<Failure> usage(std::string message, const Command* command = nullptr, std::string advice = {}) {
    return fail(Failure{.code = ExitCode::usage,
                        .message = std::move(message),
                        .advice = std::move(advice),
                        .usage_of = command ? command->words() : std::string()});
}

std::string dashed(std::string_view name) {
    return "--" + std::string(name);
}

void describe(po::options_description& description, const Option& option) {
    const std::string name(option.name);
    if (option.form == Form::flag) {
        description.add_options()(name.c_str(), new po::untyped_value(true));
    } else {
        description.add_options()(name.c_str(), po::value<std::string>());
    }
}

Outcome<std::vector<po::option>> split(const std::vector<std::string>& arguments, const Command* command,
                                       Language language) {
    po::options_description description;
    for (const Option& option : global_options()) {
        describe(description, option);
    }
    if (command) {
        for (const Option& option : command->options) {
            describe(description, option);
        }
    }
    description.add_options()(std::string(kArgumentKey).c_str(), po::value<std::vector<std::string>>());
    po::positional_options_description positional;
    positional.add(std::string(kArgumentKey).c_str(), -1);
    // No guessing of abbreviated names: a script must not change its meaning when an option is added.
    const int style = po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
    try {
        return po::command_line_parser(arguments)
            .options(description)
            .positional(positional)
            .style(style)
            .run()
            .options;
    } catch (const po::unknown_option& error) {
        return usage(say(language, texts::kUnknownOption, error.get_option_name()), command);
    } catch (const po::invalid_command_line_syntax& error) {
        const bool extra = error.kind() == po::invalid_syntax::extra_parameter;
        return usage(
            say(language, extra ? texts::kOptionTakesNoValue : texts::kOptionNeedsValue, error.get_option_name()),
            command);
    } catch (const po::error& error) {
        return usage(say(language, texts::kBadCommandLine, error.what()), command);
    }
}

bool is_whole(std::string_view text, int least) {
    int number = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    return error == std::errc() && stop == end && number >= least;
}

Outcome<std::string> checked(const Option& option, const std::string& value, const Command* command,
                             Language language) {
    const std::string name = dashed(option.long_name());
    if (!option.choices.empty() &&
        std::find(option.choices.begin(), option.choices.end(), value) == option.choices.end()) {
        return usage(say(language, texts::kNotAChoice, name, fmt::join(option.choices, ", ")), command);
    }
    if (option.form == Form::number) {
        const int largest = option.long_name() == "timeout" ? kMaximumTimeoutSeconds : kMaximumRows;
        int number = 0;
        const char* end = value.data() + value.size();
        const auto [stop, error] = std::from_chars(value.data(), end, number);
        if (error != std::errc() || stop != end || number < 1 || number > largest) {
            return usage(say(language, texts::kNotANumber, name, 1, largest), command);
        }
    }
    if (option.form == Form::integer && !is_whole(value, 0)) {
        return usage(say(language, texts::kNotWhole, name), command);
    }
    if (option.form == Form::figures || option.form == Form::differences) {
        const auto numbers = words_of(value);
        const bool whole = std::all_of(numbers.begin(), numbers.end(), [&](const std::string& number) {
            return is_whole(number, option.form == Form::figures ? 0 : -kLargestFigure);
        });
        if (numbers.size() != kAgeBandFields.size() || !whole) {
            return usage(say(language, texts::kNotFigures, name, kAgeBandFields.size()), command);
        }
    }
    if (option.form == Form::time) {
        if (auto time = to_time(value, std::chrono::system_clock::now())) {
            return *time;
        }
        return usage(say(language, texts::kNotATime, name), command);
    }
    return value;
}

const Option* find_global(std::string_view name) {
    for (const Option& option : global_options()) {
        if (option.long_name() == name) {
            return &option;
        }
    }
    return nullptr;
}

Outcome<void> collect(Invocation& invocation, std::map<std::string, std::string, std::less<>>& globals,
                      const std::vector<po::option>& parts, Language language) {
    for (const po::option& part : parts) {
        if (part.string_key == kArgumentKey || part.position_key >= 0) {
            invocation.arguments.insert(invocation.arguments.end(), part.value.begin(), part.value.end());
            continue;
        }
        // A short option keeps its dash in string_key only when unknown; known ones carry their long name.
        const Option* global = find_global(part.string_key);
        const Option* option = global               ? global
                               : invocation.command ? invocation.command->find_option(part.string_key)
                                                    : nullptr;
        if (!option) {
            return usage(say(language, texts::kUnknownOption, dashed(part.string_key)), invocation.command);
        }
        const std::string value = part.value.empty() ? std::string() : part.value.front();
        auto& into = global ? globals : invocation.options;
        if (!into.emplace(part.string_key, CLI_TRY(checked(*option, value, invocation.command, language))).second) {
            return usage(say(language, texts::kOptionTwice, dashed(part.string_key)), invocation.command);
        }
    }
    return {};
}

Outcome<void> settle(Settings& settings, const std::map<std::string, std::string, std::less<>>& globals,
                     const Environment& environment) {
    const auto value = [&](std::string_view option, std::string_view variable) -> std::optional<std::string> {
        if (auto found = globals.find(option); found != globals.end()) {
            return found->second;
        }
        auto from_environment = variable.empty() ? std::nullopt : environment(variable);
        return from_environment && !from_environment->empty() ? from_environment : std::nullopt;
    };
    settings.ca_file = value("ca-file", "MADOGUCHI_CA_FILE").value_or("");
    settings.token_file = value("token-file", "MADOGUCHI_TOKEN_FILE").value_or("");
    const std::string format = value("output", "").value_or("table");
    settings.output = format == "json" ? OutputFormat::json : format == "csv" ? OutputFormat::csv : OutputFormat::table;
    settings.yes = globals.contains("yes");
    settings.dry_run = globals.contains("dry-run");
    settings.quiet = globals.contains("quiet");
    if (auto seconds = value("timeout", "")) {
        settings.timeout = std::chrono::seconds(std::stoi(*seconds));
    }
    const auto server = value("server", "MADOGUCHI_SERVER").value_or(std::string(kDefaultServer));
    settings.server = CLI_TRY(normal_server_url(server, settings.language));
    return {};
}

Outcome<void> check_complete(const Invocation& invocation, Language language) {
    const Command& command = *invocation.command;
    for (std::size_t i = invocation.arguments.size(); i < command.arguments.size(); ++i) {
        if (command.arguments[i].required) {
            return usage(say(language, texts::kArgumentMissing, command.arguments[i].name), &command);
        }
    }
    if (invocation.arguments.size() > command.arguments.size()) {
        return usage(say(language, texts::kTooManyArguments, invocation.arguments[command.arguments.size()]), &command);
    }
    for (const Option& option : command.options) {
        if (option.required && !invocation.has(option.name)) {
            return usage(say(language, texts::kOptionMissing, dashed(option.name)), &command);
        }
    }
    if (invocation.has("limit") && invocation.has("all")) {
        return usage(say(language, texts::kTogether, "--limit", "--all"), &command);
    }
    if (invocation.settings.dry_run && (command.effect == Effect::session || command.effect == Effect::acts)) {
        return usage(say(language, texts::kNoDryRun, command.words()), &command);
    }
    return {};
}

Outcome<void> refuse_secrets(const std::vector<std::string>& arguments, Language language) {
    for (const std::string& argument : arguments) {
        if (argument == "--") {
            break;
        }
        const std::string name = argument.substr(0, argument.find('='));
        if (std::find(kSecretNames.begin(), kSecretNames.end(), name) != kSecretNames.end()) {
            return usage(say(language, texts::kSecretAsArgument, name), nullptr,
                         say(language, texts::kSecretAsArgumentAdvice));
        }
    }
    return {};
}

/// "90m", "1h", "7d".
std::optional<std::chrono::minutes> time_before(std::string_view text) {
    constexpr int kMostUnits = 9999;
    int units = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, units);
    if (error != std::errc() || stop + 1 != end || units < 1 || units > kMostUnits) {
        return std::nullopt;
    }
    switch (*stop) {
        case 'm':
            return std::chrono::minutes(units);
        case 'h':
            return std::chrono::hours(units);
        case 'd':
            return std::chrono::days(units);
        default:
            return std::nullopt;
    }
}

}  // namespace

std::vector<std::string> words_of(std::string_view list) {
    std::vector<std::string> out;
    std::string word;
    for (const char c : std::string(list) + ",") {
        if (c != ',' && c != ' ') {
            word += c;
        } else if (!word.empty()) {
            out.push_back(std::exchange(word, {}));
        }
    }
    return out;
}

std::optional<std::string> Invocation::option(std::string_view name) const {
    const auto found = options.find(name);
    return found == options.end() ? std::nullopt : std::optional(found->second);
}

Outcome<Invocation> parse_command_line(const std::vector<std::string>& arguments, const Environment& environment) {
    const Language language = choose_language(arguments, environment);
    CLI_TRY(refuse_secrets(arguments, language));
    const FoundCommand found = CLI_TRY(find_command(arguments, language));
    std::vector<std::string> rest;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (std::find(found.used.begin(), found.used.end(), i) == found.used.end()) {
            rest.push_back(arguments[i]);
        }
    }
    Invocation invocation{.command = found.command, .group = found.group};
    invocation.settings.language = language;
    std::map<std::string, std::string, std::less<>> globals;
    const auto parts = CLI_TRY(split(rest, found.command, language));
    CLI_TRY(collect(invocation, globals, parts, language));
    if (globals.contains("help") || found.wants_help) {
        invocation.purpose = Purpose::help;
        return invocation;
    }
    if (globals.contains("version")) {
        invocation.purpose = Purpose::version;
        return invocation;
    }
    if (!found.command) {
        std::vector<std::string_view> verbs;
        for (const Command& command : all_commands()) {
            if (command.group == found.group && !found.group.empty()) {
                verbs.push_back(command.verb);
            }
        }
        return fail(Failure{.code = ExitCode::usage,
                            .message = found.group.empty()
                                           ? say(language, texts::kNoCommand)
                                           : say(language, texts::kGroupNeedsVerb, found.group, fmt::join(verbs, ", ")),
                            .usage_of = found.group});
    }
    CLI_TRY(settle(invocation.settings, globals, environment));
    CLI_TRY(check_complete(invocation, language));
    return invocation;
}

Language choose_language(const std::vector<std::string>& arguments, const Environment& environment) {
    for (std::size_t i = 0; i < arguments.size() && arguments[i] != "--"; ++i) {
        if (arguments[i] == "--lang=ja" ||
            (arguments[i] == "--lang" && i + 1 < arguments.size() && arguments[i + 1] == "ja")) {
            return Language::ja;
        }
        if (arguments[i] == "--lang=en" ||
            (arguments[i] == "--lang" && i + 1 < arguments.size() && arguments[i + 1] == "en")) {
            return Language::en;
        }
    }
    for (std::string_view variable : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
        if (auto value = environment(variable); value && !value->empty()) {
            return value->starts_with("ja") ? Language::ja : Language::en;
        }
    }
    return Language::en;
}

std::optional<std::string> to_time(std::string_view text, Now now) {
    if (auto length = time_before(text)) {
        return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(now - *length)));
    }
    const auto matches = [](std::string_view value, std::string_view pattern) {
        return value.size() >= pattern.size() &&
               std::equal(pattern.begin(), pattern.end(), value.begin(), [](char wanted, char given) {
                   return wanted == '0' ? given >= '0' && given <= '9' : wanted == given;
               });
    };
    if (text.size() == 10 && matches(text, "0000-00-00")) {
        return std::string(text) + "T00:00:00+09:00";
    }
    const bool whole = matches(text, "0000-00-00T00:00:00") && text.size() > 19 &&
                       (text.ends_with("Z") || (text.size() >= 25 && text[text.size() - 3] == ':'));
    return whole ? std::optional(std::string(text)) : std::nullopt;
}

}  // namespace madoguchi::admin_cli
