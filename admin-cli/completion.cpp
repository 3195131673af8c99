#include "admin-cli/completion.hpp"

#include <fmt/format.h>

namespace madoguchi::admin_cli {
namespace {

// Files and folders are completed by the shell itself.
bool is_file(std::string_view value_name) {
    return value_name == "FILE";
}

std::string long_name(const Option& option) {
    return "--" + std::string(option.long_name());
}

std::string short_name(const Option& option) {
    const auto comma = option.name.find(',');
    return comma == std::string_view::npos ? std::string() : "-" + std::string(option.name.substr(comma + 1));
}

std::string joined(const std::vector<std::string>& words) {
    std::string out;
    for (const auto& word : words) {
        out += out.empty() ? "" : " ";
        out += word;
    }
    return out;
}

std::vector<std::string> words_of(std::string_view group) {
    std::vector<std::string> out;
    for (const Command& command : all_commands()) {
        if (command.group == group) {
            out.emplace_back(command.verb);
        }
    }
    return out;
}

std::string group_names() {
    std::vector<std::string> names;
    for (const Group& group : all_groups()) {
        names.emplace_back(group.name);
    }
    return joined(names);
}

std::string option_words(std::span<const Option> options) {
    std::vector<std::string> words;
    for (const Option& option : options) {
        words.push_back(long_name(option));
    }
    return joined(words);
}

// --- bash ---

std::string bash_values(const std::string& command, const Option& option) {
    std::string pattern = fmt::format("\"{} {}\"", command, long_name(option));
    if (const auto brief = short_name(option); !brief.empty()) {
        pattern += fmt::format("|\"{} {}\"", command, brief);
    }
    if (!option.choices.empty()) {
        std::vector<std::string> choices(option.choices.begin(), option.choices.end());
        return fmt::format("        {}) words=\"{}\"; argument= ;;\n", pattern, joined(choices));
    }
    return is_file(option.value_name)  ? fmt::format("        {}) files=yes ;;\n", pattern)
           : option.form == Form::flag ? std::string()
                                       : fmt::format("        {}) free=yes ;;\n", pattern);
}

std::string bash_body() {
    std::string words;
    std::string values;
    for (const Command& command : all_commands()) {
        const bool takes_file = !command.arguments.empty() && is_file(command.arguments.front().name);
        words += fmt::format("        \"{}\") words=\"{}\"{} ;;\n", command.words(), option_words(command.options),
                             takes_file ? "; argument=file" : "");
        for (const Option& option : command.options) {
            values += bash_values(command.words(), option);
        }
    }
    for (const Group& group : all_groups()) {
        words += fmt::format("        \"{}\") words=\"{}\"; alone=yes ;;\n", group.name, joined(words_of(group.name)));
    }
    std::string global_values;
    for (const Option& option : global_options()) {
        global_values += bash_values("any", option);
    }
    return fmt::format(R"(    case "$command" in
        "") words="{} {} help"; alone=yes ;;
{}    esac
    [ -n "$alone" ] || words="$words {}"
    case "$command $previous" in
{}    esac
    case "any $previous" in
{}    esac
)",
                       joined(words_of("")), group_names(), words, option_words(global_options()), values,
                       global_values);
}

// --- zsh ---

std::string quoted(std::string text) {
    for (std::size_t at = 0; (at = text.find('\'', at)) != std::string::npos; at += 4) {
        text.replace(at, 1, "'\\''");
    }
    return "'" + text + "'";
}

std::string escaped(std::string_view text, std::string_view special) {
    std::string out;
    for (const char c : text) {
        out += special.find(c) == std::string_view::npos ? "" : "\\";
        out += c == '\n' ? ' ' : c;
    }
    return out;
}

std::string described(std::string_view word, const Text& text, Language language) {
    return quoted(std::string(word) + ":" + escaped(text.in(language), "\\"));
}

std::string zsh_option(const Option& option, Language language) {
    std::string action;
    if (option.form != Form::flag) {
        std::vector<std::string> choices(option.choices.begin(), option.choices.end());
        action = ":" + std::string(option.value_name) + ":" +
                 (!choices.empty()             ? "(" + joined(choices) + ")"
                  : is_file(option.value_name) ? "_files"
                                               : "");
    }
    const auto help = "[" + escaped(option.help.in(language), "[]:\\") + "]";
    const auto brief = short_name(option);
    std::string out = " \\\n            " + quoted(long_name(option) + help + action);
    if (!brief.empty()) {
        out += " \\\n            " + quoted(brief + help + action);
    }
    return out;
}

std::string zsh_options(std::span<const Option> options, Language language) {
    std::string out;
    for (const Option& option : options) {
        out += zsh_option(option, language);
    }
    return out;
}

std::string zsh_command(const Command& command, Language language) {
    std::string arguments;
    for (const Argument& argument : command.arguments) {
        arguments += " \\\n            " + quoted((argument.required ? ":" : "::") + std::string(argument.name) + ":" +
                                                  (is_file(argument.name) ? "_files" : ""));
    }
    return fmt::format("        {}) _arguments -s{}{} $common ;;\n", quoted(command.words()),
                       zsh_options(command.options, language), arguments);
}

std::string zsh_words(std::string_view group, Language language) {
    std::string out;
    for (const Command& command : all_commands()) {
        if (command.group == group) {
            out += " " + described(command.verb, command.summary, language);
        }
    }
    return out;
}

}  // namespace

std::string bash_completion() {
    return fmt::format(R"(# bash completion of madoguchi-admin; written by `madoguchi-admin completion bash`.
_madoguchi_admin() {{
    local current="${{COMP_WORDS[COMP_CWORD]}}" previous="${{COMP_WORDS[COMP_CWORD-1]}}" command="" word i
    local words="" files="" free="" alone="" argument=""
    for ((i = 1; i < COMP_CWORD; i++)); do
        word="${{COMP_WORDS[i]}}"
        [[ "$word" != -* && "$word" != help ]] || continue
        if [ -z "$command" ]; then
            command="$word"
            [[ " {} " == *" $word "* ]] || break
        else
            command="$command $word"
            break
        fi
    done
{}    if [ -n "$free" ]; then return; fi
    if [ -n "$files" ]; then words=""; fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
    if [ -n "$files" ] || {{ [ -n "$argument" ] && [[ "$current" != -* ]]; }}; then
        compopt -o filenames 2>/dev/null || :
        mapfile -t -O "${{#COMPREPLY[@]}}" COMPREPLY < <(compgen -f -- "$current")
    fi
}}
complete -F _madoguchi_admin madoguchi-admin
)",
                       group_names(), bash_body());
}

std::string zsh_completion(Language language) {
    std::string groups;
    std::string verbs;
    std::string commands;
    for (const Group& group : all_groups()) {
        groups += " " + described(group.name, group.summary, language);
        verbs += fmt::format("            {}) found=({}) ;;\n", group.name, zsh_words(group.name, language));
    }
    for (const Command& command : all_commands()) {
        commands += zsh_command(command, language);
    }
    return fmt::format(R"(#compdef madoguchi-admin
# zsh completion; written by `madoguchi-admin completion zsh`.
_madoguchi-admin() {{
    local -a found common
    local command
    common=({}
    )
    if (( CURRENT == 2 )); then
        found=({}{})
        _describe command found
        return
    fi
    if (( CURRENT == 3 )); then
        case "$words[2]" in
{}        esac
        if (( $#found )); then
            _describe command found
            return
        fi
    fi
    command="$words[2]"
    shift words
    (( CURRENT-- ))
    case "$command" in
        {}) command="$command $words[2]"; shift words; (( CURRENT-- )) ;;
    esac
    case "$command" in
{}    esac
}}
_madoguchi-admin "$@"
)",
                       zsh_options(global_options(), language), zsh_words("", language), groups, verbs,
                       [] {
                           std::string out;
                           for (const Group& group : all_groups()) {
                               out += (out.empty() ? "" : "|") + std::string(group.name);
                           }
                           return out;
                       }(),
                       commands);
}

}  // namespace madoguchi::admin_cli
