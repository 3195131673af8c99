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
        for (const auto& job : queue_) {
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

// The work owns what it reads: a thread of the gate may still be at it when the caller has gone.
Result<std::string> HashGate::hash(const SecretText& password) {
    return pass([&hasher = hasher_, password] { return hasher.hash(password); });
}

Result<bool> HashGate::verify(const std::string& phc, const SecretText& password) {
    return pass([&hasher = hasher_, phc, password] { return hasher.verify(phc, password); });
}

Result<void> HashGate::spend(const SecretText& password) {
    TRY(verify(hasher_.decoy(), password));
    return {};
}

HashGateGauges HashGate::gauges() const {
    const std::lock_guard lock(mutex_);
    return {queue_.size(), running_};
}

template <class Work>
auto HashGate::pass(Work work) -> decltype(work()) {
    const auto shared = std::make_shared<const Work>(std::move(work));
    const auto theirs = std::make_shared<decltype(work())>(busy("not done"));
    decltype(work()) ours = busy("not done");
    const auto job = std::make_shared<Job>();
    job->work = [shared, theirs] { *theirs = (*shared)(); };
    const auto done_by = TRY(wait_for(job, [&] { ours = (*shared)(); }));
    return done_by == DoneBy::gate ? *theirs : ours;
}

// The caller leaves when the job is done, out of the queue, or done by itself.
Result<HashGate::DoneBy> HashGate::wait_for(const std::shared_ptr<Job>& job, const std::function<void()>& alone) {
    std::unique_lock lock(mutex_);
    const CallerCount count(*this);
    if (stopping_) {
        return busy("hash gate is stopping");
    }
    if (queue_.size() >= options_.waiting) {
        return busy("hash gate is full");
    }
    queue_.push_back(job);
    report();
    arrived_.notify_one();
    const auto arrived = std::chrono::steady_clock::now();
    while (job->state == JobState::waiting || job->state == JobState::running) {
        if (job->state == JobState::waiting && std::chrono::steady_clock::now() >= arrived + options_.wait) {
            std::erase(queue_, job);
            report();
            return busy("no turn at the hash gate in time");
        }
        if (starved(arrived)) {
            return do_alone(lock, *job, alone);
        }
        const auto turn =
            job->state == JobState::waiting ? arrived + options_.wait : std::chrono::steady_clock::time_point::max();
        job->changed.wait_until(lock, std::min(turn, std::max(arrived, progress_) + options_.patience));
    }
    return job->state == JobState::done ? Result<DoneBy>(DoneBy::gate) : busy("hash gate is stopping");
}

bool HashGate::starved(std::chrono::steady_clock::time_point since) const {
    return std::chrono::steady_clock::now() >= std::max(since, progress_) + options_.patience;
}

// What a thread has begun it may end some time; its result is dropped.
Result<HashGate::DoneBy> HashGate::do_alone(std::unique_lock<std::mutex>& lock, Job& job,
                                            const std::function<void()>& alone) {
    if (job.state == JobState::waiting) {
        std::erase_if(queue_, [&](const auto& queued) { return queued.get() == &job; });
        report();
    }
    lock.unlock();
    const std::unique_lock turn(alone_, options_.wait);
    if (turn) {
        alone();
        release_hash_memory();
    }
    lock.lock();
    return turn ? Result<DoneBy>(DoneBy::caller) : busy("no turn at the hash gate in time");
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
    const auto job = queue_.front();
    queue_.pop_front();
    job->state = JobState::running;
    ++running_;
    report();
    lock.unlock();
    job->work();
    lock.lock();
    --running_;
    progress_ = std::chrono::steady_clock::now();
    report();
    job->state = JobState::done;
    job->changed.notify_one();
}

void HashGate::report() const {
    if (on_change_) {
        on_change_({queue_.size(), running_});
    }
}

}  // namespace madoguchi::crypto
