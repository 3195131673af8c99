#include "app/configuration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <fstream>
#include <functional>

namespace madoguchi::app {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const std::vector<std::string> kWhole = {
    "origin = https://madoguchi.example.jp",     "edge.secret-file = /run/edge",
    "database.url = postgresql:///madoguchi",    "keys.directory = /etc/madoguchi/keys",
    "templates.directory = templates",           "migrations.directory = migrations",
    "audit.head-file = /var/lib/madoguchi/head", "gateway.kind = development-inbox"};

class ConfigurationTest : public ::testing::Test {
protected:
    void SetUp() override {
        std::string pattern = "/tmp/madoguchi-configuration-XXXXXX";
        ASSERT_NE(mkdtemp(pattern.data()), nullptr);
        directory_ = pattern;
    }
    void TearDown() override { std::filesystem::remove_all(directory_); }

    std::filesystem::path write(const std::string& name, const std::vector<std::string>& lines) const {
        std::ofstream stream(directory_ / name);
        for (const auto& line : lines) {
            stream << line << '\n';
        }
        return directory_ / name;
    }

    Result<CommandLine> read(const std::vector<std::string>& lines, std::vector<std::string> arguments = {},
                             const std::vector<std::string>& environment = {}) const {
        std::vector<std::string> all = {"madoguchi-server", "serve", "--config", write("file.conf", lines).string()};
        all.insert(all.end(), arguments.begin(), arguments.end());
        std::vector<const char*> argv;
        for (const auto& argument : all) {
            argv.push_back(argument.c_str());
        }
        std::vector<const char*> variables;
        for (const auto& variable : environment) {
            variables.push_back(variable.c_str());
        }
        variables.push_back(nullptr);
        return read_command_line(static_cast<int>(argv.size()), argv.data(), variables.data());
    }

    static std::string why(const Result<CommandLine>& result) { return result ? "accepted" : result.error().detail; }

    static std::vector<std::string> with(const std::string& line) {
        auto lines = kWhole;
        lines.push_back(line);
        return lines;
    }

    std::filesystem::path directory_;
};

TEST_F(ConfigurationTest, AWholeFileIsRead) {
    const auto read_back = read(kWhole);
    ASSERT_TRUE(read_back) << read_back.error().detail;
    EXPECT_EQ(read_back->command, "serve");
    EXPECT_EQ(read_back->configuration.mode, RunMode::production) << "the safe mode is the one nobody asks for";
    EXPECT_EQ(read_back->configuration.origin, "https://madoguchi.example.jp");
    EXPECT_EQ(read_back->configuration.database_connections, static_cast<int>(limits::kDatabaseConnections));
}

TEST_F(ConfigurationTest, AnUnknownKeyIsNamed) {
    EXPECT_THAT(why(read(with("databse.connections = 3"))), HasSubstr("databse.connections"));
    EXPECT_THAT(why(read(kWhole, {"--databse.url=x"})), HasSubstr("databse.url"));
}

TEST_F(ConfigurationTest, EveryMissingKeyIsNamedWithTheWaysToSetIt) {
    for (std::size_t i = 0; i < kWhole.size(); ++i) {
        auto lines = kWhole;
        const std::string key = lines[i].substr(0, lines[i].find(' '));
        lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(i));
        EXPECT_THAT(why(read(lines)), HasSubstr("the key " + key + " is missing")) << key;
        EXPECT_THAT(why(read(lines)), HasSubstr("--" + key)) << key;
        lines.push_back(key + " =");
        EXPECT_THAT(why(read(lines)), HasSubstr(key)) << "empty " << key;
    }
    auto lines = kWhole;
    lines.erase(lines.begin() + 2);
    EXPECT_THAT(why(read(lines)), HasSubstr("MADOGUCHI_DATABASE_URL"));
}

TEST_F(ConfigurationTest, CommandLineBeatsEnvironmentBeatsFile) {
    const auto lines = with("login-id.domain = from-file.example");
    const std::vector<std::string> environment = {"MADOGUCHI_LOGIN_ID_DOMAIN=from-environment.example", "HOME=/root"};
    EXPECT_EQ(read(lines)->configuration.login_id_domain, "from-file.example");
    EXPECT_EQ(read(lines, {}, environment)->configuration.login_id_domain, "from-environment.example");
    EXPECT_EQ(read(lines, {"--login-id.domain=from-arguments.example"}, environment)->configuration.login_id_domain,
              "from-arguments.example");
}

TEST_F(ConfigurationTest, EnvironmentAloneIsEnoughForAKey) {
    auto lines = kWhole;
    lines.erase(lines.begin() + 2);
    const auto read_back = read(lines, {}, {"MADOGUCHI_DATABASE_URL=postgresql:///from-environment"});
    ASSERT_TRUE(read_back) << read_back.error().detail;
    EXPECT_EQ(read_back->configuration.database_url, "postgresql:///from-environment");
}

TEST_F(ConfigurationTest, ValuesOutOfRangeNameTheirKey) {
    EXPECT_THAT(why(read(with("mode = test"))), HasSubstr("mode is production or development, not test"));
    EXPECT_THAT(why(read(with("log.level = loud"))), HasSubstr("log.level"));
    EXPECT_THAT(why(read(with("password.minimum-length = 7"))), HasSubstr("password.minimum-length"));
    EXPECT_EQ(why(read(with("password.minimum-length = 8"))), "accepted");
    EXPECT_THAT(why(read(with("password.expires-after-days = 29"))), HasSubstr("password.expires-after-days"));
    EXPECT_EQ(why(read(with("password.expires-after-days = 365"))), "accepted");
    EXPECT_EQ(why(read(with("password.expires-after-days = 0"))), "accepted");
    EXPECT_THAT(why(read(with("database.connections = 1"))), HasSubstr("database.connections"));
    EXPECT_THAT(why(read(with("database.connections = many"))), HasSubstr("database.connections"));
    EXPECT_THAT(why(read(with("retention.sessions-days = 30"))), HasSubstr("retention.sessions-days is 31 to"));
    EXPECT_EQ(why(read(with("retention.sessions-days = 31"))), "accepted");
    EXPECT_THAT(why(read(with("retention.messages-days = 1"))), HasSubstr("retention.messages-days"));
    EXPECT_THAT(why(read(with("retention.flows-days = 0"))), HasSubstr("retention.flows-days"));
    EXPECT_THAT(why(read(with("threads.hashing = 0"))), HasSubstr("threads.hashing"));
    EXPECT_THAT(why(read(with("login-id.pattern = {kind}"))), HasSubstr("{number}"));
    EXPECT_THAT(why(read(with("reports.corrections = never"))), HasSubstr("reports.corrections"));
    EXPECT_EQ(why(read(with("reports.corrections = retroactive"))), "accepted");
    for (const std::string bad : {"0:00", "48:01", "24", "24:60", ":30", "x:00", "24:0"}) {
        EXPECT_THAT(why(read(with("reports.deadline = " + bad))), HasSubstr("reports.deadline")) << bad;
    }
    EXPECT_EQ(why(read(with("reports.deadline = 33:00"))), "accepted");
    for (const std::string bad : {"", "0-5", "1-8", "5-1", "1", "1-5x", "hh", "-1-"}) {
        EXPECT_THAT(why(read(with("reports.weekdays = " + bad))), HasSubstr("reports.weekdays")) << bad;
    }
    EXPECT_EQ(read(with("reports.weekdays = 1-5")).value().configuration.report_schedule.weekdays(), 0b0011111);
    EXPECT_TRUE(read(with("reports.weekdays = 1-7h")).value().configuration.report_schedule.on_holidays);
    EXPECT_THAT(why(read(with("reports.reminder-hour = 25"))), HasSubstr("reports.reminder-hour"));
    EXPECT_THAT(why(read(kWhole, {"--gateway.kind=pigeon"})), HasSubstr("not pigeon"));
    EXPECT_THAT(why(read(kWhole, {"--origin=http://madoguchi.example.jp"})), HasSubstr("https://"));
    EXPECT_THAT(why(read(kWhole, {"--origin=https://madoguchi.example.jp/"})), HasSubstr("slash"));
}

TEST_F(ConfigurationTest, ListenersHaveAnAddressAndAPort) {
    for (const char* good : {"127.0.0.1:1", "[::1]:65535", "localhost:9001", "10.0.0.7:9001"}) {
        EXPECT_EQ(why(read(kWhole, {std::string("--listen.interactive=") + good})), "accepted") << good;
    }
    for (const char* bad : {"9001", ":9001", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536",
                            "127.0.0.1:90o1", "127.0.0.1:+9001", "::1:9001", "[]:9001", ""}) {
        EXPECT_THAT(why(read(kWhole, {std::string("--listen.interactive=") + bad})), HasSubstr("listen.interactive"))
            << bad;
        EXPECT_THAT(why(read(kWhole, {std::string("--listen.hashing=") + bad})), HasSubstr("listen.hashing")) << bad;
    }
    EXPECT_THAT(why(read(kWhole, {"--listen.interactive=127.0.0.1:9", "--listen.hashing=127.0.0.1:9"})),
                HasSubstr("another listener's"));
    EXPECT_THAT(why(read(with("listen.scope = everywhere"))), HasSubstr("listen.scope is loopback or any"));
    EXPECT_EQ(read(kWhole)->configuration.listen_scope, ListenScope::loopback);
    EXPECT_EQ(read(with("listen.scope = any"))->configuration.listen_scope, ListenScope::any);
}

TEST_F(ConfigurationTest, AMissingFileIsNamed) {
    const std::array<const char*, 4> argv = {"madoguchi-server", "serve", "--config", "/nowhere/x.conf"};
    EXPECT_THAT(why(read_command_line(4, argv.data(), nullptr)), HasSubstr("/nowhere/x.conf"));
}

TEST_F(ConfigurationTest, HelpAndVersionNeedNoConfiguration) {
    const std::array<const char*, 2> help = {"madoguchi-server", "--help"};
    EXPECT_EQ(read_command_line(2, help.data(), nullptr)->command, "help");
    const std::array<const char*, 2> version = {"madoguchi-server", "--version"};
    EXPECT_EQ(read_command_line(2, version.data(), nullptr)->command, "version");
    EXPECT_EQ(read_command_line(1, help.data(), nullptr)->command, "help") << "no command explains itself";
}

Configuration ready_for_production() {
    Configuration out;
    out.mode = RunMode::production;
    out.origin = "https://madoguchi.pref.example.jp";
    out.gateway.kind = "providers";
    out.gateway.sms_order = {"kannel"};
    out.gateway.voice_order = {"twilio"};
    out.gateway.callback_origin = out.origin;
    out.gateway.daily_budget_yen = 30000;
    out.login_id_domain = "pref.example.jp";
    out.helpdesk_phone = "03-1234-5678";
    out.listen_interactive = "127.0.0.1:8081";
    out.listen_hashing = "127.0.0.1:8082";
    out.listen_steps = "127.0.0.1:8083";
    out.listen_files = "127.0.0.1:8084";
    return out;
}

TEST(ListenScope, NothingFacesANetworkUnlessThatIsSaid) {
    for (const auto mode : {RunMode::production, RunMode::development}) {
        auto configuration = ready_for_production();
        configuration.mode = mode;
        for (const char* near : {"127.0.0.1:8081", "127.255.3.4:8081", "[::1]:8081", "localhost:8081"}) {
            configuration.listen_interactive = near;
            EXPECT_THAT(refusals(configuration), IsEmpty()) << near;
        }
        for (const char* far : {"0.0.0.0:8081", "[::]:8081", "*:8081", "10.1.2.3:8081", "[::ffff:10.1.2.3]:8081",
                                "[2001:db8::1]:8081", "server.pref.example.jp:8081", "localhost.example.jp:8081"}) {
            configuration.listen_interactive = far;
            ASSERT_THAT(refusals(configuration), SizeIs(1)) << far;
            EXPECT_THAT(refusals(configuration)[0], HasSubstr("listen.interactive = " + std::string(far)));
            std::swap(configuration.listen_interactive, configuration.listen_hashing);
            EXPECT_THAT(refusals(configuration)[0], HasSubstr("listen.hashing = " + std::string(far)));
            std::swap(configuration.listen_interactive, configuration.listen_hashing);
            configuration.listen_scope = ListenScope::any;
            EXPECT_THAT(refusals(configuration), IsEmpty()) << far;
            configuration.listen_scope = ListenScope::loopback;
        }
    }
}

TEST(ProductionMode, RefusesEachStandInByName) {
    EXPECT_THAT(refusals(ready_for_production()), IsEmpty());
    const std::vector<std::pair<std::string, std::function<void(Configuration&)>>> stand_ins = {
        {"development-inbox", [](Configuration& c) { c.gateway.voice_order = {"development-inbox"}; }},
        {"gateway.callback-origin", [](Configuration& c) { c.gateway.callback_origin = "https://localhost:8443"; }},
        {"gateway.callback-origin", [](Configuration& c) { c.gateway.callback_origin = "http://127.0.0.1:8081"; }},
        {"gateway.twilio.url", [](Configuration& c) { c.gateway.twilio_url = "http://127.0.0.1:9000"; }},
        {"messages.daily-budget", [](Configuration& c) { c.gateway.daily_budget_yen = 0; }},
        {"development.clock-offset-file", [](Configuration& c) { c.clock_offset_file = "/tmp/offset"; }},
        {"login-id.domain", [](Configuration& c) { c.login_id_domain = "madoguchi.example"; }},
        {"service.helpdesk-phone", [](Configuration& c) { c.helpdesk_phone = "03-0000-4100"; }},
        {"origin", [](Configuration& c) { c.origin = "https://localhost:8443"; }}};
    for (const auto& [key, change] : stand_ins) {
        auto configuration = ready_for_production();
        change(configuration);
        const auto refused = refusals(configuration);
        ASSERT_THAT(refused, SizeIs(1)) << key;
        EXPECT_THAT(refused[0], HasSubstr(key));
        configuration.mode = RunMode::development;
        EXPECT_THAT(refusals(configuration), IsEmpty()) << key;
    }
}

TEST_F(ConfigurationTest, ProductionRefusesSecretsThatOthersMayRead) {
    const auto file = write("secret", {"  xyzzy", "second line"});
    ASSERT_EQ(::chmod(file.c_str(), 0600), 0);
    EXPECT_TRUE(read_secret_file(file, RunMode::production));
    for (const mode_t mode : {0640, 0604, 0666}) {
        ASSERT_EQ(::chmod(file.c_str(), mode), 0);
        const auto refused = read_secret_file(file, RunMode::production);
        ASSERT_FALSE(refused) << mode;
        EXPECT_THAT(refused.error().detail, HasSubstr(file.string()));
        EXPECT_TRUE(read_secret_file(file, RunMode::development)) << mode;
    }
    EXPECT_FALSE(read_secret_file("/nowhere/secret", RunMode::production));
}

TEST_F(ConfigurationTest, ProductionRefusesAnEdgeSecretThatSomebodyMadeUp) {
    const auto secret = [&](const std::string& text) {
        const auto file = write("edge", {text});
        EXPECT_EQ(::chmod(file.c_str(), 0600), 0);
        return file;
    };
    for (const auto& made_up :
         {std::string("changeme"), std::string(64, '0'), std::string("0123456789abcdef0123456789abcde")}) {
        EXPECT_FALSE(read_edge_secret(secret(made_up), RunMode::production)) << made_up;
        EXPECT_TRUE(read_edge_secret(secret(made_up), RunMode::development)) << made_up;
    }
    const auto good = secret("5f2b1c0d9e8a7b6c5d4e3f2a1b0c9d8e");
    EXPECT_TRUE(read_edge_secret(good, RunMode::production));
    ASSERT_EQ(::chmod(good.c_str(), 0644), 0);
    EXPECT_FALSE(read_edge_secret(good, RunMode::production)) << "others may read it";
}

}  // namespace
}  // namespace madoguchi::app
