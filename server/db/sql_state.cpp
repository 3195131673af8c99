#include "db/sql_state.hpp"

#include <fmt/format.h>

#include "base/limits.hpp"

namespace madoguchi::db {

namespace {

/// Nobody's mistake: time ran out, resources ran out, or the server is not there.
bool means_unavailable(std::string_view sql_state) {
    return means_connection_lost(sql_state) || means_try_again(sql_state) ||
           sql_state.starts_with("53") ||  // disk, memory or connections exhausted
           sql_state.starts_with("58") ||  // the server's host: I/O errors
           sql_state == "57014" ||         // statement_timeout
           sql_state == "55P03";           // lock_timeout
}

}  // namespace

bool means_connection_lost(std::string_view sql_state) {
    return sql_state.starts_with("08") || sql_state == "57P01" || sql_state == "57P02" || sql_state == "57P03" ||
           sql_state == "57P05" ||  // idle_session_timeout
           sql_state == "25P03" ||  // idle_in_transaction_session_timeout
           sql_state == "25006";    // read-only: the primary has moved to another host
}

bool means_try_again(std::string_view sql_state) {
    return sql_state == "40001" || sql_state == "40P01" || sql_state == kStaleStatement;
}

bool means_stale(std::string_view sql_state) {
    return sql_state == "0A000" || sql_state == "26000";
}

Error unavailable(std::string detail) {
    return Error{.kind = ErrorKind::unavailable,
                 .message_id = "unavailable",
                 .detail = std::move(detail),
                 .retry_after = limits::kUnavailableRetryAfter};
}

Error to_error(const Failure& failure, std::string_view query_name) {
    const std::string& state = failure.sql_state;
    if (state == "23505" || state == "23P01") {
        return Error{.kind = ErrorKind::conflict,
                     .message_id = "already_exists",
                     .detail = failure.constraint,
                     .values = {{"constraint", failure.constraint}}};
    }
    const std::string detail =
        fmt::format("{}: SQLSTATE {}{}{}{}{}", query_name, state, failure.constraint.empty() ? "" : " constraint ",
                    failure.constraint, failure.message.empty() ? "" : ": ", failure.message);
    if (means_unavailable(state)) {
        return unavailable(detail);
    }
    if (state == kBadCharacters) {
        return Error{.kind = ErrorKind::invalid, .message_id = "invalid_characters", .detail = detail};
    }
    return Error{.kind = ErrorKind::internal, .message_id = "internal", .detail = detail};
}

}  // namespace madoguchi::db
