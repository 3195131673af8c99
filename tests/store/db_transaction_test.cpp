// What a transaction promises: all, or nothing and an error that says so.
#include <barrier>
#include <stdexcept>
#include <thread>

#include "store/db_fixture.hpp"

namespace madoguchi::test {
namespace {

using db::Isolation;
using db::Query;
using db::Row;
using db::Transaction;
using ::testing::Test;

const Actor kSystem = Actor::system();

class TransactionTest : public DatabaseTest {};

TEST_F(TransactionTest, CommitsAValue) {
    const auto affected = database_.transact(kSystem, [](Transaction& tx) { return tx.execute(kInsert, "a", 7); });
    ASSERT_TRUE(affected);
    EXPECT_EQ(*affected, 1);
    EXPECT_EQ(look("SELECT amount FROM things WHERE name = 'a'"), "7");
}

TEST_F(TransactionTest, AnErrorRollsBack) {
    const auto result = database_.transact(kSystem, [](Transaction& tx) -> Result<void> {
        TRY(tx.execute(kInsert, "a", 7));
        return failure(ErrorKind::forbidden, "forbidden");
    });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::forbidden);
    EXPECT_EQ(look("SELECT count(*) FROM things"), "0");
}

TEST_F(TransactionTest, AnExceptionRollsBackAndIsAnInternalErrorThatQuotesNothing) {
    const auto result = database_.transact(kSystem, [](Transaction& tx) -> Result<void> {
        TRY(tx.execute(kInsert, "a", 7));
        throw std::runtime_error("hunter2");
    });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::internal);
    EXPECT_EQ(result.error().detail.find("hunter2"), std::string::npos);
    EXPECT_EQ(look("SELECT count(*) FROM things"), "0");
    // The connection is as good as before.
    EXPECT_TRUE(database_.transact(kSystem, [](Transaction& tx) { return tx.execute(kInsert, "a", 7); }));
}

TEST_F(TransactionTest, AHiddenFailureIsNotASuccess) {
    const auto result = database_.transact(kSystem, [](Transaction& tx) -> Result<int> {
        TRY(tx.execute(kInsert, "a", 7));
        static_cast<void>(tx.one(kFails));
        return 1;
    });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::internal);
    EXPECT_NE(result.error().detail.find("fails: SQLSTATE 22012"), std::string::npos) << result.error().detail;
    EXPECT_EQ(look("SELECT count(*) FROM things"), "0");
}

TEST_F(TransactionTest, ATransactionEndedByFIsNotASuccess) {
    const auto result = database_.transact(kSystem, [](Transaction& tx) -> Result<int> {
        TRY(tx.execute(Query{"commit", "COMMIT"}));
        return 1;
    });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::internal);
}

TEST_F(TransactionTest, DiscardReturnsTheValueAndSavesNothing) {
    const auto result = database_.transact(kSystem, [](Transaction& tx) -> Result<std::int64_t> {
        tx.discard();
        TRY(tx.execute(kInsert, "a", 7));
        return TRY(tx.one(kAmount, "a")).get<std::int64_t>("amount");
    });
    ASSERT_TRUE(result);
    EXPECT_EQ(*result, 7);
    EXPECT_EQ(look("SELECT count(*) FROM things"), "0");
    EXPECT_TRUE(told_.lines().empty());  // and the connection was fit to be reused
}

constexpr Query kInsertLater{"insert_later", "INSERT INTO things (later) VALUES (1), (1)"};

TEST_F(TransactionTest, DiscardFindsWhatCommitWouldFind) {
    for (const bool dry_run : {true, false}) {
        const auto result = database_.transact(kSystem, [&](Transaction& tx) -> Result<void> {
            if (dry_run) {
                tx.discard();
            }
            TRY(tx.execute(kInsertLater));
            return {};
        });
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().kind, ErrorKind::conflict);
        EXPECT_EQ(result.error().detail, "things_later_key");
    }
}

TEST_F(TransactionTest, AUniqueViolationIsAConflictThatNamesTheConstraint) {
    const auto insert = [](Transaction& tx) { return tx.execute(kInsert, "a", 7); };
    ASSERT_TRUE(database_.transact(kSystem, insert));
    const auto second = database_.transact(kSystem, insert);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().kind, ErrorKind::conflict);
    EXPECT_EQ(second.error().message_id, "already_exists");
    EXPECT_EQ(second.error().detail, "things_name_key");
    EXPECT_EQ(second.error().values.at("constraint"), "things_name_key");
}

TEST_F(TransactionTest, RunsAgainAfterASerializationFailure) {
    look("INSERT INTO things (name, amount) VALUES ('a', 0)");
    std::barrier both_have_read(2);
    std::atomic<int> calls = 0;
    const auto add_one = [&] {
        return database_.transact(
            kSystem,
            [&, first = true](Transaction& tx) mutable -> Result<std::int64_t> {
                ++calls;
                const auto amount = TRY(tx.one(kAmount, "a")).get<std::int64_t>("amount");
                if (std::exchange(first, false)) {
                    both_have_read.arrive_and_wait();
                }
                return tx.execute(Query{"set", "UPDATE things SET amount = :amount"}, amount + 1);
            },
            Isolation::repeatable_read);
    };
    Result<std::int64_t> other = 0;
    std::thread rival([&] { other = add_one(); });
    const auto mine = add_one();
    rival.join();
    EXPECT_TRUE(mine);
    EXPECT_TRUE(other);
    EXPECT_EQ(calls, 3);
    EXPECT_EQ(look("SELECT amount FROM things"), "2");
}

TEST_F(TransactionTest, RunsAgainAfterADeadlockEvenIfFHidesIt) {
    look("INSERT INTO things (name) VALUES ('a'), ('b')");
    look("ALTER DATABASE " + look("SELECT current_database()") + " SET deadlock_timeout = '20ms'");
    db::Database database(connection_to(url()), {.connections = 2});
    constexpr Query kAdd{"add", "UPDATE things SET amount = amount + 1 WHERE name = :name"};
    std::barrier both_hold_one(2);
    const auto add = [&](const char* first_name, const char* second_name) {
        return database.transact(kSystem, [&, first = true](Transaction& tx) mutable -> Result<void> {
            TRY(tx.execute(kAdd, first_name));
            if (std::exchange(first, false)) {
                both_hold_one.arrive_and_wait();
            }
            static_cast<void>(tx.execute(kAdd, second_name));
            return {};
        });
    };
    Result<void> other;
    std::thread rival([&] { other = add("a", "b"); });
    const auto mine = add("b", "a");
    rival.join();
    EXPECT_TRUE(mine);
    EXPECT_TRUE(other);
    EXPECT_EQ(look("SELECT string_agg(amount::text, ',') FROM things"), "2,2");
}

TEST_F(TransactionTest, GivesUpOnRivalsAsUnavailable) {
    int calls = 0;
    const auto result = database_.transact(kSystem, [&](Transaction& tx) -> Result<void> {
        ++calls;
        TRY(tx.execute(Query{"raise", "DO 'BEGIN RAISE serialization_failure; END'"}));
        return {};
    });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::unavailable);
    EXPECT_EQ(calls, limits::kTransactionRetries + 1);
}

TEST_F(TransactionTest, SettingsAreForOneTransactionOnly) {
    constexpr Query kSettings{"settings",
                              "SELECT current_setting('madoguchi.jurisdiction') AS jurisdiction,"
                              " current_setting('madoguchi.account') AS account"};
    db::Database one(connection_to(url()), {.connections = 1});
    const auto outside = [&] {
        const auto row = one.read_prepared(kSettings);
        return row ? (*row)->get<std::string>("jurisdiction") + "|" + (*row)->get<std::string>("account") : "error";
    };
    EXPECT_EQ(outside(), "|");  // a new connection: empty, not unknown
    Actor actor;
    actor.account = AccountId{12};
    actor.jurisdiction = Jurisdiction("1.13.'; x");
    const auto inside = one.transact(actor, [&](Transaction& tx) -> Result<std::string> {
        const Row row = TRY(tx.one(kSettings));
        return row.get<std::string>("jurisdiction") + "|" + row.get<std::string>("account");
    });
    EXPECT_EQ(*inside, "1.13.'; x|12");
    EXPECT_EQ(outside(), "|");
}

TEST_F(TransactionTest, ANulDoesNotWidenTheJurisdiction) {
    Actor actor;
    actor.jurisdiction = Jurisdiction(std::string("1.\0.2", 5));
    const auto result = database_.transact(actor, [](Transaction& tx) { return tx.one(kCount); });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::invalid);
}

TEST_F(TransactionTest, AFailureTellsQueryAndStateNeverTheValue) {
    const auto result = database_.transact(kSystem, [](Transaction& tx) {
        return tx.one(Query{"cast", "SELECT :text::bigint AS answer"}, "hunter2");
    });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().detail, "cast: SQLSTATE 22P02");
    EXPECT_EQ(told_.lines(), std::vector<std::string>{"query_failed cast 22P02"});
}

}  // namespace
}  // namespace madoguchi::test
