#include "admin-cli/manual.hpp"

#include <fmt/format.h>

#include "admin-cli/exit_code.hpp"
#include "admin-cli/help_texts.hpp"
#include "admin-cli/version.hpp"

namespace madoguchi::admin_cli {
namespace {

constexpr Text kNoWords{"issues and looks after accounts of Madoguchi", "Madoguchiのアカウントを発行・管理する"};
constexpr Text kName{"NAME", "名前"};
constexpr Text kSynopsis{"SYNOPSIS", "書式"};
constexpr Text kDescription{"DESCRIPTION", "説明"};
constexpr Text kCommandsHeading{"COMMANDS", "コマンド"};
constexpr Text kOptionsHeading{"OPTIONS OF EVERY COMMAND", "共通のオプション"};
constexpr Text kExitHeading{"EXIT STATUS", "終了コード"};
constexpr Text kFilesHeading{"FILES", "ファイル"};
constexpr Text kTokensFile{"Kept sign-ins, one for each server; mode 0600.",
                           "サーバーごとのサインインの記録（モード 0600）。"};

bool is_wide(std::string_view text, std::size_t at) {
    return at + 3 <= text.size() && static_cast<unsigned char>(text[at]) >= 0xE3;
}

// Between two letters of Japanese a line may end, but not before a mark that closes or after one that opens; behind a
// comma also before a digit.
bool may_break(std::string_view text, std::size_t at) {
    constexpr std::string_view kClosing = "。、）］」：・ー";
    constexpr std::string_view kOpening = "（［「";
    constexpr std::string_view kComma = "、";
    if (at + 3 < text.size() && text.substr(at, 3) == kComma && !is_wide(text, at + 3)) {
        return text[at + 3] != '\n';
    }
    return is_wide(text, at) && is_wide(text, at + 3) &&
           kClosing.find(text.substr(at + 3, 3)) == std::string_view::npos &&
           kOpening.find(text.substr(at, 3)) == std::string_view::npos;
}

// A line that begins with a dot or an apostrophe would be an instruction; a hyphen stays what it is in a terminal.
std::string roff(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const char c = text[at];
        const bool at_start = at == 0 || text[at - 1] == '\n';
        if (at_start && (c == '.' || c == '\'')) {
            out += "\\&";
        }
        if (is_wide(text, at)) {
            out += text.substr(at, 3);
            out += may_break(text, at) ? "\\:" : "";
            at += 2;
        } else {
            out += c == '\\' ? "\\e" : c == '-' ? "\\-" : std::string(1, c);
        }
    }
    return out;
}

std::string heading(const Text& text, Language language) {
    return fmt::format(".SH {}\n", roff(text.in(language)));
}

std::string option_lines(std::span<const Option> options, Language language) {
    std::string out;
    for (const Option& option : options) {
        const auto comma = option.name.find(',');
        std::string name = comma == std::string_view::npos
                               ? std::string()
                               : fmt::format("\\fB\\-{}\\fR, ", option.name.substr(comma + 1));
        name += "\\fB\\-\\-" + roff(option.long_name()) + "\\fR";
        if (!option.value_name.empty()) {
            name += " \\fI" + roff(option.value_name) + "\\fR";
        }
        out += ".TP\n" + name + "\n" + roff(option.help.in(language)) + "\n";
    }
    return out;
}

std::string command_lines(const Command& command, Language language) {
    std::string out = ".SS " + roff(command.words());
    for (const Argument& argument : command.arguments) {
        out += argument.required ? fmt::format(" {}", argument.name) : fmt::format(" [{}]", argument.name);
    }
    out += "\n" + roff(command.summary.in(language)) + "\n";
    if (!command.details.empty()) {
        out += ".PP\n" + roff(command.details.in(language)) + "\n";
    }
    for (const Argument& argument : command.arguments) {
        out += fmt::format(".TP\n\\fI{}\\fR\n{}\n", roff(argument.name), roff(argument.help.in(language)));
    }
    out += option_lines(command.options, language);
    for (const Example& example : command.examples) {
        out += fmt::format(".PP\n{}:\n.PP\n.EX\n{}\n.EE\n", roff(example.what.in(language)), roff(example.line));
    }
    return out;
}

}  // namespace

std::string manual_page(Language language) {
    std::string out = fmt::format(".TH MADOGUCHI\\-ADMIN 1 \"\" \"Madoguchi {}\"\n.ad l\n.nh\n", kVersion);
    out += heading(kName, language) + "madoguchi\\-admin \\- " + roff(kNoWords.in(language)) + "\n";
    out += heading(kSynopsis, language) + "\\fBmadoguchi\\-admin\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n";
    out += heading(kDescription, language) + roff(help_texts::kProgram.in(language)) + "\n.PP\n" +
           roff(help_texts::kPasswords.in(language)) + "\n";
    out += heading(kCommandsHeading, language);
    for (const Command& command : all_commands()) {
        out += command_lines(command, language);
    }
    out += heading(kOptionsHeading, language) + option_lines(global_options(), language);
    out += heading(kExitHeading, language);
    for (const ExitCodeMeaning& exit_code : kExitCodes) {
        out += fmt::format(".TP\n\\fB{}\\fR\n{}\n", static_cast<int>(exit_code.code),
                           roff(exit_code.meaning.in(language)));
    }
    out += heading(kFilesHeading, language) + ".TP\n\\fI$XDG_STATE_HOME/madoguchi/tokens.json\\fR\n" +
           roff(kTokensFile.in(language)) + "\n";
    return out;
}

}  // namespace madoguchi::admin_cli
