// Transactions and prepared reads on PostgreSQL. No exception of SOCI's leaves this room, and no bound value does.
#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/actor.hpp"
#include "base/limits.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "db/query.hpp"
#include "db/row.hpp"

namespace madoguchi::db {

class Connection;
class Lease;
class Pool;
struct Failure;

/// Told what went wrong with which query; never a value. Called from any thread, must not throw. Events:
/// query_failed, transaction_retried, transaction_aborted, exception_in_transaction, commit_failed, lease_timeout,
/// connect_failed, connected_again, connection_dropped.
using DatabaseObserver =
    std::function<void(std::string_view event, std::string_view query, std::string_view sql_state)>;

struct DatabaseOptions {
    std::size_t connections = limits::kDatabaseConnections;
    std::chrono::milliseconds lease_wait = limits::kLeaseWait;
    DatabaseObserver observer = {};
};

enum class Isolation { read_committed, repeatable_read, serializable };

/// Handed to F by Database::transact and good until F returns. Errors of all: conflict `already_exists` (detail and
/// value `constraint` name the constraint), invalid `invalid_characters` (NUL, or not UTF-8), unavailable, internal.
/// After PostgreSQL refused a statement the transaction is dead: F returns the error.
class Transaction {
public:
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    template <class... A>
    Result<std::vector<Row>> many(const Query& query, const A&... arguments) {
        return rows(query, std::array<Argument, sizeof...(A)>{detail::to_argument(arguments)...});
    }
    /// More than one row: internal.
    template <class... A>
    Result<std::optional<Row>> maybe_one(const Query& query, const A&... arguments) {
        return at_most_one(query, std::array<Argument, sizeof...(A)>{detail::to_argument(arguments)...});
    }
    /// No row, or more than one: internal.
    template <class... A>
    Result<Row> one(const Query& query, const A&... arguments) {
        return exactly_one(query, std::array<Argument, sizeof...(A)>{detail::to_argument(arguments)...});
    }
    /// The number of affected rows.
    template <class... A>
    Result<std::int64_t> execute(const Query& query, const A&... arguments) {
        return affected(query, std::array<Argument, sizeof...(A)>{detail::to_argument(arguments)...});
    }

    /// A dry run: after F's success everything is checked as at COMMIT, then rolled back; F's value is returned.
    void discard() { discarded_ = true; }

private:
    friend class Database;
    Transaction(Connection& connection, const Pool& pool) : connection_(connection), pool_(pool) {}

    Result<std::shared_ptr<const RowSet>> run(const Query& query, std::span<const Argument> arguments);
    Result<std::vector<Row>> rows(const Query& query, std::span<const Argument> arguments);
    Result<std::optional<Row>> at_most_one(const Query& query, std::span<const Argument> arguments);
    Result<Row> exactly_one(const Query& query, std::span<const Argument> arguments);
    Result<std::int64_t> affected(const Query& query, std::span<const Argument> arguments);

    Connection& connection_;
    const Pool& pool_;
    // The failure that killed it, should F not pass it on.
    std::string failed_query_;
    std::string failed_sql_state_;
    bool discarded_ = false;
};

/// Connects when first asked to, and again whenever a connection was lost (S26). Safe for many threads.
class Database {
public:
    /// `connection_string`: from db::connection_string().
    explicit Database(SecretText connection_string, DatabaseOptions options = {});
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    /// Runs `f(Transaction&) -> Result<T>` for `actor`: an error or an exception rolls back, a value commits. After a
    /// serialization failure or a deadlock F runs again, so F has no effect but on the database. Errors: F's;
    /// unavailable (no connection in time, lost, or a COMMIT of unknown outcome); internal (F threw, or hid a failure).
    template <class F>
    std::invoke_result_t<F&, Transaction&> transact(const Actor& actor, F&& f,
                                                    Isolation isolation = Isolation::read_committed) {
        std::optional<std::invoke_result_t<F&, Transaction&>> outcome;
        const Result<void> ended = run(actor, isolation, [&](Transaction& transaction) {
            outcome.emplace(f(transaction));
            return outcome->has_value();
        });
        if (!ended) {
            return failure(ended.error());
        }
        return std::move(*outcome);
    }

    /// The hot path: one round trip with a statement that each connection holds prepared, no transaction and so no
    /// jurisdiction: row-level security shows nothing. For reading only: a lost connection makes it run again.
    template <class... A>
    Result<std::optional<Row>> read_prepared(const Query& query, const A&... arguments) {
        return read(query, std::array<Argument, sizeof...(A)>{detail::to_argument(arguments)...});
    }

    /// Does the database answer? Errors: unavailable.
    Result<void> ping();

private:
    enum class Ending { done, again };
    using Body = std::function<bool(Transaction&)>;

    Result<void> run(const Actor& actor, Isolation isolation, const Body& body);
    Result<Ending> attempt(const Actor& actor, Isolation isolation, const Body& body, int attempt_number);
    Result<void> begin(Lease& lease, const Actor& actor, Isolation isolation);
    Result<bool> call(const Body& body, Transaction& transaction);
    Result<Ending> finish(Transaction& transaction);
    Result<Ending> finish_aborted(const Transaction& transaction);
    Result<std::optional<Row>> read(const Query& query, std::span<const Argument> arguments);

    std::unique_ptr<Pool> pool_;
};

}  // namespace madoguchi::db
