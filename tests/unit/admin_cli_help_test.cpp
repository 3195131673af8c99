#include "admin-cli/help.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "admin-cli/commands.hpp"
#include "admin-cli/completion.hpp"
#include "admin-cli/manual.hpp"
#include "admin-cli/text_width.hpp"

namespace madoguchi::admin_cli {
namespace {

constexpr std::size_t kColumns = 100;

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(line);
    }
    return lines;
}

std::vector<std::string> every_help(Language language) {
    std::vector<std::string> out;
    Invocation invocation;
    invocation.settings.language = language;
    out.push_back(render_help(invocation));
    for (const Command& command : all_commands()) {
        invocation.command = &command;
        out.push_back(render_help(invocation));
    }
    return out;
}

TEST(AdminCliHelp, LinesFitAndBreakWhereReadersDo) {
    for (const Language language : {Language::ja, Language::en}) {
        for (const std::string& text : every_help(language)) {
            for (const std::string& line : lines_of(text)) {
                const bool is_command = line.find("  madoguchi-admin ") == 0;  // to be copied as one line
                EXPECT_TRUE(is_command || display_width(line) <= kColumns) << line;
                EXPECT_FALSE(line.ends_with(' ')) << "[" << line << "]";
                const auto start = line.find_first_not_of(' ');
                const std::string first = start == std::string::npos ? "" : line.substr(start, 3);
                for (const char* never : {"。", "、", "）", "］", "ー", "っ", "ょ", "ッ", "ョ"}) {
                    EXPECT_NE(first, never) << line;
                }
            }
        }
    }
}

TEST(AdminCliHelp, WordsStayWhole) {
    for (const std::string& text : every_help(Language::ja)) {
        const auto lines = lines_of(text);
        for (std::size_t i = 1; i < lines.size(); ++i) {
            EXPECT_FALSE(lines[i - 1].ends_with("パスワ") || lines[i - 1].ends_with("表計算ソフト")) << lines[i - 1];
        }
    }
}

TEST(AdminCliHelp, ShellsAndTheManualKnowEveryCommandAndOption) {
    const auto known = {bash_completion(), zsh_completion(Language::ja), zsh_completion(Language::en)};
    for (const Language language : {Language::ja, Language::en}) {
        const auto page = manual_page(language);
        for (const Command& command : all_commands()) {
            EXPECT_THAT(page, testing::HasSubstr(std::string(command.summary.in(language)).substr(0, 3)));
            for (const Option& option : command.options) {
                for (const auto& text : known) {
                    EXPECT_THAT(text, testing::HasSubstr("--" + std::string(option.long_name()))) << command.words();
                }
            }
        }
    }
}

TEST(AdminCliHelp, NoLineOfTheManualIsAnInstructionByAccident) {
    const std::set<std::string> instructions = {".TH", ".SH", ".SS", ".PP", ".TP", ".EX", ".EE", ".ad", ".nh"};
    for (const std::string& line : lines_of(manual_page(Language::en))) {
        EXPECT_TRUE(!line.starts_with('.') || instructions.contains(line.substr(0, 3))) << line;
        EXPECT_FALSE(line.starts_with('\'')) << line;
    }
}

}  // namespace
}  // namespace madoguchi::admin_cli
