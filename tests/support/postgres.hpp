// A real PostgreSQL for tests: one throwaway cluster a run, one database a test binary (or more, where a test wants
// one).
#pragma once

#include <filesystem>
#include <string>

#include "db/connection_string.hpp"
#include "db/database.hpp"

namespace madoguchi::test {

/// A cluster started by tests/support/cluster. Stopped and removed when the process ends, also when it crashes.
class Cluster {
public:
    Cluster();
    ~Cluster();
    Cluster(const Cluster&) = delete;
    Cluster& operator=(const Cluster&) = delete;

    /// The socket directory of the cluster that all tests share: MADOGUCHI_TEST_CLUSTER, or one started for this
    /// process.
    static const std::string& shared_socket();

    std::string socket() const { return directory_ + "/socket"; }
    /// As a crash of the server would stop it; resume() starts it again.
    void halt() const;
    void resume() const;

private:
    std::string directory_;
    int guard_process_ = -1;
    int guard_pipe_ = -1;
};

/// An empty database owned by madoguchi_owner; dropped in the destructor, whoever is connected.
class ScratchDatabase {
public:
    explicit ScratchDatabase(std::string socket = Cluster::shared_socket());
    ~ScratchDatabase();
    ScratchDatabase(const ScratchDatabase&) = delete;
    ScratchDatabase& operator=(const ScratchDatabase&) = delete;

    std::string owner_url() const { return url("madoguchi_owner"); }
    std::string service_url() const { return url("madoguchi_service"); }
    std::string superuser_url() const { return url("postgres"); }
    /// Applies the repository's migrations.
    void migrate() const;

private:
    std::string url(const std::string& user) const;

    std::string socket_;
    std::string name_;
};

/// This binary's database with the repository's schema.
ScratchDatabase& test_database();
std::string owner_url();
std::string service_url();
/// Connected to it as the service is.
db::Database& service_database();

/// For db::Database and db::Migrations. Throws when `settings` are wrong.
SecretText connection_to(db::ConnectionSettings settings);
SecretText connection_to(const std::string& url);
/// Past every layer of ours, for arranging and looking: the first cell of the last answer. Throws when SQL fails.
std::string run_sql(const std::string& url, const std::string& sql);

}  // namespace madoguchi::test
