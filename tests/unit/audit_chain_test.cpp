#include "audit/audit_chain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace madoguchi::audit {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

const SecretText kKey("a key of the test");

struct Sealed {
    std::int64_t position;
    std::int64_t event_id;
    std::string hash;
    AuditEvent event;
};

// Ten rows, ids 100 to 109, linked as the sealer links them.
std::vector<Sealed> chain(int count = 10) {
    std::vector<Sealed> out;
    std::string previous;
    for (int i = 1; i <= count; ++i) {
        AuditEvent event{.id = 99 + i, .action = "account.issue", .target_id = i};
        event.digest = event_digest(event, kKey);
        previous = seal_hash(previous, i, event.id, event.digest);
        out.push_back({i, event.id, previous, event});
    }
    return out;
}

std::vector<std::string> found(const std::vector<Sealed>& rows, const Head& kept = {}) {
    ChainVerifier verifier(DigestKeys({{std::string(crypto::kUnnamedAuditKey), kKey}}));
    verifier.expect(kept);
    for (const auto& row : rows) {
        verifier.feed(row.position, row.event_id, row.hash, row.event.id == 0 ? nullptr : &row.event);
    }
    verifier.compare_head(kept);
    std::vector<std::string> out;
    for (const auto& problem : verifier.problems()) {
        out.push_back(std::to_string(problem.position) + " " + problem.problem);
    }
    return out;
}

Head head_of(const std::vector<Sealed>& rows) {
    return {rows.back().position, rows.back().hash};
}

TEST(AuditChain, AWholeOneHasNoProblem) {
    const auto rows = chain();
    EXPECT_THAT(found(rows), IsEmpty());
    EXPECT_THAT(found(rows, head_of(rows)), IsEmpty());
    EXPECT_THAT(found(rows, {5, rows[4].hash}), IsEmpty()) << "an older head";
    EXPECT_THAT(found({}), IsEmpty());
}

TEST(AuditChain, AChangedColumnIsFound) {
    const std::vector<std::function<void(AuditEvent&)>> changes = {
        [](AuditEvent& event) { event.at += std::chrono::microseconds(1); },
        [](AuditEvent& event) { event.actor_account = 5; },
        [](AuditEvent& event) { event.actor_name = "somebody"; },
        [](AuditEvent& event) { event.channel = "api"; },
        [](AuditEvent& event) { event.source = "192.0.2.1"; },
        [](AuditEvent& event) { event.request_id = "x"; },
        [](AuditEvent& event) { event.action = "account.close"; },
        [](AuditEvent& event) { event.outcome = "done"; },
        [](AuditEvent& event) { event.organization_path = "1."; },
        [](AuditEvent& event) { event.target_kind = "grant"; },
        [](AuditEvent& event) { event.target_id = 99; },
        [](AuditEvent& event) { event.target_name = "other"; },
        [](AuditEvent& event) { event.reason = "because"; },
        [](AuditEvent& event) { event.before = "{}"; },
        [](AuditEvent& event) { event.after = "{}"; },
    };
    for (std::size_t i = 0; i < changes.size(); ++i) {
        auto rows = chain();
        changes[i](rows[3].event);
        EXPECT_THAT(found(rows), ElementsAre("4 changed")) << "change " << i;
    }
}

TEST(AuditChain, AChangeWithANewDigestBreaksTheLink) {
    auto rows = chain();
    rows[3].event.action = "account.close";
    rows[3].event.digest = event_digest(rows[3].event, kKey);
    EXPECT_THAT(found(rows), ElementsAre("4 broken_link"));
}

TEST(AuditChain, ADigestNamesItsKeyAndUnknownOnesProveNothing) {
    auto event = chain()[0].event;
    const DigestKeys both({{std::string(crypto::kUnnamedAuditKey), kKey}, {"k2", SecretText("a newer one")}});
    EXPECT_TRUE(both.proves(event)) << "of before keys had names";
    event.digest = both.digest(event);
    EXPECT_EQ(event.digest.substr(0, 3), "k2:") << "the last key digests";
    EXPECT_TRUE(both.proves(event));
    EXPECT_FALSE(DigestKeys({{std::string(crypto::kUnnamedAuditKey), kKey}}).proves(event));
    event.digest = "k2:" + event_digest(event, kKey);
    EXPECT_FALSE(both.proves(event)) << "named as another key's";
    event.digest = event_digest(event, SecretText("a newer one"));
    EXPECT_FALSE(both.proves(event));
}

TEST(AuditChain, AForgedDigestNeedsTheKey) {
    auto rows = chain();
    rows[3].event.action = "account.close";
    rows[3].event.digest = event_digest(rows[3].event, SecretText("another key"));
    EXPECT_THAT(found(rows), ElementsAre("4 changed", "4 broken_link"));
}

TEST(AuditChain, AMissingEventIsFound) {
    auto rows = chain();
    rows[3].event = {};
    EXPECT_THAT(found(rows), ElementsAre("4 missing_event"));
}

TEST(AuditChain, AGapIsFound) {
    auto rows = chain();
    rows.erase(rows.begin() + 3);
    EXPECT_THAT(found(rows), ElementsAre("4 gap", "5 broken_link"));
}

TEST(AuditChain, AGapClosedByRenumberingBreaksEveryLinkBehindIt) {
    auto rows = chain();
    rows.erase(rows.begin() + 3);
    for (std::size_t i = 3; i < rows.size(); ++i) {
        rows[i].position -= 1;
    }
    EXPECT_THAT(found(rows), testing::Contains("4 broken_link"));
}

TEST(AuditChain, ACutIsFoundByTheKeptHead) {
    const auto rows = chain();
    const std::vector<Sealed> cut(rows.begin(), rows.begin() + 7);
    EXPECT_THAT(found(cut), IsEmpty()) << "without a head nobody could know";
    EXPECT_THAT(found(cut, head_of(rows)), ElementsAre("10 cut"));
    EXPECT_THAT(found({}, head_of(rows)), ElementsAre("10 cut"));
}

TEST(AuditChain, ARewrittenTailDiffersFromTheKeptHead) {
    const auto rows = chain();
    std::vector<Sealed> other(rows.begin(), rows.begin() + 9);
    AuditEvent event{.id = 109, .action = "account.issue", .target_id = 77};
    event.digest = event_digest(event, kKey);
    other.push_back({10, 109, seal_hash(rows[8].hash, 10, 109, event.digest), event});
    EXPECT_THAT(found(other, head_of(rows)), ElementsAre("10 head_differs"));
}

TEST(AuditChain, NoTwoRowsReadAlike) {
    const AuditEvent one{.actor_name = "ab", .channel = "c"};
    const AuditEvent two{.actor_name = "a", .channel = "bc"};
    EXPECT_NE(event_digest(one, kKey), event_digest(two, kKey));
    const AuditEvent three{.reason = "1:x;"};
    const AuditEvent four{.reason = "", .before = "1:x;"};
    EXPECT_NE(event_digest(three, kKey), event_digest(four, kKey));
}

}  // namespace
}  // namespace madoguchi::audit
