// Inside db/ only: one SOCI session and what is held on it.
//
// SOCI connects, rewrites `:names` and prepares; libpq, on SOCI's own connection, executes. Reasons: SOCI 4.0.3 gives
// the SQLSTATE of a failure but not the constraint, asks pg_type about columns that it does not know (a second round
// trip), refuses arrays and jsonb, and writes bound values into what(). Every statement is held: parsing and planning a
// one-row read costs three times its execution (172 us against 52 us, by SOCI as by libpq), and the processors that
// PostgreSQL spends on it are missing where passwords are hashed.
#pragma once

#include <soci/postgresql/soci-postgresql.h>
#include <soci/soci.h>

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <unordered_map>
#include <vector>

#include "base/actor.hpp"
#include "base/secret.hpp"
#include "db/database.hpp"
#include "db/query.hpp"
#include "db/row_set.hpp"
#include "db/sql_state.hpp"

namespace madoguchi::db {

using Rows = std::shared_ptr<const RowSet>;
using Execution = tl::expected<Rows, Failure>;

class Connection {
public:
    /// Errors: unavailable, with libpq's reason in the detail.
    static Result<std::unique_ptr<Connection>> open(const SecretText& connection_string);

    /// Prepared at its first use on this connection and held: one round trip from then on.
    Execution execute(const Query& query, std::span<const Argument> arguments);
    /// BEGIN and the two settings of row-level security in one round trip.
    Execution begin(const Actor& actor, Isolation isolation);
    /// Raw SQL, as many statements as there are; the answer is the last one's. `name` for the log.
    Execution command(std::string_view name, const std::string& sql);

    /// From here on an answer that takes longer loses the connection; without it answers may take forever (migrations).
    void expect_answers_within(std::chrono::milliseconds patience) { patience_ = patience; }
    /// Cuts the connection, so that nothing waits on it again, not even its end.
    void abandon();
    /// Lost because no answer came in time: the others will not be answered either.
    bool silent() const { return silent_; }

    PGTransactionStatusType transaction_status() const { return PQtransactionStatus(raw()); }
    /// Fit for the next user: alive, and outside any transaction.
    bool reusable() const;
    bool lost() const { return lost_ || PQstatus(raw()) != CONNECTION_OK; }
    /// The server process behind it.
    int backend() const { return PQbackendPID(raw()); }
    /// Where in the SQL text, counted in characters from 1, the last failed command() failed; 0: unknown.
    int failed_at() const { return failed_at_; }

private:
    /// A statement that SOCI has read: its name there, and which argument stands for which `$n`.
    struct Statement {
        explicit Statement(soci::session& session) : soci(session) {}
        soci::statement soci;
        std::string text;
        std::string prepared_name;
        std::vector<std::size_t> argument_of_parameter;
        std::size_t arguments = 0;
    };

    explicit Connection(const SecretText& connection_string);
    PGconn* raw() const;
    void prepare(Statement& statement, std::string_view sql);
    tl::expected<Statement*, Failure> held(const Query& query);
    /// The last result of what was sent; null if the connection is lost.
    PGresult* receive();
    bool wait_for_input(std::chrono::steady_clock::time_point deadline) const;
    Execution finish(PGresult* result, std::string_view query_name);

    soci::session session_;
    // Destroyed before the session, in which their statements are deallocated.
    std::unordered_map<std::string_view, std::unique_ptr<Statement>> held_;  // the keys are the statements' own texts
    std::optional<std::chrono::milliseconds> patience_;
    bool lost_ = false;
    bool silent_ = false;
    int failed_at_ = 0;
};

}  // namespace madoguchi::db
