// What `/readyz` asks of the schema, and how an upgrade treats data that is there.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "db/migrations.hpp"
#include "support/source_directory.hpp"
#include "support/world.hpp"

namespace madoguchi::test {
namespace {

db::Migrations repository() {
    return must(db::Migrations::load(source_directory() + "/migrations"));
}

TEST(Schema, AnEmptyDatabaseIsNotReadyAMigratedOneIs) {
    const ScratchDatabase scratch;
    db::Database database(connection_to(scratch.service_url()));
    const auto before = repository().status(database);
    EXPECT_TRUE(!before || !before->is_current());
    scratch.migrate();
    const auto after = must(repository().status(database));
    EXPECT_TRUE(after.is_current());
    EXPECT_GT(after.newest_version, 0);
}

TEST(Schema, ANewerOneIsRefused) {
    const ScratchDatabase scratch;
    scratch.migrate();
    run_sql(scratch.owner_url(),
            "insert into schema_migrations select version + 1000, name || 'x', checksum, applied_at from "
            "schema_migrations order by version desc limit 1");
    db::Database database(connection_to(scratch.service_url()));
    const auto status = repository().status(database);
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().kind, ErrorKind::conflict);
    EXPECT_TRUE(database.ping()) << "the database is there, but not for this server";
}

TEST(Schema, AnEditedMigrationIsRefused) {
    const ScratchDatabase scratch;
    scratch.migrate();
    run_sql(scratch.owner_url(), "update schema_migrations set checksum = repeat('0', 64)");
    db::Database database(connection_to(scratch.service_url()));
    EXPECT_EQ(repository().status(database).error().kind, ErrorKind::conflict);
}

TEST(Schema, MigratingAgainChangesNothing) {
    World world;
    const auto region = world.region();
    const auto member = world.first_sign_in_by_application(world.issue(region));
    const auto before = world.look("select md5(string_agg(a::text, '')) from accounts a");
    world.scratch.migrate();
    EXPECT_EQ(world.look("select md5(string_agg(a::text, '')) from accounts a"), before);
    EXPECT_TRUE(world.check(member.session));
}

// Counted on every console page, of a country's grants: read whole, that took seconds.
TEST(Schema, RolesToReviewAreFoundAlongTheirIndexBelowRowLevelSecurity) {
    const ScratchDatabase scratch;
    scratch.migrate();
    const auto plan = run_sql(scratch.service_url(), R"(
        set madoguchi.jurisdiction = '*';
        set enable_seqscan = off;
        set enable_bitmapscan = off;
        explain (format json) select 1 from grants where revoked_at is null and review_since <= '2026-01-01T00:00:00+09:00')");
    EXPECT_THAT(plan, testing::HasSubstr(R"("Index Cond": "(review_since <=)"));
}

}  // namespace
}  // namespace madoguchi::test
