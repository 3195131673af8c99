#include "admin-cli/command_lookup.hpp"

#include "admin-cli/spelling.hpp"

namespace madoguchi::admin_cli {
namespace {

/// Takes the words of `arguments` that can't be anything but the command's; returns where they stand.
std::vector<std::size_t> word_positions(const std::vector<std::string>& arguments) {
    std::vector<std::size_t> positions;
    for (std::size_t i = 0; i < arguments.size() && positions.size() < 3; ++i) {
        const std::string& argument = arguments[i];
        if (argument == "--") {
            break;
        }
        if (!argument.starts_with("-") || argument == "-") {
            positions.push_back(i);
            continue;
        }
        for (const Option& option : global_options()) {
            const bool is_short = option.name.find(',') != std::string_view::npos &&
                                  argument == "-" + std::string(option.name.substr(option.name.find(',') + 1));
            if (option.form != Form::flag && (argument == "--" + std::string(option.long_name()) || is_short)) {
                ++i;  // its value is no command word
                break;
            }
        }
    }
    return positions;
}

tl::unexpected<Failure> unknown_command(const std::string& words, const std::vector<std::string>& known,
                                        Language language) {
    std::string advice;
    if (auto close = closest_spelling(words, known)) {
        advice = say(language, texts::kDidYouMean, *close);
    }
    return fail(ExitCode::usage, say(language, texts::kUnknownCommand, words), std::move(advice));
}

}  // namespace

Outcome<FoundCommand> find_command(const std::vector<std::string>& arguments, Language language) {
    std::vector<std::size_t> positions = word_positions(arguments);
    FoundCommand found;
    if (!positions.empty() && arguments[positions[0]] == "help") {
        found.wants_help = true;
        found.used.push_back(positions[0]);
        positions.erase(positions.begin());
    }
    if (positions.empty()) {
        return found;
    }
    const std::string& first = arguments[positions[0]];
    std::vector<std::string> known;
    for (const Command& command : all_commands()) {
        if (command.group.empty()) {
            known.emplace_back(command.verb);
            if (command.verb == first || (!command.alias.empty() && command.alias == first)) {
                found.command = &command;
                found.used.push_back(positions[0]);
                return found;
            }
        } else if (command.group == first && found.group.empty()) {
            found.group = first;
            found.used.push_back(positions[0]);
        }
    }
    if (found.group.empty()) {
        for (const Group& group : all_groups()) {
            known.emplace_back(group.name);
        }
        return unknown_command(first, known, language);
    }
    if (positions.size() < 2) {
        return found;
    }
    const std::string& second = arguments[positions[1]];
    known.clear();
    for (const Command& command : all_commands()) {
        if (command.group == found.group) {
            known.push_back(command.words());
            if (command.verb == second) {
                found.command = &command;
                found.used.push_back(positions[1]);
                return found;
            }
        }
    }
    return unknown_command(first + " " + second, known, language);
}

}  // namespace madoguchi::admin_cli
