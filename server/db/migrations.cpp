#include "db/migrations.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <regex>

#include "base/encoding.hpp"
#include "db/connection.hpp"

namespace madoguchi::db {

namespace {

constexpr auto kCreateTable =
    "CREATE TABLE IF NOT EXISTS schema_migrations ("
    " version integer PRIMARY KEY, name text NOT NULL, checksum text NOT NULL,"
    " applied_at timestamptz NOT NULL DEFAULT now());"
    " GRANT SELECT ON schema_migrations TO PUBLIC";  // the service asks whether it fits (status)
constexpr auto kLock = "SELECT pg_advisory_lock(hashtextextended('madoguchi.schema_migrations', 0))";
constexpr Query kTableExists{"migrations.table_exists", "SELECT to_regclass('schema_migrations') IS NOT NULL AS found"};
constexpr Query kApplied{"migrations.applied",
                         "SELECT version, name, checksum FROM schema_migrations ORDER BY version"};
constexpr Query kRecord{"migrations.record",
                        "INSERT INTO schema_migrations (version, name, checksum) VALUES (:version, :name, :checksum)"};

tl::unexpected<Error> bad_files(std::string detail) {
    return failure(ErrorKind::invalid, "invalid_migrations", std::move(detail));
}

tl::unexpected<Error> unfit(std::string detail) {
    return failure(ErrorKind::conflict, "schema_unfit", std::move(detail));
}

std::string sha256_hex(const std::string& bytes) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int length = 0;
    EVP_Digest(bytes.data(), bytes.size(), digest.data(), &length, EVP_sha256(), nullptr);
    return to_hex(std::string_view(reinterpret_cast<const char*>(digest.data()), length));
}

Result<Migration> read_file(const std::filesystem::path& path) {
    static const std::regex kName("([0-9]{4})_[a-z0-9_]+\\.sql");
    Migration migration;
    migration.name = path.filename().string();
    std::smatch match;
    if (!std::regex_match(migration.name, match, kName)) {
        return bad_files(migration.name + ": the name must be like 0001_directory.sql");
    }
    migration.version = std::stoi(match[1]);
    std::ifstream file(path, std::ios::binary);
    migration.sql.assign(std::istreambuf_iterator<char>(file), {});
    if (!file || migration.sql.find('\0') != std::string::npos) {
        return bad_files(migration.name + ": can't be read as text");
    }
    migration.checksum = sha256_hex(migration.sql);
    return migration;
}

/// Errors: conflict, unless what has landed is a beginning of `migrations`, unchanged.
Result<MigrationStatus> compare(const std::vector<Migration>& migrations, const std::vector<Row>& landed) {
    const int newest = static_cast<int>(migrations.size());
    int expected = 1;
    for (const Row& row : landed) {
        const int version = row.get<int>("version");
        if (version > newest) {
            return unfit(
                fmt::format("the schema has {} and is newer than this program, whose newest migration is {}; "
                            "start the newer program",
                            row.get<std::string>("name"), newest));
        }
        if (version != expected) {
            return unfit(fmt::format("the database has {} but never got {}", row.get<std::string>("name"),
                                     migrations[static_cast<std::size_t>(expected - 1)].name));
        }
        const Migration& migration = migrations[static_cast<std::size_t>(version - 1)];
        if (row.get<std::string>("checksum") != migration.checksum) {
            return unfit(
                fmt::format("{} was edited after it landed; restore it and write a new migration", migration.name));
        }
        ++expected;
    }
    return MigrationStatus{.applied_version = expected - 1, .newest_version = newest};
}

Result<Rows> value_of(Execution execution, std::string_view name) {
    if (!execution) {
        return failure(to_error(execution.error(), name));
    }
    return std::move(*execution);
}

Result<void> apply_file(Connection& connection, const Migration& migration) {
    TRY(value_of(connection.command(migration.name, "BEGIN"), migration.name));
    const auto applied = connection.command(migration.name, migration.sql);
    if (!applied) {
        // Counted in characters; continuation bytes of UTF-8 are not characters.
        int characters = 0;
        int line = 1;
        for (const char byte : migration.sql) {
            characters += (static_cast<unsigned char>(byte) & 0xC0U) != 0x80U ? 1 : 0;
            if (characters >= connection.failed_at()) {
                break;
            }
            line += byte == '\n' ? 1 : 0;
        }
        Error error = to_error(applied.error(), migration.name);
        if (connection.failed_at() > 0) {
            error.detail += fmt::format(" (line {})", line);
        }
        return failure(std::move(error));
    }
    if (connection.transaction_status() != PQTRANS_INTRANS) {
        return bad_files(migration.name + ": ends the transaction it runs in");
    }
    const std::array<Argument, 3> arguments{detail::to_argument(migration.version), detail::to_argument(migration.name),
                                            detail::to_argument(migration.checksum)};
    TRY(value_of(connection.execute(kRecord, arguments), kRecord.name));
    TRY(value_of(connection.command(migration.name, "COMMIT"), migration.name));
    return {};
}

Result<std::vector<Row>> landed_migrations(Connection& connection) {
    const Rows found = TRY(value_of(connection.execute(kApplied, {}), kApplied.name));
    std::vector<Row> rows;
    rows.reserve(static_cast<std::size_t>(found->size()));
    for (int index = 0; index < found->size(); ++index) {
        rows.emplace_back(found, index);
    }
    return rows;
}

}  // namespace

Result<Migrations> Migrations::load(const std::filesystem::path& directory) {
    std::error_code error;
    std::vector<std::filesystem::path> paths;
    for (auto entry = std::filesystem::directory_iterator(directory, error);
         !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
        if (entry->path().extension() == ".sql") {
            paths.push_back(entry->path());
        }
    }
    if (error) {
        return bad_files(fmt::format("{}: {}", directory.string(), error.message()));
    }
    std::sort(paths.begin(), paths.end());
    Migrations migrations;
    for (const auto& path : paths) {
        Migration migration = TRY(read_file(path));
        const int expected = static_cast<int>(migrations.migrations_.size()) + 1;
        if (migration.version < expected) {
            return bad_files(migration.version == 0 ? migration.name + ": the first migration is 0001"
                                                    : fmt::format("{} and {} have the same number",
                                                                  migrations.migrations_.back().name, migration.name));
        }
        if (migration.version > expected) {
            return bad_files(fmt::format("{:04} is missing before {}", expected, migration.name));
        }
        migrations.migrations_.push_back(std::move(migration));
    }
    if (migrations.migrations_.empty()) {
        return bad_files(directory.string() + ": no migrations here");
    }
    return migrations;
}

Result<MigrationStatus> Migrations::apply(const SecretText& connection_string,
                                          const std::function<void(std::string_view)>& say) const {
    const auto connection = TRY(Connection::open(connection_string));
    // Held by the session: closing the connection on any way out of here gives it back.
    TRY(value_of(connection->command("migrations.lock", kLock), "migrations.lock"));
    TRY(value_of(connection->command("migrations.create_table", kCreateTable), "migrations.create_table"));
    auto status = TRY(compare(migrations_, TRY(landed_migrations(*connection))));
    if (status.is_current()) {
        say(fmt::format("the schema is current ({})", migrations_.back().name));
        return status;
    }
    while (!status.is_current()) {
        const Migration& next = migrations_[static_cast<std::size_t>(status.applied_version)];
        TRY(apply_file(*connection, next));
        status.applied_version = next.version;
        say("applied " + next.name);
    }
    return status;
}

Result<MigrationStatus> Migrations::status(Database& database) const {
    return database.transact(Actor{}, [&](Transaction& transaction) -> Result<MigrationStatus> {
        std::vector<Row> landed;
        if (TRY(transaction.one(kTableExists)).get<bool>("found")) {
            landed = TRY(transaction.many(kApplied));
        }
        return compare(migrations_, landed);
    });
}

}  // namespace madoguchi::db
