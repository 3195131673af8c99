// The server under test: the program itself, with a database of its own and thousands of accounts ready to sign in.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/secret.hpp"
#include "country.hpp"
#include "support/postgres.hpp"

namespace madoguchi::bench {

inline constexpr int kAccounts = 20'000;       // each signs in once: a TOTP code serves once in its 30 s
inline constexpr int kInteractiveThreads = 4;  // as configured by default, and of the bare server too
inline constexpr const char* kPassword = "correct horse battery staple";

/// CPU seconds that a process has used.
double cpu_of(int process);

class Subject {
public:
    /// Without a country: kAccounts people of one clinic, who can sign in.
    explicit Subject(std::filesystem::path program, std::optional<Country> country = std::nullopt);
    ~Subject();
    Subject(const Subject&) = delete;
    Subject& operator=(const Subject&) = delete;

    std::uint16_t interactive() const { return interactive_; }
    std::uint16_t hashing() const { return hashing_; }
    std::uint16_t steps() const { return steps_; }
    std::uint16_t files() const { return files_; }
    const SecretText& seed() const { return seed_; }
    /// The headers by which nginx vouches for an address: people sign in from many places.
    std::string from_place(int number) const;
    static std::string login_id(int number);
    /// Until two seconds passed without a daily task at work, as one is after the start.
    void wait_until_idle() const;
    /// The cookie of a session in a browser; `account` is one of the country's administrators.
    std::string signed_in_as(std::int64_t account);
    /// Bearer tokens of as many accounts from `first` on, one session each; who could not sign in is made to.
    std::vector<std::string> tokens_of(std::int64_t first, int count);
    std::string owner_url() const { return database_.owner_url(); }
    std::string superuser_url() const { return database_.superuser_url(); }
    /// Where the database may write files.
    std::filesystem::path database_directory() const { return std::filesystem::path(cluster_.socket()); }

    /// Of /proc/PID/status, in MiB: "VmRSS", "VmHWM".
    double memory(const std::string& field) const;
    int process() const { return process_; }
    /// CPU seconds that were used so far.
    double database_cpu() const;
    /// From now on the database logs each statement that it is sent.
    void log_statements();
    /// How many it has logged.
    int statements_logged() const;

private:
    void prepare_files();
    void prepare_clinic(const std::string& phc, const std::string& seed_sealed);
    void start(const std::filesystem::path& program);

    std::filesystem::path directory_;
    test::Cluster cluster_;
    test::ScratchDatabase database_;
    SecretText seed_;
    SecretText token_key_;
    std::string edge_secret_;
    std::uint16_t interactive_ = 0;
    std::uint16_t hashing_ = 0;
    std::uint16_t steps_ = 0;
    std::uint16_t files_ = 0;
    int process_ = -1;
};

}  // namespace madoguchi::bench
