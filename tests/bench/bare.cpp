#include "bare.hpp"

#include <argon2.h>
#include <libpq-fe.h>
#include <pistache/endpoint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <ctime>
#include <stdexcept>
#include <thread>
#include <vector>

#undef TRY  // Pistache's
#include "crypto/password_hasher.hpp"

namespace madoguchi::bench {
namespace {

constexpr std::size_t kHashBytes = 32;

int take_kept(std::uint8_t** memory, std::size_t bytes) {
    thread_local void* const kept = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    *memory = static_cast<std::uint8_t*>(kept);
    return kept == MAP_FAILED ? ARGON2_MEMORY_ALLOCATION_ERROR : ARGON2_OK;
}
void give_back(std::uint8_t* /*memory*/, std::size_t /*bytes*/) {}

void hash_once(ArgonMemory memory) {
    std::array<std::uint8_t, kHashBytes> out{};
    std::array<std::uint8_t, kHashBytes> password{};  // the server hashes an HMAC of the password
    std::array<std::uint8_t, 16> salt{};
    argon2_context context = {};
    context.out = out.data();
    context.outlen = out.size();
    context.pwd = password.data();
    context.pwdlen = password.size();
    context.salt = salt.data();
    context.saltlen = salt.size();
    context.t_cost = crypto::ArgonParameters{}.passes;
    context.m_cost = crypto::ArgonParameters{}.memory_kib;
    context.lanes = 1;
    context.threads = 1;
    context.version = ARGON2_VERSION_13;
    if (memory == ArgonMemory::kept) {
        context.allocate_cbk = &take_kept;
        context.free_cbk = &give_back;
    }
    if (argon2id_ctx(&context) != ARGON2_OK) {
        throw std::runtime_error("Argon2id failed");
    }
}

class BareHandler final : public Pistache::Http::Handler {
public:
    HTTP_PROTOTYPE(BareHandler)
    explicit BareHandler(std::string database_url) : database_url_(std::move(database_url)) {}

    void onRequest(const Pistache::Http::Request& /*request*/, Pistache::Http::ResponseWriter response) override {
        thread_local PGconn* const connection = open();
        const char* id = "2";
        PGresult* result = PQexecPrepared(connection, "one", 1, &id, nullptr, nullptr, 0);
        const std::string name = PQgetvalue(result, 0, 0);
        PQclear(result);
        response.send(Pistache::Http::Code::Ok, name);
    }

private:
    PGconn* open() const {
        PGconn* connection = PQconnectdb(database_url_.c_str());
        PQclear(PQprepare(connection, "one", "select name from organizations where id = $1", 1, nullptr));
        return connection;
    }
    std::string database_url_;
};

[[noreturn]] void serve(const std::string& database_url, int threads, int tell) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    Pistache::Http::Endpoint endpoint(Pistache::Address("127.0.0.1:0"));
    endpoint.init(Pistache::Http::Endpoint::options().threads(threads).flags(Pistache::Tcp::Options::NoDelay));
    endpoint.setHandler(std::make_shared<BareHandler>(database_url));
    endpoint.serveThreaded();
    const std::uint16_t port = endpoint.getPort();
    static_cast<void>(!::write(tell, &port, sizeof port));
    for (;;) {
        pause();
    }
}

}  // namespace

ArgonRate argon2_rate(ArgonMemory memory, std::chrono::milliseconds time) {
    using Clock = std::chrono::steady_clock;
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    std::atomic<double> total = 0;
    std::atomic<int> hashes = 0;
    const auto cpu = std::clock();
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < cores; ++i) {
        threads.emplace_back([&] {
            hash_once(memory);  // maps its memory
            const auto start = Clock::now();
            int count = 0;
            while (Clock::now() - start < time) {
                hash_once(memory);
                ++count;
            }
            hashes += count + 1;
            total += count / std::chrono::duration<double>(Clock::now() - start).count();
        });
    }
    for (auto& thread : threads) {
        thread.join();
    }
    return {total, static_cast<double>(std::clock() - cpu) * 1e3 / CLOCKS_PER_SEC / hashes};
}

BarePistache::BarePistache(const std::string& database_url, int threads) {
    std::array<int, 2> ends{};
    if (pipe(ends.data()) != 0) {
        throw std::runtime_error("pipe failed");
    }
    process_ = fork();
    if (process_ == 0) {
        serve(database_url, threads, ends[1]);
    }
    close(ends[1]);
    const bool told = ::read(ends[0], &port_, sizeof port_) == sizeof port_;
    close(ends[0]);
    if (!told) {
        throw std::runtime_error("the bare server did not start");
    }
}

BarePistache::~BarePistache() {
    kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
}

}  // namespace madoguchi::bench
