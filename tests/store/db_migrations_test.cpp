#include "db/migrations.hpp"

#include <filesystem>
#include <fstream>
#include <thread>

#include "store/db_fixture.hpp"

namespace madoguchi::test {
namespace {

using db::Migrations;
using db::MigrationStatus;

class MigrationsTest : public ::testing::Test {
protected:
    MigrationsTest() {
        std::string pattern = "/tmp/madoguchi-migrations-XXXXXX";
        directory_ = mkdtemp(pattern.data());
        write("0001_first.sql", "CREATE TABLE first (v integer); -- it's a comment with :name\n");
        write("0002_second.sql", "INSERT INTO first VALUES (1);\nCREATE TABLE second ();\n");
    }
    ~MigrationsTest() override { std::filesystem::remove_all(directory_); }

    void write(const std::string& name, const std::string& sql) { std::ofstream(directory_ / name) << sql; }
    Result<MigrationStatus> apply() {
        const auto migrations = TRY(Migrations::load(directory_));
        said_.clear();
        return migrations.apply(*db::migration_connection_string({.url = scratch_.owner_url()}),
                                [this](std::string_view line) { said_.emplace_back(line); });
    }
    Result<MigrationStatus> status() {
        const auto migrations = TRY(Migrations::load(directory_));
        return migrations.status(database_);
    }
    std::string look(const std::string& sql) { return run_sql(scratch_.superuser_url(), sql); }
    static std::string detail(const Result<MigrationStatus>& result) { return result ? "" : result.error().detail; }

    std::filesystem::path directory_;
    ScratchDatabase scratch_;
    db::Database database_{connection_to(scratch_.service_url())};
    std::vector<std::string> said_;
};

TEST_F(MigrationsTest, AppliesWhatIsMissingAndSaysSo) {
    EXPECT_EQ(status().value().applied_version, 0);
    EXPECT_FALSE(status().value().is_current());
    ASSERT_TRUE(apply());
    EXPECT_EQ(said_, (std::vector<std::string>{"applied 0001_first.sql", "applied 0002_second.sql"}));
    EXPECT_TRUE(status().value().is_current());
    ASSERT_TRUE(apply());
    EXPECT_EQ(said_, std::vector<std::string>{"the schema is current (0002_second.sql)"});
    write("0003_third.sql", "INSERT INTO first VALUES (2);");
    EXPECT_EQ(status().value().applied_version, 2);
    EXPECT_EQ(status().value().newest_version, 3);
    ASSERT_TRUE(apply());
    EXPECT_EQ(said_, std::vector<std::string>{"applied 0003_third.sql"});
    EXPECT_EQ(look("SELECT sum(v) FROM first"), "3");
    EXPECT_EQ(look("SELECT length(checksum) FROM schema_migrations WHERE version = 3"), "64");
}

TEST_F(MigrationsTest, AnEditedLandedFileIsRefusedByName) {
    ASSERT_TRUE(apply());
    write("0001_first.sql", "CREATE TABLE first (v bigint);");
    write("0003_third.sql", "CREATE TABLE third ();");
    const auto result = apply();
    EXPECT_EQ(result.error().kind, ErrorKind::conflict);
    EXPECT_NE(detail(result).find("0001_first.sql was edited"), std::string::npos) << detail(result);
    EXPECT_NE(detail(status()).find("0001_first.sql was edited"), std::string::npos);
    EXPECT_EQ(look("SELECT to_regclass('third') IS NULL"), "t");
}

TEST_F(MigrationsTest, AGapIsRefusedByName) {
    write("0004_fourth.sql", "CREATE TABLE fourth ();");
    EXPECT_EQ(detail(apply()), "0003 is missing before 0004_fourth.sql");
    EXPECT_EQ(look("SELECT to_regclass('first') IS NULL"), "t");
}

TEST_F(MigrationsTest, ADoubleAndAMisnamedFileAreRefusedByName) {
    write("0002_another.sql", "");
    EXPECT_EQ(detail(apply()), "0002_another.sql and 0002_second.sql have the same number");
    std::filesystem::remove(directory_ / "0002_another.sql");
    write("3_third.sql", "");
    EXPECT_NE(detail(apply()).find("3_third.sql: the name"), std::string::npos);
}

TEST_F(MigrationsTest, AGapInTheDatabaseIsRefused) {
    ASSERT_TRUE(apply());
    look("DELETE FROM schema_migrations WHERE version = 1");
    EXPECT_NE(detail(apply()).find("never got 0001_first.sql"), std::string::npos) << detail(apply());
}

TEST_F(MigrationsTest, ANewerSchemaIsRefused) {
    write("0003_third.sql", "CREATE TABLE third ();");
    ASSERT_TRUE(apply());
    std::filesystem::remove(directory_ / "0003_third.sql");
    for (const auto& result : {apply(), status()}) {
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().kind, ErrorKind::conflict);
        EXPECT_NE(detail(result).find("0003_third.sql and is newer"), std::string::npos) << detail(result);
    }
}

TEST_F(MigrationsTest, AFailingFileLeavesNothingAndNamesItsLine) {
    write("0003_third.sql", "CREATE TABLE third ();\n-- 窓口\nSELECT nothing_here;\n");
    const auto result = apply();
    ASSERT_FALSE(result);
    EXPECT_NE(detail(result).find("0003_third.sql: SQLSTATE 42703"), std::string::npos) << detail(result);
    EXPECT_NE(detail(result).find("(line 3)"), std::string::npos) << detail(result);
    EXPECT_EQ(said_.size(), 2U);
    EXPECT_EQ(look("SELECT to_regclass('third') IS NULL"), "t");
    EXPECT_EQ(status().value().applied_version, 2);
}

TEST_F(MigrationsTest, AFileThatEndsItsTransactionIsRefused) {
    write("0003_third.sql", "COMMIT;");
    EXPECT_NE(detail(apply()).find("0003_third.sql: ends the transaction"), std::string::npos);
    EXPECT_EQ(status().value().applied_version, 2);
}

TEST_F(MigrationsTest, ParallelRunnersApplyOnce) {
    write("0003_third.sql", "SELECT pg_sleep(0.1); CREATE TABLE third ();");
    const auto migrations = Migrations::load(directory_);
    const auto connection = db::migration_connection_string({.url = scratch_.owner_url()});
    std::atomic<int> applied = 0;
    std::atomic<int> succeeded = 0;
    std::vector<std::thread> runners;
    for (int runner = 0; runner < 4; ++runner) {
        runners.emplace_back([&] {
            const auto result = migrations->apply(
                *connection, [&](std::string_view line) { applied += line.starts_with("applied") ? 1 : 0; });
            succeeded += result && result->is_current() ? 1 : 0;
        });
    }
    for (std::thread& runner : runners) {
        runner.join();
    }
    EXPECT_EQ(succeeded, 4);
    EXPECT_EQ(applied, 3);
}

}  // namespace
}  // namespace madoguchi::test
