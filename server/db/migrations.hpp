// The schema's way forward: DIRECTORY/NNNN_name.sql, applied in order, each once, never edited after it landed.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "db/database.hpp"

namespace madoguchi::db {

struct Migration {
    int version = 0;
    std::string name;  // the file's name
    std::string sql;
    std::string checksum;  // SHA-256 of the file, hex
};

struct MigrationStatus {
    int applied_version = 0;  // 0: an empty database
    int newest_version = 0;
    bool is_current() const { return applied_version == newest_version; }
};

class Migrations {
public:
    /// Errors: invalid; the detail names the file that is missing, doubled, misnamed or unreadable.
    static Result<Migrations> load(const std::filesystem::path& directory);

    /// Applies what is missing, each file in a transaction of its own, one runner at a time; says what it did.
    /// `connection_string`: migration_connection_string() of the owning role. Errors: conflict (a landed file was
    /// edited, a gap, a newer schema; nothing was done), internal (file, line and reason in the detail; this file was
    /// rolled back), unavailable.
    Result<MigrationStatus> apply(const SecretText& connection_string,
                                  const std::function<void(std::string_view)>& say) const;

    /// What the service finds. Errors: conflict as of apply(), unavailable.
    Result<MigrationStatus> status(Database& database) const;

    const std::vector<Migration>& all() const { return migrations_; }

private:
    std::vector<Migration> migrations_;
};

}  // namespace madoguchi::db
