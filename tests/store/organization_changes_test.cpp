// Organizations that are edited, closed, reopened and moved; accounts whose page had become stale when somebody acted.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "accounts/account_list_service.hpp"
#include "base/japanese_text.hpp"
#include "directory/organization_list_service.hpp"
#include "support/world.hpp"

namespace madoguchi::test {
namespace {

using accounts::AccountAct;
using accounts::AccountState;
using directory::Mode;
using directory::OrganizationKind;
using directory::OrganizationRef;
using directory::Principal;
using directory::Role;
using testing::Contains;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

class OrganizationChangesTest : public ::testing::Test {
protected:
    static void SetUpTestSuite() { world_ = std::make_unique<World>(); }
    static void TearDownTestSuite() { world_.reset(); }

    World& w() { return *world_; }
    const Principal& admin() const { return region_.health_center_admin; }

    directory::Organization now_is(const OrganizationRef& place) {
        return must(w().organizations.show(region_.prefecture_admin, place.id, w().now()));
    }
    directory::CreateOrganization as_it_is(const OrganizationRef& place, const std::string& name) {
        const auto now = now_is(place);
        return {.kind = now.kind,
                .parent = now.parent,
                .name = name,
                .kana = now.kana,
                .institution_code = now.institution_code,
                .local_government_code = now.local_government_code,
                .phone = now.phone};
    }
    auto edit(const Principal& who, const std::string& name, int version) {
        return w().organizations.edit(who, region_.facility.id, as_it_is(region_.facility, name), version, w().now());
    }
    auto move(const Principal& who, const OrganizationRef& place, const OrganizationRef& to) {
        return w().organizations.move(who, place.id, to.id, "管轄の変更", w().now());
    }
    /// A second health centre of the same prefecture.
    OrganizationRef neighbour() { return w().add(OrganizationKind::health_center, region_.prefecture, "となり保健所"); }
    accounts::SeenAccount seen(AccountId id) {
        const auto shown = must(w().accounts.show(admin(), id, w().now()));
        return accounts::seen_of(shown.account, shown.second_steps);
    }

    inline static std::unique_ptr<World> world_;
    Region region_ = w().region();
};

TEST_F(OrganizationChangesTest, ANameIsPutRightByThoseWhoIssueAndStalePagesChangeNothing) {
    auto& world = *world_;
    const auto region = world.region();
    const auto other = world.region();
    const auto& by = region.health_center_admin;
    const auto issued = world.issue(region);
    const auto shown = must(world.accounts.show(by, issued.account.id, world.now()));
    const auto seen = accounts::seen_of(shown.account, shown.second_steps);
    const auto rename = [&](const directory::Principal& who, const accounts::Names& names) {
        return outcome(world.accounts.rename(who, issued.account.id, names, world.now(), seen));
    };
    EXPECT_EQ(rename(other.health_center_admin, {"盗", "人", "", ""}), "not_found");
    EXPECT_EQ(rename(world.principal(directory::Role::facility_staff, region.facility), {"盗", "人", "", ""}),
              "forbidden");
    EXPECT_EQ(rename(by, {"", "緑", "", ""}), "family_name:required");
    EXPECT_EQ(rename(by, {"髙森", "緑", "たかもり", "ﾐﾄﾞﾘ"}), "ok");
    const auto account = world.account(issued.account.id);
    EXPECT_EQ(account.family_name, "髙森");
    EXPECT_EQ(account.family_kana, "タカモリ");
    EXPECT_EQ(rename(by, {"森", "緑", "", ""}), "changed_meanwhile");
    EXPECT_EQ(world.account(issued.account.id).family_name, "髙森");
    EXPECT_EQ(world.look("select after from audit_events where action = 'account.rename' and outcome = 'done' and "
                         "target_name = '" +
                         account.login_id + "'")
                      .find("髙森") == std::string::npos,
              false);
    EXPECT_EQ(world.audited("account.rename", "done", account.login_id), 1);
    auto self = by;
    self.account = issued.account.id;
    EXPECT_EQ(outcome(world.accounts.rename(self, issued.account.id, {"森", "", "", ""}, world.now(), {})),
              "own_account");
    const auto reviewed = [&](const directory::Principal& who, const std::string& key) {
        return must(
                   world.roles.review(who, {.which = directory::ReviewWhich::all, .who = search_key(key)}, world.now()))
            .size();
    };
    EXPECT_EQ(reviewed(by, "髙森"), 1U) << "who holds what, by name";
    EXPECT_EQ(reviewed(by, account.login_id), 1U);
    EXPECT_EQ(reviewed(by, "たかもり"), 1U);
    EXPECT_EQ(reviewed(other.health_center_admin, "髙森"), 0U);
}

TEST_F(OrganizationChangesTest, OfTwoEditsOfTheSamePageOneWins) {
    const int version = now_is(region_.facility).version;
    EXPECT_EQ(outcome(edit(admin(), "一人目の名前", version)), "ok");
    EXPECT_EQ(outcome(edit(admin(), "二人目の名前", version)), "changed_meanwhile");
    EXPECT_EQ(now_is(region_.facility).name, "一人目の名前");
    EXPECT_EQ(w().audited("organization.edit", "done", "一人目の名前"), 1);
    std::vector<std::future<std::string>> presses;
    for (int n = 0; n < 10; ++n) {
        presses.push_back(std::async(
            std::launch::async, [&, n] { return outcome(edit(admin(), "名前" + std::to_string(n), version + 1)); }));
    }
    int won = 0;
    for (auto& press : presses) {
        won += press.get() == "ok" ? 1 : 0;
    }
    EXPECT_EQ(won, 1);
}

TEST_F(OrganizationChangesTest, EditingIsForWhoeverRegistersSuchOrganizations) {
    const Region other = w().region();
    const int version = now_is(region_.facility).version;
    EXPECT_EQ(outcome(edit(other.health_center_admin, "よその名前", version)), "not_found");
    EXPECT_EQ(outcome(edit(w().principal(Role::health_center_staff, region_.health_center), "職員の名前", version)),
              "forbidden");
    EXPECT_EQ(outcome(edit(w().principal(Role::facility_admin, region_.facility), "自分の名前", version)), "forbidden");
    EXPECT_EQ(outcome(edit(admin(), "", version)), "name:required");
    EXPECT_EQ(now_is(region_.facility).version, version);
}

TEST_F(OrganizationChangesTest, AClosedOrganizationSignsNobodyInUntilItIsReopened) {
    const auto member = w().first_sign_in_by_application(w().issue(region_));
    ASSERT_EQ(outcome(w().check(member.session)), "ok");
    EXPECT_EQ(outcome(w().organizations.close(admin(), region_.facility.id, "", w().now())), "reason:reason_required");
    EXPECT_EQ(outcome(w().organizations.close(admin(), region_.facility.id, "閉院", w().now())), "ok");
    EXPECT_EQ(outcome(w().check(member.session)), "session_lost");
    EXPECT_EQ(outcome(w().organizations.close(admin(), region_.facility.id, "閉院", w().now())), "closed_already");
    EXPECT_EQ(outcome(edit(admin(), "閉院後の名前", now_is(region_.facility).version)), "closed_already");
    EXPECT_EQ(outcome(w().organizations.reopen(admin(), region_.facility.id, "間違い", w().now())), "ok");
    EXPECT_EQ(outcome(w().check(member.session)), "ok");
    EXPECT_EQ(outcome(w().organizations.reopen(admin(), region_.facility.id, "間違い", w().now())), "open_already");
    EXPECT_EQ(outcome(w().organizations.close(region_.prefecture_admin, region_.health_center.id, "統合", w().now())),
              "open_below");
}

TEST_F(OrganizationChangesTest, AnOrganizationMovesWithItsAccountsAndTheirHistory) {
    const auto there = neighbour();
    const auto stranger = w().principal(Role::health_center_admin, there);
    const auto member = w().first_sign_in_by_application(w().issue(region_));
    const auto id = member.account.id;
    ASSERT_EQ(outcome(w().accounts.show(stranger, id, w().now())), "not_found");
    EXPECT_EQ(outcome(move(admin(), region_.facility, there)), "to:not_found") << "a centre can't give away";
    EXPECT_EQ(outcome(move(stranger, region_.facility, there)), "not_found") << "nor take";
    ASSERT_EQ(outcome(move(region_.prefecture_admin, region_.facility, there)), "ok");

    EXPECT_EQ(outcome(w().accounts.show(admin(), id, w().now())), "not_found");
    EXPECT_EQ(outcome(w().organizations.show(admin(), region_.facility.id, w().now())), "not_found");
    const auto shown = must(w().accounts.show(stranger, id, w().now()));
    EXPECT_THAT(shown.second_steps, SizeIs(1));
    EXPECT_THAT(shown.account.grants, SizeIs(1));
    std::vector<std::string> actions;
    for (const auto& event : must(w().accounts.history(stranger, shown.account, 0, 50, w().now()))) {
        actions.push_back(event.action);
    }
    EXPECT_THAT(actions, Contains("account.issue")) << "what was done before the move";
    EXPECT_EQ(outcome(w().check(member.session)), "ok") << "its people keep working";
    EXPECT_EQ(outcome(w().accounts.act(stranger, id, AccountAct::suspend, "休止", Mode::real, w().now())), "ok");
    // The log itself was not touched.
    EXPECT_THAT(must(w().audit.verify(w().now())).problems,
                Not(Contains(testing::Field(&audit::Problem::problem, "changed"))));
    for (const auto* table : {"accounts", "grants", "second_steps", "sessions", "organization_terms"}) {
        EXPECT_EQ(w().look(std::string("select count(*) from ") + table + " where starts_with(organization_path, '" +
                           region_.facility.path + "')"),
                  "0")
            << table;
    }
}

TEST_F(OrganizationChangesTest, NobodyMovesAcrossWhatTheyDoNotSee) {
    const Region other = w().region();
    EXPECT_EQ(outcome(move(region_.prefecture_admin, region_.facility, other.health_center)), "to:not_found");
    EXPECT_EQ(outcome(move(other.prefecture_admin, region_.facility, other.health_center)), "not_found");
    EXPECT_EQ(outcome(move(region_.prefecture_admin, region_.facility, region_.other_facility)),
              "to:kind_not_allowed_here");
    EXPECT_EQ(outcome(move(region_.prefecture_admin, region_.facility, region_.health_center)), "moved_nowhere");
    EXPECT_EQ(outcome(move(w().ministry_admin, region_.facility, other.health_center)), "ok")
        << "the ministry sees both";
    // The function asks by itself, whatever the program forgets.
    Actor actor = Actor::system();
    actor.jurisdiction = Jurisdiction(region_.health_center.path);
    constexpr db::Query kMove = {"test.move", "select coalesce(move_organization(:id, :parent), '') as path"};
    const auto row = must(w().database.transact(
        actor, [&](db::Transaction& tx) { return tx.one(kMove, region_.other_facility.id, other.health_center.id); }));
    EXPECT_EQ(row.get<std::string>("path"), "");
    constexpr db::Query kHistory = {"test.history",
                                    "select count(*) as number from history_of('organization', :id, 0, 50)"};
    const auto seen =
        must(w().database.transact(actor, [&](db::Transaction& tx) { return tx.one(kHistory, other.facility.id); }));
    EXPECT_EQ(seen.get<std::int64_t>("number"), 0);
}

TEST_F(OrganizationChangesTest, WhoActsOnAStalePageIsToldAndNothingIsDone) {
    const auto member = w().first_sign_in_by_application(w().issue(region_));
    const auto id = member.account.id;
    const auto second = w().principal(Role::health_center_admin, region_.health_center);
    const auto saw = seen(id);
    must(w().accounts.act(second, id, AccountAct::suspend, "電話で依頼", Mode::real, w().now()));
    const auto close = [&](const accounts::SeenAccount& as_seen) {
        return outcome(w().accounts.act(admin(), id, AccountAct::close, "閉院", Mode::real, w().now(), as_seen));
    };
    EXPECT_EQ(close(saw), "changed_meanwhile");
    EXPECT_EQ(w().account(id).state, AccountState::suspended);
    EXPECT_EQ(w().audited("account.close", "refused", w().account(id).login_id), 0) << "named by its id";
    EXPECT_EQ(close(seen(id)), "ok") << "seen anew, done";
    EXPECT_EQ(w().account(id).state, AccountState::closed);
}

TEST_F(OrganizationChangesTest, ASignInInBetweenMakesNoPageStale) {
    const auto member = w().first_sign_in_by_application(w().issue(region_));
    const auto saw = seen(member.account.id);
    w().clock.advance(std::chrono::minutes(1));
    w().sign_in_again(member);
    EXPECT_EQ(
        outcome(w().accounts.act(admin(), member.account.id, AccountAct::suspend, "休止", Mode::real, w().now(), saw)),
        "ok");
}

TEST_F(OrganizationChangesTest, ThePageOffersWhatTheServiceWouldDo) {
    const auto member = w().first_sign_in_by_application(w().issue(region_));
    const auto other = w().region();
    for (const auto& who : {admin(), region_.prefecture_admin, w().ministry_admin, other.health_center_admin,
                            w().principal(Role::health_center_staff, region_.health_center),
                            w().principal(Role::facility_admin, region_.facility),
                            w().principal(Role::facility_admin, region_.other_facility),
                            w().principal(Role::helpdesk_operator, region_.prefecture)}) {
        const auto account = must(w().accounts.show(w().ministry_admin, member.account.id, w().now())).account;
        const auto possible = accounts::AccountService::possible_acts(who, account, w().now());
        for (const auto act : {AccountAct::reset_password, AccountAct::reset_second_step, AccountAct::unlock,
                               AccountAct::suspend, AccountAct::resume, AccountAct::close, AccountAct::access_code}) {
            const auto tried = w().accounts.act(who, member.account.id, act, "試し", Mode::dry_run, w().now());
            EXPECT_EQ(std::ranges::find(possible, act) != possible.end(), tried.has_value())
                << directory::to_text(who.grants.at(0).role) << " " << to_text(act) << " " << outcome(tried);
        }
    }
}

}  // namespace
}  // namespace madoguchi::test
