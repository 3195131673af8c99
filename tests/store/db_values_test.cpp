// What goes in comes out: arguments, columns, and the numbers of rows.
#include <limits>

#include "store/db_fixture.hpp"

namespace madoguchi::test {
namespace {

using db::Query;
using db::Row;
using db::RowError;
using db::Transaction;

class ValuesTest : public DatabaseTest {
protected:
    template <class... A>
    Result<Row> ask(const char* sql, const A&... arguments) {
        return database_.transact(Actor::system(), [&](Transaction& tx) {
            return tx.one(Query{"ask", sql}, arguments...);
        });
    }
    template <class T, class... A>
    T value(const char* sql, const A&... arguments) {
        return ask(sql, arguments...).value().template get<T>("v");
    }
};

TEST_F(ValuesTest, RoundTrip) {
    constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
    constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
    EXPECT_EQ(value<std::int64_t>("SELECT :v::bigint AS v", kMost), kMost);
    EXPECT_EQ(value<std::int64_t>("SELECT :v::bigint AS v", kLeast), kLeast);
    EXPECT_EQ(value<int>("SELECT :v::int AS v", -5), -5);
    EXPECT_EQ(value<double>("SELECT :v::float8 AS v", 0.1), 0.1);
    EXPECT_EQ(value<bool>("SELECT :v::boolean AS v", true), true);
    EXPECT_EQ(value<bool>("SELECT NOT :v::boolean AS v", true), false);
    const std::string text = "窓口 ' \" \\ :x $1 {} \n";
    EXPECT_EQ(value<std::string>("SELECT :v::text AS v", text), text);
    EXPECT_EQ(value<std::string>("SELECT :v::text AS v", std::string_view(text)), text);
    EXPECT_EQ(value<std::string>("SELECT :v::text AS v", ""), "");
    EXPECT_EQ(value<AccountId>("SELECT :v::bigint AS v", AccountId{9}), AccountId{9});
}

TEST_F(ValuesTest, InstantsKeepTheirMicroseconds) {
    const Instant instant = from_microseconds(1'796'000'000'123'456);
    EXPECT_EQ(value<Instant>("SELECT :v::bigint AS v", instant), instant);
}

TEST_F(ValuesTest, NothingIsNull) {
    EXPECT_TRUE(value<bool>("SELECT :v::text IS NULL AS v", std::optional<std::string>()));
    EXPECT_TRUE(value<bool>("SELECT :v::text IS NULL AS v", std::nullopt));
    EXPECT_FALSE(value<bool>("SELECT :v::text IS NULL AS v", std::optional<std::string>("")));
    EXPECT_EQ(value<std::optional<std::string>>("SELECT NULL::text AS v"), std::nullopt);
    EXPECT_EQ(value<std::optional<std::string>>("SELECT '' AS v"), "");
    EXPECT_EQ(value<std::optional<AccountId>>("SELECT 4 AS v"), AccountId{4});
    EXPECT_EQ(value<std::optional<Instant>>("SELECT :v::bigint AS v", std::optional<Instant>()), std::nullopt);
}

TEST_F(ValuesTest, ArraysAreBoundWhole) {
    const std::vector<std::string> names{"a\"b", "c\\d", "", "NULL", "e,{f}", "窓"};
    EXPECT_EQ(value<std::string>("SELECT string_agg(n, '|') AS v FROM unnest(:names::text[]) AS n", names),
              "a\"b|c\\d||NULL|e,{f}|窓");
    EXPECT_EQ(
        value<int>("SELECT sum(n) AS v FROM unnest(:numbers::bigint[]) AS n", std::vector<std::int64_t>{1, -2, 4}), 3);
    EXPECT_EQ(value<int>("SELECT count(*) AS v FROM unnest(:names::text[]) AS n", std::vector<std::string>{}), 0);
}

TEST_F(ValuesTest, ANameIsOneArgumentHoweverOftenItStands) {
    EXPECT_EQ(value<std::string>("SELECT :b::text || :a || :b || ':a' AS v", "1", "2"), "121:a");
    EXPECT_FALSE(ask("SELECT :b::text || :a || :b AS v", "1", "2", "1"));
    EXPECT_FALSE(ask("SELECT :b::text || :a || :b AS v", "1"));
    EXPECT_NE(ask("SELECT :a::text AS v").error().detail.find("1 names, 0 arguments"), std::string::npos);
}

TEST_F(ValuesTest, NulAndBrokenUtf8AreRefused) {
    for (const std::string& bad : {std::string("a\0b", 3), std::string("\xE7\xAA")}) {
        const auto result = ask("SELECT :v::text AS v", bad);
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().kind, ErrorKind::invalid);
        EXPECT_EQ(result.error().message_id, "invalid_characters");
        EXPECT_EQ(database_.read_prepared(Query{"held", "SELECT :v::text AS v"}, bad).error().kind, ErrorKind::invalid);
    }
}

TEST_F(ValuesTest, OurMistakesAreRowErrors) {
    const Row row = ask("SELECT NULL::text AS nothing, 'x' AS text, 300000000000 AS wide").value();
    EXPECT_THROW(row.get<std::string>("nothing"), RowError);
    EXPECT_THROW(row.get<std::string>("missing"), RowError);
    EXPECT_THROW(row.get<std::optional<std::string>>("missing"), RowError);
    EXPECT_THROW(row.get<int>("text"), RowError);
    EXPECT_THROW(row.get<bool>("text"), RowError);
    EXPECT_THROW(row.get<double>("text"), RowError);
    EXPECT_THROW(row.get<int>("wide"), RowError);
    EXPECT_EQ(row.get<std::int64_t>("wide"), 300000000000);
    const auto result = database_.transact(Actor::system(), [](Transaction& tx) -> Result<int> {
        return TRY(tx.one(Query{"ask", "SELECT 1 AS v"})).get<int>("w");
    });
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().detail, "exception in a transaction: ask: column w: no such column");
}

TEST_F(ValuesTest, RowCountsAreChecked) {
    constexpr Query kNone{"none", "SELECT 1 AS v WHERE false"};
    constexpr Query kTwo{"two", "SELECT v FROM generate_series(1, 2) AS v"};
    const auto in_transaction = [&](auto ask) {
        return database_.transact(Actor::system(), [&](Transaction& tx) { return ask(tx); });
    };
    const auto none = in_transaction([&](Transaction& tx) { return tx.maybe_one(kNone); });
    ASSERT_TRUE(none);
    EXPECT_FALSE(none->has_value());
    EXPECT_EQ(in_transaction([&](Transaction& tx) { return tx.one(kNone); }).error().detail, "none: SQLSTATE 02000");
    EXPECT_EQ(in_transaction([&](Transaction& tx) { return tx.one(kTwo); }).error().detail, "two: SQLSTATE 21000");
    EXPECT_EQ(in_transaction([&](Transaction& tx) { return tx.maybe_one(kTwo); }).error().kind, ErrorKind::internal);
    const auto two = in_transaction([&](Transaction& tx) { return tx.many(kTwo); });
    ASSERT_EQ(two->size(), 2U);
    EXPECT_EQ((*two)[1].get<int>("v"), 2);
    EXPECT_EQ(database_.read_prepared(kTwo).error().kind, ErrorKind::internal);
}

}  // namespace
}  // namespace madoguchi::test
