// Daily reports from files against a real database: nothing before the confirmation, nothing twice, nothing replaced,
// two centres apart (S16), and whose report each becomes.
#include <gmock/gmock.h>

#include <fmt/format.h>

#include <future>

#include "reports/report_import_service.hpp"
#include "spreadsheet/csv.hpp"
#include "support/world.hpp"

namespace madoguchi::test {
namespace {

using directory::ImportRowState;
using directory::ImportState;
using directory::Principal;
using directory::Role;
using reports::ImportFilter;
using reports::ImportId;
using reports::ReportKind;
using std::chrono::hours;

class ReportImportTest : public ::testing::Test {
protected:
    ReportImportTest() {
        clinic = existing(world.principal(Role::facility_staff, region.facility), "facility_staff");
        center = existing(world.principal(Role::health_center_staff, region.health_center), "health_center_staff");
        stranger = existing(world.principal(Role::health_center_staff, elsewhere.health_center), "health_center_staff");
        world.clock.set(reports::begin_of(reports::date_at(world.now())) + hours(15));
    }

    /// Somebody who exists, as the worker will ask for them.
    Principal existing(Principal principal, const std::string& role) {
        const auto id = world.issue(region.health_center_admin, region.facility).account.id.value;
        look(
            fmt::format("update accounts set state = 'active', password_phc = 'x', organization_id = {}, "
                        "organization_path = '{}' where id = {}",
                        principal.home.id.value, principal.home.path, id));
        look(
            fmt::format("update grants set role = '{}', organization_id = {}, organization_path = '{}' where "
                        "account_id = {}",
                        role, principal.home.id.value, principal.home.path, id));
        principal.account = {id};
        return principal;
    }
    reports::ReportDate today() { return reports::date_at(world.now()); }
    std::string code_of(const directory::OrganizationRef& place) {
        return look(fmt::format("select institution_code from organizations where id = {}", place.id.value));
    }
    reports::ReportCells row(const directory::OrganizationRef& place, std::initializer_list<std::int64_t> given,
                             int days_ago = 0) {
        reports::AgeBandCounts counts;
        std::copy(given.begin(), given.end(), counts.of.begin());
        return reports::report_cells(code_of(place), place.name, place.id,
                                     {reports::days_before(today(), days_ago), reports::kind_of(counts), counts});
    }
    static std::string csv(const std::vector<reports::ReportCells>& rows) {
        std::vector<std::string> headings;
        for (std::size_t i = 0; i < reports::kReportColumns; ++i) {
            headings.emplace_back(reports::report_heading(i));
        }
        std::string out = spreadsheet::csv_line(headings);
        for (const auto& one : rows) {
            out += spreadsheet::csv_line(one);
        }
        return out;
    }
    ImportId upload(const Principal& who, const std::string& file) {
        return must(service.upload(who, "報告.csv", file, world.now()));
    }
    void confirm(const Principal& who, ImportId id) {
        must(service.confirm(who, id, must(service.show(who, id, world.now())).import.version, world.now()));
    }
    void work_until_done() {
        while (must(service.work(world.now()))) {
        }
    }
    std::string states(const Principal& who, ImportId id) {
        std::string out;
        for (const auto& one : must(service.rows(who, id, ImportFilter::all, 0, 0, world.now()))) {
            out += (out.empty() ? "" : " ") + std::string(to_text(one.state));
            if (!one.problems.empty()) {
                out += ":" + one.problems.front().rule;
            }
        }
        return out;
    }
    int reported(const directory::OrganizationRef& place) {
        return std::stoi(look(fmt::format("select count(*) from reports where organization_id = {}", place.id.value)));
    }
    std::string look(const std::string& sql) { return world.look(sql); }

    World world;
    Region region = world.region();
    Region elsewhere = world.region();
    reports::DailyReportService daily{{.database = world.database, .audit = world.audit, .token_key = world.token_key}};
    reports::ProxyReportService proxy{
        {.database = world.database, .audit = world.audit, .organizations = world.organizations, .reports = daily}};
    reports::ReportImportService service{
        {.database = world.database, .audit = world.audit, .grants = world.grants, .daily = daily, .proxy = proxy}};
    Principal clinic, center, stranger;
};

TEST_F(ReportImportTest, NothingIsReportedBeforeTheConfirmationAndEachRowIsAProxyReportWithAReceipt) {
    const auto id = upload(center, csv({row(region.facility, {3, 4}), row(region.other_facility, {}, 1)}));
    EXPECT_EQ(states(center, id), "ready ready");
    EXPECT_FALSE(must(service.work(world.now())));
    EXPECT_EQ(reported(region.facility), 0);
    const auto figures = must(service.figures(center, id, 0, 30, world.now()));
    EXPECT_EQ(figures.sum.total(), 7);
    EXPECT_EQ(figures.reports, 2);
    confirm(center, id);
    work_until_done();
    EXPECT_EQ(states(center, id), "made made");
    EXPECT_EQ(must(service.show(center, id, world.now())).import.state, ImportState::done);
    const auto what = fmt::format(
        "channel || ' ' || received_by || ' ' || received_note || ' ' || account_id || ' ' || "
        "proxy_organization_id || ' ' || total from reports where organization_id = {}",
        region.facility.id.value);
    EXPECT_EQ(look("select " + what),
              fmt::format("import other 報告.csv {} {} 7", center.account.value, region.health_center.id.value));
    const auto done = must(service.figures(center, id, 0, 30, world.now()));
    EXPECT_EQ(
        done.lines.at(0).receipt,
        look(fmt::format("select receipt_number from reports where organization_id = {}", region.facility.id.value)));
    EXPECT_EQ(world.audited("report.submit", "done", region.facility.name), 1);
    EXPECT_EQ(outcome(service.confirm(center, id, 2, world.now())), "import_state");
}

TEST_F(ReportImportTest, TheSameFileTwiceReportsNothingTwice) {
    const auto file = csv({row(region.facility, {3}), row(region.other_facility, {5})});
    const auto first = upload(center, file);
    const auto second = upload(center, file);  // before the first one is confirmed
    confirm(center, first);
    confirm(center, second);
    work_until_done();
    EXPECT_EQ(states(center, first), "made made");
    EXPECT_EQ(states(center, second), "failed:report_file_meanwhile failed:report_file_meanwhile");
    const auto third = upload(center, file);
    EXPECT_EQ(states(center, third), "known:report_file_known known:report_file_known");
    EXPECT_EQ(outcome(service.confirm(center, third, 1, world.now())), "import_nothing_to_make");
    EXPECT_EQ(reported(region.facility), 1);
}

TEST_F(ReportImportTest, AClinicThatReportsItselfMeanwhileIsNotOverwritten) {
    const auto id = upload(center, csv({row(region.facility, {3}), row(region.other_facility, {5})}));
    confirm(center, id);
    reports::AgeBandCounts own;
    own.of[0] = 9;
    must(daily.submit(
        clinic, {.date = today(), .kind = ReportKind::figures, .counts = own, .adjustment = std::nullopt, .key = "own"},
        reports::ReportChannel::api, reports::Mode::real, world.now()));
    work_until_done();
    EXPECT_EQ(states(center, id), "failed:report_file_meanwhile made");
    EXPECT_EQ(look(fmt::format("select count(*) || ' ' || max(total) from reports where organization_id = {}",
                               region.facility.id.value)),
              "1 9");
}

TEST_F(ReportImportTest, TwoServersReportEachRowOnceAndAnInterruptedFileGoesOn) {
    std::vector<reports::ReportCells> rows;
    for (int i = 0; i < 6; ++i) {
        const auto place =
            world.add(directory::OrganizationKind::facility, region.health_center, fmt::format("第{}医院", i));
        rows.push_back(reports::report_cells("", place.name, place.id, {today(), ReportKind::zero, {}}));
    }
    const auto id = upload(center, csv(rows));
    confirm(center, id);
    // A server that dies in the middle: its transaction is gone.
    constexpr db::Query kTake = {"take", "select id from file_imports where state = 'making' for update"};
    const auto died = world.database.transact(Actor::system(), [&](db::Transaction& tx) -> Result<void> {
        TRY(tx.many(kTake));
        return failure(ErrorKind::unavailable, "killed");
    });
    EXPECT_EQ(outcome(died), "killed");
    const auto worker = [&] {
        while (must(service.work(world.now()))) {
        }
    };
    auto other = std::async(std::launch::async, worker);
    worker();
    other.get();
    work_until_done();
    EXPECT_EQ(states(center, id), "made made made made made made");
    EXPECT_EQ(look("select count(*) from reports"), "6");
}

TEST_F(ReportImportTest, ARowOfAnotherCentreReadsAsOneThatDoesNotExistAndItsFileIsHidden) {
    auto nowhere = row(region.facility, {1});
    nowhere.at(reports::report_column::kCode) = "0110113719";
    const auto id = upload(center, csv({row(elsewhere.facility, {1}), nowhere, row(region.facility, {2})}));
    const auto rows = must(service.rows(center, id, ImportFilter::all, 0, 0, world.now()));
    EXPECT_EQ(rows[0].problems.front().rule, "report_file_place");
    EXPECT_EQ(rows[1].problems.front().rule, "report_file_place");
    EXPECT_EQ(rows[0].problems.size(), rows[1].problems.size());
    EXPECT_EQ(outcome(service.confirm(center, id, 1, world.now())), "report_file_not_looked_at");
    for (const auto& who : {stranger, clinic}) {
        EXPECT_EQ(outcome(service.show(who, id, world.now())), "not_found");
        EXPECT_EQ(outcome(service.rows(who, id, ImportFilter::all, 0, 0, world.now())), "not_found");
        EXPECT_EQ(outcome(service.figures(who, id, 0, 30, world.now())), "not_found");
        EXPECT_EQ(outcome(service.leave_out_bad(who, id, world.now())), "not_found");
        EXPECT_EQ(outcome(service.confirm(who, id, 1, world.now())), "not_found");
        EXPECT_EQ(outcome(service.drop(who, id, world.now())), "not_found");
        EXPECT_TRUE(must(service.list(who, {}, 50, world.now())).empty());
    }
    must(service.leave_out_bad(center, id, world.now()));
    confirm(center, id);
    work_until_done();
    EXPECT_EQ(reported(elsewhere.facility), 0);
    EXPECT_EQ(reported(region.facility), 1);
}

// What the check said is asked again by the worker: rights may have gone meanwhile.
TEST_F(ReportImportTest, WhoLosesTheRightReportsNothingAnyMore) {
    const auto id = upload(center, csv({row(region.facility, {3})}));
    confirm(center, id);
    look(fmt::format("update grants set organization_id = {}, organization_path = '{}' where account_id = {}",
                     elsewhere.health_center.id.value, elsewhere.health_center.path, center.account.value));
    work_until_done();
    EXPECT_EQ(states(center, id), "failed:report_file_place");
    EXPECT_EQ(reported(region.facility), 0);
}

TEST_F(ReportImportTest, AClinicsFileIsItsOwnReportAndWhatTheCentreAboveDoesNotSee) {
    const auto id = upload(clinic, csv({row(region.facility, {3}), row(region.other_facility, {4})}));
    EXPECT_EQ(states(clinic, id), "ready bad:report_file_place");
    EXPECT_EQ(outcome(service.show(center, id, world.now())), "not_found");
    must(service.leave_out_bad(clinic, id, world.now()));
    confirm(clinic, id);
    work_until_done();
    EXPECT_EQ(
        look(fmt::format("select channel || coalesce(received_by, ' own') from reports where organization_id = {}",
                         region.facility.id.value)),
        "import own");
    EXPECT_EQ(reported(region.other_facility), 0);
}

TEST_F(ReportImportTest, AWarningIsLookedAtRowByRowAndKeepsItsMark) {
    const auto id = upload(center, csv({row(region.facility, {12000}), row(region.other_facility, {12000})}));
    EXPECT_EQ(states(center, id), "warned:report_warning.ten_thousand warned:report_warning.ten_thousand");
    EXPECT_EQ(outcome(service.confirm(center, id, 1, world.now())), "report_file_not_looked_at");
    const auto wrong =
        must(service.confirm_rows(center, id, {{2, {}}, {3, {{reports::report_column::kBands, "1200"}}}}, world.now()));
    EXPECT_EQ(wrong.at(2).front().message_id, "count_again_missing") << "a tick alone";
    EXPECT_EQ(wrong.at(3).front().message_id, "report_file_again_differs");
    EXPECT_EQ(states(center, id), "warned:report_warning.ten_thousand warned:report_warning.ten_thousand");
    const auto some = must(service.confirm_rows(
        center, id, {{2, {{reports::report_column::kBands, "１２０００"}}}, {3, {}}}, world.now()));
    EXPECT_EQ(some.size(), 1U) << "the right one counts, whatever stands in another row";
    EXPECT_EQ(outcome(service.confirm(center, id, 1, world.now())), "report_file_not_looked_at");
    must(service.leave_out(center, id, {3}, world.now()));
    EXPECT_EQ(outcome(service.confirm(center, id, 1, world.now())), "batch_changed") << "of a page that is stale";
    confirm(center, id);
    work_until_done();
    EXPECT_EQ(reported(region.other_facility), 0);
    EXPECT_EQ(look(fmt::format("select jsonb_array_length(warnings) from reports where organization_id = {}",
                               region.facility.id.value)),
              "1");
}

TEST_F(ReportImportTest, ABadFileLeavesNothingBehind) {
    for (const auto& file : {std::string("名前,人数\n甲,1\n"), csv({}), std::string("\x00\x01", 2)}) {
        EXPECT_FALSE(service.upload(center, "a.csv", file, world.now()));
    }
    EXPECT_EQ(outcome(service.upload(world.principal(Role::prefecture_admin, region.prefecture), "a.csv", csv({}),
                                     world.now())),
              "forbidden");
    EXPECT_EQ(look("select count(*) from file_imports"), "0");
}

TEST_F(ReportImportTest, AnExportHasTheVersionsThatCountAndImportsAgain) {
    const auto id = upload(center, csv({row(region.facility, {3, 4}), row(region.other_facility, {}, 1)}));
    confirm(center, id);
    work_until_done();
    const auto exported = [&](const Principal& who) {
        return must(service.exported(who, {reports::days_before(today(), 6), today(), world.now()}, world.now()));
    };
    std::vector<reports::ReportCells> rows;
    for (const auto& [code, report] : exported(center)) {
        rows.push_back(reports::report_cells(code, report.organization_name, report.organization,
                                             {report.date, report.kind, report.counts}));
    }
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(states(center, upload(center, csv(rows))), "known:report_file_known known:report_file_known");
    EXPECT_TRUE(exported(stranger).empty());
    EXPECT_EQ(exported(clinic).size(), 1U) << "its own";
    EXPECT_EQ(exported(world.principal(Role::prefecture_admin, region.prefecture)).size(), 2U);
    EXPECT_TRUE(must(service.exported(center, {today(), today(), world.now() - hours(1)}, world.now())).empty())
        << "as of then";
    EXPECT_EQ(
        outcome(service.exported(center, {reports::days_before(today(), 400), today(), world.now()}, world.now())),
        "from:days_too_many");
    const auto open = must(service.unreported(center, today(), world.now()));
    EXPECT_TRUE(
        std::ranges::none_of(open, [&](const auto& place) { return place.organization.id == region.facility.id; }));
    EXPECT_TRUE(std::ranges::any_of(
        open, [&](const auto& place) { return place.organization.id == region.other_facility.id; }));
    EXPECT_TRUE(
        std::ranges::none_of(open, [&](const auto& place) { return place.organization.id == elsewhere.facility.id; }));
}

}  // namespace
}  // namespace madoguchi::test
