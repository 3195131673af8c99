#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "admin-cli/command_line.hpp"
#include "admin-cli/help.hpp"
#include "admin-cli/server_url.hpp"
#include "admin-cli/spelling.hpp"

namespace madoguchi::admin_cli {
namespace {

using testing::HasSubstr;
using testing::Not;

std::optional<std::string> nothing_set(std::string_view) {
    return std::nullopt;
}

Outcome<Invocation> parse(const std::vector<std::string>& arguments, const Environment& environment = nothing_set) {
    return parse_command_line(arguments, environment);
}

Failure refused(const std::vector<std::string>& arguments) {
    const auto result = parse(arguments);
    EXPECT_FALSE(result.has_value());
    return result ? Failure{.code = ExitCode::ok} : result.error();
}

TEST(AdminCliCommandLine, TakesOptionsBeforeAndAfterTheCommand) {
    const auto invocation = parse({"--server", "https://madoguchi.example", "account", "--output=json", "show",
                                   "sato@madoguchi.example", "--timeout", "5", "-q"});
    ASSERT_TRUE(invocation) << invocation.error().message;
    EXPECT_EQ(invocation->command->words(), "account show");
    EXPECT_EQ(invocation->settings.server, "https://madoguchi.example");
    EXPECT_EQ(invocation->settings.output, OutputFormat::json);
    EXPECT_EQ(invocation->settings.timeout, std::chrono::seconds(5));
    EXPECT_TRUE(invocation->settings.quiet);
    EXPECT_THAT(invocation->arguments, testing::ElementsAre("sato@madoguchi.example"));
}

TEST(AdminCliCommandLine, KeepsValuesAsTheyAre) {
    const auto invocation = parse({"organization", "create", "--kind", "facility", "--parent", "1", "--name",
                                   "青葉 内科", "--kana", "", "--phone=+81-3-1234-5678", "--address", "東京都 1-2"});
    ASSERT_TRUE(invocation) << invocation.error().message;
    EXPECT_EQ(invocation->option("name"), "青葉 内科");
    EXPECT_EQ(invocation->option("kana"), "");
    EXPECT_EQ(invocation->option("phone"), "+81-3-1234-5678");
    EXPECT_FALSE(invocation->option("postal-code"));
}

TEST(AdminCliCommandLine, RefusesSecretsAsArgumentsAndDoesNotRepeatThem) {
    for (const std::vector<std::string>& arguments :
         std::vector<std::vector<std::string>>{{"sign-in", "sato", "--password", "hunter2hunter2"},
                                               {"sign-in", "sato", "--password=hunter2hunter2"},
                                               {"--token", "hunter2hunter2", "me"},
                                               {"sign-in", "--code", "hunter2hunter2"},
                                               {"account", "issue", "--initial-password=hunter2hunter2"}}) {
        const Failure failure = refused(arguments);
        EXPECT_EQ(failure.code, ExitCode::usage);
        EXPECT_THAT(failure.message, HasSubstr("never taken as arguments"));
        EXPECT_THAT(failure.advice, HasSubstr("--password-stdin"));
        EXPECT_THAT(failure.message + failure.advice, Not(HasSubstr("hunter2")));
    }
}

TEST(AdminCliCommandLine, NamesWhatIsWrong) {
    EXPECT_THAT(refused({}).message, HasSubstr("command is missing"));
    EXPECT_THAT(refused({"acount", "list"}).message, HasSubstr("\"acount\""));
    EXPECT_THAT(refused({"acount", "list"}).advice, HasSubstr("\"account\""));
    EXPECT_THAT(refused({"account", "isue"}).advice, HasSubstr("\"account issue\""));
    EXPECT_THAT(refused({"account"}).message, HasSubstr("reset-second-step"));
    EXPECT_THAT(refused({"account", "show"}).message, HasSubstr("ACCOUNT"));
    EXPECT_THAT(refused({"account", "show", "a", "b"}).message, HasSubstr("\"b\""));
    EXPECT_THAT(refused({"account", "list", "--colour", "red"}).message, HasSubstr("--colour"));
    EXPECT_THAT(refused({"account", "list", "--stat", "active"}).message, HasSubstr("--stat"));
    EXPECT_THAT(refused({"account", "list", "--state"}).message, HasSubstr("--state"));
    EXPECT_THAT(refused({"account", "list", "--all=yes"}).message, HasSubstr("--all"));
    EXPECT_THAT(refused({"account", "list", "--state", "active", "--state", "closed"}).message, HasSubstr("--state"));
    EXPECT_THAT(refused({"account", "list", "--limit", "5", "--all"}).message, HasSubstr("--limit"));
    EXPECT_THAT(refused({"organization", "create", "--kind", "facility", "--parent", "1"}).message,
                HasSubstr("--name"));
    EXPECT_THAT(refused({"me", "--output", "xml"}).message, HasSubstr("table, json, csv"));
    EXPECT_THAT(refused({"me", "--server", "ftp://example.jp"}).message, HasSubstr("ftp://example.jp"));
    EXPECT_THAT(refused({"sign-in", "--dry-run"}).message, HasSubstr("sign-in"));
    EXPECT_EQ(refused({"account", "show"}).usage_of, "account show");
    for (std::string_view bad : {"0", "601", "-1", "1s", "", "99999999999"}) {
        EXPECT_THAT(refused({"me", "--timeout=" + std::string(bad)}).message, HasSubstr("--timeout")) << bad;
    }
}

TEST(AdminCliCommandLine, ReadsTheEnvironmentAndLetsOptionsWin) {
    const Environment environment = [](std::string_view name) -> std::optional<std::string> {
        if (name == "MADOGUCHI_SERVER") {
            return "https://from-environment.example";
        }
        if (name == "MADOGUCHI_CA_FILE") {
            return "/ca.pem";
        }
        return name == "LANG" ? std::optional<std::string>("ja_JP.UTF-8") : std::nullopt;
    };
    const auto plain = parse({"me"}, environment);
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->settings.server, "https://from-environment.example");
    EXPECT_EQ(plain->settings.ca_file, "/ca.pem");
    EXPECT_EQ(plain->settings.language, Language::ja);
    const auto given = parse({"me", "--server=https://given.example", "--lang", "en"}, environment);
    ASSERT_TRUE(given);
    EXPECT_EQ(given->settings.server, "https://given.example");
    EXPECT_EQ(given->settings.language, Language::en);
    EXPECT_EQ(parse({"me"})->settings.server, kDefaultServer);
}

TEST(AdminCliCommandLine, OneServerHasOneSpelling) {
    EXPECT_EQ(normal_server_url("HTTPS://Example.JP:443/", Language::en), "https://example.jp");
    EXPECT_EQ(normal_server_url("https://localhost:8443", Language::en), "https://localhost:8443");
    EXPECT_EQ(normal_server_url("http://127.8.0.1:80", Language::en), "http://127.8.0.1");
    EXPECT_EQ(normal_server_url("http://[::1]:8080", Language::en), "http://[::1]:8080");
    for (std::string_view bad : {"http://example.jp", "http://127.0.0.1.example.jp", "http://localhost.example.jp",
                                 "https://user:secret@example.jp", "https://example.jp/api", "https://example.jp?x=1",
                                 "file:///etc/passwd", "example.jp", "", "https://"}) {
        EXPECT_FALSE(normal_server_url(bad, Language::en)) << bad;
    }
}

TEST(AdminCliCommandLine, ReadsDatesAsDaysInJapan) {
    const Now now = Now(std::chrono::sys_days(std::chrono::year(2026) / 4 / 2)) + std::chrono::hours(1);
    EXPECT_EQ(to_time("90m", now), "2026-04-01T23:30:00Z");
    EXPECT_EQ(to_time("2h", now), "2026-04-01T23:00:00Z");
    EXPECT_EQ(to_time("7d", now), "2026-03-26T01:00:00Z");
    EXPECT_EQ(to_time("2026-04-01", now), "2026-04-01T00:00:00+09:00");
    EXPECT_EQ(to_time("2026-04-01T09:30:00Z", now), "2026-04-01T09:30:00Z");
    EXPECT_EQ(to_time("2026-04-01T09:30:00+09:00", now), "2026-04-01T09:30:00+09:00");
    for (std::string_view bad : {"", "1", "h", "0h", "-1h", "1w", "1hh", "99999d", "2026-4-1", "2026/04/01", "tomorrow",
                                 "2026-04-01T09:30:00", "2026-04-01 "}) {
        EXPECT_FALSE(to_time(bad, now)) << bad;
    }
}

/// The words of an example, with the little of the shell's syntax that examples use.
std::vector<std::string> words_of(std::string_view line) {
    std::vector<std::string> words;
    std::string word;
    for (const char c : std::string(line.substr(0, line.find(" > "))) + " ") {
        if (c != ' ') {
            word += c;
        } else if (!word.empty()) {
            words.push_back(std::exchange(word, {}));
        }
    }
    return words;
}

TEST(AdminCliCommandLine, EveryExampleInTheHelpIsAcceptedAndMeansItsCommand) {
    for (const Command& command : all_commands()) {
        ASSERT_FALSE(command.examples.empty()) << command.words();
        for (const Example& example : command.examples) {
            auto words = words_of(example.line);
            ASSERT_EQ(words.front(), "madoguchi-admin");
            words.erase(words.begin());
            // What stands behind these is the shell's.
            words.erase(std::ranges::find_if(words, [](const auto& word) { return word == "|" || word == ">"; }),
                        words.end());
            const auto invocation = parse(words);
            ASSERT_TRUE(invocation) << example.line << ": " << invocation.error().message;
            EXPECT_EQ(invocation->command->words(), command.words()) << example.line;
        }
    }
}

TEST(AdminCliCommandLine, EveryLevelHasHelpInBothLanguages) {
    for (const Command& command : all_commands()) {
        auto words = words_of(command.words());
        words.emplace_back("--help");
        for (const char* language : {"ja", "en"}) {
            words.push_back("--lang=" + std::string(language));
            const auto invocation = parse(words);
            ASSERT_TRUE(invocation) << command.words();
            ASSERT_EQ(invocation->purpose, Purpose::help);
            const std::string help = render_help(*invocation);
            EXPECT_THAT(help, HasSubstr(std::string(command.summary.in(invocation->settings.language))));
            EXPECT_THAT(help, HasSubstr(std::string(command.examples.front().line)));
            words.pop_back();
        }
    }
    EXPECT_THAT(render_help(*parse({"account", "--help"})), HasSubstr("account reset-second-step"));
    EXPECT_THAT(render_help(*parse({"--help"})), HasSubstr("Exit codes:"));
    EXPECT_EQ(parse({"help", "account", "issue"})->command->words(), "account issue");
    EXPECT_EQ(parse({"whoami"})->command->words(), "me");
    EXPECT_EQ(parse({"--version"})->purpose, Purpose::version);
}

TEST(AdminCliCommandLine, GuessesOnlyNearTypingErrors) {
    const std::vector<std::string> known{"sign-in", "sign-out", "me"};
    EXPECT_EQ(closest_spelling("signin", known), "sign-in");
    EXPECT_EQ(closest_spelling("sing-out", known), "sign-out");
    EXPECT_FALSE(closest_spelling("everything", known));
}

}  // namespace
}  // namespace madoguchi::admin_cli
