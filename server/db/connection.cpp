#include "db/connection.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include "base/limits.hpp"

namespace madoguchi::db {

namespace {

// A notice may quote data, and libpq would print it on standard error.
void drop_notice(void*, const PGresult*) {}

std::string field(const PGresult* result, int code) {
    const char* text = PQresultErrorField(result, code);
    return text == nullptr ? std::string() : std::string(text);
}

std::string one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

bool holds_nul(std::span<const Argument> arguments) {
    return std::any_of(arguments.begin(), arguments.end(), [](const Argument& argument) {
        return argument.text && argument.text->find('\0') != std::string::npos;
    });
}

std::string_view begin_statement(Isolation isolation) {
    switch (isolation) {
        case Isolation::read_committed:
            return "BEGIN ISOLATION LEVEL READ COMMITTED";
        case Isolation::repeatable_read:
            return "BEGIN ISOLATION LEVEL REPEATABLE READ";
        case Isolation::serializable:
            return "BEGIN ISOLATION LEVEL SERIALIZABLE";
    }
    std::abort();
}

}  // namespace

Connection::Connection(const SecretText& connection_string) : session_(soci::postgresql, connection_string.reveal()) {
    PQsetNoticeReceiver(raw(), drop_notice, nullptr);
}

Result<std::unique_ptr<Connection>> Connection::open(const SecretText& connection_string) {
    try {
        return std::unique_ptr<Connection>(new Connection(connection_string));
    } catch (const soci::soci_error& error) {
        // libpq's words about a failed connection name host, user and database, never the password.
        return failure(unavailable("connect: " + one_line(error.get_error_message())));
    }
}

// The library does not export this type's typeinfo, which the sanitizer's check of the cast would link to.
__attribute__((no_sanitize("vptr"))) PGconn* Connection::raw() const {
    // SOCI hands out its backend from a session that may be written to only.
    auto& session = const_cast<soci::session&>(session_);
    return static_cast<soci::postgresql_session_backend*>(session.get_backend())->conn_;
}

bool Connection::reusable() const {
    return !lost() && transaction_status() == PQTRANS_IDLE;
}

void Connection::prepare(Statement& statement, std::string_view sql) {
    statement.soci.alloc();
    statement.soci.prepare(std::string(sql), soci::details::st_repeatable_query);
    const auto& backend = static_cast<soci::postgresql_statement_backend&>(*statement.soci.get_backend());
    statement.prepared_name = backend.statementName_;
    // SOCI numbers every appearance of a name; to us a name is one argument.
    std::vector<std::string_view> names;
    for (const std::string& name : backend.names_) {
        const auto known = std::find(names.begin(), names.end(), name);
        statement.argument_of_parameter.push_back(static_cast<std::size_t>(known - names.begin()));
        if (known == names.end()) {
            names.push_back(name);
        }
    }
    statement.arguments = names.size();
}

namespace {

/// Pointers to the arguments' texts in the order of the statement's parameters.
std::vector<const char*> parameters(std::span<const Argument> arguments, const std::vector<std::size_t>& order) {
    std::vector<const char*> values;
    values.reserve(order.size());
    for (const std::size_t argument : order) {
        values.push_back(arguments[argument].text ? arguments[argument].text->c_str() : nullptr);
    }
    return values;
}

std::optional<Failure> check_arguments(std::span<const Argument> arguments, std::size_t wanted) {
    if (arguments.size() != wanted) {
        return Failure{
            .sql_state = std::string(kWrongArguments),
            .message = std::to_string(wanted) + " names, " + std::to_string(arguments.size()) + " arguments"};
    }
    if (holds_nul(arguments)) {
        return Failure{.sql_state = std::string(kBadCharacters)};
    }
    return std::nullopt;
}

}  // namespace

tl::expected<Connection::Statement*, Failure> Connection::held(const Query& query) {
    if (const auto found = held_.find(query.sql); found != held_.end()) {
        return found->second.get();
    }
    if (held_.size() >= limits::kHeldStatements) {
        held_.clear();
    }
    auto statement = std::make_unique<Statement>(session_);
    try {
        prepare(*statement, query.sql);
    } catch (const soci::postgresql_soci_error& error) {
        Failure failure{.sql_state = error.sqlstate()};
        lost_ = lost_ || means_connection_lost(failure.sql_state);
        if (lost() && !means_connection_lost(failure.sql_state)) {
            failure.sql_state = kConnectionLost;  // it broke without a last word
        } else if (failure.sql_state.starts_with("42")) {
            failure.message = one_line(error.get_error_message());
        }
        return tl::unexpected(std::move(failure));
    }
    statement->text = query.sql;
    const std::string_view key = statement->text;
    return held_.emplace(key, std::move(statement)).first->second.get();
}

Execution Connection::execute(const Query& query, std::span<const Argument> arguments) {
    const bool was_held = held_.contains(query.sql);
    auto statement = held(query);
    if (!statement) {
        return tl::unexpected(std::move(statement.error()));
    }
    if (auto bad = check_arguments(arguments, (*statement)->arguments)) {
        return tl::unexpected(std::move(*bad));
    }
    const auto values = parameters(arguments, (*statement)->argument_of_parameter);
    const bool sent = PQsendQueryPrepared(raw(), (*statement)->prepared_name.c_str(), static_cast<int>(values.size()),
                                          values.data(), nullptr, nullptr, 0) == 1;
    auto execution = finish(sent ? receive() : nullptr, query.name);
    if (!execution && was_held && means_stale(execution.error().sql_state)) {
        held_.erase(held_.find(query.sql));
        execution.error().sql_state = kStaleStatement;
    }
    return execution;
}

Execution Connection::begin(const Actor& actor, Isolation isolation) {
    const std::string& jurisdiction = actor.jurisdiction.setting();
    // libpq would stop at a NUL, and a shorter path is a wider jurisdiction.
    if (jurisdiction.find('\0') != std::string::npos) {
        return tl::unexpected(Failure{.sql_state = std::string(kBadCharacters)});
    }
    const std::unique_ptr<char, void (*)(void*)> literal(
        PQescapeLiteral(raw(), jurisdiction.data(), jurisdiction.size()), PQfreemem);
    if (literal == nullptr) {
        return tl::unexpected(Failure{.sql_state = std::string(kBadCharacters)});
    }
    // SET LOCAL, not set_config(): the same effect in two thirds of the time, as nothing is planned.
    std::string sql(begin_statement(isolation));
    sql += "; SET LOCAL madoguchi.jurisdiction = ";
    sql += literal.get();
    sql += "; SET LOCAL madoguchi.account = '" + std::to_string(actor.account.value) + "'";
    return command("begin", sql);
}

Execution Connection::command(std::string_view name, const std::string& sql) {
    return finish(PQsendQuery(raw(), sql.c_str()) == 1 ? receive() : nullptr, name);
}

bool Connection::wait_for_input(std::chrono::steady_clock::time_point deadline) const {
    for (;;) {
        int left = -1;
        if (patience_) {
            const auto rest = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
            left = static_cast<int>(std::max<std::int64_t>(rest.count(), 0));
        }
        pollfd socket{.fd = PQsocket(raw()), .events = POLLIN, .revents = 0};
        const int ready = ::poll(&socket, 1, left);
        if (ready >= 0 || errno != EINTR) {
            return ready != 0;
        }
    }
}

// What PQexec does, with a deadline: a PostgreSQL that is stopped or hangs keeps no statement_timeout.
PGresult* Connection::receive() {
    const auto deadline = std::chrono::steady_clock::now() + patience_.value_or(std::chrono::milliseconds(0));
    ResultPointer last;
    for (;;) {
        while (PQisBusy(raw()) == 1) {
            if (!wait_for_input(deadline)) {
                silent_ = true;
                abandon();
                return nullptr;
            }
            if (PQconsumeInput(raw()) == 0) {
                break;  // PQgetResult tells what happened
            }
        }
        ResultPointer next(PQgetResult(raw()));
        if (next == nullptr) {
            return last.release();
        }
        last = std::move(next);
        const auto status = PQresultStatus(last.get());
        const bool copies = status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
        if (copies || PQstatus(raw()) != CONNECTION_OK) {
            return last.release();  // there is no end to wait for
        }
    }
}

void Connection::abandon() {
    lost_ = true;
    ::shutdown(PQsocket(raw()), SHUT_RDWR);
    PQconsumeInput(raw());  // libpq sees the end at once, and asks nothing more of this connection
}

Execution Connection::finish(PGresult* raw_result, std::string_view query_name) {
    ResultPointer result(raw_result);
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_EMPTY_QUERY) {
        return std::make_shared<const RowSet>(std::move(result), query_name);
    }
    Failure failure{.sql_state = field(result.get(), PG_DIAG_SQLSTATE),
                    .constraint = field(result.get(), PG_DIAG_CONSTRAINT_NAME)};
    failed_at_ = std::atoi(field(result.get(), PG_DIAG_STATEMENT_POSITION).c_str());
    if (failure.sql_state.starts_with("42")) {
        failure.message = field(result.get(), PG_DIAG_MESSAGE_PRIMARY);
    }
    // libpq has no SQLSTATE for a connection that broke without a last word. COPY is ours to get wrong, not to use.
    if (failure.sql_state.empty()) {
        failure.sql_state = PQstatus(raw()) == CONNECTION_OK ? "0A000" : kConnectionLost;
        lost_ = true;
    }
    lost_ = lost_ || means_connection_lost(failure.sql_state);
    return tl::unexpected(std::move(failure));
}

}  // namespace madoguchi::db
