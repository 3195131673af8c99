// The threads behind events: one puts them in order and tells webhooks of them, a few send. Any number of servers may
// run them.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "events/delivery_service.hpp"

namespace madoguchi::events {

class EventWorker {
public:
    struct Parts {
        EventService& events;
        DeliveryService& deliveries;
        const Clock& clock;
        std::function<void(const DeliveryFigures&)> figures;
        /// A step did not succeed; it is taken again at the next poll.
        std::function<void(const Error&)> failed;
    };
    explicit EventWorker(Parts parts) : parts_(std::move(parts)) {}
    ~EventWorker() { stop(); }

    void start();
    /// Finishes the deliveries in hand.
    void stop();

private:
    /// Repeats `step` while there is more to do, then at every poll.
    void loop(const std::function<Result<bool>()>& step);
    Result<bool> order_and_tell();
    bool is_stopping();

    Parts parts_;
    std::vector<std::thread> threads_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::uint64_t told_ = 0;  // grows whenever there is something new to send
    bool stopping_ = false;
    Instant next_figures_{};  // of the one thread that orders
};

}  // namespace madoguchi::events
