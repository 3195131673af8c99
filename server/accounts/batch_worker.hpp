// Issues confirmed batches in the background, one small transaction after the other. Any number of servers may run one;
// after a kill, whichever comes next goes on where the last transaction ended.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string_view>
#include <thread>

#include "accounts/batch_service.hpp"

namespace madoguchi::accounts {

class BatchWorker {
public:
    /// `failed` is told of a step that did not succeed; it is tried again at the next poll.
    BatchWorker(BatchService& batches, const Clock& clock, std::function<void(const Error&)> failed)
        : batches_(batches), clock_(clock), failed_(std::move(failed)) {}
    ~BatchWorker() { stop(); }

    void start();
    /// Finishes the transaction in hand.
    void stop();
    /// A batch was confirmed: look now instead of at the next poll.
    void wake();

private:
    void loop();
    bool is_stopping();

    BatchService& batches_;
    const Clock& clock_;
    std::function<void(const Error&)> failed_;
    std::thread thread_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool woken_ = false;
    bool stopping_ = false;
};

}  // namespace madoguchi::accounts
