// Daily reports in files: headings, every refusal of a row, what is known, what is asked about.
#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

#include "base/report_file_limits.hpp"
#include "reports/report_file.hpp"
#include "spreadsheet/csv.hpp"
#include "support/source_directory.hpp"

namespace madoguchi::reports {
namespace {

using directory::ImportRowState;
using directory::OrganizationKind;
using std::chrono::hours;
namespace column = report_column;

const ReportDate kToday = report_date("2026-12-02").value();
const Instant kNow = begin_of(kToday) + hours(15);
constexpr OrganizationId kClinic{11}, kFollowUp{12}, kCenter{13}, kClosed{14};

ReportPlace place(OrganizationId id, OrganizationKind kind, const std::string& code, const std::string& name,
                  bool open = true) {
    return {{id, kind, "1.13.", name}, code, open};
}

ReportSurroundings around() {
    ReportSurroundings out{.own = {}, .for_others = true};
    for (const auto& one : {place(kClinic, OrganizationKind::facility, "0110113719", "みどりの森クリニック"),
                            place(kFollowUp, OrganizationKind::follow_up_center, "", "東京フォローアップセンター"),
                            place(kCenter, OrganizationKind::health_center, "", "青葉保健所"),
                            place(kClosed, OrganizationKind::facility, "1310112342", "閉じた医院", false)}) {
        if (!one.code.empty()) {
            out.by_code[one.code] = one;
        }
        out.by_id[one.organization.id] = one;
    }
    return out;
}

AgeBandCounts counts(std::initializer_list<std::int64_t> given) {
    AgeBandCounts out;
    std::copy(given.begin(), given.end(), out.of.begin());
    return out;
}

ReportCells good(std::initializer_list<std::int64_t> given = {3, 4}, ReportDate date = kToday) {
    const auto figures = counts(given);
    return report_cells("0110113719", "みどりの森クリニック", kClinic, {date, kind_of(figures), figures});
}

ReportCells with(std::size_t column, const std::string& value, ReportCells cells = good()) {
    cells.at(column) = value;
    return cells;
}

std::vector<ReportRow> checked(const std::vector<ReportCells>& cells, const ReportSurroundings& surroundings) {
    std::vector<ReportRow> rows;
    for (const auto& one : cells) {
        rows.push_back({.number = static_cast<int>(rows.size()) + 2, .cells = one});
    }
    check_rows(rows, surroundings, kNow);
    return rows;
}

/// "bad code:report_file_place": the state, and column and rule of each problem.
std::string said(const ReportCells& cells, const ReportSurroundings& surroundings = around()) {
    const auto row = checked({cells}, surroundings).front();
    std::string out(to_text(row.state));
    for (const auto& problem : row.problems) {
        out += " " + problem.column + ":" + problem.rule;
    }
    return out;
}

spreadsheet::Sheet sheet(const std::string& csv) {
    return spreadsheet::parse_csv(csv).value();
}

std::string headings() {
    std::vector<std::string> out;
    for (std::size_t i = 0; i < kReportColumns; ++i) {
        out.emplace_back(report_heading(i));
    }
    return spreadsheet::csv_line(out);
}

TEST(ReportFile, EachRowThatCannotBeReportedSaysWhy) {
    EXPECT_EQ(said(good()), "ready");
    EXPECT_EQ(said(with(column::kCode, "0110113727")), "bad code:report_file_place");
    EXPECT_EQ(said(with(column::kCode, "110113719")), "bad code:institution_code_zero_lost");
    EXPECT_EQ(said(with(column::kOrganization, "12")), "bad organization:report_file_two_places");
    EXPECT_EQ(said(with(column::kCode, "", with(column::kOrganization, ""))), "bad code:required");
    EXPECT_EQ(said(with(column::kCode, "", with(column::kOrganization, "99"))), "bad organization:report_file_place");
    EXPECT_EQ(said(with(column::kCode, "", with(column::kOrganization, "13", with(column::kName, "")))),
              "bad organization:proxy_kind");
    EXPECT_EQ(said(with(column::kCode, "1310112342", with(column::kOrganization, "14"))), "bad code:proxy_closed");
    EXPECT_EQ(said(with(column::kDate, "")), "bad date:required");
    EXPECT_EQ(said(with(column::kDate, "2026/13/02")), "bad date:date_format");
    EXPECT_EQ(said(with(column::kDate, "2026/12/03")), "bad date:report_in_future");
    EXPECT_EQ(said(with(column::kDate, "2026/11/20")), "bad date:report_file_too_old");
    EXPECT_EQ(said(with(column::kBands, "-3")), "bad age_0:count_signed");
    EXPECT_EQ(said(with(column::kBands, "+3")), "bad age_0:count_signed");
    EXPECT_EQ(said(with(column::kBands + 1, "4.5")), "bad age_1_4:count_fraction");
    EXPECT_EQ(said(with(column::kBands + 1, "四")), "bad age_1_4:count_not_a_number");
    EXPECT_EQ(said(with(column::kBands + 1, "1000000")), "bad age_1_4:count_too_large");
    EXPECT_EQ(said(with(column::kBands + 13, "")), "bad age_unknown:count_missing");
    EXPECT_EQ(said(with(column::kTotal, "8")), "bad total:report_file_total");
    EXPECT_EQ(said(with(column::kKind, "休み")), "bad kind:report_file_kind");
    EXPECT_EQ(said(with(column::kKind, "休診")), "bad kind:report_kind_has_no_figures");
    EXPECT_EQ(said(with(column::kBands, "-3", with(column::kCode, "1", with(column::kDate, "x")))),
              "bad code:report_file_place date:date_format age_0:count_signed")
        << "all of them at once";
}

TEST(ReportFile, WidthErasAndAnEmptyTotalAreNoMistakes) {
    EXPECT_EQ(said(with(column::kDate, "令和8年12月2日", with(column::kBands, "３", with(column::kTotal, "")))),
              "ready");
    EXPECT_EQ(said(with(column::kCode, "０１１０１１３７１９", with(column::kKind, ""))), "ready");
    EXPECT_EQ(said(with(column::kCode, "")), "ready") << "by its id";
    auto closed = template_cells("0110113719", "みどりの森クリニック", kClinic, kToday);
    EXPECT_EQ(said(closed), "left_out age_0:report_file_blank") << "a template that nobody filled in is no 0件";
    closed.at(column::kKind) = "休診";
    EXPECT_EQ(said(closed), "ready");
    EXPECT_EQ(figures_in(closed)->kind, ReportKind::closed);
    EXPECT_EQ(figures_in(good({}))->kind, ReportKind::zero);
}

TEST(ReportFile, WhatIsReportedIsKnownAndNeverReplaced) {
    auto surroundings = around();
    const auto old = days_before(kToday, 60);
    for (const auto day : {kToday, old}) {
        surroundings.reported[kClinic][day] = {
            {day, ReportKind::figures, counts({3, 4})}, "20261202-000001", "森 緑", "16:58"};
    }
    EXPECT_EQ(said(good(), surroundings), "known date:report_file_known");
    EXPECT_EQ(said(good({3, 4}, old), surroundings), "known date:report_file_known") << "an export imports again";
    EXPECT_EQ(said(good({3, 5}), surroundings), "bad date:report_file_differs");
    EXPECT_EQ(said(good({}), surroundings), "bad date:report_file_differs");
}

TEST(ReportFile, TheSameOrganizationAndDayTwiceIsRefusedTheSecondTime) {
    const auto rows =
        checked({good(), with(column::kCode, "", good({5})), good({3, 4}, days_before(kToday, 1))}, around());
    EXPECT_EQ(rows[0].state, ImportRowState::ready);
    EXPECT_EQ(rows[1].state, ImportRowState::bad);
    ASSERT_FALSE(rows[1].problems.empty());
    EXPECT_EQ(rows[1].problems.front().rule, "report_file_twice");
    EXPECT_EQ(rows[1].problems.front().values.at("row"), "2");
    EXPECT_EQ(rows[2].state, ImportRowState::ready);
}

TEST(ReportFile, WarningsAskAndDoNotRefuse) {
    EXPECT_EQ(said(good({12000})), "warned age_0:report_warning.ten_thousand");
    EXPECT_EQ(said(with(column::kName, "別の医院")), "warned name:batch_name_differs") << "rows that shifted";
    std::vector<ReportRow> rows = {{.number = 2, .cells = good({12000}), .accepted = true}};
    check_rows(rows, around(), kNow);
    EXPECT_EQ(rows[0].state, ImportRowState::ready);
    EXPECT_TRUE(rows[0].problems.front().warning);
}

TEST(ReportFile, AClinicReportsForItselfOnlyAndOnTheDaysThatAreOpenToIt) {
    auto surroundings = around();
    surroundings.for_others = false;
    surroundings.own = kClinic;
    EXPECT_EQ(said(good(), surroundings), "ready");
    EXPECT_EQ(said(good({1}, days_before(kToday, 1)), surroundings), "ready") << "24 hours after its end";
    EXPECT_EQ(said(good({1}, days_before(kToday, 2)), surroundings), "bad date:report_file_too_late");
    EXPECT_EQ(said(with(column::kCode, "", with(column::kOrganization, "12", with(column::kName, ""))), surroundings),
              "bad organization:report_file_place");
}

TEST(ReportFile, HeadingsAreFoundInAnyOrderBelowATitleAndMissingOnesAreNamed) {
    const auto cells = good();
    const std::string row = spreadsheet::csv_line(std::vector<std::string>(cells.begin(), cells.end()));
    const auto file = read_reports(sheet("12月の報告\r\n" + headings() + row)).value();
    ASSERT_EQ(file.rows.size(), 1U);
    EXPECT_EQ(file.rows[0].first, 3);
    EXPECT_EQ(file.rows[0].second, cells);
    EXPECT_EQ(report_places(to_text(file.places)), file.places);
    const auto refusal = [](const std::string& csv) {
        const auto read = read_reports(sheet(csv));
        return read ? std::string("ok") : read.error().message_id;
    };
    EXPECT_EQ(
        read_reports(sheet("医療機関コード,報告年月日,0歳\r\n1,2,3\r\n")).error().values.at("missing").substr(0, 6),
        "1-4歳");
    EXPECT_EQ(refusal("名前,人数\r\na,1\r\n"), "report_file_headings");
    EXPECT_EQ(refusal("報告日,報告年月日\r\n1,2\r\n"), "file_heading_twice");
    EXPECT_EQ(refusal(headings()), "file_no_rows");
    std::string many = headings();
    for (int i = 0; i <= limits::kReportFileRows; ++i) {
        many += row;
    }
    EXPECT_EQ(refusal(many), "file_rows");
}

TEST(ReportFile, ARowIsKeptAndComesBack) {
    const auto rows = checked({with(column::kBands, "-3")}, around());
    const auto back = report_row(kept(rows[0]));
    EXPECT_EQ(back.cells, rows[0].cells);
    EXPECT_EQ(back.organization, kClinic);
    EXPECT_EQ(back.problems.front().rule, "count_signed");
}

// Our export as LibreOffice 7.4 saved it again: as xlsx by way of ods, as CSV in UTF-8 and in Shift_JIS.
TEST(ReportFile, OurExportComesBackInEveryFormThatLibreOfficeSaves) {
    for (const auto* name : {"libreoffice-reports-from-ods.xlsx", "libreoffice-reports.xlsx",
                             "libreoffice-reports-utf8.csv", "libreoffice-reports-cp932.csv"}) {
        SCOPED_TRACE(name);
        std::ifstream in(test::source_directory() + "/tests/unit/files/" + name, std::ios::binary);
        const std::string bytes(std::istreambuf_iterator<char>(in), {});
        const auto file = read_reports(spreadsheet::read_sheet(name, bytes).value()).value();
        ASSERT_EQ(file.rows.size(), 3U);
        EXPECT_EQ(said(file.rows[0].second), "ready") << "its zero stays";
        EXPECT_EQ(figures_in(file.rows[0].second)->counts, counts({3, 4, 0, 10}));
        EXPECT_EQ(said(file.rows[1].second), "ready") << "by its id";
        EXPECT_EQ(figures_in(file.rows[1].second)->kind, ReportKind::zero);
        EXPECT_EQ(figures_in(file.rows[2].second)->kind, ReportKind::closed);
    }
}

}  // namespace
}  // namespace madoguchi::reports
