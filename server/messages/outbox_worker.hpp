// Sends what the outbox holds: leases due rows with SKIP LOCKED, so that any number of servers may run one (S24).
#pragma once

#include <atomic>
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
    /// Finishes the message in hand.
    void stop();
    /// Something was queued: look now instead of at the next poll.
    void wake();
    /// One round; returns how many messages were taken. The thread calls it, tests too.
    Result<int> round(Instant now);

private:
    void loop();
    Result<void> send(const StoredMessage& message, Instant now);
    Result<void> note_failure(const StoredMessage& message, const Error& error, Instant now);

    Parts parts_;
    MessageStore store_;
    std::thread thread_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool woken_ = false;
    bool stopping_ = false;
};

/// Takes every message and keeps it for the development inbox: SMS count as delivered, calls ring until somebody there
/// answers. Refused in production mode.
class DevelopmentInboxGateway final : public gateway::MessageGateway {
public:
    Result<gateway::Delivery> send(const gateway::OutgoingMessage& message) override;
};

}  // namespace madoguchi::messages
