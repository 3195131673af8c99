#include "events/event_worker.hpp"

#include "base/event_limits.hpp"

namespace madoguchi::events {

void EventWorker::start() {
    threads_.emplace_back([this] { loop([this] { return order_and_tell(); }); });
    for (int i = 0; i < limits::kWebhookSenders; ++i) {
        threads_.emplace_back([this] { loop([this] { return parts_.deliveries.take_turn(parts_.clock.now()); }); });
    }
}

void EventWorker::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    for (auto& thread : threads_) {
        thread.join();
    }
    threads_.clear();
}

bool EventWorker::is_stopping() {
    const std::lock_guard lock(mutex_);
    return stopping_;
}

void EventWorker::loop(const std::function<Result<bool>()>& step) {
    std::uint64_t seen = 0;
    while (!is_stopping()) {
        const auto more = step();
        if (!more && more.error().kind != ErrorKind::unavailable) {
            parts_.failed(more.error());
        }
        if (!more.value_or(false)) {
            std::unique_lock lock(mutex_);
            changed_.wait_for(lock, limits::kEventPoll, [&] { return stopping_ || told_ != seen; });
            seen = told_;
        }
    }
}

Result<bool> EventWorker::order_and_tell() {
    const Instant now = parts_.clock.now();
    if (now >= next_figures_ || next_figures_ > now + limits::kEventFigures) {
        next_figures_ = now + limits::kEventFigures;
        parts_.figures(TRY(parts_.deliveries.figures(now)));
    }
    const bool more_to_order = TRY(parts_.events.order_new()) == limits::kEventsOrdered;
    const bool told = TRY(parts_.deliveries.tell_next(now));
    if (told) {
        {
            const std::lock_guard lock(mutex_);
            ++told_;
        }
        changed_.notify_all();
    }
    return more_to_order || told;
}

}  // namespace madoguchi::events
