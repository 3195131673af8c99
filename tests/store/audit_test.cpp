// The audit log's chain in the database: sealed, verified, and tampered with by somebody who owns the tables (S21).
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <future>

#include "base/limits.hpp"
#include "support/world.hpp"

namespace madoguchi::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using namespace std::chrono_literals;

class AuditTest : public ::testing::Test {
protected:
    static void SetUpTestSuite() { world_ = std::make_unique<World>(); }
    static void TearDownTestSuite() { world_.reset(); }

    void SetUp() override {
        look("truncate audit_events, audit_seals restart identity");
        std::filesystem::remove(w().head_file);
        w().clock.advance(1h);
        digest_keys_ = audit::DigestKeys({{std::string(crypto::kUnnamedAuditKey), SecretText("digest key")}});
        // Each test is a server that has just started on an empty log.
        service_ = make_service();
    }

    World& w() { return *world_; }
    std::string look(const std::string& sql) { return w().look(sql); }

    std::unique_ptr<audit::AuditService> make_service() { return make_service(w().head_file); }
    std::unique_ptr<audit::AuditService> make_service(const std::filesystem::path& head_file) {
        return std::make_unique<audit::AuditService>(w().database, digest_keys_, w().signing_key, head_file);
    }
    void append(int count) {
        for (int i = 0; i < count; ++i) {
            must(w().database.transact(Actor::system(), [&](db::Transaction& tx) {
                return service_->append(tx, Actor::system(),
                                        {.action = "test.act",
                                         .organization_path = w().ministry.path,
                                         .target_kind = "account",
                                         .target_id = ++acts_,
                                         .target_name = "somebody",
                                         .after = {{"n", acts_}}},
                                        w().now());
            }));
        }
    }
    int seal() { return must(service_->seal_new(w().now())); }
    std::vector<std::string> problems() {
        std::vector<std::string> out;
        for (const auto& problem : must(service_->verify(w().now())).problems) {
            out.push_back(fmt::format("{} {}", problem.position, problem.problem));
        }
        return out;
    }

    inline static std::unique_ptr<World> world_;
    audit::DigestKeys digest_keys_{{{std::string(crypto::kUnnamedAuditKey), SecretText("digest key")}}};
    std::unique_ptr<audit::AuditService> service_;
    int acts_ = 0;
};

TEST_F(AuditTest, RowsAreSealedInOneChainAndTheHeadIsSigned) {
    append(5);
    EXPECT_EQ(seal(), 5);
    EXPECT_EQ(seal(), 0);
    append(3);
    EXPECT_EQ(seal(), 3);
    EXPECT_EQ(look("select string_agg(position || ':' || event_id, ' ' order by position) from audit_seals"),
              "1:1 2:2 3:3 4:4 5:5 6:6 7:7 8:8");
    const auto verified = must(service_->verify(w().now()));
    EXPECT_EQ(verified.checked, 8);
    EXPECT_EQ(verified.head.position, 8);
    EXPECT_THAT(verified.problems, IsEmpty());
    std::ifstream file(w().head_file);
    const auto kept = nlohmann::json::parse(file);
    EXPECT_EQ(kept["position"], 8);
    EXPECT_EQ(kept["hash"], look("select hash from audit_seals where position = 8"));
    EXPECT_EQ(std::filesystem::status(w().head_file).permissions(),
              std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST_F(AuditTest, AChangedRowIsFound) {
    append(10);
    seal();
    look("update audit_events set target_name = 'somebody else' where id = 4");
    EXPECT_THAT(problems(), ElementsAre("4 changed"));
    look("update audit_events set target_name = 'somebody' where id = 4");
    EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(AuditTest, AMissingRowIsFound) {
    append(10);
    seal();
    look("delete from audit_events where id = 4");
    EXPECT_THAT(problems(), ElementsAre("4 missing_event"));
}

TEST_F(AuditTest, ARowMissingWithItsSealIsFound) {
    append(10);
    seal();
    look("delete from audit_events where id = 4; delete from audit_seals where event_id = 4");
    EXPECT_THAT(problems(), ElementsAre("4 gap", "5 broken_link"));
}

TEST_F(AuditTest, ACutTailIsFoundByTheHead) {
    append(10);
    seal();
    look("delete from audit_events where id > 7; delete from audit_seals where event_id > 7");
    EXPECT_THAT(problems(), ElementsAre("10 cut"));
}

TEST_F(AuditTest, ACutTailIsStillFoundAfterTheLogWentOn) {
    append(10);
    seal();
    look("delete from audit_events where id > 7; delete from audit_seals where event_id > 7");
    append(1);
    static_cast<void>(service_->seal_new(w().now()));
    EXPECT_THAT(problems(), Contains("10 cut"));
    append(9);
    static_cast<void>(service_->seal_new(w().now()));
    EXPECT_THAT(problems(), Contains("10 head_differs"));
    service_ = make_service();
    append(1);
    static_cast<void>(service_->seal_new(w().now()));
    EXPECT_THAT(problems(), Contains("10 head_differs")) << "also after a restart";
}

TEST_F(AuditTest, AnEmptiedLogIsFound) {
    append(3);
    seal();
    look("truncate audit_events, audit_seals");
    EXPECT_THAT(problems(), ElementsAre("3 cut"));
}

TEST_F(AuditTest, AForgedHeadIsFound) {
    append(10);
    seal();
    look("delete from audit_events where id > 7; delete from audit_seals where event_id > 7");
    std::ifstream in(w().head_file);
    auto kept = nlohmann::json::parse(in);
    in.close();
    kept["position"] = 7;
    kept["hash"] = look("select hash from audit_seals where position = 7");
    std::ofstream(w().head_file) << kept.dump();
    EXPECT_THAT(problems(), ElementsAre("7 head_signature"));
    std::ofstream(w().head_file) << "not json";
    EXPECT_THAT(problems(), ElementsAre("0 head_signature"));
}

TEST_F(AuditTest, AnInsertedRowWithoutTheKeyIsFound) {
    append(3);
    look(
        "insert into audit_events (at, actor_name, channel, source, request_id, action, outcome, organization_path, "
        "target_kind, target_id, target_name, digest) values (now(), 'x', 'api', '', '', 'account.close', 'done', '" +
        w().ministry.path + "', 'account', 1, 'x', repeat('0', 64))");
    seal();
    EXPECT_THAT(problems(), ElementsAre("4 changed"));
}

TEST_F(AuditTest, RowsThatNobodySealedAreFoundAfterAMinute) {
    append(1);
    EXPECT_THAT(problems(), IsEmpty()) << "the sealer has a moment";
    w().clock.advance(limits::kAuditSealDelay + 1s);
    EXPECT_THAT(problems(), ElementsAre("1 unsealed"));
    seal();
    EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(AuditTest, ARowThatCommitsLateIsSealedBehindItsSuccessors) {
    append(1);
    must(w().database.transact(Actor::system(), [&](db::Transaction& tx) -> Result<void> {
        auto written = service_->append(tx, Actor::system(),
                                        {.action = "test.late",
                                         .organization_path = w().ministry.path,
                                         .target_kind = "account",
                                         .target_name = "late"},
                                        w().now());
        append(2);
        EXPECT_EQ(must(service_->seal_new(w().now())), 3);
        return written;
    }));
    EXPECT_EQ(seal(), 1);
    EXPECT_EQ(look("select string_agg(event_id::text, ' ' order by position) from audit_seals"), "1 3 4 2");
    EXPECT_THAT(problems(), IsEmpty());
}

TEST_F(AuditTest, RowsThatAnEarlierServerLeftBehindAreFoundFarBelowTheHead) {
    append(2);
    look("select setval(pg_get_serial_sequence('audit_events', 'id'), 499999)");
    append(1);
    const auto digest = look("select digest from audit_events where id = 500000");
    look(fmt::format("insert into audit_seals (position, event_id, hash) values (1, 500000, '{}')",
                     audit::seal_hash("", 1, 500000, digest)));
    seal();  // keeps a head
    w().clock.advance(2min);
    for (int second = 0; second < 5; ++second) {
        seal();
    }
    EXPECT_THAT(problems(), IsEmpty());
    EXPECT_EQ(look("select string_agg(event_id::text, ' ' order by position) from audit_seals"), "500000 1 2");
}

TEST_F(AuditTest, TwoSealersMakeOneChain) {
    append(200);
    const auto other = make_service(w().files.path() / "head of the other server");
    std::vector<std::future<void>> sealers;
    for (auto* service : {service_.get(), other.get()}) {
        sealers.push_back(std::async(std::launch::async, [&, service] {
            for (int i = 0; i < 20; ++i) {
                must(service->seal_new(w().now()));
            }
        }));
    }
    append(50);
    for (auto& sealer : sealers) {
        sealer.get();
    }
    seal();
    must(other->seal_new(w().now()));  // one that lost every race while nothing was sealed yet finds a head now
    EXPECT_EQ(look("select count(*) || ' ' || count(distinct event_id) from audit_seals"), "250 250");
    EXPECT_THAT(problems(), IsEmpty());
    EXPECT_THAT(must(other->verify(w().now())).problems, IsEmpty()) << "each keeps a head of its own, one is older";
}

TEST_F(AuditTest, AServerThatSealedNothingKeepsTheHeadThatItFinds) {
    append(3);
    EXPECT_EQ(seal(), 3);
    const auto other = make_service(w().files.path() / "head of a server that came later");
    EXPECT_EQ(must(other->seal_new(w().now())), 0) << "everything is sealed";
    EXPECT_THAT(must(other->verify(w().now())).problems, IsEmpty());
    look("delete from audit_events where id = 3; delete from audit_seals where event_id = 3");
    EXPECT_FALSE(must(other->verify(w().now())).problems.empty()) << "it finds a cut end from then on";
}

TEST_F(AuditTest, AHeadThatCantBeReadIsEvidenceAndStays) {
    append(3);
    EXPECT_EQ(seal(), 3);
    std::ofstream(w().head_file) << "not json";
    static_cast<void>(service_->seal_new(w().now()));
    EXPECT_THAT(problems(), ElementsAre("0 head_signature"));
}

TEST_F(AuditTest, RowsNameTheirKeyAndOlderOnesStayProven) {
    append(1);
    digest_keys_ = audit::DigestKeys(
        {{std::string(crypto::kUnnamedAuditKey), SecretText("digest key")}, {"k2", SecretText("a newer one")}});
    service_ = make_service();
    append(1);
    EXPECT_EQ(seal(), 2);
    EXPECT_EQ(look("select string_agg(case when digest like 'k2:%' then 'named' else 'unnamed' end, ' ' order by id) "
                   "from audit_events"),
              "unnamed named");
    EXPECT_THAT(problems(), IsEmpty());
    digest_keys_ = audit::DigestKeys({{"k2", SecretText("a newer one")}});
    service_ = make_service();
    EXPECT_THAT(problems(), ElementsAre("1 changed")) << "a key that was thrown away proves nothing";
}

TEST_F(AuditTest, WhatIsRolledBackLeavesNoRow) {
    const auto refused = w().database.transact(Actor::system(), [&](db::Transaction& tx) -> Result<void> {
        must(service_->append(tx, Actor::system(),
                              {.action = "test.act", .organization_path = "1.", .target_kind = "x", .target_name = "x"},
                              w().now()));
        return failure(ErrorKind::conflict, "stale");
    });
    EXPECT_FALSE(refused);
    EXPECT_EQ(look("select count(*) from audit_events"), "0") << "in the transaction of the act, or not at all";
}

TEST_F(AuditTest, EveryRowOfTheProductIsSealed) {
    // Also a refused sign-in of an ID that nobody has.
    const auto from = w().client("203.0.113.9");
    static_cast<void>(w().sign_in.password({w().flow("nobody@madoguchi.example", from), {}}, SecretText("x"), from));
    must(w().audit.seal_new(w().now()));
    EXPECT_EQ(look("select (select count(*) from audit_events) - (select count(*) from audit_seals)"), "0");
    EXPECT_EQ(look("select count(*) from audit_events where target_name = 'nobody@madoguchi.example'"), "1");
}

}  // namespace
}  // namespace madoguchi::test
