// Reads the command line, starts the app, owns signals and the exit code.
#include <sys/prctl.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <iostream>

#include "app/application.hpp"
#include "app/demo.hpp"
#include "crypto/keys.hpp"

extern char** environ;

namespace {

using namespace madoguchi;

constexpr int kFailed = 1;
constexpr int kWrong = 2;

int complain(const Error& error) {
    std::cerr << "madoguchi-server: " << error.message_id << (error.detail.empty() ? "" : ": " + error.detail) << "\n";
    for (const auto& field : error.fields) {
        std::cerr << "  " << field.field << ": " << field.message_id << "\n";
    }
    return error.kind == ErrorKind::invalid ? kWrong : kFailed;
}

int refuse(const app::Configuration& configuration) {
    const auto found = app::refusals(configuration);
    for (const auto& refusal : found) {
        std::cerr << "madoguchi-server: " << refusal << "\n";
    }
    return found.empty() ? 0 : kWrong;
}

// A core file would hold keys and passwords (S20). The limit is for core files, the flag for programs that the kernel
// pipes cores to, and for tracers of the same user.
void leave_no_core() {
    const rlimit none{0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0);
}

int serve(const app::Configuration& configuration) {
    leave_no_core();
    // Blocked before any thread starts, so that every thread inherits it and only sigwait() takes them.
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
    auto application = app::Application::make(configuration);
    if (!application) {
        return complain(application.error());
    }
    if (const auto started = (*application)->start(); !started) {
        return complain(started.error());
    }
    int signal = 0;
    sigwait(&signals, &signal);
    return (*application)->stop() ? 0 : kFailed;
}

int migrate(const app::Configuration& configuration) {
    const auto migrations = db::Migrations::load(configuration.migrations_directory);
    if (!migrations) {
        return complain(migrations.error());
    }
    const auto connection = app::migration_connection(configuration);
    if (!connection) {
        return complain(connection.error());
    }
    const auto status = migrations->apply(*connection, [](std::string_view line) { std::cout << line << "\n"; });
    return status ? 0 : complain(status.error());
}

int bootstrap(const app::CommandLine& command) {
    auto application = app::Application::make(command.configuration);
    if (!application) {
        return complain(application.error());
    }
    const auto role = directory::role(command.role);
    if (!role) {
        std::cerr << "madoguchi-server: --role is ministry_admin or auditor\n";
        return kWrong;
    }
    const auto made =
        (*application)
            ->accounts()
            .bootstrap(command.configuration.ministry_name, *role, command.another, (*application)->clock().now());
    if (!made) {
        return complain(made.error());
    }
    if (!*made) {
        std::cout << "a ministry administrator exists; --another makes a further one\n";
        return 0;
    }
    std::cout << "login-id: " << (*made)->account.login_id << "\n"
              << "initial-password: " << (*made)->initial_password->shown.reveal() << "\n"
              << "initial-password-expires-at: " << format_rfc3339_japan((*made)->initial_password->expires_at) << "\n";
    return 0;
}

int check(const app::Configuration& configuration) {
    auto application = app::Application::make(configuration);
    if (!application) {
        return complain(application.error());
    }
    std::cout << "configuration, keys, templates, texts, migrations: good\n";
    if (const auto ready = (*application)->ready(); !ready) {
        return complain(ready.error());
    }
    std::cout << "database: reached, its schema is current\n";
    return 0;
}

int generate_keys(const app::Configuration& configuration) {
    OsEntropy entropy;
    const auto made = crypto::generate_keys(configuration.keys_directory, entropy);
    if (!made) {
        return complain(made.error());
    }
    for (const auto& name : *made) {
        std::cout << "made " << name << "\n";
    }
    return 0;
}

int run(const app::CommandLine& command) {
    const auto& configuration = command.configuration;
    if (command.command == "generate-keys") {
        return generate_keys(configuration);
    }
    if (const int refused = refuse(configuration); refused != 0) {
        return refused;
    }
    if (command.command == "serve") {
        return serve(configuration);
    }
    if (command.command == "migrate") {
        return migrate(configuration);
    }
    if (command.command == "bootstrap") {
        return bootstrap(command);
    }
    if (command.command == "check") {
        return check(configuration);
    }
    if (command.command == "demo") {
        const auto loaded = app::load_demo(configuration);
        return loaded ? 0 : complain(loaded.error());
    }
    std::cerr << "madoguchi-server: no command is called " << command.command << "; see madoguchi-server help\n";
    return kWrong;
}

}  // namespace

int main(int argc, char** argv) {
    const auto command = app::read_command_line(argc, argv, environ);
    if (!command) {
        return complain(command.error());
    }
    if (command->command == "help") {
        std::cout << app::help_text();
        return 0;
    }
    if (command->command == "version") {
        std::cout << "madoguchi-server " << MADOGUCHI_VERSION << "\n";
        return 0;
    }
    return run(*command);
}
