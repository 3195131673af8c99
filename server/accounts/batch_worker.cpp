#include "accounts/batch_worker.hpp"

#include "base/file_limits.hpp"
#include "base/limits.hpp"

namespace madoguchi::accounts {

void BatchWorker::start() {
    thread_ = std::thread([this] { loop(); });
}

void BatchWorker::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) {
        thread_.join();
    }
}

void BatchWorker::wake() {
    {
        const std::lock_guard lock(mutex_);
        woken_ = true;
    }
    changed_.notify_one();
}

bool BatchWorker::is_stopping() {
    const std::lock_guard lock(mutex_);
    return stopping_;
}

void BatchWorker::loop() {
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            changed_.wait_for(lock, limits::kBatchPoll, [&] { return woken_ || stopping_; });
            woken_ = false;
        }
        for (bool more = true; more && !is_stopping();) {
            const auto worked = work_(clock_.now());
            if (!worked) {
                failed_(worked.error());
            }
            more = worked.value_or(false);
        }
        if (is_stopping()) {
            return;
        }
    }
}

}  // namespace madoguchi::accounts
