// What the server is compared with: the least that a program must do for the same.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace madoguchi::bench {

enum class ArgonMemory {
    kept,   // by each thread between hashes, as the server does: the stricter comparison
    mapped  // anew for each hash, as libargon2 does by itself
};

struct ArgonRate {
    double a_second = 0;
    double cpu_ms = 0;  // of one
};
/// Argon2id verifications with the server's parameters on all cores, nothing else done.
ArgonRate argon2_rate(ArgonMemory memory, std::chrono::milliseconds time);

/// A Pistache server of its own process: each request does one prepared read by primary key on a connection that its
/// thread holds.
class BarePistache {
public:
    BarePistache(const std::string& database_url, int threads);
    ~BarePistache();
    BarePistache(const BarePistache&) = delete;
    BarePistache& operator=(const BarePistache&) = delete;
    std::uint16_t port() const { return port_; }
    int process() const { return process_; }

private:
    int process_ = -1;
    std::uint16_t port_ = 0;
};

}  // namespace madoguchi::bench
