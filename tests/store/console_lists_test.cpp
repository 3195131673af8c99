// The console's lists against the real schema: order, pages, search, filters, figures, and whose rows they show.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "accounts/account_list_service.hpp"
#include "base/limits.hpp"
#include "directory/organization_list_service.hpp"
#include "support/world.hpp"

namespace madoguchi::test {
namespace {

using accounts::AccountListService;
using accounts::AccountOrder;
using accounts::AccountQuestion;
using accounts::AccountState;
using directory::Mode;
using directory::OrganizationKind;
using directory::OrganizationRef;
using directory::Principal;
using directory::Role;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using namespace std::chrono_literals;

class ConsoleListsTest : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        world_ = std::make_unique<World>();
        lists_ = std::make_unique<AccountListService>(world_->database, world_->grants);
        organizations_ = std::make_unique<directory::OrganizationListService>(world_->database);
    }
    static void TearDownTestSuite() {
        organizations_.reset();
        lists_.reset();
        world_.reset();
    }

    World& w() { return *world_; }
    const Principal& admin() const { return region_.health_center_admin; }

    AccountId issue(const OrganizationRef& place, const accounts::Names& names, const std::string& login_id = "") {
        return must(w().accounts.issue(admin(), {place.id, login_id, names, std::nullopt}, Mode::real, w().now()))
            .account.id;
    }
    OrganizationRef clinic(const Region& region, const std::string& name, const std::string& kana,
                           const std::string& code, const std::string& phone) {
        return directory::ref(must(w().organizations.create(region.health_center_admin,
                                                            {.kind = OrganizationKind::facility,
                                                             .parent = region.health_center.id,
                                                             .name = name,
                                                             .kana = kana,
                                                             .institution_code = code,
                                                             .phone = phone},
                                                            Mode::real, w().now()))
                                  .organization);
    }
    AccountListService::Page ask(const Principal& who, const AccountQuestion& question) {
        return must(lists_->list(who, question, w().now()));
    }
    std::vector<AccountId> ids(const Principal& who, const AccountQuestion& question) {
        std::vector<AccountId> out;
        for (const auto& row : ask(who, question).rows) {
            out.push_back(row.account.id);
        }
        return out;
    }
    std::vector<AccountId> found(const std::string& word) { return ids(admin(), {.word = word}); }

    inline static std::unique_ptr<World> world_;
    inline static std::unique_ptr<AccountListService> lists_;
    inline static std::unique_ptr<directory::OrganizationListService> organizations_;
    Region region_ = w().region();
};

TEST_F(ConsoleListsTest, PagesShowEachRowOnceInEveryOrder) {
    std::set<AccountId> all;
    for (int n = 0; n < 7; ++n) {
        all.insert(
            issue(n % 2 == 0 ? region_.facility : region_.other_facility, {"山野", "みどり", "ヤマノ", "ミドリ"}));
    }
    w().look(
        "update accounts set last_signed_in_at = created_at + id % 3 * interval '1 day', state = 'active' where id in "
        "(select id from accounts where organization_id in (" +
        std::to_string(region_.facility.id.value) + ") limit 3)");
    for (const auto order : accounts::kAccountOrders) {
        for (const auto& word : {"", "やま"}) {
            std::vector<AccountId> seen;
            AccountQuestion question{.word = word, .order = order, .limit = 2};
            for (bool more = true; more;) {
                const auto page = ask(admin(), question);
                ASSERT_FALSE(page.rows.empty());
                for (const auto& row : page.rows) {
                    seen.push_back(row.account.id);
                    EXPECT_THAT(row.account.grants, SizeIs(1)) << row.account.login_id;
                }
                question.after = seen.back();
                more = page.more;
            }
            EXPECT_EQ(std::set<AccountId>(seen.begin(), seen.end()).size(), seen.size()) << to_text(order);
            for (const auto id : all) {
                EXPECT_THAT(seen, Contains(id)) << to_text(order) << " " << word;
            }
        }
    }
}

TEST_F(ConsoleListsTest, FindsByEverythingThatAPersonMightType) {
    const auto clinic_ =
        clinic(region_, "医療法人みどり会 みどり野中央内科", "ミドリノチュウオウナイカ", "1310112342", "03-0000-7788");
    const auto id = issue(clinic_, {"髙橋", "かおり", "タカハシ", "カオリ"}, "takahashi-kaori");
    for (const auto* word : {"takahashi-kaori", "ＴＡＫＡＨＡＳＨＩ", "髙橋", "髙橋 かおり", "たかはし", "ﾀｶﾊｼ",
                             "みどり野中央", "中央内科", "みどりのちゅうおう", "1310112342", "13-1011-2342", "0112342",
                             "７７８８", "03-0000-7788", "かおり"}) {
        EXPECT_THAT(found(word), ElementsAre(id)) << word;
    }
    for (const auto* word : {"", " "}) {
        EXPECT_THAT(found(word), Contains(id)) << "no word is no condition";
    }
    for (const auto* word : {"takahashi-kaorx", "外科9", "%", "_", "'", "\\"}) {
        EXPECT_THAT(found(word), IsEmpty()) << word;
    }
    EXPECT_THAT(ids(region_.prefecture_admin, {.word = "中央内科"}), Contains(id)) << "also over a whole prefecture";
}

TEST_F(ConsoleListsTest, AnAccountIsFoundByTheLastDigitsOfItsPhoneWithinTheJurisdictionOnly) {
    const auto other = w().region();
    const auto owner = w().first_sign_in_by_phone(w().issue(region_), signin::MethodKind::sms, "090-0000-7345");
    const auto elsewhere = w().first_sign_in_by_phone(w().issue(other), signin::MethodKind::sms, "090-0001-7345");
    EXPECT_THAT(found("7345"), ElementsAre(owner.account.id));
    EXPECT_THAT(found("７３４５"), ElementsAre(owner.account.id));
    EXPECT_THAT(found("734"), Not(Contains(owner.account.id)));
    EXPECT_THAT(ids(other.health_center_admin, {.word = "7345"}), ElementsAre(elsewhere.account.id));
    EXPECT_THAT(ids(w().ministry_admin, {.word = "7345"}), SizeIs(2));
    const auto stored = w().look("select string_agg(s::text, ' ') from second_steps s where account_id = " +
                                 std::to_string(owner.account.id.value));
    EXPECT_THAT(stored, Not(testing::HasSubstr("00007345"))) << "no more than the mask shows";
    w().look("update second_steps set removed_at = now() where account_id = " + std::to_string(owner.account.id.value));
    EXPECT_THAT(found("7345"), Not(Contains(owner.account.id))) << "a phone that was removed finds nobody";
}

TEST_F(ConsoleListsTest, ARareConditionFindsTheSameForACountryAndForACentre) {
    const auto owner = w().first_sign_in_by_phone(w().issue(region_), signin::MethodKind::voice, "03-0000-7346");
    for (const auto order : accounts::kAccountOrders) {
        const AccountQuestion by_step{.second_step = "voice", .order = order};
        EXPECT_THAT(ids(w().ministry_admin, by_step), Contains(owner.account.id)) << to_text(order);
        EXPECT_THAT(ids(admin(), by_step), ElementsAre(owner.account.id)) << to_text(order);
        EXPECT_THAT(ids(w().ministry_admin, {.second_step = "none", .order = order}), Not(Contains(owner.account.id)));
        EXPECT_THAT(ids(w().ministry_admin, {.role = Role::facility_staff, .second_step = "voice", .order = order}),
                    Contains(owner.account.id));
        EXPECT_THAT(ids(w().ministry_admin, {.role = Role::auditor, .second_step = "voice", .order = order}),
                    IsEmpty());
    }
}

TEST_F(ConsoleListsTest, ARenamedOrganizationIsFoundByItsNewNameOnly) {
    const auto clinic_ = clinic(region_, "青葉坂クリニック", "", "1310112359", "");
    const auto id = issue(clinic_, {"青木", "のぞみ", "", ""});
    ASSERT_THAT(found("葉坂"), ElementsAre(id));
    must(w().organizations.edit(admin(), clinic_.id,
                                {.name = "若葉通り内科", .institution_code = "1310112359", .phone = "03-0000-9911"}, 1,
                                w().now()));
    EXPECT_THAT(found("葉坂"), IsEmpty());
    EXPECT_THAT(found("葉通り"), ElementsAre(id));
    EXPECT_THAT(found("9911"), ElementsAre(id));
}

TEST_F(ConsoleListsTest, AnAccountStandsWhereItsOrganizationsNameStands) {
    const auto of_first = issue(region_.facility, {"佐藤", "花子", "サトウ", "ハナコ"});
    const auto of_second = issue(region_.other_facility, {"鈴木", "太郎", "スズキ", "タロウ"});
    const auto rename = [&](const OrganizationRef& place, const std::string& name, const std::string& kana) {
        w().look("update organizations set name = '" + name + "', kana = '" + kana +
                 "' where id = " + std::to_string(place.id.value));
    };
    rename(region_.facility, "青葉医院", "アオバイイン");
    rename(region_.other_facility, "若葉医院", "ワカバイイン");
    EXPECT_THAT(ids(admin(), {.role = Role::facility_staff}), ElementsAre(of_first, of_second));
    rename(region_.facility, "椋木医院", "ンクノキイイン");
    EXPECT_THAT(ids(admin(), {.role = Role::facility_staff}), ElementsAre(of_second, of_first));
    EXPECT_THAT(ids(admin(), {.state = AccountState::pending, .role = Role::facility_staff}),
                ElementsAre(of_second, of_first));
    EXPECT_THAT(ids(admin(), {.kind = OrganizationKind::facility}), ElementsAre(of_second, of_first));
    rename(region_.facility, "あけぼの医院", "");
    EXPECT_THAT(ids(admin(), {.kind = OrganizationKind::facility}), ElementsAre(of_first, of_second));
    EXPECT_THAT(ids(admin(), {.kind = OrganizationKind::facility, .after = of_first, .limit = 1}),
                ElementsAre(of_second));
}

TEST_F(ConsoleListsTest, FiltersNarrowTheList) {
    const auto member = w().first_sign_in_by_application(w().issue(region_));
    const auto pending = issue(region_.other_facility, {"原", "ちひろ", "", ""});
    const auto with = [&](AccountQuestion question) { return ids(admin(), question); };
    EXPECT_THAT(with({.state = AccountState::active, .kind = OrganizationKind::facility}),
                ElementsAre(member.account.id));
    EXPECT_THAT(with({.role = Role::health_center_admin}), Contains(admin().account));
    EXPECT_THAT(with({.role = Role::health_center_admin}), Not(Contains(pending)));
    EXPECT_THAT(with({.role = Role::facility_staff, .second_step = "none"}), ElementsAre(pending));
    EXPECT_THAT(with({.second_step = "totp"}), ElementsAre(member.account.id));
    EXPECT_THAT(with({.second_step = "passkey"}), IsEmpty());
    EXPECT_THAT(with({.last = accounts::LastSignIn::month}), ElementsAre(member.account.id));
    EXPECT_THAT(with({.kind = OrganizationKind::facility, .last = accounts::LastSignIn::never}), ElementsAre(pending));
    EXPECT_THAT(with({.organization = region_.other_facility.id}), ElementsAre(pending));
    EXPECT_THAT(with({.initial = accounts::InitialLeft::soon}), IsEmpty());
    w().clock.advance(28 * 24h);
    EXPECT_THAT(with({.initial = accounts::InitialLeft::soon}), ElementsAre(pending));
    w().clock.advance(70 * 24h);
    EXPECT_THAT(with({.initial = accounts::InitialLeft::lapsed}), ElementsAre(pending));
    EXPECT_THAT(with({.last = accounts::LastSignIn::quarter}), ElementsAre(member.account.id));
    EXPECT_THAT(ask(admin(), {.second_step = "totp"}).rows.at(0).second_steps, ElementsAre("totp"));
}

TEST_F(ConsoleListsTest, FiguresOfTheDay) {
    const auto member = w().first_sign_in_by_application(w().issue(region_));
    issue(region_.facility, {"原", "ちひろ", "", ""});
    const auto number = [&](Result<accounts::Figure> figure) { return must(std::move(figure)).number; };
    EXPECT_EQ(number(lists_->lapsing(admin(), w().now())), 0);
    EXPECT_EQ(number(lists_->never_used(admin(), w().now())), 0);
    w().clock.advance(29 * 24h);
    const auto lapsing = must(lists_->lapsing(admin(), w().now()));
    EXPECT_EQ(lapsing.number, 1);
    EXPECT_TRUE(lapsing.first.has_value());
    EXPECT_GE(number(lists_->never_used(admin(), w().now())), 1);
    EXPECT_EQ(number(lists_->unused(admin(), w().now())), 0);
    w().clock.advance(62 * 24h);
    EXPECT_EQ(number(lists_->unused(admin(), w().now())), 1);
    EXPECT_EQ(number(lists_->lapsing(admin(), w().now())), 0) << "what has lapsed is no warning any more";
    const auto staff = w().principal(Role::health_center_staff, region_.health_center);
    EXPECT_EQ(outcome(lists_->lapsing(staff, w().now())), "forbidden");
}

TEST_F(ConsoleListsTest, TwoHealthCentresNeverSeeEachOthersAccounts) {
    const Region other = w().region();
    const auto theirs = w().issue(other).account;
    const auto ours = issue(region_.facility, {"山野", "みどり", "", ""});
    const auto& stranger = other.health_center_admin;
    EXPECT_THAT(ids(stranger, {}), Not(Contains(ours)));
    EXPECT_THAT(ids(stranger, {}), Contains(theirs.id));
    EXPECT_THAT(ids(stranger, {.after = ours}), Contains(theirs.id)) << "a stranger's cursor is no place in the list";
    EXPECT_THAT(ids(stranger, {.organization = region_.facility.id}), IsEmpty());
    const auto login_id = w().account(ours).login_id;
    for (const auto& word : {login_id, std::string("山野"), region_.facility.name, region_.facility.name.substr(3)}) {
        EXPECT_THAT(ids(stranger, {.word = word}), Not(Contains(ours))) << word;
        EXPECT_THAT(ids(admin(), {.word = word}), Contains(ours)) << word << ": an empty answer proves nothing";
    }
    const auto before = must(lists_->counts(stranger, w().now())).all();
    issue(region_.facility, {"海野", "あおい", "", ""});
    EXPECT_EQ(must(lists_->counts(stranger, w().now())).all(), before);
}

TEST_F(ConsoleListsTest, AHelpdeskHasNoLists) {
    const auto helper = w().principal(Role::helpdesk_operator, w().ministry);
    EXPECT_EQ(outcome(lists_->list(helper, {}, w().now())), "forbidden");
    EXPECT_EQ(outcome(lists_->counts(helper, w().now())), "forbidden");
    EXPECT_EQ(outcome(organizations_->list(helper, {}, w().now())), "forbidden");
    // A second grant opens its own part and no more.
    const auto both =
        w().with_grant(w().principal(Role::helpdesk_operator, w().ministry), Role::facility_admin, region_.facility);
    for (const auto& row : ask(both, {}).rows) {
        EXPECT_EQ(row.account.organization.id, region_.facility.id);
    }
}

TEST_F(ConsoleListsTest, OrganizationsAreListedSearchedAndKeptApart) {
    const Region other = w().region();
    const auto mine = clinic(region_, "朝霧こどもクリニック", "アサギリコドモクリニック", "1310112367", "03-0000-5566");
    const auto names = [&](const Principal& who, const directory::OrganizationQuestion& question) {
        std::vector<std::string> out;
        for (const auto& row : must(organizations_->list(who, question, w().now())).rows) {
            out.push_back(row.organization.name);
        }
        return out;
    };
    for (const auto* word : {"こども", "あさぎり", "1310112367", "0112367", "5566"}) {
        EXPECT_THAT(names(admin(), {.word = word}), ElementsAre("朝霧こどもクリニック")) << word;
        EXPECT_THAT(names(other.health_center_admin, {.word = word}), IsEmpty()) << word;
    }
    EXPECT_THAT(names(other.health_center_admin, {}), Not(Contains("朝霧こどもクリニック")));
    EXPECT_THAT(names(admin(), {.kind = OrganizationKind::follow_up_center}),
                ElementsAre(region_.follow_up_center.name));
    EXPECT_THAT(names(admin(), {.parent = region_.health_center.id}), Contains("朝霧こどもクリニック"));
    directory::OrganizationQuestion question{.limit = 1};
    std::vector<std::string> walked;
    for (bool more = true; more;) {
        const auto page = must(organizations_->list(admin(), question, w().now()));
        walked.push_back(page.rows.at(0).organization.name);
        question.after = page.rows.at(0).organization.id;
        more = page.more;
    }
    EXPECT_EQ(walked, names(admin(), {}));
    EXPECT_EQ(must(organizations_->above(admin(), must(w().organizations.show(admin(), mine.id, w().now())), w().now()))
                  .size(),
              1U)
        << "nothing above one's own top is named";
}

TEST_F(ConsoleListsTest, LikelyDuplicatesAreNamedWithinTheJurisdictionOnly) {
    const Region other = w().region();
    clinic(region_, "汐見坂ファミリークリニック", "", "1310112375", "03-0000-2211");
    const auto alike = [&](const Principal& who, const std::string& name, const std::string& phone) {
        return must(organizations_->alike(who, {}, name, phone, w().now())).size();
    };
    EXPECT_EQ(alike(admin(), "汐見坂　ふぁみりーくりにっく", ""), 1U) << "width, kana and spaces are no difference";
    EXPECT_EQ(alike(admin(), "別の名前", "０３-0000-2211"), 1U);
    EXPECT_EQ(alike(admin(), "汐見坂", ""), 0U) << "a part of a name is another name";
    EXPECT_EQ(alike(other.health_center_admin, "汐見坂ファミリークリニック", "03-0000-2211"), 0U);
}

}  // namespace
}  // namespace madoguchi::test
