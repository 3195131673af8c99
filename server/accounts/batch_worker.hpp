// Works off what somebody confirmed (batches of accounts, organizations from a file) in the background, one small
// transaction after the other. Any number of servers may run one; after a kill, whichever comes next goes on where the
// last transaction ended.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string_view>
#include <thread>

#include "base/result.hpp"
#include "base/time.hpp"

namespace madoguchi::accounts {

class BatchWorker {
public:
    /// `work` takes one step; false: there is nothing to do. `failed` is told of a step that did not succeed; it is
    /// tried again at the next poll.
    BatchWorker(std::function<Result<bool>(Instant)> work, const Clock& clock, std::function<void(const Error&)> failed)
        : work_(std::move(work)), clock_(clock), failed_(std::move(failed)) {}
    ~BatchWorker() { stop(); }

    void start();
    /// Finishes the transaction in hand.
    void stop();
    /// A batch was confirmed: look now instead of at the next poll.
    void wake();

private:
    void loop();
    bool is_stopping();

    std::function<Result<bool>(Instant)> work_;
    const Clock& clock_;
    std::function<void(const Error&)> failed_;
    std::thread thread_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool woken_ = false;
    bool stopping_ = false;
};

}  // namespace madoguchi::accounts
