// How we connect: the operator's database.url, with what must hold on every connection of ours added.
#pragma once

#include <chrono>
#include <string>

#include "base/limits.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace madoguchi::db {

struct ConnectionSettings {
    std::string url;           // postgresql://... or key=value pairs (libpq, "Connection Strings"); not empty
    std::string user = {};     // empty: the URL's
    SecretText password = {};  // empty: the URL's
    std::string application_name = "madoguchi-server";
    std::chrono::milliseconds statement_timeout = limits::kStatementTimeout;  // 0: none
    std::chrono::milliseconds lock_timeout = limits::kLockTimeout;
};

/// Key=value pairs for PQconnectdb. The URL may replace timeouts (its `options` come later), but not the time zone and
/// the encoding. Errors: invalid field `database.url`; it never quotes the URL, which may hold a password.
Result<SecretText> connection_string(const ConnectionSettings& settings);

/// For the migration runner: a long migration is not an error, waiting for another runner is bounded.
Result<SecretText> migration_connection_string(ConnectionSettings settings);

}  // namespace madoguchi::db
