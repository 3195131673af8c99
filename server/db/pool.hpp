// Inside db/ only: a bounded number of connections, lent with a deadline. Ours and not soci::connection_pool, whose
// lease() waits forever, which lends a session that is still inside a transaction, and whose failover is broken.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "db/connection.hpp"
#include "db/database.hpp"

namespace madoguchi::db {

class Pool;

/// A connection on loan; goes back by itself. One that is not fit for the next user is closed instead.
class Lease {
public:
    Lease(Pool& pool, std::unique_ptr<Connection> connection) : pool_(&pool), connection_(std::move(connection)) {}
    Lease(Lease&& other) noexcept
        : pool_(std::exchange(other.pool_, nullptr)), connection_(std::move(other.connection_)) {}
    Lease& operator=(Lease&&) = delete;
    ~Lease();

    bool is_open() const { return connection_ != nullptr; }
    Connection& connection() { return *connection_; }
    /// Closes the connection and opens a new one. Errors: unavailable.
    Result<void> renew();

private:
    Pool* pool_;
    std::unique_ptr<Connection> connection_;
};

class Pool {
public:
    Pool(SecretText connection_string, DatabaseOptions options);

    /// Errors: unavailable (all are out until the deadline, or the database does not answer).
    Result<Lease> lease();
    /// Bad news and good, for log and metrics.
    void tell(std::string_view event, std::string_view query, std::string_view sql_state) const;

private:
    friend class Lease;
    using Steady = std::chrono::steady_clock;

    Result<std::unique_ptr<Connection>> open();
    void give_back(std::unique_ptr<Connection> connection);
    void pause_opening();

    const SecretText connection_string_;
    const DatabaseOptions options_;
    std::mutex mutex_;
    std::condition_variable given_back_;
    // A stack, so that few warm connections do the work; an empty place is a connection that is not open.
    std::vector<std::unique_ptr<Connection>> idle_;
    std::atomic<Steady::rep> next_open_{0};
    std::atomic<bool> database_gone_{false};
};

}  // namespace madoguchi::db
