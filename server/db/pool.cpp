#include "db/pool.hpp"

#include "base/limits.hpp"

namespace madoguchi::db {

Lease::~Lease() {
    if (pool_ != nullptr) {
        pool_->give_back(std::move(connection_));
    }
}

Result<void> Lease::renew() {
    connection_.reset();
    connection_ = TRY(pool_->open());
    return {};
}

Pool::Pool(SecretText connection_string, DatabaseOptions options)
    : connection_string_(std::move(connection_string)), options_(std::move(options)), idle_(options_.connections) {}

void Pool::tell(std::string_view event, std::string_view query, std::string_view sql_state) const {
    if (options_.observer) {
        options_.observer(event, query, sql_state);
    }
}

Result<Lease> Pool::lease() {
    std::unique_ptr<Connection> connection;
    {
        std::unique_lock lock(mutex_);
        if (!given_back_.wait_for(lock, options_.lease_wait, [this] { return !idle_.empty(); })) {
            lock.unlock();
            tell("lease_timeout", "", "");
            return failure(unavailable("no database connection became free in time"));
        }
        connection = std::move(idle_.back());
        idle_.pop_back();
    }
    Lease lease(*this, std::move(connection));  // from here on the place goes back whatever happens
    if (!lease.is_open()) {
        TRY(lease.renew());
    }
    return lease;
}

Result<std::unique_ptr<Connection>> Pool::open() {
    // While the database is gone, one attempt a pause: a host that swallows packets would hold every thread otherwise.
    const auto now = Steady::now();
    auto next = next_open_.load();
    const auto longest = (now + limits::kConnectTimeout + limits::kReconnectPause).time_since_epoch().count();
    const bool too_early = now.time_since_epoch().count() < next;
    if (too_early || (database_gone_ && !next_open_.compare_exchange_strong(next, longest))) {
        return failure(unavailable("the database did not answer a moment ago"));
    }
    auto connection = Connection::open(connection_string_);
    if (!connection) {
        pause_opening();
        tell("connect_failed", "", kConnectionRefused);
        return connection;
    }
    (*connection)->expect_answers_within(limits::kAnswerTimeout);
    next_open_ = 0;
    if (database_gone_.exchange(false)) {
        tell("connected_again", "", "");
    }
    return connection;
}

void Pool::pause_opening() {
    next_open_ = (Steady::now() + limits::kReconnectPause).time_since_epoch().count();
    database_gone_ = true;
}

void Pool::give_back(std::unique_ptr<Connection> connection) {
    std::vector<std::unique_ptr<Connection>> dropped;
    const bool silent = connection != nullptr && connection->silent();
    if (silent) {
        tell("database_silent", "", "");
        pause_opening();
    }
    if (connection != nullptr && !connection->reusable()) {
        tell("connection_dropped", "", "");
        connection.reset();
    }
    {
        const std::lock_guard lock(mutex_);
        // Each of the idle ones would cost somebody the same wait.
        for (auto& idle : idle_) {
            if (silent && idle != nullptr) {
                idle->abandon();
                dropped.push_back(std::move(idle));
            }
        }
        // Open ones on top; closed places are filled only when all open ones are out.
        idle_.insert(connection == nullptr ? idle_.begin() : idle_.end(), std::move(connection));
    }
    given_back_.notify_one();
}

}  // namespace madoguchi::db
