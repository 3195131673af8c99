// What an operator configures: a file, then the environment, then the command line, the later one wins.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "accounts/dormancy.hpp"
#include "app/gateway_configuration.hpp"
#include "base/limits.hpp"
#include "base/result.hpp"
#include "base/retention_limits.hpp"
#include "reports/completeness.hpp"
#include "telemetry/log.hpp"

namespace madoguchi::app {

enum class RunMode { development, production };

/// Where listeners may be. What they speak is plain HTTP, and whoever reaches one is past nginx.
enum class ListenScope { loopback, any };

/// How long what has ended is kept. The audit log stays.
struct Retention {
    std::chrono::days flows{limits::kFlowsKeptDays};
    std::chrono::days sessions{limits::kSessionsKeptDays};
    std::chrono::days messages{limits::kMessagesKeptDays};
};

struct Configuration {
    RunMode mode = RunMode::production;
    std::string origin;
    std::string listen_interactive;
    std::string listen_hashing;
    std::string listen_steps;
    std::string listen_files;
    ListenScope listen_scope = ListenScope::loopback;
    std::filesystem::path edge_secret_file;
    std::string database_url;
    std::string database_user;
    std::filesystem::path database_password_file;
    std::string migration_user;
    std::filesystem::path migration_password_file;
    int database_connections = 0;
    std::filesystem::path keys_directory;
    std::filesystem::path templates_directory;
    std::filesystem::path migrations_directory;
    std::filesystem::path audit_head_file;
    std::string login_id_domain;
    std::string login_id_pattern;
    std::string ministry_name;
    std::string helpdesk_phone;
    GatewayConfiguration gateway;
    telemetry::LogLevel log_level = telemetry::LogLevel::info;
    int password_minimum = 0;
    int password_life_days = 0;  // 0: passwords do not expire
    int threads_interactive = 0;
    int threads_hashing = 0;
    int threads_steps = 0;
    int threads_files = 0;
    accounts::DormancyPolicy dormancy;
    Retention retention;
    reports::ReportPolicy reports;
    reports::Schedule report_schedule;  // of those without one of their own
    int report_reminder_hour = 0;
    std::filesystem::path clock_offset_file;  // development only: seconds to add to the clock
};

struct CommandLine {
    std::string command;  // "serve", "migrate" ...; "help" and "version" too
    Configuration configuration;
    bool another = false;  // bootstrap: a further account of the ministry
    std::string role;
};

/// Errors: invalid, whose detail names the key or argument at fault and what would be right.
Result<CommandLine> read_command_line(int argc, const char* const* argv, const char* const* environment);

/// What this configuration would do that its mode refuses; empty: nothing. One sentence each.
std::vector<std::string> refusals(const Configuration& configuration);

std::string help_text();

/// The file's first line. Errors: invalid; production mode refuses files that others may read.
Result<std::string> read_secret_file(const std::filesystem::path& file, RunMode mode);

/// As read_secret_file. Errors: invalid also where production mode finds one that somebody made up and others may
/// guess.
Result<std::string> read_edge_secret(const std::filesystem::path& file, RunMode mode);

}  // namespace madoguchi::app
