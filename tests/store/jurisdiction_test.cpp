// Row-level security (S16): what a forgotten WHERE would show, asked as the service's own role.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "support/world.hpp"

namespace madoguchi::test {
namespace {

using directory::Role;
using testing::HasSubstr;
using testing::IsEmpty;

class JurisdictionTest : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        world_ = std::make_unique<World>();
        here_ = populated();
        there_ = populated();
    }
    static void TearDownTestSuite() { world_.reset(); }

    struct Populated {
        Region region;
        Member member;
        RequestId request;
    };

    static Populated populated() {
        Populated out{.region = world_->region(), .member = {}, .request = {}};
        out.member = world_->first_sign_in_by_application(world_->issue(out.region));
        const accounts::GrantRole grant{.account = out.member.account.id,
                                        .organization = out.region.facility.id,
                                        .role = Role::facility_admin,
                                        .reason = "院長"};
        out.request =
            *must(world_->roles.grant(out.region.health_center_admin, grant, directory::Mode::real, world_->now()))
                 .approval;
        return out;
    }

    static Actor within(const std::string& path) {
        Actor actor = Actor::system();
        actor.jurisdiction = Jurisdiction(path);
        return actor;
    }

    /// Every path that `query`, which names its column `path`, shows within the jurisdiction.
    static std::vector<std::string> paths(const db::Query& query, const Jurisdiction& jurisdiction) {
        Actor actor = Actor::system();
        actor.jurisdiction = jurisdiction;
        const auto rows = must(world_->database.transact(actor, [&](db::Transaction& tx) { return tx.many(query); }));
        std::vector<std::string> out;
        for (const auto& row : rows) {
            out.push_back(row.get<std::string>("path"));
        }
        return out;
    }

    static std::string refusal(const std::string& sql, const std::string& jurisdiction) {
        try {
            run_sql(world_->scratch.service_url(),
                    "begin; set local madoguchi.jurisdiction = '" + jurisdiction + "'; " + sql + "; commit");
        } catch (const std::exception& error) {
            return error.what();
        }
        return "allowed";
    }

    inline static std::unique_ptr<World> world_;
    inline static Populated here_;
    inline static Populated there_;
};

constexpr std::array<db::Query, 7> kWithoutWhere = {{
    {"organizations", "select path from organizations"},
    {"accounts", "select organization_path as path from accounts"},
    {"grants", "select organization_path as path from grants"},
    {"requests", "select organization_path as path from requests"},
    {"second_steps", "select organization_path as path from second_steps"},
    {"sessions", "select organization_path as path from sessions"},
    {"audit_events", "select organization_path as path from audit_events"},
}};

TEST_F(JurisdictionTest, AQueryWithoutAWhereSeesOnlyItsOwnSubtree) {
    for (const auto& query : kWithoutWhere) {
        for (const auto& top : {here_.region.prefecture, here_.region.health_center, here_.region.facility}) {
            const auto seen = paths(query, Jurisdiction(top.path));
            EXPECT_FALSE(seen.empty()) << query.name << " of " << top.name << ": an empty answer proves nothing";
            for (const auto& path : seen) {
                EXPECT_TRUE(path.starts_with(top.path)) << query.name << " shows " << path << " to " << top.path;
            }
        }
        std::set<std::string> everywhere;
        for (const auto& path : paths(query, Jurisdiction::everything())) {
            everywhere.insert(path.substr(0, there_.region.prefecture.path.size()));
        }
        EXPECT_TRUE(everywhere.contains(here_.region.prefecture.path)) << query.name;
        EXPECT_TRUE(everywhere.contains(there_.region.prefecture.path)) << query.name;
    }
}

TEST_F(JurisdictionTest, WithoutASettingNothingIsSeen) {
    for (const auto& query : kWithoutWhere) {
        EXPECT_THAT(paths(query, Jurisdiction()), IsEmpty()) << query.name;
        const std::string counted = "select count(*) from (" + std::string(query.sql) + ") as seen";
        EXPECT_EQ(run_sql(world_->scratch.service_url(), counted), "0") << query.name << ", never set";
        EXPECT_NE(run_sql(world_->scratch.superuser_url(), counted), "0") << query.name;
    }
}

TEST_F(JurisdictionTest, NeighboursWithAlikePathsStayApart) {
    // "1.2." is not above "1.20.": the paths end with a dot, and the policy's range does too.
    const auto make = [](int id) {
        const std::string number = std::to_string(id);
        world_->look("insert into organizations (id, kind, parent_id, path, name, search, created_at) values (" +
                     number + ", 'prefecture', " + std::to_string(world_->ministry.id.value) + ", '" +
                     world_->ministry.path + number + ".', 'p', 'p', now())");
    };
    for (const int id : {90001, 900010, 900019, 90002}) {
        make(id);
    }
    const std::string own = world_->ministry.path + "90001.";
    EXPECT_THAT(paths(kWithoutWhere[0], Jurisdiction(own)), testing::ElementsAre(own));
}

TEST_F(JurisdictionTest, AnotherSubtreesIdBehavesAsOneThatDoesNotExist) {
    const auto& by = here_.region.health_center_admin;
    const auto now = world_->now();
    const OrganizationId missing{999'999'999};
    const AccountId nobody{999'999'999};
    auto& w = *world_;
    const auto same = [](const auto& there, const auto& nowhere, const char* what) {
        EXPECT_NE(outcome(there), "ok") << what;
        EXPECT_EQ(outcome(there), outcome(nowhere)) << what;
        EXPECT_EQ(there.error().kind, nowhere.error().kind) << what;
    };
    same(w.organizations.show(by, there_.region.facility.id, now), w.organizations.show(by, missing, now),
         "an organization");
    same(w.accounts.show(by, there_.member.account.id, now), w.accounts.show(by, nobody, now), "an account by id");
    same(w.accounts.show(by, there_.member.account.login_id, now),
         w.accounts.show(by, std::string("nobody@madoguchi.example"), now), "an account by login ID");
    for (const auto act :
         {accounts::AccountAct::reset_password, accounts::AccountAct::reset_second_step, accounts::AccountAct::unlock,
          accounts::AccountAct::suspend, accounts::AccountAct::resume, accounts::AccountAct::close}) {
        same(w.accounts.act(by, there_.member.account.id, act, "理由", directory::Mode::real, now),
             w.accounts.act(by, nobody, act, "理由", directory::Mode::real, now), "an act");
    }
    const accounts::Names names{"山田", "", "", ""};
    same(w.accounts.issue(by, {there_.region.facility.id, "", names, std::nullopt}, directory::Mode::real, now),
         w.accounts.issue(by, {missing, "", names, std::nullopt}, directory::Mode::real, now), "an issuance");
    directory::CreateOrganization command{.kind = directory::OrganizationKind::follow_up_center, .name = "x"};
    command.parent = there_.region.health_center.id;
    const auto create_there = w.organizations.create(by, command, directory::Mode::real, now);
    command.parent = missing;
    same(create_there, w.organizations.create(by, command, directory::Mode::real, now), "an organization below");
    same(w.roles.list(by, there_.member.account.id, now), w.roles.list(by, nobody, now), "grants");
    const accounts::GrantRole grant_there{.account = there_.member.account.id,
                                          .organization = here_.region.facility.id,
                                          .role = Role::facility_staff,
                                          .reason = "x"};
    auto grant_nobody = grant_there;
    grant_nobody.account = nobody;
    same(w.roles.grant(by, grant_there, directory::Mode::real, now),
         w.roles.grant(by, grant_nobody, directory::Mode::real, now), "a grant to an account");
    auto grant_at = grant_there;
    grant_at.account = here_.member.account.id;
    grant_at.organization = there_.region.facility.id;
    const auto outside = w.roles.grant(by, grant_at, directory::Mode::real, now);
    grant_at.organization = missing;
    same(outside, w.roles.grant(by, grant_at, directory::Mode::real, now), "a grant at an organization");
    same(w.roles.revoke(by, there_.member.account.grants.at(0).id, "x", directory::Mode::real, now),
         w.roles.revoke(by, GrantId{999'999'999}, "x", directory::Mode::real, now), "a grant");
    same(w.requests.decide(by, there_.request, accounts::Decision::approve, "x", directory::Mode::real, now),
         w.requests.decide(by, RequestId{999'999'999}, accounts::Decision::approve, "x", directory::Mode::real, now),
         "a request");
    EXPECT_EQ(w.account(there_.member.account.id).state, accounts::AccountState::active);
}

TEST_F(JurisdictionTest, ListsEndAtTheJurisdiction) {
    const auto& by = here_.region.health_center_admin;
    for (const auto& account : must(world_->accounts.list(by, {.limit = 500}, world_->now()))) {
        EXPECT_TRUE(account.organization.path.starts_with(here_.region.health_center.path));
    }
    for (const auto& organization : must(world_->organizations.list(by, {.limit = 500}, world_->now()))) {
        EXPECT_TRUE(organization.path.starts_with(here_.region.health_center.path));
    }
    const auto open = must(world_->requests.list(by, {.limit = 500, .now = world_->now()}, world_->now()));
    ASSERT_EQ(open.size(), 1U);
    EXPECT_EQ(open[0].id, here_.request);
}

TEST_F(JurisdictionTest, InsertsOutsideAreRefused) {
    const std::string inside = here_.region.health_center.path;
    const std::string outside = there_.region.health_center.path;
    const auto id = [](const directory::OrganizationRef& place) { return std::to_string(place.id.value); };
    const std::string account = std::to_string(there_.member.account.id.value);
    const std::string denied = "row-level security";
    const auto organization = [&](const std::string& path, const directory::OrganizationRef& parent) {
        return "insert into organizations (kind, parent_id, path, name, search, created_at) values "
               "('follow_up_center', " +
               id(parent) + ", '" + path + "777777.', 'x', 'x', now())";
    };
    EXPECT_THAT(refusal(organization(outside, there_.region.health_center), inside), HasSubstr(denied));
    EXPECT_EQ(refusal(organization(inside, here_.region.health_center), inside), "allowed");
    EXPECT_THAT(refusal("insert into accounts (login_id, login_key, organization_id, organization_path, family_name, "
                        "search, created_at) values ('x', 'x', " +
                            id(there_.region.facility) + ", '" + there_.region.facility.path + "', 'x', 'x', now())",
                        inside),
                HasSubstr(denied));
    EXPECT_THAT(refusal("insert into grants (account_id, account_path, organization_id, organization_path, role, "
                        "valid_from, created_at) values (" +
                            account + ", '" + inside + "', " + id(there_.region.facility) + ", '" +
                            there_.region.facility.path + "', 'facility_admin', now(), now())",
                        inside),
                HasSubstr(denied))
        << "an account of ours can't be given a role outside";
    EXPECT_THAT(refusal("insert into requests (kind, organization_path, requested_by_name, summary, requested_at, "
                        "expires_at) values ('role_grant', '" +
                            outside + "', 'x', '{}', now(), now())",
                        inside),
                HasSubstr(denied));
    EXPECT_THAT(refusal("insert into second_steps (account_id, organization_path, kind, seed_sealed, registered_at) "
                        "values (" +
                            account + ", '" + outside + "', 'totp', 'x', now())",
                        inside),
                HasSubstr(denied));
    EXPECT_THAT(refusal("insert into sessions (token_digest, account_id, organization_path, channel, created_at, "
                        "last_used_at, expires_at, source) values ('x', " +
                            account + ", '" + outside + "', 'web', now(), now(), now() + interval '1 day', 'x')",
                        inside),
                HasSubstr(denied));
}

TEST_F(JurisdictionTest, UpdatesOutsideChangeNothingAndNothingMovesOut) {
    const std::string inside = here_.region.health_center.path;
    const std::string theirs = there_.member.account.login_id;
    EXPECT_EQ(refusal("update accounts set family_name = 'changed' where login_id = '" + theirs + "'", inside),
              "allowed")
        << "it finds no row";
    EXPECT_EQ(world_->look("select family_name from accounts where login_id = '" + theirs + "'"), "山田");
    EXPECT_THAT(refusal("update accounts set organization_path = '" + there_.region.facility.path +
                            "' where login_id = '" + here_.member.account.login_id + "'",
                        inside),
                HasSubstr("row-level security"));
}

TEST_F(JurisdictionTest, FlowsAndMessagesAreTheSystemsAlone) {
    for (const std::string table : {"sign_in_flows", "messages"}) {
        world_->look(
            "insert into messages (idempotency_key, kind, purpose, recipient_sealed, recipient_masked, "
            "recipient_digest, locale, next_attempt_at, expires_at, source, created_at, changed_at) values "
            "('" +
            table + "', 'sms', 'code', 'x', 'x', 'x', 'ja', now(), now(), '', now(), now())");
        ASSERT_NE(world_->look("select count(*) from " + table), "0");
        EXPECT_EQ(refusal("do $$ begin if exists (select 1 from " + table + ") then raise 'seen'; end if; end $$",
                          world_->ministry.path),
                  "allowed")
            << "not even the ministry sees " << table;
    }
}

TEST_F(JurisdictionTest, AuditRowsAreWrittenAndReadNeverChanged) {
    for (const std::string table : {"audit_events", "audit_seals"}) {
        const std::string column = table == "audit_events" ? "reason" : "hash";
        EXPECT_THAT(refusal("update " + table + " set " + column + " = 'x'", "*"), HasSubstr("permission denied"));
        EXPECT_THAT(refusal("delete from " + table, "*"), HasSubstr("permission denied"));
        EXPECT_THAT(refusal("truncate " + table, "*"), HasSubstr("permission denied"));
    }
    EXPECT_THAT(refusal("delete from accounts", "*"), HasSubstr("permission denied"));
    EXPECT_THAT(refusal("delete from sessions", "*"), HasSubstr("permission denied"));
}

TEST_F(JurisdictionTest, TheServiceOwnsNothingAndBypassesNothing) {
    const auto service = [](const std::string& sql) { return run_sql(world_->scratch.service_url(), sql); };
    EXPECT_EQ(service("select current_user"), "madoguchi_service");
    EXPECT_EQ(service("select count(*) from pg_class c join pg_roles r on r.oid = c.relowner where r.rolname = "
                      "current_user"),
              "0");
    EXPECT_EQ(service("select count(*) from pg_proc p join pg_roles r on r.oid = p.proowner where r.rolname = "
                      "current_user"),
              "0");
    EXPECT_EQ(service("select rolsuper or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication from pg_roles "
                      "where rolname = current_user"),
              "f");
    EXPECT_EQ(service("select count(*) from pg_auth_members m join pg_roles r on r.oid = m.member where r.rolname = "
                      "current_user"),
              "0")
        << "nor is it a member of a role that does";
    EXPECT_EQ(service("select has_schema_privilege(current_user, 'public', 'create')"), "f");
    EXPECT_EQ(service("select string_agg(relname, ' ' order by relname) from pg_class where relnamespace = "
                      "'public'::regnamespace and relkind = 'r' and not relrowsecurity"),
              "audit_seals daily_tasks schema_migrations throttles")
        << "every table with an organization in it has its policies";
}

}  // namespace
}  // namespace madoguchi::test
