// A database of our own tables, not the product's: what these tests say holds for any schema.
#pragma once

#include <gtest/gtest.h>

#include <mutex>
#include <string>
#include <vector>

#include "db/database.hpp"
#include "support/postgres.hpp"

namespace madoguchi::test {

/// What the database told its observer, as "event query sqlstate".
class Told {
public:
    db::DatabaseObserver observer() {
        return [this](std::string_view event, std::string_view query, std::string_view sql_state) {
            const std::lock_guard lock(mutex_);
            lines_.push_back(std::string(event) + " " + std::string(query) + " " + std::string(sql_state));
        };
    }
    std::vector<std::string> lines() {
        const std::lock_guard lock(mutex_);
        return lines_;
    }

private:
    std::mutex mutex_;
    std::vector<std::string> lines_;
};

class DatabaseTest : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        scratch_ = std::make_unique<ScratchDatabase>();
        run_sql(scratch_->owner_url(),
                "CREATE TABLE things (name text CONSTRAINT things_name_key UNIQUE, amount bigint NOT NULL DEFAULT 0,"
                " later bigint CONSTRAINT things_later_key UNIQUE DEFERRABLE INITIALLY DEFERRED);"
                "GRANT ALL ON things TO madoguchi_service");
    }
    static void TearDownTestSuite() { scratch_.reset(); }
    void SetUp() override { run_sql(scratch_->owner_url(), "TRUNCATE things"); }

    static std::string look(const std::string& sql) { return run_sql(scratch_->superuser_url(), sql); }
    static std::string url() { return scratch_->service_url(); }

    Told told_;
    db::Database database_{connection_to(url()), {.connections = 2, .observer = told_.observer()}};

    inline static std::unique_ptr<ScratchDatabase> scratch_;
};

inline constexpr db::Query kInsert{"insert", "INSERT INTO things (name, amount) VALUES (:name, :amount)"};
inline constexpr db::Query kAmount{"amount", "SELECT amount FROM things WHERE name = :name"};
inline constexpr db::Query kCount{"count", "SELECT count(*) AS count FROM things"};
inline constexpr db::Query kBackend{"backend", "SELECT pg_backend_pid() AS backend"};
inline constexpr db::Query kFails{"fails", "SELECT 1/0 AS answer"};

}  // namespace madoguchi::test
