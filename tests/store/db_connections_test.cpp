// Leases, give-back, held statements, and the way back after the database was gone (S26).
#include <future>
#include <thread>

#include "store/db_fixture.hpp"

namespace madoguchi::test {
namespace {

using db::Query;
using db::Transaction;
using Steady = std::chrono::steady_clock;
using namespace std::chrono_literals;

const Actor kSystem = Actor::system();

class ConnectionsTest : public DatabaseTest {
protected:
    int backend() { return (*one_.read_prepared(kBackend))->get<int>("backend"); }

    db::Database one_{connection_to(url()), {.connections = 1, .lease_wait = 200ms, .observer = told_.observer()}};
};

TEST_F(ConnectionsTest, ALeaseHasADeadline) {
    const auto result = one_.transact(kSystem, [&](Transaction& tx) -> Result<int> {
        TRY(tx.one(kBackend));
        const auto start = Steady::now();
        const auto inner = std::async(std::launch::async, [&] { return one_.read_prepared(kBackend); }).get();
        EXPECT_FALSE(inner);
        EXPECT_EQ(inner.error().kind, ErrorKind::unavailable);
        EXPECT_EQ(inner.error().retry_after, 5s);
        EXPECT_GE(Steady::now() - start, 200ms);
        EXPECT_LT(Steady::now() - start, 3s);
        return 1;
    });
    EXPECT_TRUE(result);
    EXPECT_EQ(told_.lines(), std::vector<std::string>{"lease_timeout  "});
}

TEST_F(ConnectionsTest, AWaiterGetsTheConnectionThatComesBack) {
    db::Database patient(connection_to(url()), {.connections = 1, .lease_wait = 10s});
    std::promise<void> waiting;
    std::thread waiter;
    Result<std::optional<db::Row>> found;
    EXPECT_TRUE(patient.transact(kSystem, [&](Transaction& tx) -> Result<int> {
        TRY(tx.one(kBackend));
        waiter = std::thread([&] {
            waiting.set_value();
            found = patient.read_prepared(kBackend);
        });
        waiting.get_future().wait();
        return 1;
    }));
    waiter.join();
    EXPECT_TRUE(found);
}

TEST_F(ConnectionsTest, ASessionStillInsideATransactionIsNotLentAgain) {
    const int before = backend();
    ASSERT_TRUE(one_.read_prepared(Query{"begin", "BEGIN"}));
    EXPECT_EQ(told_.lines(), std::vector<std::string>{"connection_dropped  "});
    EXPECT_NE(backend(), before);
    EXPECT_TRUE(one_.transact(kSystem, [](Transaction& tx) { return tx.execute(kInsert, "a", 1); }));
    EXPECT_EQ(look("SELECT count(*) FROM things"), "1");
}

TEST_F(ConnectionsTest, ASessionThatDiedInATransactionIsReplaced) {
    const auto result = one_.transact(kSystem, [&](Transaction& tx) -> Result<void> {
        TRY(tx.execute(kInsert, "a", 1));
        TRY(tx.one(Query{"suicide", "SELECT pg_terminate_backend(pg_backend_pid()) AS done"}));
        return {};
    });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::unavailable);
    EXPECT_EQ(look("SELECT count(*) FROM things"), "0");
    EXPECT_TRUE(one_.transact(kSystem, [](Transaction& tx) { return tx.execute(kInsert, "a", 1); }));
}

TEST_F(ConnectionsTest, ALossThatFHidesIsUnavailable) {
    const auto result = one_.transact(kSystem, [&](Transaction& tx) -> Result<void> {
        static_cast<void>(tx.one(Query{"suicide", "SELECT pg_terminate_backend(pg_backend_pid()) AS done"}));
        return {};
    });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::unavailable);
}

TEST_F(ConnectionsTest, AnIdleSessionThatWasTerminatedGoesUnnoticed) {
    for (const bool prepared : {true, false}) {
        const int before = backend();
        look("SELECT pg_terminate_backend(" + std::to_string(before) + ", 5000)");
        if (prepared) {
            EXPECT_TRUE(one_.read_prepared(kCount));
        } else {
            EXPECT_TRUE(one_.transact(kSystem, [](Transaction& tx) { return tx.one(kCount); }));
        }
        EXPECT_NE(backend(), before);
    }
}

TEST_F(ConnectionsTest, ReadPreparedHoldsOneStatementAConnection) {
    look("INSERT INTO things (name, amount) VALUES ('a', 5)");
    constexpr Query kHeld{"held",
                          "SELECT amount, (SELECT count(*) FROM pg_prepared_statements) AS held,"
                          " (SELECT max(generic_plans + custom_plans) FROM pg_prepared_statements) AS plans"
                          " FROM things WHERE name = :name AND :name <> ''"};
    for (int time = 1; time <= 20; ++time) {
        const auto row = one_.read_prepared(kHeld, "a");
        ASSERT_TRUE(row && *row);
        EXPECT_EQ((*row)->get<int>("amount"), 5);
        EXPECT_EQ((*row)->get<int>("held"), 1);
        EXPECT_EQ((*row)->get<int>("plans"), time);  // it is the same one
    }
    EXPECT_FALSE(one_.read_prepared(kHeld, "b").value().has_value());
}

TEST_F(ConnectionsTest, AHeldStatementFollowsAChangedTable) {
    static constexpr Query kAll{"all", "SELECT * FROM changing"};
    look("CREATE TABLE changing (v) AS SELECT 1; GRANT ALL ON changing TO madoguchi_service");
    const auto read = [&] { return one_.read_prepared(kAll); };
    const auto transact = [&] { return one_.transact(kSystem, [](Transaction& tx) { return tx.maybe_one(kAll); }); };
    EXPECT_EQ((*read())->get<int>("v"), 1);
    look("ALTER TABLE changing ADD w integer NOT NULL DEFAULT 2");
    EXPECT_EQ((*read())->get<int>("w"), 2);
    look("ALTER TABLE changing ADD x integer NOT NULL DEFAULT 3");
    EXPECT_EQ((*transact())->get<int>("x"), 3);
}

TEST_F(ConnectionsTest, SlowStatementsAndLocksAreUnavailable) {
    db::Database hasty(connection_to({.url = url(), .statement_timeout = 50ms, .lock_timeout = 20ms}));
    const auto slow = hasty.transact(kSystem, [](Transaction& tx) {
        return tx.one(Query{"slow", "SELECT pg_sleep(5)"});
    });
    ASSERT_FALSE(slow);
    EXPECT_EQ(slow.error().kind, ErrorKind::unavailable);
    const auto locked = one_.transact(kSystem, [&](Transaction& tx) -> Result<void> {
        TRY(tx.execute(Query{"lock", "LOCK TABLE things"}));
        const auto other = hasty.transact(kSystem, [](Transaction& tx) { return tx.execute(kInsert, "a", 1); });
        EXPECT_EQ(other.error().detail, "insert: SQLSTATE 55P03");
        EXPECT_EQ(other.error().kind, ErrorKind::unavailable);
        return {};
    });
    EXPECT_TRUE(locked);
}

TEST_F(ConnectionsTest, EverySessionSpeaksUtcAndUtf8) {
    constexpr Query kSession{"session",
                             "SELECT current_setting('TimeZone') AS zone,"
                             " current_setting('client_encoding') AS encoding,"
                             " current_setting('idle_in_transaction_session_timeout') AS idle,"
                             " current_setting('application_name') AS name"};
    const auto row = one_.read_prepared(kSession);
    ASSERT_TRUE(row);
    EXPECT_EQ((*row)->get<std::string>("zone"), "UTC");
    EXPECT_EQ((*row)->get<std::string>("encoding"), "UTF8");
    EXPECT_EQ((*row)->get<std::string>("idle"), "15s");
    EXPECT_EQ((*row)->get<std::string>("name"), "madoguchi-server");
}

TEST_F(ConnectionsTest, ManyThreadsShareFewConnections) {
    db::Database shared(connection_to({.url = url(), .application_name = "few"}),
                        {.connections = 3, .lease_wait = 20s});
    std::vector<std::thread> threads;
    std::atomic<int> failures = 0;
    for (int thread = 0; thread < 8; ++thread) {
        threads.emplace_back([&, thread] {
            for (int turn = 0; turn < 25; ++turn) {
                const std::string name = std::to_string(thread) + "-" + std::to_string(turn);
                failures +=
                    shared.transact(kSystem, [&](Transaction& tx) { return tx.execute(kInsert, name, 1); }) ? 0 : 1;
                failures += shared.read_prepared(kAmount, name).value().has_value() ? 0 : 1;
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(failures, 0);
    EXPECT_EQ(look("SELECT count(*) FROM things"), "200");
    EXPECT_LE(std::stoi(look("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                             " AND application_name = 'few'")),
              3);
}

// S26: gone and back, without a restart of ours.
TEST(DatabaseRestartTest, IsBackWithinTenSeconds) {
    Cluster cluster;
    const ScratchDatabase scratch(cluster.socket());
    Told told;
    db::Database database(connection_to(scratch.service_url()), {.connections = 3, .observer = told.observer()});
    ASSERT_TRUE(database.ping());
    cluster.halt();
    for (const bool prepared : {true, false}) {
        const auto gone = prepared ? database.ping() : database.transact(kSystem, [](Transaction& tx) -> Result<void> {
            TRY(tx.one(kBackend));
            return {};
        });
        ASSERT_FALSE(gone);
        EXPECT_EQ(gone.error().kind, ErrorKind::unavailable);
        EXPECT_EQ(gone.error().retry_after, 5s);
    }
    // However often we are asked, a database that is gone is tried twice a second.
    for (int time = 0; time < 100; ++time) {
        EXPECT_FALSE(database.ping());
    }
    const auto while_gone = told.lines();
    EXPECT_LT(std::count(while_gone.begin(), while_gone.end(), "connect_failed  08001"), 50);
    cluster.resume();
    const auto deadline = Steady::now() + 10s;
    while (!database.ping() && Steady::now() < deadline) {
        std::this_thread::yield();
    }
    EXPECT_TRUE(database.ping());
    EXPECT_TRUE(database.transact(kSystem, [](Transaction& tx) { return tx.one(kBackend); }));
    const auto lines = told.lines();
    EXPECT_EQ(std::count(lines.begin(), lines.end(), "connected_again  "), 1);
}

}  // namespace
}  // namespace madoguchi::test
