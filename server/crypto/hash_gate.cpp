#include "crypto/hash_gate.hpp"

#include <sched.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <algorithm>

namespace madoguchi::crypto {
namespace {

constexpr int kNice = 19;

tl::unexpected<Error> busy(std::string detail) {
    return failure(Error{.kind = ErrorKind::unavailable,
                         .message_id = "busy",
                         .detail = std::move(detail),
                         .retry_after = limits::kHashRetryAfter});
}

// On Linux a thread has its own policy and niceness; neither takes a right. Failing is harmless: the work is done, only
// less politely. Measured with all cores hashing 46 MiB: the p99 of session reads is 3.5 to 4.5 times the idle one at
// nice 19, 2 to 3 times as SCHED_IDLE, because a thread that wakes need not wait for the end of a hash's time slice.
void be_nice() {
    const sched_param none{};
    ::sched_setscheduler(0, SCHED_IDLE, &none);
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::syscall(SYS_gettid)), kNice);
}

}  // namespace

HashGate::HashGate(const PasswordHasher& hasher, HashGateOptions options,
                   std::function<void(const HashGateGauges&)> on_change)
    : hasher_(hasher), options_(options), on_change_(std::move(on_change)) {
    const unsigned threads = options.threads != 0 ? options.threads : std::max(1U, std::thread::hardware_concurrency());
    for (unsigned i = 0; i < threads; ++i) {
        threads_.emplace_back([this] { serve(); });
    }
}

HashGate::~HashGate() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        for (auto* job : queue_) {
            job->state = JobState::dropped;
            job->changed.notify_one();
        }
        queue_.clear();
        arrived_.notify_all();
    }
    for (auto& thread : threads_) {
        thread.join();
    }
    std::unique_lock lock(mutex_);
    arrived_.wait(lock, [this] { return callers_ == 0; });
}

// Counts who is inside, so that the gate outlives them. Made and destroyed under the lock.
class HashGate::CallerCount {
public:
    explicit CallerCount(HashGate& gate) : gate_(gate) { ++gate_.callers_; }
    ~CallerCount() {
        if (--gate_.callers_ == 0 && gate_.stopping_) {
            gate_.arrived_.notify_all();
        }
    }
    CallerCount(const CallerCount&) = delete;
    CallerCount& operator=(const CallerCount&) = delete;

private:
    HashGate& gate_;
};

Result<std::string> HashGate::hash(const SecretText& password) {
    Result<std::string> result;
    TRY(pass([&] { result = hasher_.hash(password); }));
    return result;
}

Result<bool> HashGate::verify(const std::string& phc, const SecretText& password) {
    Result<bool> result = false;
    TRY(pass([&] { result = hasher_.verify(phc, password); }));
    return result;
}

Result<void> HashGate::spend(const SecretText& password) {
    TRY(verify(hasher_.decoy(), password));
    return {};
}

HashGateGauges HashGate::gauges() const {
    const std::lock_guard lock(mutex_);
    return {queue_.size(), running_};
}

// The job lives on the caller's stack: the caller leaves only when the job is done or out of the queue.
Result<void> HashGate::pass(std::function<void()> work) {
    Job job{.work = std::move(work)};
    std::unique_lock lock(mutex_);
    const CallerCount count(*this);
    if (stopping_) {
        return busy("hash gate is stopping");
    }
    if (queue_.size() >= options_.waiting) {
        return busy("hash gate is full");
    }
    queue_.push_back(&job);
    report();
    arrived_.notify_one();
    const auto deadline = std::chrono::steady_clock::now() + options_.wait;
    if (!job.changed.wait_until(lock, deadline, [&] { return job.state != JobState::waiting; })) {
        std::erase(queue_, &job);
        report();
        return busy("no turn at the hash gate in time");
    }
    job.changed.wait(lock, [&] { return job.state != JobState::running; });
    return job.state == JobState::done ? Result<void>() : busy("hash gate is stopping");
}

void HashGate::serve() {
    be_nice();
    std::unique_lock lock(mutex_);
    const auto called = [this] { return stopping_ || !queue_.empty(); };
    while (!stopping_) {
        if (!arrived_.wait_for(lock, options_.idle, called)) {
            lock.unlock();
            release_hash_memory();
            lock.lock();
            arrived_.wait(lock, called);
        }
        if (!queue_.empty()) {
            run_next(lock);
        }
    }
}

void HashGate::run_next(std::unique_lock<std::mutex>& lock) {
    Job& job = *queue_.front();
    queue_.pop_front();
    job.state = JobState::running;
    ++running_;
    report();
    lock.unlock();
    job.work();
    lock.lock();
    --running_;
    report();
    job.state = JobState::done;
    job.changed.notify_one();  // under the lock: the caller, and with it the job, may be gone as soon as it is released
}

void HashGate::report() const {
    if (on_change_) {
        on_change_({queue_.size(), running_});
    }
}

}  // namespace madoguchi::crypto
