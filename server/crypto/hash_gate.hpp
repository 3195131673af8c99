// A gate as wide as the cores with a bounded queue before it: password hashing never takes the machine from people
// already signed in (S27).
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/limits.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "crypto/password_hasher.hpp"

namespace madoguchi::crypto {

struct HashGateOptions {
    unsigned threads = 0;  // 0: one a core
    std::size_t waiting = limits::kHashQueueWaiting;
    std::chrono::milliseconds wait = limits::kHashWait;
    std::chrono::milliseconds idle = limits::kHashMemoryIdle;
};

struct HashGateGauges {
    std::size_t waiting = 0;
    std::size_t running = 0;
};

/// Thread-safe. Callers block until their turn is done. Full queue or no turn in time: unavailable, busy, with
/// retry_after.
class HashGate {
public:
    /// `on_change` is called after every change of the gauges, from any thread, briefly, under the gate's lock: set
    /// numbers, nothing more.
    explicit HashGate(const PasswordHasher& hasher, HashGateOptions options = {},
                      std::function<void(const HashGateGauges&)> on_change = {});
    /// Finishes what is running; what still waits gets unavailable.
    ~HashGate();
    HashGate(const HashGate&) = delete;
    HashGate& operator=(const HashGate&) = delete;

    Result<std::string> hash(const SecretText& password);
    Result<bool> verify(const std::string& phc, const SecretText& password);
    /// Spends the time of one verification on nothing, so that an unknown account costs as much as a known one (S12).
    Result<void> spend(const SecretText& password);

    const PasswordHasher& hasher() const { return hasher_; }
    HashGateGauges gauges() const;

private:
    enum class JobState { waiting, running, done, dropped };
    struct Job {
        std::function<void()> work;
        JobState state = JobState::waiting;
        std::condition_variable changed = {};
    };

    class CallerCount;

    Result<void> pass(std::function<void()> work);
    void serve();
    void run_next(std::unique_lock<std::mutex>& lock);
    void report() const;

    const PasswordHasher& hasher_;
    const HashGateOptions options_;
    const std::function<void(const HashGateGauges&)> on_change_;
    mutable std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<Job*> queue_;
    std::size_t running_ = 0;
    std::size_t callers_ = 0;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace madoguchi::crypto
