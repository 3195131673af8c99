// Inside db/ only: what a failed statement means, told by its SQLSTATE (PostgreSQL 15, appendix A).
#pragma once

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace madoguchi::db {

/// Holds no bound value: it is made for the log. `message` is filled for class 42 only, which speaks of our SQL.
struct Failure {
    std::string sql_state;
    std::string constraint = {};
    std::string message = {};
};

inline constexpr std::string_view kConnectionLost = "08006";
inline constexpr std::string_view kConnectionRefused = "08001";
inline constexpr std::string_view kWrongArguments = "07001";
inline constexpr std::string_view kBadCharacters = "22021";
inline constexpr std::string_view kNoRow = "02000";
inline constexpr std::string_view kTooManyRows = "21000";
inline constexpr std::string_view kStaleStatement = "26000";  // a held statement went stale and was dropped; ask again

/// The connection is of no use any more: lost, shut down, or its server became a read-only standby.
bool means_connection_lost(std::string_view sql_state);
/// Another try of the whole transaction may succeed: a serialization failure, a deadlock, or kStaleStatement.
bool means_try_again(std::string_view sql_state);
/// Of a held statement: its table has changed, or a pooler forgot it.
bool means_stale(std::string_view sql_state);

Error to_error(const Failure& failure, std::string_view query_name);
/// Kind unavailable, with Retry-After (S26).
Error unavailable(std::string detail);

}  // namespace madoguchi::db
