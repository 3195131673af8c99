#include "db/database.hpp"

#include <fmt/format.h>

#include <thread>
#include <typeinfo>

#include "db/connection.hpp"
#include "db/pool.hpp"

namespace madoguchi::db {

namespace {

void roll_back(Connection& connection) {
    const auto status = connection.transaction_status();
    if (status == PQTRANS_INTRANS || status == PQTRANS_INERROR) {
        // Should it fail, the connection is not reusable, and closing it rolls back.
        static_cast<void>(connection.command("rollback", "ROLLBACK"));
    }
}

/// Grows from one attempt to the next and differs between rivals, so that they don't meet again.
std::chrono::milliseconds pause_before_retry(int attempt_number, int backend) {
    return limits::kTransactionRetryWait * (1 << attempt_number) + std::chrono::milliseconds(backend % 8);
}

}  // namespace

Result<std::shared_ptr<const RowSet>> Transaction::run(const Query& query, std::span<const Argument> arguments) {
    auto execution = connection_.execute(query, arguments);
    if (!execution) {
        const Failure& failed = execution.error();
        pool_.tell("query_failed", query.name, failed.sql_state);
        if (failed_sql_state_.empty() && connection_.transaction_status() != PQTRANS_INTRANS) {
            failed_query_ = query.name;
            failed_sql_state_ = failed.sql_state;
        }
        return failure(to_error(failed, query.name));
    }
    return std::move(*execution);
}

Result<std::vector<Row>> Transaction::rows(const Query& query, std::span<const Argument> arguments) {
    const auto found = TRY(run(query, arguments));
    std::vector<Row> rows;
    rows.reserve(static_cast<std::size_t>(found->size()));
    for (int index = 0; index < found->size(); ++index) {
        rows.emplace_back(found, index);
    }
    return rows;
}

Result<std::optional<Row>> Transaction::at_most_one(const Query& query, std::span<const Argument> arguments) {
    const auto found = TRY(run(query, arguments));
    if (found->size() > 1) {
        return failure(to_error({.sql_state = std::string(kTooManyRows)}, query.name));
    }
    return found->size() == 1 ? std::optional(Row(found, 0)) : std::nullopt;
}

Result<Row> Transaction::exactly_one(const Query& query, std::span<const Argument> arguments) {
    auto found = TRY(at_most_one(query, arguments));
    if (!found) {
        return failure(to_error({.sql_state = std::string(kNoRow)}, query.name));
    }
    return std::move(*found);
}

Result<std::int64_t> Transaction::affected(const Query& query, std::span<const Argument> arguments) {
    return TRY(run(query, arguments))->affected();
}

Database::Database(SecretText connection_string, DatabaseOptions options)
    : pool_(std::make_unique<Pool>(std::move(connection_string), std::move(options))) {}

Database::~Database() = default;

Result<void> Database::run(const Actor& actor, Isolation isolation, const Body& body) {
    for (int attempt_number = 0; attempt_number <= limits::kTransactionRetries; ++attempt_number) {
        if (TRY(attempt(actor, isolation, body, attempt_number)) == Ending::done) {
            return {};
        }
    }
    return failure(unavailable("the transaction met rivals at every try"));
}

Result<Database::Ending> Database::attempt(const Actor& actor, Isolation isolation, const Body& body,
                                           int attempt_number) {
    int backend = 0;
    {
        auto lease = TRY(pool_->lease());
        TRY(begin(lease, actor, isolation));
        Connection& connection = lease.connection();
        backend = connection.backend();
        Transaction transaction(connection, *pool_);
        const Result<bool> succeeded = call(body, transaction);
        auto ending = !succeeded                                       ? Result<Ending>(failure(succeeded.error()))
                      : *succeeded                                     ? finish(transaction)
                      : means_try_again(transaction.failed_sql_state_) ? Ending::again
                                                                       : Ending::done;
        roll_back(connection);
        if (!ending || *ending == Ending::done) {
            return ending;
        }
        pool_->tell("transaction_retried", transaction.failed_query_, transaction.failed_sql_state_);
    }
    // The connection went back: others need it while we wait.
    std::this_thread::sleep_for(pause_before_retry(attempt_number, backend));
    return Ending::again;
}

Result<void> Database::begin(Lease& lease, const Actor& actor, Isolation isolation) {
    auto begun = lease.connection().begin(actor, isolation);
    if (!begun && lease.connection().lost()) {
        // It died while it was idle (a restart of PostgreSQL): nothing was asked yet, so a new one may take its place.
        TRY(lease.renew());
        begun = lease.connection().begin(actor, isolation);
    }
    if (!begun) {
        pool_->tell("query_failed", "begin", begun.error().sql_state);
        return failure(to_error(begun.error(), "begin"));
    }
    return {};
}

Result<bool> Database::call(const Body& body, Transaction& transaction) {
    std::string reason;
    try {
        return body(transaction);
    } catch (const RowError& error) {
        reason = error.what();
    } catch (const std::exception& error) {
        reason = typeid(error).name();  // what() may quote anything
    } catch (...) {
        reason = "not a std::exception";
    }
    pool_->tell("exception_in_transaction", reason, "");
    return failure(ErrorKind::internal, "internal", "exception in a transaction: " + reason);
}

Result<Database::Ending> Database::finish(Transaction& transaction) {
    Connection& connection = transaction.connection_;
    // COMMIT on a dead transaction answers without an error and saves nothing, so it is asked before.
    if (connection.transaction_status() != PQTRANS_INTRANS) {
        return finish_aborted(transaction);
    }
    const std::string_view name = transaction.discarded_ ? "dry run" : "commit";
    const auto ended = connection.command(name, transaction.discarded_ ? "SET CONSTRAINTS ALL IMMEDIATE" : "COMMIT");
    if (ended) {
        return Ending::done;
    }
    pool_->tell("commit_failed", name, ended.error().sql_state);
    if (means_try_again(ended.error().sql_state)) {
        transaction.failed_query_ = name;
        transaction.failed_sql_state_ = ended.error().sql_state;
        return Ending::again;
    }
    auto error = to_error(ended.error(), name);
    if (!transaction.discarded_ && connection.lost()) {
        error.message_id = "outcome_unknown";  // the COMMIT may have arrived
    }
    return failure(std::move(error));
}

Result<Database::Ending> Database::finish_aborted(const Transaction& transaction) {
    if (means_try_again(transaction.failed_sql_state_)) {
        return Ending::again;
    }
    pool_->tell("transaction_aborted", transaction.failed_query_, transaction.failed_sql_state_);
    const std::string detail = fmt::format("the transaction ended before COMMIT; {}: SQLSTATE {}",
                                           transaction.failed_query_, transaction.failed_sql_state_);
    if (transaction.connection_.lost()) {
        return failure(unavailable(detail));
    }
    return failure(ErrorKind::internal, "internal", detail);
}

Result<std::optional<Row>> Database::read(const Query& query, std::span<const Argument> arguments) {
    auto lease = TRY(pool_->lease());
    auto execution = lease.connection().execute(query, arguments);
    if (!execution && lease.connection().lost()) {
        TRY(lease.renew());
        execution = lease.connection().execute(query, arguments);
    } else if (!execution && execution.error().sql_state == kStaleStatement) {
        execution = lease.connection().execute(query, arguments);
    }
    if (!execution) {
        pool_->tell("query_failed", query.name, execution.error().sql_state);
        return failure(to_error(execution.error(), query.name));
    }
    const Rows& found = *execution;
    if (found->size() > 1) {
        return failure(to_error({.sql_state = std::string(kTooManyRows)}, query.name));
    }
    return found->size() == 1 ? std::optional(Row(found, 0)) : std::nullopt;
}

Result<void> Database::ping() {
    TRY(read_prepared(Query{"ping", "SELECT 1 AS answer"}));
    return {};
}

}  // namespace madoguchi::db
