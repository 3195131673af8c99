#include <libpq-fe.h>

#include "store/db_fixture.hpp"

namespace madoguchi::test {
namespace {

std::map<std::string, std::string> keywords(const db::ConnectionSettings& settings) {
    const std::string text = connection_to(settings).reveal();
    const std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> options(PQconninfoParse(text.c_str(), nullptr),
                                                                                 PQconninfoFree);
    std::map<std::string, std::string> found;
    for (const auto* option = options.get(); option != nullptr && option->keyword != nullptr; ++option) {
        if (option->val != nullptr) {
            found[option->keyword] = option->val;
        }
    }
    return found;
}

TEST(ConnectionStringTest, TakesUriAndKeywordsAlike) {
    for (const char* url : {"postgresql://u:p%20w@h:5433/d?sslmode=require",
                            "host=h port=5433 dbname=d user=u password='p w' sslmode=require"}) {
        const auto found = keywords({.url = url});
        EXPECT_EQ(found.at("host"), "h");
        EXPECT_EQ(found.at("port"), "5433");
        EXPECT_EQ(found.at("dbname"), "d");
        EXPECT_EQ(found.at("user"), "u");
        EXPECT_EQ(found.at("password"), "p w");
        EXPECT_EQ(found.at("sslmode"), "require");
        EXPECT_EQ(found.at("connect_timeout"), "3");
    }
}

TEST(ConnectionStringTest, UserAndPasswordReplaceTheUrls) {
    const auto found = keywords({.url = "postgresql://u:old@h/d", .user = "v", .password = SecretText("n'e\\w ' x")});
    EXPECT_EQ(found.at("user"), "v");
    EXPECT_EQ(found.at("password"), "n'e\\w ' x");
}

TEST(ConnectionStringTest, TheUrlMayReplaceTimeoutsButNotTheTimeZone) {
    ScratchDatabase scratch;
    const std::string url =
        scratch.service_url() + "&options=-c%20statement_timeout%3D77s%20-c%20TimeZone%3DAsia/Tokyo&connect_timeout=9";
    const std::string merged = connection_to(url).reveal();
    EXPECT_EQ(keywords({.url = url}).at("connect_timeout"), "9");
    EXPECT_EQ(run_sql(merged, "SHOW statement_timeout"), "77s");
    EXPECT_EQ(run_sql(merged, "SHOW TimeZone"), "UTC");
    const auto migration = db::migration_connection_string({.url = scratch.owner_url()});
    EXPECT_EQ(run_sql(migration->reveal(), "SHOW statement_timeout"), "0");
}

TEST(ConnectionStringTest, ABadUrlIsNamedButNotQuoted) {
    for (const std::string& url : {std::string(), std::string("hunter2"), std::string("postgresql://u:%zz@h/d"),
                                   std::string("host=h\0", 7), std::string("host=h hunter2=1")}) {
        const auto result = db::connection_string({.url = url});
        ASSERT_FALSE(result) << url;
        EXPECT_EQ(result.error().kind, ErrorKind::invalid);
        EXPECT_EQ(result.error().fields.at(0).field, "database.url");
        EXPECT_EQ(result.error().detail.find("hunter2"), std::string::npos);
    }
}

}  // namespace
}  // namespace madoguchi::test
