#include "subject.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "base/encoding.hpp"
#include "crypto/envelope.hpp"
#include "crypto/keys.hpp"
#include "crypto/one_time_secrets.hpp"
#include "crypto/password_hasher.hpp"
#include "crypto/totp.hpp"
#include "load.hpp"
#include "support/source_directory.hpp"

namespace madoguchi::bench {
namespace {

// PostgreSQL as in production, not as in tests: what is acknowledged is on the disk.
bool make_clusters_durable() {
    setenv("MADOGUCHI_CLUSTER_OPTIONS",
           "-c fsync=on -c synchronous_commit=on -c full_page_writes=on -c wal_compression=lz4 -c shared_buffers=128MB",
           1);
    return true;
}

std::filesystem::path make_directory() {
    static_cast<void>(make_clusters_durable());
    std::string pattern = "/tmp/madoguchi-bench-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) {
        throw std::runtime_error("mkdtemp failed");
    }
    return pattern;
}

std::uint16_t free_port() {
    const int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    const bool bound = bind(descriptor, reinterpret_cast<const sockaddr*>(&address), length) == 0 &&
                       getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &length) == 0;
    close(descriptor);
    if (!bound) {
        throw std::runtime_error("no free port");
    }
    return ntohs(address.sin_port);
}

template <class T>
T must(Result<T> result, const char* what) {
    if (!result) {
        throw std::runtime_error(fmt::format("{}: {} {}", what, result.error().message_id, result.error().detail));
    }
    return std::move(*result);
}

class Waiter final : public Conversation {
public:
    explicit Waiter(std::uint16_t port) : port_(port) {}
    std::optional<Call> next(const Reply* previous) override {
        if (previous != nullptr && previous->status == 200) {
            return std::nullopt;
        }
        if (previous != nullptr) {
            if (Steady::now() > until_) {
                throw std::runtime_error(fmt::format("the server is not ready: {}", previous->body));
            }
            std::this_thread::sleep_for(std::chrono::milliseconds(100));
        }
        return Call{port_, request({.target = "/readyz"})};
    }

private:
    std::uint16_t port_;
    Steady::time_point until_ = Steady::now() + std::chrono::seconds(1);
};

}  // namespace

double cpu_of(int process) {
    std::ifstream file(fmt::format("/proc/{}/stat", process));
    std::string text(std::istreambuf_iterator<char>(file), {});
    std::istringstream fields(text.substr(std::min(text.size(), text.rfind(')') + 1)));
    std::string skipped;
    for (int i = 0; i < 11; ++i) {  // proc(5): up to field 13; 14 and 15 are user and system time
        fields >> skipped;
    }
    double user = 0;
    double system = 0;
    fields >> user >> system;
    return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

Subject::Subject(std::filesystem::path program, std::optional<Country> country)
    : directory_(make_directory()),
      database_(cluster_.socket()),
      interactive_(free_port()),
      hashing_(free_port()),
      steps_(free_port()),
      files_(free_port()) {
    OsEntropy entropy;
    must(crypto::generate_keys(directory_ / "keys", entropy), "keys");
    const auto keys = must(crypto::load_keys(directory_ / "keys"), "keys");
    seed_ = crypto::make_totp_seed(entropy);
    edge_secret_ = to_hex(entropy.bytes(32));
    prepare_files();
    database_.migrate();
    token_key_ = keys.token;
    if (country) {
        fill(database_.superuser_url(), *country);
    } else {
        prepare_clinic(must(crypto::PasswordHasher(keys.pepper, entropy).hash(SecretText(kPassword)), "hash"),
                       must(crypto::Envelope(keys.envelope, entropy).seal(seed_, "totp-seed"), "seal"));
    }
    start(program);
}

Subject::~Subject() {
    kill(process_, SIGTERM);
    waitpid(process_, nullptr, 0);
    std::filesystem::remove_all(directory_);
}

void Subject::prepare_files() {
    const auto secret = directory_ / "edge.secret";
    std::ofstream(secret) << edge_secret_ << "\n";
    std::filesystem::permissions(secret, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    const std::string source = test::source_directory();
    std::ofstream(directory_ / "madoguchi.conf")
        << "mode = development\norigin = https://localhost:8443\ngateway.kind = development-inbox\n"
        << "listen.interactive = 127.0.0.1:" << interactive_ << "\nlisten.hashing = 127.0.0.1:" << hashing_
        << "\nlisten.steps = 127.0.0.1:" << steps_ << "\nlisten.files = 127.0.0.1:" << files_
        << "\nthreads.interactive = " << kInteractiveThreads << "\nedge.secret-file = " << secret.string()
        << "\ndatabase.url = " << database_.service_url() << "\nkeys.directory = " << (directory_ / "keys").string()
        << "\ntemplates.directory = " << source << "/templates\nmigrations.directory = " << source
        << "/migrations\naudit.head-file = " << (directory_ / "audit.head").string() << "\n";
}

// All accounts share one password and one seed; nothing on the way looks at that.
void Subject::prepare_clinic(const std::string& phc, const std::string& seed_sealed) {
    test::run_sql(database_.superuser_url(), fmt::format(R"(
        insert into organizations (id, kind, parent_id, path, prefecture_code, name, search, institution_code, created_at)
        values (1, 'ministry', null, '1.', null, '本省', 'ministry', null, now()),
               (2, 'facility', 1, '1.2.', 13, '窓口クリニック', 'clinic', '1310000001', now());
        insert into accounts (id, login_id, login_key, organization_id, organization_path, family_name, given_name, search, state,
                              password_phc, password_changed_at, created_at)
        select n, 'f13-' || n || '@madoguchi.example', 'f13-' || n || '@madoguchi.example', 2, '1.2.', '山田', '花子', 'yamada',
               'active', '{}', now(), now()
        from generate_series(1, {}) as n;
        insert into grants (account_id, account_path, organization_id, organization_path, role, valid_from, created_at)
        select id, '1.2.', 2, '1.2.', 'facility_admin', now() - interval '1 day', now() from accounts;
        insert into second_steps (account_id, organization_path, kind, seed_sealed, is_default, registered_at)
        select id, '1.2.', 'totp', '{}', true, now() from accounts)",
                                                         phc, kAccounts, seed_sealed));
    test::run_sql(database_.superuser_url(), "vacuum analyze");
    test::run_sql(database_.superuser_url(), "checkpoint");
}

void Subject::start(const std::filesystem::path& program) {
    const std::string config = directory_ / "madoguchi.conf";
    const std::string log = directory_ / "log";
    process_ = fork();
    if (process_ == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        const int file = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
        dup2(file, 1);
        dup2(file, 2);
        execl(program.c_str(), program.c_str(), "serve", "--config", config.c_str(), nullptr);
        _exit(127);
    }
    for (int attempt = 0;; ++attempt) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        try {
            Waiter waiter(interactive_);
            converse({&waiter});
            return;
        } catch (const std::exception&) {
            if (attempt == 100) {
                throw std::runtime_error("the server did not start, or not become ready: see " + log);
            }
        }
    }
}

std::string Subject::login_id(int number) {
    return fmt::format("f13-{}@madoguchi.example", number);
}

std::string Subject::signed_in_as(std::int64_t account) {
    const SecretText token(fmt::format("benchmark-session-of-account-{}", account));
    test::run_sql(database_.superuser_url(), fmt::format(R"(
        insert into sessions (token_digest, account_id, organization_path, channel, created_at, last_used_at, expires_at, source)
        select '{}', id, organization_path, 'web', now(), now(), now() + interval '12 hours', '10.0.0.1'
        from accounts where id = {})",
                                                         crypto::digest_token(token_key_, "session", token), account));
    return "Cookie: __Host-session=" + token.reveal() + "\r\n";
}

void Subject::wait_until_idle() const {
    constexpr int kQuietLooks = 20;
    for (int quiet = 0; quiet < kQuietLooks;) {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        const bool busy = test::run_sql(database_.superuser_url(),
                                        "select count(*) > 0 from pg_stat_activity where usename = "
                                        "'madoguchi_service' and state <> 'idle'") == "t";
        quiet = busy ? 0 : quiet + 1;
    }
}

std::vector<std::string> Subject::tokens_of(std::int64_t first, int count) {
    std::vector<std::string> tokens;
    std::string digests;
    for (std::int64_t account = first; account < first + count; ++account) {
        const SecretText token(fmt::format("benchmark-token-of-account-{}", account));
        digests += (tokens.empty() ? "" : ",") + crypto::digest_token(token_key_, "session", token);
        tokens.push_back(token.reveal());
    }
    test::run_sql(database_.superuser_url(), fmt::format(R"(
        update accounts set state = 'active' where id between {0} and {1} and state <> 'active';
        insert into sessions (token_digest, account_id, organization_path, channel, created_at, last_used_at, expires_at, source)
        select d.digest, a.id, a.organization_path, 'api', now(), now(), now() + interval '12 hours', '10.0.0.1'
        from unnest(string_to_array('{2}', ',')) with ordinality as d (digest, n) join accounts a on a.id = {0} + d.n - 1;
        analyze accounts;
        analyze sessions)",
                                                         first, first + count - 1, digests));
    return tokens;
}

std::string Subject::from_place(int number) const {
    return fmt::format("X-Madoguchi-Edge: {}\r\nX-Real-IP: 10.1.{}.{}\r\n", edge_secret_, number / 250, number % 250);
}

double Subject::memory(const std::string& field) const {
    std::ifstream status(fmt::format("/proc/{}/status", process_));
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with(field + ":")) {
            return std::stod(line.substr(field.size() + 1)) / 1024;
        }
    }
    throw std::runtime_error("the server is gone");
}

double Subject::database_cpu() const {
    std::istringstream processes(
        test::run_sql(database_.superuser_url(), "select string_agg(pid::text, ' ') from pg_stat_activity"));
    double total = 0;
    for (int process = 0; processes >> process;) {
        total += cpu_of(process);
    }
    return total;
}

void Subject::log_statements() {
    const auto name = test::run_sql(database_.superuser_url(), "select current_database()");
    test::run_sql(database_.superuser_url(), fmt::format("alter database {} set log_statement = 'all'", name));
    test::run_sql(database_.superuser_url(),
                  "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'madoguchi_service'");
}

int Subject::statements_logged() const {
    std::ifstream file(std::filesystem::path(cluster_.socket()).parent_path() / "log");
    int count = 0;
    for (std::string line; std::getline(file, line);) {
        const bool sent =
            line.find("LOG:  execute ") != std::string::npos || line.find("LOG:  statement: ") != std::string::npos;
        count += sent && line.find("deallocate") == std::string::npos ? 1 : 0;
    }
    return count;
}

}  // namespace madoguchi::bench
