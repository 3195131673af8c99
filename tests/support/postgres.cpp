#include "support/postgres.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <libpq-fe.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <stdexcept>

#include "db/migrations.hpp"
#include "support/source_directory.hpp"

namespace madoguchi::test {

namespace {

const std::string kScript = source_directory() + "/tests/support/cluster";

void wait_for_success(pid_t process, const std::string& what) {
    int status = 0;
    if (process < 0 || waitpid(process, &status, 0) != process || status != 0) {
        throw std::runtime_error(what + " failed");
    }
}

void run_script(const char* command, const std::string& directory) {
    const pid_t process = fork();
    if (process == 0) {
        execl(kScript.c_str(), kScript.c_str(), command, directory.c_str(), nullptr);
        _exit(127);
    }
    wait_for_success(process, std::string("tests/support/cluster ") + command);
}

/// Removes the cluster once the write end of `pipe` closes, as it does however this process ends.
pid_t start_guard(const std::string& directory, int read_end) {
    const pid_t process = fork();
    if (process == 0) {
        setsid();  // survives the Ctrl-C that ends the tests
        const int nothing = open("/dev/null", O_RDWR);
        dup2(read_end, 0);
        dup2(nothing, 1);
        dup2(nothing, 2);
        execl("/bin/sh", "sh", "-c", "read -r ignored; exec \"$0\" stop \"$1\"", kScript.c_str(), directory.c_str(),
              nullptr);
        _exit(127);
    }
    return process;
}

std::string make_url(const std::string& socket, const std::string& user, const std::string& database) {
    return fmt::format("postgresql://{}@/{}?host={}", user, database, socket);
}

}  // namespace

Cluster::Cluster() {
    std::string pattern = "/tmp/madoguchi-test-XXXXXX";  // short: a socket's path has at most 107 bytes
    if (mkdtemp(pattern.data()) == nullptr) {
        throw std::runtime_error("mkdtemp failed");
    }
    directory_ = pattern;
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) {
        throw std::runtime_error("pipe failed");
    }
    guard_process_ = start_guard(directory_, ends[0]);
    close(ends[0]);
    guard_pipe_ = ends[1];
    run_script("start", directory_);
}

Cluster::~Cluster() {
    close(guard_pipe_);
    int status = 0;
    waitpid(guard_process_, &status, 0);
}

const std::string& Cluster::shared_socket() {
    static const char* given = std::getenv("MADOGUCHI_TEST_CLUSTER");
    static const std::unique_ptr<Cluster> own = given == nullptr ? std::make_unique<Cluster>() : nullptr;
    static const std::string socket = own == nullptr ? std::string(given) : own->socket();
    return socket;
}

void Cluster::halt() const {
    run_script("halt", directory_);
}
void Cluster::resume() const {
    run_script("resume", directory_);
}

ScratchDatabase::ScratchDatabase(std::string socket) : socket_(std::move(socket)) {
    static std::atomic<int> count = 0;
    name_ = fmt::format("test_{}_{}", getpid(), ++count);
    run_sql(make_url(socket_, "postgres", "postgres"), "CREATE DATABASE " + name_ + " OWNER madoguchi_owner");
}

ScratchDatabase::~ScratchDatabase() {
    try {
        run_sql(make_url(socket_, "postgres", "postgres"), "DROP DATABASE " + name_ + " WITH (FORCE)");
    } catch (const std::exception& error) {
        std::cerr << error.what() << '\n';
    }
}

std::string ScratchDatabase::url(const std::string& user) const {
    return make_url(socket_, user, name_);
}

void ScratchDatabase::migrate() const {
    const auto migrations = db::Migrations::load(source_directory() + "/migrations");
    if (!migrations) {
        throw std::runtime_error(migrations.error().detail);
    }
    const auto connection = db::migration_connection_string({.url = owner_url()});
    if (const auto applied = migrations->apply(*connection, [](std::string_view) {}); !applied) {
        throw std::runtime_error(applied.error().detail);
    }
}

ScratchDatabase& test_database() {
    static ScratchDatabase database;
    static const bool migrated = (database.migrate(), true);
    static_cast<void>(migrated);
    return database;
}

std::string owner_url() {
    return test_database().owner_url();
}
std::string service_url() {
    return test_database().service_url();
}

db::Database& service_database() {
    static db::Database database(connection_to(service_url()));
    return database;
}

SecretText connection_to(db::ConnectionSettings settings) {
    auto connection = db::connection_string(settings);
    if (!connection) {
        throw std::runtime_error("connection settings are wrong");
    }
    return *connection;
}

SecretText connection_to(const std::string& url) {
    return connection_to(db::ConnectionSettings{.url = url});
}

std::string run_sql(const std::string& url, const std::string& sql) {
    const std::unique_ptr<PGconn, void (*)(PGconn*)> connection(PQconnectdb(url.c_str()), PQfinish);
    PQsetNoticeReceiver(
        connection.get(), [](void*, const PGresult*) {}, nullptr);
    const std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQexec(connection.get(), sql.c_str()), PQclear);
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
        throw std::runtime_error(PQerrorMessage(connection.get()));
    }
    return PQntuples(result.get()) > 0 ? PQgetvalue(result.get(), 0, 0) : "";
}

}  // namespace madoguchi::test
