// API tokens against a real PostgreSQL, as the service's own role.
#include <gmock/gmock.h>

#include "support/world.hpp"
#include "tokens/token_service.hpp"

namespace madoguchi::tokens {
namespace {

using directory::Mode;
using directory::Role;
using test::must;
using test::outcome;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class TokensTest : public ::testing::Test {
protected:
    static void SetUpTestSuite() { world_ = std::make_unique<test::World>(); }
    static void TearDownTestSuite() { world_.reset(); }

    test::World& world() { return *world_; }
    TokenService tokens{
        {.database = world_->database,
         .audit = world_->audit,
         .organizations = world_->organizations,
         .entropy = world_->entropy,
         .token_key = world_->token_key,
         .confirmed = [this](db::Transaction&, const Principal&, Instant) -> Result<void> {
             return proven_ ? Result<void>() : failure(ErrorKind::forbidden, "confirmation_needed");
         },
         .tell = [this](db::Transaction&, const Principal&, const std::string& name, Instant) -> Result<void> {
             told_.push_back(name);
             return {};
         }}};

    /// People who are through their first sign-in: only they make tokens.
    test::Region region() {
        auto out = world().region();
        world().look("update accounts set state = 'active' where state = 'pending'");
        return out;
    }
    Principal administrator(const directory::OrganizationRef& place) {
        auto out = world().principal(Role::health_center_admin, place);
        world().look("update accounts set state = 'active' where id = " + std::to_string(out.account.value));
        return out;
    }
    MakeToken command(const directory::OrganizationRef& place, std::vector<Scope> scopes = {Scope::directory_read}) {
        return {.name = "夜間連携 " + std::to_string(++count_),
                .organization = place.id,
                .scopes = std::move(scopes),
                .expires_at = world().now() + std::chrono::days(30),
                .sources = {}};
    }
    MadeToken made(const test::Region& region, std::vector<Scope> scopes = {Scope::directory_read}) {
        return must(
            tokens.make(region.health_center_admin, command(region.health_center, std::move(scopes)), world().now()));
    }
    http::Request request(const SecretText& secret, const std::string& source = "192.0.2.10") {
        http::Request out;
        out.path = "/api/v1/accounts";
        out.headers.add("authorization", "Bearer " + secret.reveal());
        out.source = source;
        out.now = world().now();
        return out;
    }
    Result<Principal> check(const MadeToken& token, const std::string& source = "192.0.2.10") {
        return tokens.check(request(token.secret, source));
    }

    bool proven_ = true;
    std::vector<std::string> told_;
    inline static int count_ = 0;
    inline static std::unique_ptr<test::World> world_;
};

TEST_F(TokensTest, ActsForItsMakerWithinItsScopes) {
    const auto region = this->region();
    const auto token = made(region);
    const auto who = must(check(token));
    EXPECT_EQ(who.account, region.health_center_admin.account);
    EXPECT_EQ(who.channel, "token");
    EXPECT_EQ(outcome(world().organizations.show(who, region.facility.id, world().now())), "ok");
    EXPECT_EQ(
        outcome(world().accounts.issue(who, {.organization = region.facility.id, .names = {"山野", "みどり", "", ""}},
                                       Mode::real, world().now())),
        "forbidden");
    EXPECT_THAT(told_, ElementsAre(token.token.name));
    EXPECT_EQ(world().audited("token.make", "done", token.token.name), 1);
}

TEST_F(TokensTest, IssuesWhatItsScopeAllowsAndTheLogNamesIt) {
    const auto region = this->region();
    const auto token = made(region, {Scope::accounts_write});
    const auto who = must(check(token));
    const auto issued = must(world().accounts.issue(
        who, {.organization = region.facility.id, .names = {"山野", "みどり", "", ""}}, Mode::real, world().now()));
    EXPECT_EQ(world().look("select actor_name from audit_events where action = 'account.issue' and target_id = " +
                           std::to_string(issued.account.id.value)),
              region.health_center_admin.login_id + " / " + token.token.name);
    EXPECT_EQ(world().look("select channel from audit_events where action = 'account.issue' and target_id = " +
                           std::to_string(issued.account.id.value)),
              "token");
}

TEST_F(TokensTest, SeesNothingBesideItsOrganization) {
    const auto region = this->region();
    const auto token = must(tokens.make(region.prefecture_admin, command(region.facility), world().now()));
    const auto who = must(check(token));
    EXPECT_EQ(outcome(world().organizations.show(who, region.facility.id, world().now())), "ok");
    EXPECT_EQ(outcome(world().organizations.show(who, region.other_facility.id, world().now())), "not_found");
    const auto listed = must(world().organizations.list(who, {.limit = 50}, world().now()));
    ASSERT_EQ(listed.size(), 1U);
    EXPECT_EQ(listed.front().id, region.facility.id);
}

TEST_F(TokensTest, IsKeptAsADigest) {
    const auto token = made(region());
    EXPECT_THAT(token.secret.reveal(), HasSubstr("mdg_"));
    EXPECT_EQ(world().look("select count(*) from api_tokens t where t::text like '%" +
                           token.secret.reveal().substr(10) + "%'"),
              "0");
    EXPECT_EQ(world().look("select count(*) from audit_events e where e::text like '%" +
                           token.secret.reveal().substr(10) + "%'"),
              "0");
}

TEST_F(TokensTest, EndsWhenItIsRevokedWhenItExpiresAndWithItsMaker) {
    const auto region = this->region();
    const auto revoked = made(region);
    EXPECT_EQ(outcome(check(revoked)), "ok");
    must(tokens.revoke(region.health_center_admin, revoked.token.id, world().now()));
    EXPECT_EQ(outcome(check(revoked)), "token_not_valid");
    EXPECT_EQ(outcome(tokens.revoke(region.health_center_admin, revoked.token.id, world().now())),
              "token_revoked_already");

    const auto maker = administrator(region.health_center);
    const auto token = must(tokens.make(maker, command(region.health_center), world().now()));
    EXPECT_EQ(outcome(check(token)), "ok");
    must(world().accounts.act(region.prefecture_admin, maker.account, accounts::AccountAct::suspend, "休職", Mode::real,
                              world().now()));
    EXPECT_EQ(outcome(check(token)), "token_not_valid");
    EXPECT_EQ(state_of(must(tokens.show(region.prefecture_admin, token.token.id, world().now())), world().now()),
              TokenState::maker_gone);
    must(world().accounts.act(region.prefecture_admin, maker.account, accounts::AccountAct::resume, "復職", Mode::real,
                              world().now()));
    world().look("update accounts set state = 'active' where id = " + std::to_string(maker.account.value));
    EXPECT_EQ(outcome(check(token)), "ok") << "a suspension may be taken back";

    const auto late = must(tokens.make(maker, command(region.health_center), world().now()));
    world().clock.advance(std::chrono::days(30));
    EXPECT_EQ(outcome(check(late)), "token_not_valid");
}

TEST_F(TokensTest, DiesWithAResetOfItsMakersPassword) {
    const auto region = this->region();
    const auto maker = administrator(region.health_center);
    const auto token = must(tokens.make(maker, command(region.health_center), world().now()));
    world().clock.advance(std::chrono::seconds(1));
    world().look("update accounts set password_reset_at = to_timestamp(" +
                 std::to_string(to_unix_seconds(world().now())) +
                 ") where id = " + std::to_string(maker.account.value));
    EXPECT_EQ(outcome(check(token)), "token_not_valid");
    world().clock.advance(std::chrono::seconds(1));
    EXPECT_EQ(outcome(check(must(tokens.make(maker, command(region.health_center), world().now())))), "ok")
        << "one that was made after it";
}

TEST_F(TokensTest, WhatTheMakerLosesTheTokenLoses) {
    const auto region = this->region();
    const auto maker = administrator(region.health_center);
    const auto token = must(tokens.make(maker, command(region.health_center), world().now()));
    EXPECT_EQ(outcome(world().organizations.show(must(check(token)), region.facility.id, world().now())), "ok");
    world().look("update grants set revoked_at = now() where account_id = " + std::to_string(maker.account.value));
    EXPECT_EQ(outcome(world().organizations.show(must(check(token)), region.facility.id, world().now())), "forbidden");
}

TEST_F(TokensTest, ComesOnlyFromItsAddresses) {
    const auto region = this->region();
    auto wanted = command(region.health_center);
    wanted.sources = {"１９２．０．２．０/24", "2001:db8::/32"};
    const auto token = must(tokens.make(region.health_center_admin, wanted, world().now()));
    EXPECT_THAT(token.token.sources, ElementsAre("192.0.2.0/24", "2001:db8::/32"));
    EXPECT_EQ(outcome(check(token, "192.0.2.200")), "ok");
    EXPECT_EQ(outcome(check(token, "2001:db8::7")), "ok");
    EXPECT_EQ(outcome(check(token, "198.51.100.7")), "token_source");
}

TEST_F(TokensTest, LastUseIsWrittenOnceAMinute) {
    const auto region = this->region();
    const auto token = made(region);
    const auto last = [&] { return must(tokens.show(region.health_center_admin, token.token.id, world().now())); };
    EXPECT_FALSE(last().last_used_at);
    must(check(token, "192.0.2.30"));
    const Instant first = world().now();
    EXPECT_EQ(last().last_used_at, first);
    world().clock.advance(std::chrono::seconds(59));
    must(check(token, "192.0.2.31"));
    EXPECT_EQ(last().last_used_at, first);
    world().clock.advance(std::chrono::seconds(1));
    must(check(token, "192.0.2.31"));
    EXPECT_EQ(last().last_used_at, world().now());
    EXPECT_EQ(last().last_used_source, "192.0.2.31");
}

TEST_F(TokensTest, OnlyAnAdministratorWhoProvedItMakesOne) {
    const auto region = this->region();
    const auto staff = world().principal(Role::health_center_staff, region.health_center);
    EXPECT_EQ(outcome(tokens.make(staff, command(region.health_center), world().now())), "forbidden");
    proven_ = false;
    EXPECT_EQ(outcome(tokens.make(region.health_center_admin, command(region.health_center), world().now())),
              "confirmation_needed");
    EXPECT_THAT(told_, IsEmpty());
}

TEST_F(TokensTest, ATokenManagesNoTokens) {
    const auto region = this->region();
    const auto token = made(region, {Scope::roles_write, Scope::directory_read});
    const auto who = must(check(token));
    EXPECT_EQ(outcome(tokens.make(who, command(region.health_center), world().now())), "token_makes_no_token");
    EXPECT_EQ(outcome(tokens.list(who, {}, world().now())), "token_makes_no_token");
    EXPECT_EQ(outcome(tokens.revoke(who, token.token.id, world().now())), "token_makes_no_token");
}

TEST_F(TokensTest, NamesEveryBadField) {
    const auto region = this->region();
    const auto with = [&](auto change) {
        auto wanted = command(region.health_center);
        change(wanted);
        return outcome(tokens.make(region.health_center_admin, wanted, world().now()));
    };
    EXPECT_EQ(with([](MakeToken& one) { one.name = "　 "; }), "name:required");
    EXPECT_EQ(with([](MakeToken& one) { one.name = std::string(61, 'a'); }), "name:too_long");
    EXPECT_EQ(with([](MakeToken& one) { one.scopes = {}; }), "scopes:choose_one");
    EXPECT_EQ(with([&](MakeToken& one) { one.expires_at = world().now(); }), "expires_at:in_the_past");
    EXPECT_EQ(with([&](MakeToken& one) { one.expires_at = world().now() + std::chrono::days(367); }),
              "expires_at:token_too_long");
    EXPECT_EQ(with([](MakeToken& one) { one.sources = {"somewhere"}; }), "sources:address_range");
    EXPECT_EQ(with([](MakeToken& one) { one.organization = {999999}; }), "organization_id:not_found");
    EXPECT_EQ(with([](MakeToken& one) { one.scopes = {Scope::audit_read, Scope::reports_read}; }), "ok");
    const auto elsewhere = world().region();
    EXPECT_EQ(with([&](MakeToken& one) { one.organization = elsewhere.facility.id; }), "organization_id:not_found");
    auto twice = command(region.health_center);
    must(tokens.make(region.health_center_admin, twice, world().now()));
    EXPECT_EQ(outcome(tokens.make(region.health_center_admin, twice, world().now())), "token_name_taken");
}

TEST_F(TokensTest, ThoseAboveSeeAndRevokeThemOthersDoNot) {
    const auto region = this->region();
    const auto elsewhere = world().region();
    const auto token = made(region);
    EXPECT_EQ(outcome(tokens.show(region.prefecture_admin, token.token.id, world().now())), "ok");
    EXPECT_EQ(outcome(tokens.show(elsewhere.health_center_admin, token.token.id, world().now())), "not_found");
    EXPECT_EQ(outcome(tokens.revoke(elsewhere.prefecture_admin, token.token.id, world().now())), "not_found");
    const auto from_above = must(tokens.make(region.prefecture_admin, command(region.health_center), world().now()));
    EXPECT_EQ(outcome(tokens.show(region.health_center_admin, from_above.token.id, world().now())), "ok")
        << "who acts here is no secret to this health centre";
    EXPECT_EQ(outcome(tokens.revoke(region.health_center_admin, from_above.token.id, world().now())), "higher_role");
    EXPECT_EQ(outcome(tokens.revoke(region.prefecture_admin, token.token.id, world().now())), "ok");
    EXPECT_EQ(must(tokens.list(region.prefecture_admin, {}, world().now())).size(), 2U) << "each once";
}

}  // namespace
}  // namespace madoguchi::tokens
