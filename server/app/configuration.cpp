#include "app/configuration.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <algorithm>
#include <array>
#include <boost/program_options.hpp>
#include <charconv>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>

#include "app/report_configuration.hpp"

namespace madoguchi::app {
namespace {

namespace po = boost::program_options;

constexpr std::size_t kEdgeSecretCharacters = 32;  // 128 bits in hexadecimal

tl::unexpected<Error> wrong(std::string detail) {
    return failure(ErrorKind::invalid, "configuration", std::move(detail));
}

po::options_description keys() {
    po::options_description out(
        "Keys of the configuration file, of the environment (MADOGUCHI_DATABASE_URL) and of the command line "
        "(--database.url)");
    const auto text = [] { return po::value<std::string>(); };
    const auto optional = [](const char* value) { return po::value<std::string>()->default_value(value); };
    const auto number = [](int value) { return po::value<int>()->default_value(value); };
    out.add_options()("mode", optional("production"),
                      "production, or development: with stand-ins that are named so on screen");
    out.add_options()("origin", text(), "where browsers find this service, as https://host:port");
    out.add_options()("listen.interactive", optional("127.0.0.1:8081"), "listener for all but signing in");
    out.add_options()("listen.hashing", optional("127.0.0.1:8082"), "listener for password checks");
    out.add_options()("listen.steps", optional("127.0.0.1:8083"), "listener for the other steps of signing in");
    out.add_options()("listen.files", optional("127.0.0.1:8084"), "listener for files in and letters out");
    out.add_options()("listen.scope", optional("loopback"),
                      "loopback: listeners anywhere else are refused; any: only nginx reaches this machine's ports");
    out.add_options()("edge.secret-file", text(), "the secret with which nginx vouches for addresses");
    out.add_options()("database.url", text(), "postgresql://... of libpq");
    out.add_options()("database.user", optional(""), "role of the service; it owns no table");
    out.add_options()("database.password-file", optional(""), "its password");
    out.add_options()("database.migration-user", optional(""), "role that owns the tables; only `migrate` uses it");
    out.add_options()("database.migration-password-file", optional(""), "its password");
    out.add_options()("database.connections", number(static_cast<int>(limits::kDatabaseConnections)),
                      "connections held");
    out.add_options()("keys.directory", text(), "key files, made by `generate-keys`");
    out.add_options()("templates.directory", text(), "templates, texts and assets");
    out.add_options()("migrations.directory", text(), "migrations");
    out.add_options()("audit.head-file", text(), "signed head of the audit log, kept outside the database");
    out.add_options()("login-id.domain", optional("madoguchi.example"), "what stands behind the @ of login IDs");
    out.add_options()("login-id.pattern", optional("{kind}{prefecture}-{number}"), "how generated login IDs look");
    out.add_options()("service.ministry-name", optional("本省"), "the top organization that `bootstrap` makes");
    out.add_options()("service.helpdesk-phone", optional("03-0000-4100"), "shown on every page");
    add_gateway_keys(out);
    out.add_options()("log.level", optional("info"), "debug, info, warning, error");
    out.add_options()("password.minimum-length", number(static_cast<int>(limits::kPasswordMinimumCodePoints)),
                      "in characters, at least 8");
    out.add_options()("password.expires-after-days", number(0), "0: never, as NIST SP 800-63B advises; or 30 to 3650");
    out.add_options()("lifecycle.never-signed-in-days", number(limits::kDormantNeverDays),
                      "an ID without a sign-in so long after its issuance counts as unused");
    out.add_options()("lifecycle.unused-days", number(limits::kDormantUnusedDays),
                      "an ID whose last sign-in is so long ago counts as unused");
    out.add_options()("lifecycle.warning-days", number(limits::kDormantWarningDays),
                      "from the warning to the suspension of an unused ID");
    out.add_options()("lifecycle.suspend", optional("yes"), "yes, or no: unused IDs are only listed");
    out.add_options()("retention.flows-days", number(limits::kFlowsKeptDays),
                      "sign-ins and recoveries under way are deleted so long after they lapsed");
    out.add_options()("retention.sessions-days", number(limits::kSessionsKeptDays),
                      "sessions are deleted so long after their end; the audit log keeps who signed in");
    out.add_options()("retention.messages-days", number(limits::kMessagesKeptDays),
                      "SMS and calls are deleted so long after they were sent; their texts go within hours");
    add_report_keys(out);
    out.add_options()("threads.interactive", number(4), "threads of the interactive listener");
    out.add_options()("threads.hashing", number(static_cast<int>(limits::kHashQueueWaiting) + 4),
                      "threads of the hashing listener: as many sign-ins may wait");
    out.add_options()("threads.steps", number(4), "threads of the listener for the other steps of signing in");
    out.add_options()("threads.files", number(2), "threads of the listener for files in and letters out");
    out.add_options()("development.clock-offset-file", optional(""),
                      "seconds to add to the clock (development mode only)");
    return out;
}

po::options_description arguments() {
    po::options_description out("Arguments");
    out.add_options()("config", po::value<std::string>(), "configuration file");
    out.add_options()("another", po::bool_switch(), "bootstrap: make one although there is one");
    out.add_options()("role", po::value<std::string>()->default_value("ministry_admin"),
                      "bootstrap: ministry_admin or auditor");
    out.add_options()("help", po::bool_switch(), "this text");
    out.add_options()("version", po::bool_switch(), "the version");
    return out;
}

std::string environment_name(std::string key) {
    std::ranges::transform(key, key.begin(), [](char c) {
        return c == '.' || c == '-' ? '_' : (c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
    });
    return "MADOGUCHI_" + key;
}

void store_environment(const char* const* environment, po::variables_map& values) {
    const auto known = keys();
    std::map<std::string, std::string> names;
    for (const auto& option : known.options()) {
        names[environment_name(option->long_name())] = option->long_name();
    }
    po::parsed_options parsed(&known);
    for (; environment != nullptr && *environment != nullptr; ++environment) {
        const std::string variable = *environment;
        const auto equals = variable.find('=');
        const auto name = names.find(variable.substr(0, equals));
        if (equals != std::string::npos && name != names.end()) {
            parsed.options.emplace_back(name->second, std::vector<std::string>{variable.substr(equals + 1)});
        }
    }
    po::store(parsed, values);
}

Result<po::variables_map> read_values(int argc, const char* const* argv, const char* const* environment,
                                      std::string& command) {
    po::options_description all;
    all.add(arguments()).add(keys());
    po::options_description hidden;
    hidden.add_options()("command", po::value<std::string>()->default_value("help"));
    all.add(hidden);
    po::positional_options_description positions;
    positions.add("command", 1);
    po::variables_map values;
    try {
        po::store(po::command_line_parser(argc, argv).options(all).positional(positions).run(), values);
        store_environment(environment, values);
        if (values.count("config") != 0) {
            const auto file = values["config"].as<std::string>();
            std::ifstream stream(file);
            if (!stream) {
                return wrong("the configuration file " + file + " can't be read");
            }
            po::store(po::parse_config_file(stream, keys()), values);
        }
        po::notify(values);
    } catch (const po::error& error) {
        return wrong(error.what());
    }
    command = values["help"].as<bool>()      ? "help"
              : values["version"].as<bool>() ? "version"
                                             : values["command"].as<std::string>();
    return values;
}

accounts::DormancyPolicy dormancy_of(const po::variables_map& values) {
    return {.never_days = values["lifecycle.never-signed-in-days"].as<int>(),
            .unused_days = values["lifecycle.unused-days"].as<int>(),
            .warning_days = values["lifecycle.warning-days"].as<int>(),
            .suspend = values["lifecycle.suspend"].as<std::string>() == "yes" ? accounts::SuspendUnused::yes
                                                                              : accounts::SuspendUnused::list_only};
}

Retention retention_of(const po::variables_map& values) {
    return {.flows = std::chrono::days(values["retention.flows-days"].as<int>()),
            .sessions = std::chrono::days(values["retention.sessions-days"].as<int>()),
            .messages = std::chrono::days(values["retention.messages-days"].as<int>())};
}

Result<void> check_retention(const Retention& retention) {
    struct Kept {
        const char* key;
        std::chrono::days days;
        int least;
    };
    for (const auto& [key, days, least] :
         {Kept{"retention.flows-days", retention.flows, limits::kFlowsKeptDays},
          Kept{"retention.sessions-days", retention.sessions, limits::kSessionsKeptDaysLeast},
          Kept{"retention.messages-days", retention.messages, limits::kMessagesKeptDaysLeast}}) {
        if (days.count() < least || days.count() > limits::kKeptDaysMaximum) {
            return wrong(fmt::format("{} is {} to {}", key, least, limits::kKeptDaysMaximum));
        }
    }
    return {};
}

Result<Configuration> to_configuration(const po::variables_map& values) {
    for (const char* key : {"origin", "edge.secret-file", "database.url", "keys.directory", "templates.directory",
                            "migrations.directory", "audit.head-file", "gateway.kind"}) {
        if (values.count(key) == 0 || values[key].as<std::string>().empty()) {
            return wrong(std::string("the key ") + key + " is missing: set it in the configuration file, as " +
                         environment_name(key) + " or as --" + key);
        }
    }
    const auto text = [&](const char* key) { return values[key].as<std::string>(); };
    if (text("mode") != "production" && text("mode") != "development") {
        return wrong("mode is production or development, not " + text("mode"));
    }
    if (text("listen.scope") != "loopback" && text("listen.scope") != "any") {
        return wrong("listen.scope is loopback or any, not " + text("listen.scope"));
    }
    if (text("lifecycle.suspend") != "yes" && text("lifecycle.suspend") != "no") {
        return wrong("lifecycle.suspend is yes or no, not " + text("lifecycle.suspend"));
    }
    const auto level = telemetry::log_level_from(text("log.level"));
    if (!level) {
        return wrong("log.level is debug, info, warning or error, not " + text("log.level"));
    }
    auto reports = TRY(read_report_policy(values));
    const auto report_schedule = TRY(read_report_schedule(values));
    return Configuration{.mode = text("mode") == "production" ? RunMode::production : RunMode::development,
                         .origin = text("origin"),
                         .listen_interactive = text("listen.interactive"),
                         .listen_hashing = text("listen.hashing"),
                         .listen_steps = text("listen.steps"),
                         .listen_files = text("listen.files"),
                         .listen_scope = text("listen.scope") == "any" ? ListenScope::any : ListenScope::loopback,
                         .edge_secret_file = text("edge.secret-file"),
                         .database_url = text("database.url"),
                         .database_user = text("database.user"),
                         .database_password_file = text("database.password-file"),
                         .migration_user = text("database.migration-user"),
                         .migration_password_file = text("database.migration-password-file"),
                         .database_connections = values["database.connections"].as<int>(),
                         .keys_directory = text("keys.directory"),
                         .templates_directory = text("templates.directory"),
                         .migrations_directory = text("migrations.directory"),
                         .audit_head_file = text("audit.head-file"),
                         .login_id_domain = text("login-id.domain"),
                         .login_id_pattern = text("login-id.pattern"),
                         .ministry_name = text("service.ministry-name"),
                         .helpdesk_phone = text("service.helpdesk-phone"),
                         .gateway = read_gateway_configuration(values),
                         .log_level = *level,
                         .password_minimum = values["password.minimum-length"].as<int>(),
                         .password_life_days = values["password.expires-after-days"].as<int>(),
                         .threads_interactive = values["threads.interactive"].as<int>(),
                         .threads_hashing = values["threads.hashing"].as<int>(),
                         .threads_steps = values["threads.steps"].as<int>(),
                         .threads_files = values["threads.files"].as<int>(),
                         .dormancy = dormancy_of(values),
                         .retention = retention_of(values),
                         .reports = std::move(reports),
                         .report_schedule = report_schedule,
                         .report_reminder_hour = values["reports.reminder-hour"].as<int>(),
                         .clock_offset_file = text("development.clock-offset-file")};
}

// "127.0.0.1:8081", "[::1]:8081", "localhost:8081".
struct Listener {
    std::string host;
    int port = 0;
};

std::optional<Listener> listener_from(const std::string& text) {
    const auto colon = text.rfind(':');
    if (colon == std::string::npos || colon == 0) {
        return std::nullopt;
    }
    Listener out{.host = text.substr(0, colon)};
    if (out.host.starts_with('[') && out.host.ends_with(']')) {
        out.host = out.host.substr(1, out.host.size() - 2);
    } else if (out.host.find(':') != std::string::npos) {
        return std::nullopt;
    }
    const char* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data() + colon + 1, end, out.port);
    const bool whole = parsed.ec == std::errc{} && parsed.ptr == end;
    return whole && !out.host.empty() && out.port >= 1 && out.port <= 65535 ? std::optional(out) : std::nullopt;
}

// Asks no resolver: a name other than localhost may be any address.
bool is_loopback(const std::string& host) {
    std::array<unsigned char, sizeof(in6_addr)> address{};
    if (inet_pton(AF_INET, host.c_str(), address.data()) == 1) {
        return address[0] == 127;  // RFC 1122 §3.2.1.3
    }
    if (inet_pton(AF_INET6, host.c_str(), address.data()) == 1) {
        return IN6_IS_ADDR_LOOPBACK(reinterpret_cast<const in6_addr*>(address.data()));
    }
    return host == "localhost";
}

std::array<std::pair<std::string, std::string>, 4> listeners_of(const Configuration& configuration) {
    return {{{"listen.interactive", configuration.listen_interactive},
             {"listen.hashing", configuration.listen_hashing},
             {"listen.steps", configuration.listen_steps},
             {"listen.files", configuration.listen_files}}};
}

Result<void> check_listeners(const Configuration& configuration) {
    std::set<std::string> taken;
    for (const auto& [key, text] : listeners_of(configuration)) {
        if (!listener_from(text)) {
            return wrong(fmt::format("{} is ADDRESS:PORT, as 127.0.0.1:8081 or [::1]:8081, not {}", key, text));
        }
        if (!taken.insert(text).second) {
            return wrong(fmt::format("{} = {} is another listener's too: each needs an address of its own", key, text));
        }
    }
    return {};
}

Result<void> check_ranges(const Configuration& configuration) {
    TRY(check_gateway(configuration.gateway));
    if (configuration.password_minimum < static_cast<int>(limits::kPasswordFloorCodePoints) ||
        configuration.password_minimum > 64) {
        return wrong("password.minimum-length is 8 to 64");
    }
    if (const int days = configuration.password_life_days; days != 0 && (days < 30 || days > 3650)) {
        return wrong("password.expires-after-days is 0 (never) or 30 to 3650");
    }
    if (configuration.database_connections < 2 || configuration.database_connections > 200) {
        return wrong("database.connections is 2 to 200");
    }
    if (configuration.threads_interactive < 1 || configuration.threads_interactive > 64 ||
        configuration.threads_hashing < 1 || configuration.threads_hashing > 256 || configuration.threads_steps < 1 ||
        configuration.threads_steps > 64 || configuration.threads_files < 1 || configuration.threads_files > 64) {
        return wrong("threads.interactive, threads.steps and threads.files are 1 to 64, threads.hashing 1 to 256");
    }
    for (const int days :
         {configuration.dormancy.never_days, configuration.dormancy.unused_days, configuration.dormancy.warning_days}) {
        if (days < 1 || days > limits::kDormantDaysMaximum) {
            return wrong(fmt::format(
                "lifecycle.never-signed-in-days, lifecycle.unused-days and lifecycle.warning-days are 1 to {}",
                limits::kDormantDaysMaximum));
        }
    }
    TRY(check_retention(configuration.retention));
    if (!configuration.origin.starts_with("https://") || configuration.origin.ends_with('/')) {
        return wrong("origin starts with https:// and has no slash at its end, as https://localhost:8443");
    }
    if (configuration.login_id_pattern.find("{number}") == std::string::npos) {
        return wrong("login-id.pattern must hold {number}");
    }
    return {};
}

}  // namespace

Result<CommandLine> read_command_line(int argc, const char* const* argv, const char* const* environment) {
    CommandLine out;
    const auto values = TRY(read_values(argc, argv, environment, out.command));
    if (out.command == "help" || out.command == "version") {
        return out;
    }
    out.another = values["another"].as<bool>();
    out.role = values["role"].as<std::string>();
    if (out.command == "generate-keys") {
        if (values.count("keys.directory") == 0) {
            return wrong("the key keys.directory is missing");
        }
        out.configuration.keys_directory = values["keys.directory"].as<std::string>();
        return out;
    }
    out.configuration = TRY(to_configuration(values));
    TRY(check_listeners(out.configuration));
    TRY(check_ranges(out.configuration));
    return out;
}

std::vector<std::string> refusals(const Configuration& configuration) {
    std::vector<std::string> out;
    // In development mode too: its inbox would show everybody's codes to the network.
    for (const auto& [key, text] : listeners_of(configuration)) {
        const auto listener = listener_from(text);
        if (configuration.listen_scope == ListenScope::loopback && listener && !is_loopback(listener->host)) {
            out.emplace_back(fmt::format(
                "{} = {} faces a network, and this server speaks plain HTTP: listen on 127.0.0.1 behind nginx, or "
                "say listen.scope = any where only nginx reaches that address",
                key, text));
        }
    }
    if (configuration.mode == RunMode::development) {
        return out;
    }
    if (uses_development_inbox(configuration.gateway)) {
        out.emplace_back(
            "gateway.kind, gateway.sms-order or gateway.voice-order names development-inbox, which shows codes on a "
            "page: "
            "production mode refuses it");
    }
    for (auto& refusal : gateway_refusals(configuration.gateway)) {
        out.push_back(std::move(refusal));
    }
    if (!configuration.clock_offset_file.empty()) {
        out.emplace_back("development.clock-offset-file moves the clock: production mode refuses it");
    }
    if (configuration.login_id_domain == "madoguchi.example") {
        out.emplace_back("login-id.domain is still the example's: set your own");
    }
    if (configuration.helpdesk_phone == "03-0000-4100") {
        out.emplace_back("service.helpdesk-phone is still the example's: set your own");
    }
    if (configuration.origin.starts_with("https://localhost")) {
        out.emplace_back("origin is localhost: set the address that browsers use");
    }
    return out;
}

Result<std::string> read_secret_file(const std::filesystem::path& file, RunMode mode) {
    struct stat status = {};
    if (::stat(file.c_str(), &status) != 0) {
        return wrong("the secret file " + file.string() + " can't be read");
    }
    if (mode == RunMode::production && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return wrong("others may read the secret file " + file.string() + ": chmod 600 it");
    }
    std::ifstream stream(file);
    std::string line;
    if (!std::getline(stream, line) || line.empty()) {
        return wrong("the secret file " + file.string() + " is empty or can't be read");
    }
    return line;
}

Result<std::string> read_edge_secret(const std::filesystem::path& file, RunMode mode) {
    auto secret = TRY(read_secret_file(file, mode));
    const bool repeats = secret.find_first_not_of(secret.front()) == std::string::npos;
    if (mode == RunMode::production && (secret.size() < kEdgeSecretCharacters || repeats)) {
        return wrong("the secret in " + file.string() + " can be guessed: make one with openssl rand -hex 32");
    }
    return secret;
}

std::string help_text() {
    std::ostringstream out;
    out << "madoguchi-server: account provisioning and daily reports for public health\n\n"
           "Usage: madoguchi-server COMMAND --config FILE [--KEY VALUE ...]\n\n"
           "Commands\n"
           "  serve          answer requests until SIGTERM or SIGINT; finishes those in flight\n"
           "  migrate        bring the database's schema forward\n"
           "  bootstrap      make the first ministry administrator; prints login ID and initial password\n"
           "  check          say whether this configuration would run, and change nothing\n"
           "  generate-keys  make the key files that are missing\n"
           "  demo           fill an empty database with an invented country (development mode only)\n\n"
        << arguments() << "\n"
        << keys() << "\nExit codes: 0 done, 1 failed, 2 the command line or the configuration is wrong.\n";
    return out.str();
}

}  // namespace madoguchi::app
