// Organizations from a file and lists as files, against a real PostgreSQL, as the service's own role.
#include <gmock/gmock.h>

#include <fmt/format.h>
#include <thread>

#include "base/file_limits.hpp"
#include "directory/organization_codes.hpp"
#include "directory/organization_import_service.hpp"
#include "directory/organization_list_service.hpp"
#include "spreadsheet/csv.hpp"
#include "support/world.hpp"

namespace madoguchi::directory {
namespace {

using test::must;
using test::outcome;
using ::testing::ElementsAre;

class OrganizationImportTest : public ::testing::Test {
protected:
    static void SetUpTestSuite() { world_ = std::make_unique<test::World>(); }
    static void TearDownTestSuite() { world_.reset(); }

    test::World& world() { return *world_; }
    OrganizationImportService imports{world_->database, world_->audit, world_->grants};
    OrganizationListService lists{world_->database};

    /// An administrator who exists, as the worker will ask for them.
    Principal existing(Principal principal, const OrganizationRef& place, const std::string& role) {
        const auto issued = world().issue(principal, place);
        world().look(fmt::format("update accounts set state = 'active', password_phc = 'x' where id = {}",
                                 issued.account.id.value));
        world().look(fmt::format("update accounts set organization_id = {0}, organization_path = '{1}' where id = {2}",
                                 principal.home.id.value, principal.home.path, issued.account.id.value));
        world().look(
            fmt::format("update grants set role = '{}', organization_id = {}, organization_path = '{}' where "
                        "account_id = {}",
                        role, principal.home.id.value, principal.home.path, issued.account.id.value));
        principal.account = issued.account.id;
        principal.login_id = issued.account.login_id;
        return principal;
    }
    Principal administrator(const test::Region& region) {
        return existing(region.health_center_admin, region.facility, "health_center_admin");
    }
    static std::string code(int number) {
        return make_institution_code(13, ScoreTable::medical, 90 + number / 10000, number % 10000);
    }
    static std::string csv(const std::vector<std::vector<std::string>>& rows) {
        std::string out = "名称,フリガナ,医療機関コード,電話番号,住所\n";
        for (const auto& row : rows) {
            out += spreadsheet::csv_line(row);
        }
        return out;
    }
    void work_until_done() {
        while (must(imports.work(world().now()))) {
        }
    }
    ImportView import_all(const Principal& by, const std::string& file) {
        const auto id = must(imports.upload(by, "a.csv", file, world().now()));
        must(imports.confirm(by, id, 1, world().now()));
        work_until_done();
        return must(imports.show(by, id, world().now()));
    }
    int below(const OrganizationRef& place) {
        return std::stoi(
            world().look(fmt::format("select count(*) from organizations where parent_id = {}", place.id.value)));
    }
    /// The list as the page saves it.
    std::string exported(const Principal& by) {
        std::string out =
            "機関ID,種別,上位機関ID,上位機関,名称,フリガナ,医療機関コード,全国地方公共団体コード,電話番号,"
            "郵便番号,住所,状態\n";
        for (const auto& row : must(lists.list(by, {.limit = 500}, world().now())).rows) {
            out += spreadsheet::csv_line(file_cells(row.organization, row.parent_name));
        }
        return out;
    }

    static std::unique_ptr<test::World> world_;
};
std::unique_ptr<test::World> OrganizationImportTest::world_;

TEST_F(OrganizationImportTest, AFileIsCheckedFirstAndRegistersNothing) {
    const auto region = world().region();
    const auto by = administrator(region);
    const int before = below(region.health_center);
    const auto id = must(imports.upload(by, "機関.csv",
                                        csv({{"海岸通り医院", "カイガンドオリ", code(1), "０３-0000-4101", ""},
                                             {"", "", code(2), "", ""},
                                             {"九桁医院", "", code(3).substr(1), "", ""},
                                             {"海岸通り医院", "", code(1), "", ""}}),
                                        world().now()));
    const auto view = must(imports.show(by, id, world().now()));
    EXPECT_EQ(view.counts[ImportRowState::ready], 1);
    EXPECT_EQ(view.counts[ImportRowState::bad], 2);
    EXPECT_EQ(view.counts[ImportRowState::left_out], 1);
    EXPECT_FALSE(must(imports.work(world().now())));
    EXPECT_EQ(below(region.health_center), before);
    const auto rows = must(imports.rows(by, id, ImportFilter::to_fix, 0, 0, world().now()));
    ASSERT_EQ(rows.size(), 3U);
    EXPECT_EQ(rows[0].problems[0].rule, "required");
    EXPECT_EQ(rows[0].problems[0].column, FileColumn::name);
    EXPECT_EQ(rows[1].problems[0].column, FileColumn::institution_code);
    EXPECT_EQ(rows[2].problems[0].rule, "import_twice");
}

TEST_F(OrganizationImportTest, EachRowBecomesAnOrganizationThatIsFoundAndAudited) {
    const auto region = world().region();
    const auto by = administrator(region);
    const auto view = import_all(by, csv({{"白樺通り内科", "しらかば", code(11), "03-0000-4111", "東京都"},
                                          {"東雲台医院", "", code(12), "", ""}}));
    EXPECT_EQ(view.import.state, ImportState::done);
    EXPECT_EQ(view.counts[ImportRowState::made], 2);
    const auto found = must(lists.list(by, {.word = "白樺"}, world().now())).rows;
    ASSERT_EQ(found.size(), 1U);
    const auto& made = found[0].organization;
    EXPECT_EQ(made.kana, "シラカバ");
    EXPECT_EQ(made.parent, region.health_center.id);
    EXPECT_TRUE(made.path.starts_with(region.health_center.path));
    EXPECT_EQ(must(lists.list(by, {.word = "4111"}, world().now())).rows.size(), 1U) << "by its phone's last digits";
    EXPECT_EQ(world().audited("organization.create", "done", "白樺通り内科"), 1);
}

TEST_F(OrganizationImportTest, TheSameFileTwiceRegistersNothingTwice) {
    const auto region = world().region();
    const auto by = administrator(region);
    const int before = below(region.health_center);
    const std::string file =
        "名称,種別,医療機関コード\n甲医院,医療機関," + code(21) + "\n第二フォローアップ,健康フォローアップセンター,\n";
    // Both were checked before either was registered.
    const auto first = must(imports.upload(by, "a.csv", file, world().now()));
    const auto second = must(imports.upload(by, "a.csv", file, world().now()));
    must(imports.confirm(by, first, 1, world().now()));
    must(imports.confirm(by, second, 1, world().now()));
    std::vector<std::thread> workers;
    for (int i = 0; i < 3; ++i) {
        workers.emplace_back([&] {
            for (int tries = 0; tries < 20; ++tries) {
                static_cast<void>(imports.work(world().now()));
            }
        });
    }
    for (auto& worker : workers) {
        worker.join();
    }
    work_until_done();
    EXPECT_EQ(below(region.health_center), before + 2);
    EXPECT_EQ(must(imports.show(by, second, world().now())).counts[ImportRowState::known], 2);
    const auto third = must(imports.upload(by, "a.csv", file, world().now()));
    EXPECT_EQ(must(imports.show(by, third, world().now())).counts[ImportRowState::known], 2);
    EXPECT_EQ(outcome(imports.confirm(by, third, 1, world().now())), "import_nothing_to_make");
}

TEST_F(OrganizationImportTest, OurOwnExportImportsAgain) {
    const auto region = world().region();
    const auto by = administrator(region);
    world().look(
        fmt::format("update organizations set state = 'closed' where id = {}", region.other_facility.id.value));
    world().look(
        fmt::format("update organizations set name = '=1+1医院' where id = {}", region.follow_up_center.id.value));
    const auto file = exported(by);
    const auto view = must(imports.show(by, must(imports.upload(by, "a.csv", file, world().now())), world().now()));
    EXPECT_EQ(view.counts[ImportRowState::known], 3) << "the centre itself, a clinic, the follow-up centre";
    EXPECT_EQ(view.counts[ImportRowState::left_out], 1) << "the closed one";
    EXPECT_EQ(view.counts.total(), 4);
    // Without the ids, as into a database that has none of them: what has no code is known by its name.
    std::string without;
    for (std::size_t at = 0; at < file.size();) {
        const auto end = file.find('\n', at);
        without += file.substr(file.find(',', at) + 1, end - file.find(',', at));
        at = end + 1;
    }
    const auto again = must(imports.show(by, must(imports.upload(by, "a.csv", without, world().now())), world().now()));
    EXPECT_EQ(again.counts[ImportRowState::ready], 0);
    EXPECT_GE(again.counts[ImportRowState::known], 2);
}

TEST_F(OrganizationImportTest, NobodyImportsBeyondTheirJurisdictionOrSeesAnothersFile) {
    const auto here = world().region();
    const auto there = world().region();
    const auto by = administrator(here);
    const auto id = must(imports.upload(
        by, "a.csv",
        fmt::format("名称,医療機関コード,上位機関ID\n余所医院,{},{}\n", code(31), there.health_center.id.value),
        world().now()));
    const auto rows = must(imports.rows(by, id, ImportFilter::to_fix, 0, 0, world().now()));
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].problems[0].rule, "import_parent_not_found");
    const auto nowhere = must(imports.upload(
        by, "a.csv", fmt::format("名称,医療機関コード,上位機関ID\n余所医院,{},{}\n", code(31), 999'999'999),
        world().now()));
    EXPECT_EQ(must(imports.rows(by, nowhere, ImportFilter::to_fix, 0, 0, world().now()))[0].problems[0].rule,
              "import_parent_not_found")
        << "what is elsewhere reads as what is not there";
    const auto& stranger = there.health_center_admin;
    EXPECT_EQ(outcome(imports.show(stranger, id, world().now())), "not_found");
    EXPECT_EQ(outcome(imports.rows(stranger, id, ImportFilter::all, 0, 0, world().now())), "not_found");
    EXPECT_EQ(outcome(imports.confirm(stranger, id, 1, world().now())), "not_found");
    EXPECT_EQ(outcome(imports.drop(stranger, id, world().now())), "not_found");
    EXPECT_TRUE(must(imports.list(stranger, {}, 50, world().now())).empty());
    EXPECT_EQ(outcome(imports.upload(world().principal(Role::facility_staff, here.facility), "a.csv", csv({{"a"}}),
                                     world().now())),
              "forbidden");
}

// Each policy by itself, without a service that refuses before it.
TEST_F(OrganizationImportTest, TheDatabaseAloneKeepsFilesApart) {
    const auto here = world().region();
    const auto there = world().region();
    for (const auto& region : {here, there}) {
        must(imports.upload(region.health_center_admin, "a.csv", csv({{"甲医院", "", code(61), "", ""}}),
                            world().now()));
    }
    constexpr std::array<db::Query, 2> kEverything = {
        {{"file_imports", "select organization_path as path from file_imports"},
         {"file_import_rows", "select organization_path as path from file_import_rows"}}};
    for (const auto& query : kEverything) {
        for (const auto& region : {here, there}) {
            Actor actor = Actor::system();
            actor.jurisdiction = Jurisdiction(region.health_center.path);
            const auto rows =
                must(world().database.transact(actor, [&](db::Transaction& tx) { return tx.many(query); }));
            EXPECT_EQ(rows.size(), 1U) << query.name;
            for (const auto& row : rows) {
                EXPECT_TRUE(row.get<std::string>("path").starts_with(region.health_center.path)) << query.name;
            }
        }
    }
}

TEST_F(OrganizationImportTest, ACodeThatBelongsElsewhereFailsAsARowAndTheRestIsRegistered) {
    const auto here = world().region();
    const auto there = world().region();
    const auto by = administrator(here);
    const auto theirs =
        world().look(fmt::format("select institution_code from organizations where id = {}", there.facility.id.value));
    const auto view = import_all(by, csv({{"同じコード医院", "", theirs, "", ""}, {"乙医院", "", code(41), "", ""}}));
    EXPECT_EQ(view.counts[ImportRowState::made], 1);
    EXPECT_EQ(view.counts[ImportRowState::failed], 1);
    EXPECT_EQ(view.counts[ImportRowState::known], 0) << "known is what one sees already";
    const auto failed = must(imports.rows(by, view.import.id, ImportFilter::failed, 0, 0, world().now()));
    ASSERT_EQ(failed.size(), 1U);
    EXPECT_EQ(failed[0].problems.at(0).rule, "already_exists");
}

TEST_F(OrganizationImportTest, CorrectionsAreCheckedAgainAndAStalePageConfirmsNothing) {
    const auto region = world().region();
    const auto by = administrator(region);
    const auto id = must(
        imports.upload(by, "a.csv", csv({{"", "", code(51), "", ""}, {"丙医院", "", "12", "", ""}}), world().now()));
    EXPECT_TRUE(must(imports.correct(by, id, {{2, {{FileColumn::name, "丁医院"}}, false}, {3, {}, true}},
                                     ImportWarnings::accepted, world().now())));
    const auto view = must(imports.show(by, id, world().now()));
    EXPECT_EQ(view.counts[ImportRowState::ready], 1);
    EXPECT_EQ(view.counts[ImportRowState::left_out], 1);
    EXPECT_EQ(outcome(imports.confirm(by, id, 1, world().now())), "batch_changed");
    must(imports.confirm(by, id, view.import.version, world().now()));
    world().look(fmt::format("update grants set revoked_at = now() where account_id = {}", by.account.value));
    work_until_done();
    EXPECT_EQ(must(imports.show(region.health_center_admin, id, world().now())).counts[ImportRowState::failed], 1)
        << "who confirmed may not register any more";
}

TEST_F(OrganizationImportTest, APrefectureNamesTheCentreThatClinicsBelongTo) {
    const auto region = world().region();
    const auto by = existing(region.prefecture_admin, region.health_center, "prefecture_admin");
    const auto view = import_all(by, "種別,名称,上位機関\n保健所,新設保健所,\n");
    EXPECT_EQ(view.counts[ImportRowState::made], 1);
    const auto clinic = must(
        imports.upload(by, "a.csv", "種別,名称,上位機関,医療機関コード\n医療機関,戊医院,新設保健所," + code(61) + "\n",
                       world().now()));
    EXPECT_EQ(must(imports.rows(by, clinic, ImportFilter::all, 0, 0, world().now()))[0].state, ImportRowState::bad)
        << "a prefecture registers health centres, not clinics";
}

}  // namespace
}  // namespace madoguchi::directory
