// Sends what the outbox holds: leases due rows with SKIP LOCKED, so that any number of servers may run one (S24).
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "crypto/envelope.hpp"
#include "gateway/gateway.hpp"
#include "messages/message_store.hpp"

namespace madoguchi::messages {

struct OutboxObserver {
    std::function<void(std::string_view event, MessageId id, std::string_view detail)> event;
    std::function<void(const OutboxFigures&)> figures;
    std::function<void(const std::vector<DayFigure>&)> day = [](const std::vector<DayFigure>&) {};  // once a minute
    std::function<void(MessageState)> ended = [](MessageState) {};  // what a gateway's answer made of a message
};

class OutboxWorker {
public:
    struct Parts {
        db::Database& database;
        const crypto::Envelope& envelope;
        gateway::MessageGateway& gateway;
        const Clock& clock;
        bool keep_texts = false;  // the development inbox shows them
        OutboxObserver observer;
    };
    explicit OutboxWorker(Parts parts) : parts_(std::move(parts)) {}
    ~OutboxWorker() { stop(); }

    void start();
    /// Finishes the messages in hand.
    void stop();
    /// Something was queued: look now instead of at the next poll.
    void wake();
    /// Sends what is due and looks after what was sent; returns how many messages were taken. Threads call it, tests
    /// too.
    Result<int> round();

private:
    enum class Duty { send, send_and_look_after };
    void loop(Duty duty);
    Result<int> send_due();
    Result<void> look_after();
    Result<void> send(const StoredMessage& message);
    Result<void> drop(const StoredMessage& message, MessageState state, const std::string& why, Instant now);
    Result<void> note_delivery(const StoredMessage& message, Instant offered_at, const gateway::Delivery& delivery);
    Result<void> note_failure(const StoredMessage& message, Instant offered_at, int attempts, const Error& error);

    Parts parts_;
    MessageStore store_;
    std::vector<std::thread> threads_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool woken_ = false;
    bool stopping_ = false;
    Instant next_day_figures_{};  // of the one thread that looks after
};

}  // namespace madoguchi::messages
