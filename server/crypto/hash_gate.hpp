// A gate as wide as the cores with a bounded queue before it: password hashing never takes the machine from people
// already signed in (S27).
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
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
    /// How long the gate's threads, which run only when nobody else wants a core, may get nothing done before a caller
    /// hashes by itself: thirty hashes' time, and short beside a browser's patience.
    std::chrono::milliseconds patience = std::chrono::seconds(1);
};

struct HashGateGauges {
    std::size_t waiting = 0;
    std::size_t running = 0;
};

/// Thread-safe. Callers block until their turn is done. Full queue or no turn in time: unavailable, busy, with
/// retry_after. Where other programs leave the gate's threads no time at all, callers hash by themselves, one at a
/// time, so that nobody waits for a backup to end.
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
    /// Shared by caller and thread: a caller that hashed by itself doesn't wait for the thread to notice.
    struct Job {
        std::function<void()> work;
        JobState state = JobState::waiting;
        std::condition_variable changed = {};
    };
    enum class DoneBy { gate, caller };

    class CallerCount;

    template <class Work>
    auto pass(Work work) -> decltype(work());
    Result<DoneBy> wait_for(const std::shared_ptr<Job>& job, const std::function<void()>& alone);
    Result<DoneBy> do_alone(std::unique_lock<std::mutex>& lock, Job& job, const std::function<void()>& alone);
    bool starved(std::chrono::steady_clock::time_point since) const;
    void serve();
    void run_next(std::unique_lock<std::mutex>& lock);
    void report() const;

    const PasswordHasher& hasher_;
    const HashGateOptions options_;
    const std::function<void(const HashGateGauges&)> on_change_;
    mutable std::mutex mutex_;
    std::condition_variable arrived_;
    std::deque<std::shared_ptr<Job>> queue_;
    std::chrono::steady_clock::time_point progress_;  // when a thread of the gate last got something done
    std::timed_mutex alone_;                          // held by the caller that hashes by itself
    std::size_t running_ = 0;
    std::size_t callers_ = 0;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace madoguchi::crypto
