#include "admin-cli/help.hpp"

#include <algorithm>

#include "admin-cli/help_texts.hpp"
#include "admin-cli/text_width.hpp"

namespace madoguchi::admin_cli {
namespace {

constexpr std::size_t kLineColumns = 100;
constexpr std::size_t kWidestName = 34;

enum class Glyph { none, space, narrow, hiragana, wide, opening, closing };

Glyph glyph_of(std::string_view character) {
    constexpr std::string_view kClosing = "。、）］」：・";
    constexpr std::string_view kOpening = "（［「";
    if (character.size() != 3) {
        return character == " " ? Glyph::space : Glyph::narrow;
    }
    if (kClosing.find(character) != std::string_view::npos) {
        return Glyph::closing;
    }
    if (kOpening.find(character) != std::string_view::npos) {
        return Glyph::opening;
    }
    const bool hiragana = character >= "ぁ" && character <= "ゖ";  // UTF-8 keeps the order of code points
    return hiragana ? Glyph::hiragana : Glyph::wide;
}

/// At spaces, around brackets and after marks; in Japanese also where a phrase ends, which is after its hiragana. Words
/// in kanji and katakana stay whole.
bool may_break(Glyph before, Glyph after) {
    if (after == Glyph::closing || after == Glyph::space || before == Glyph::opening || before == Glyph::none) {
        return false;
    }
    const bool phrase_ends = before == Glyph::hiragana && (after == Glyph::wide || after == Glyph::narrow);
    return before == Glyph::space || before == Glyph::closing || after == Glyph::opening || phrase_ends;
}

/// The part of `text` at its start that no line may break, taken off it.
std::string take_word(std::string_view& text) {
    std::size_t end = 0;
    for (Glyph before = Glyph::none; end < text.size() && text[end] != '\n';) {
        std::size_t length = 1;
        while (end + length < text.size() && (static_cast<unsigned char>(text[end + length]) & 0xC0U) == 0x80) {
            ++length;
        }
        const Glyph glyph = glyph_of(text.substr(end, length));
        if (may_break(before, glyph)) {
            break;
        }
        before = glyph;
        end += length;
    }
    std::string word(text.substr(0, end));
    text.remove_prefix(end);
    return word;
}

std::string without_trailing_spaces(std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

std::string wrapped(std::string_view text, std::size_t indent) {
    const std::string next_line = "\n" + std::string(indent, ' ');
    std::string result;
    std::string line;
    while (!text.empty()) {
        const std::string word = take_word(text);
        const bool full =
            display_width(line) + display_width(without_trailing_spaces(word)) > kLineColumns - indent && !line.empty();
        if (full) {
            result += without_trailing_spaces(line) + next_line;
            line.clear();
        }
        line += word;
        if (text.starts_with('\n')) {
            text.remove_prefix(1);
            result += without_trailing_spaces(line) + next_line;
            line.clear();
        }
    }
    return result + line;
}

using Rows = std::vector<std::pair<std::string, std::string>>;

std::string two_columns(const Rows& rows) {
    std::size_t width = 0;
    for (const auto& [name, text] : rows) {
        if (const std::size_t own = display_width(name); own <= kWidestName) {
            width = std::max(width, own);
        }
    }
    std::string result;
    for (const auto& [name, text] : rows) {
        const bool fits = display_width(name) <= width;
        result += "  " + (fits ? padded(name, width) : name + "\n  " + std::string(width, ' ')) + "  " +
                  wrapped(text, width + 4) + "\n";
    }
    return result;
}

std::string option_name(const Option& option) {
    const std::size_t comma = option.name.find(',');
    std::string name = comma == std::string_view::npos ? "" : "-" + std::string(option.name.substr(comma + 1)) + ", ";
    name += "--" + std::string(option.name.substr(0, comma));
    return option.value_name.empty() ? name : name + " " + std::string(option.value_name);
}

Rows option_rows(std::span<const Option> options, Language language) {
    Rows rows;
    for (const Option& option : options) {
        std::string text(option.help.in(language));
        if (option.required) {
            text += language == Language::ja ? "［必須］" : " [required]";
        }
        rows.emplace_back(option_name(option), std::move(text));
    }
    return rows;
}

std::string heading(const Text& text, Language language) {
    return "\n" + std::string(text.in(language)) + "\n";
}

std::string command_usage(const Command& command) {
    std::string usage = "  madoguchi-admin " + command.words();
    for (const Argument& argument : command.arguments) {
        usage += argument.required ? " " + std::string(argument.name) : " [" + std::string(argument.name) + "]";
    }
    bool has_optional = false;
    for (const Option& option : command.options) {
        has_optional = has_optional || !option.required;
        if (option.required) {
            usage += " " + option_name(option);
        }
    }
    return usage + (has_optional ? " [OPTIONS]\n" : "\n");
}

std::string examples(const Command& command, Language language) {
    std::string text = heading(help_texts::kExamples, language);
    for (const Example& example : command.examples) {
        text += "  # " + std::string(example.what.in(language)) + "\n  " + std::string(example.line) + "\n";
    }
    return text;
}

std::string command_help(const Command& command, Language language) {
    std::string text = "madoguchi-admin " + command.words() + (language == Language::ja ? "：" : ": ") +
                       std::string(command.summary.in(language)) + "\n";
    if (!command.alias.empty()) {
        text += "  = madoguchi-admin " + std::string(command.alias) + "\n";
    }
    if (!command.details.empty()) {
        text += "\n" + wrapped(command.details.in(language), 0) + "\n";
    }
    text += heading(help_texts::kUsage, language) + command_usage(command);
    if (!command.arguments.empty()) {
        Rows rows;
        for (const Argument& argument : command.arguments) {
            rows.emplace_back(argument.name, argument.help.in(language));
        }
        text += heading(help_texts::kArguments, language) + two_columns(rows);
    }
    if (!command.options.empty()) {
        text += heading(help_texts::kOptions, language) + two_columns(option_rows(command.options, language));
    }
    text += examples(command, language);
    return text + heading(help_texts::kGlobalOptions, language) + two_columns(option_rows(global_options(), language));
}

Rows command_rows(std::string_view group, Language language) {
    Rows rows;
    for (const Command& command : all_commands()) {
        if (command.group == group) {
            rows.emplace_back(command.words(), command.summary.in(language));
        }
    }
    return rows;
}

std::string group_help(const Group& group, Language language) {
    std::string text = "madoguchi-admin " + std::string(group.name) + (language == Language::ja ? "：" : ": ") +
                       std::string(group.summary.in(language)) + "\n";
    text += heading(help_texts::kCommands, language) + two_columns(command_rows(group.name, language));
    text += heading(help_texts::kExamples, language);
    for (const Command& command : all_commands()) {
        if (command.group == group.name) {
            text += "  " + std::string(command.examples.front().line) + "\n";
        }
    }
    return text;
}

std::string program_help(Language language) {
    std::string text(help_texts::kProgram.in(language));
    text += "\n" + heading(help_texts::kUsage, language) + "  madoguchi-admin COMMAND [OPTIONS]\n";
    text += heading(help_texts::kCommands, language) + two_columns(command_rows("", language));
    Rows groups;
    for (const Group& group : all_groups()) {
        groups.emplace_back(group.name, group.summary.in(language));
    }
    text += heading(help_texts::kGroups, language) + two_columns(groups);
    text += heading(help_texts::kGlobalOptions, language) + two_columns(option_rows(global_options(), language));
    text += "\n" + wrapped(help_texts::kPasswords.in(language), 0) + "\n";
    Rows codes;
    for (const ExitCodeMeaning& exit_code : kExitCodes) {
        codes.emplace_back(std::to_string(static_cast<int>(exit_code.code)), exit_code.meaning.in(language));
    }
    text += heading(help_texts::kExitCodes, language) + two_columns(codes);
    text += heading(help_texts::kExamples, language);
    text +=
        "  madoguchi-admin sign-in admin@madoguchi.example\n"
        "  madoguchi-admin organization list --kind health_center\n"
        "  madoguchi-admin account issue --organization 205 --family-name 佐藤 --given-name 花子 --role "
        "facility_staff\n";
    return text + "\n" + std::string(help_texts::kMoreHelp.in(language)) + "\n";
}

}  // namespace

std::string render_help(const Invocation& invocation) {
    const Language language = invocation.settings.language;
    if (invocation.command) {
        return command_help(*invocation.command, language);
    }
    for (const Group& group : all_groups()) {
        if (group.name == invocation.group) {
            return group_help(group, language);
        }
    }
    return program_help(language);
}

}  // namespace madoguchi::admin_cli
