#include "accounts/batch.hpp"

#include <gmock/gmock.h>

namespace madoguchi::accounts {
namespace {

using ::testing::ElementsAre;

spreadsheet::Sheet sheet(std::vector<std::vector<std::string>> rows) {
    spreadsheet::Sheet out;
    for (auto& cells : rows) {
        out.rows.push_back({static_cast<int>(out.rows.size()) + 1, std::move(cells)});
    }
    return out;
}

BatchRow row(int number, const std::string& code, const std::string& name, const std::string& family,
             const std::string& given = "") {
    const RowCells cells = {code, name, family, given, "", "", "", ""};
    return {.number = number, .typed = cells, .cells = cells};
}

BatchSurroundings two_facilities() {
    BatchSurroundings out;
    out.facilities = {{"0110113719", {{10}, "みどり野中央内科"}}, {"1310112342", {{11}, "東雲台医院"}}};
    out.people[{OrganizationId{10}, "白井ツバサ"}] = {{77}, "f01-00077@madoguchi.example"};
    return out;
}

std::string state_and_reason(const BatchRow& row) {
    std::string out(to_text(row.state));
    for (const auto& problem : row.problems) {
        out += " " + std::string(to_text(problem.column)) + ":" + problem.rule;
    }
    return out;
}

std::vector<std::string> checked(std::vector<BatchRow> rows) {
    check_rows(rows, two_facilities());
    std::vector<std::string> out;
    for (const auto& one : rows) {
        out.push_back(state_and_reason(one));
    }
    return out;
}

TEST(BatchHeadings, AreFoundInAnyOrderBelowATitle) {
    const auto file = read_batch(sheet({{"冬期追加分"},
                                        {"名", "備考", "氏　※必須", "医療機関ｺｰﾄﾞ", "機関名"},
                                        {"みどり", "x", "山野", "0110113719", "内科"},
                                        {"", "備考だけ"}}));
    ASSERT_TRUE(file);
    ASSERT_EQ(file->rows.size(), 1U);
    EXPECT_EQ(file->rows[0].first, 3);
    EXPECT_THAT(file->rows[0].second, ElementsAre("0110113719", "内科", "山野", "みどり", "", "", "", ""));
    EXPECT_EQ(place_in_file(file->places, BatchColumn::code), "D");
    EXPECT_EQ(place_in_file(file->places, BatchColumn::family_kana), "");
    EXPECT_EQ(column_places(to_text(file->places)), file->places);
}

TEST(BatchHeadings, MissingOrDoubledOnesRefuseTheFile) {
    EXPECT_EQ(read_batch(sheet({{"a", "b"}, {"c", "d"}})).error().message_id, "file_headings");
    EXPECT_EQ(read_batch(sheet({{"医療機関コード", "氏", "姓"}})).error().message_id, "file_heading_twice");
    EXPECT_EQ(read_batch(sheet({{"医療機関コード", "氏"}})).error().message_id, "file_no_rows");
}

TEST(BatchRows, EachSaysWhatIsWrongAndWhere) {
    EXPECT_THAT(
        checked({row(2, "0110113719", "みどり野中央内科", "山野", "みどり"), row(3, "110113719", "", "山野"),
                 row(4, "0110113718", "", "海野"), row(5, "0110113719", "東雲台医院", "川野"),
                 row(6, "0910000017", "", "森"), row(7, "0110113719", "", "", "みどり"), row(8, "", "", "林"),
                 row(9, "0110113719", "みどり野中央内科", "")}),
        ElementsAre("ready", "bad code:institution_code_zero_lost", "bad code:batch_check_digit code:batch_not_found",
                    "warned organization_name:batch_name_differs", "bad code:batch_not_found",
                    "bad family_name:required", "bad code:required", "left_out family_name:batch_nobody"));
}

TEST(BatchRows, WidthSpacesAndHyphensAreFoldedAndCounted) {
    std::vector<BatchRow> rows = {row(2, "０１１０－１１３７１９", "みどり野　中央内科", "山野　", "ﾐﾄﾞﾘ")};
    check_rows(rows, two_facilities());
    EXPECT_EQ(state_and_reason(rows[0]), "ready");
    EXPECT_EQ(at(rows[0].cells, BatchColumn::code), "0110113719");
    EXPECT_EQ(at(rows[0].cells, BatchColumn::given_name), "ミドリ");
    EXPECT_EQ(folded_cells(rows), 4);
}

TEST(BatchRows, AZeroThatWasLostIsAskedAboutNeverGuessed) {
    std::vector<BatchRow> rows = {row(2, "110113719", "", "山野")};
    check_rows(rows, two_facilities());
    EXPECT_EQ(rows[0].problems.at(0).suggestion, "0110113719");
    EXPECT_EQ(at(rows[0].cells, BatchColumn::code), "110113719");
}

BatchRow row_with_period(const std::string& from, const std::string& until) {
    auto out = row(2, "0110113719", "", "山野");
    at(out.cells, BatchColumn::valid_from) = from;
    at(out.cells, BatchColumn::valid_until) = until;
    out.typed = out.cells;
    return out;
}

std::string checked_period(const std::string& from, const std::string& until) {
    auto around = two_facilities();
    around.now = from_microseconds(1'780'000'000'000'000);  // 2026-05-29 in Japan
    std::vector rows = {row_with_period(from, until)};
    check_rows(rows, around);
    return state_and_reason(rows[0]) + "|" + at(rows[0].cells, BatchColumn::valid_from) + "|" +
           at(rows[0].cells, BatchColumn::valid_until);
}

TEST(BatchRows, APeriodIsReadInEveryFormAndShownInOne) {
    EXPECT_EQ(checked_period("", ""), "ready||");
    EXPECT_EQ(checked_period("令和9年4月1日", "R10.3.31"), "ready|2027/04/01|2028/03/31");
    EXPECT_EQ(checked_period("", "2026/05/29"), "ready||2026/05/29") << "the last day is today";
    const auto period = period_of(row_with_period("2027/04/01", "2027/04/30").cells);
    EXPECT_EQ(format_rfc3339_japan(*period.from), "2027-04-01T00:00:00.000000+09:00");
    EXPECT_EQ(format_rfc3339_japan(*period.until), "2027-05-01T00:00:00.000000+09:00") << "holds the whole last day";
}

TEST(BatchRows, ADayThatCannotBeIsSaidAtItsCell) {
    EXPECT_EQ(checked_period("あした", "2027/02/30"),
              "bad valid_from:date_format valid_until:date_format|あした|2027/02/30");
    EXPECT_EQ(checked_period("2027/04/02", "2027/04/01"), "bad valid_until:from_after_until|2027/04/02|2027/04/01");
    EXPECT_EQ(checked_period("", "2026/05/28"), "bad valid_until:batch_period_over||2026/05/28");
    EXPECT_EQ(checked_period("46478", ""), "bad valid_from:date_serial|46478|") << "asked about, never guessed";
}

TEST(BatchRows, TheSamePersonTwiceIsOneHoweverItIsWritten) {
    EXPECT_THAT(checked({row(2, "0110113719", "", "山野", "みどり"), row(3, "0110113719", "", "山野みどり", ""),
                         row(4, "1310112342", "", "山野", "みどり")}),
                ElementsAre("ready", "left_out code:batch_twice", "ready"));
}

TEST(BatchRows, WhoHasAnIdThereIsKnown) {
    std::vector<BatchRow> rows = {row(2, "0110113719", "", "白井", "つばさ")};
    check_rows(rows, two_facilities());
    EXPECT_EQ(rows[0].state, RowState::known);
    EXPECT_EQ(rows[0].account.value, 77);
}

TEST(BatchRows, AWarningThatWasLookedAtIsReady) {
    std::vector<BatchRow> rows = {row(2, "0110113719", "東雲台医院", "川野")};
    rows[0].accepted = true;
    check_rows(rows, two_facilities());
    EXPECT_EQ(rows[0].state, RowState::ready);
}

TEST(BatchRows, LeftOutBySomebodyStaysSoAndByTheCheckIsLookedAtAgain) {
    std::vector<BatchRow> rows = {row(2, "0110113719", "", "山野"), row(3, "0110113719", "", "山野")};
    rows[0].state = RowState::left_out;
    check_rows(rows, two_facilities());
    EXPECT_EQ(rows[0].state, RowState::left_out);
    EXPECT_EQ(rows[1].state, RowState::ready);
    rows[0].state = RowState::bad;
    check_rows(rows, two_facilities());
    EXPECT_EQ(rows[1].state, RowState::left_out);
    at(rows[0].cells, BatchColumn::family_name) = "海野";
    check_rows(rows, two_facilities());
    EXPECT_EQ(rows[1].state, RowState::ready);
}

TEST(BatchStates, GoOnlyWhereTheDrawingSays) {
    const std::vector<std::tuple<BatchState, BatchEvent, BatchState>> allowed = {
        {BatchState::checked, BatchEvent::confirm, BatchState::issuing},
        {BatchState::checked, BatchEvent::drop, BatchState::dropped},
        {BatchState::issuing, BatchEvent::stop, BatchState::stopped},
        {BatchState::issuing, BatchEvent::finish, BatchState::done},
        {BatchState::stopped, BatchEvent::resume, BatchState::issuing}};
    for (int from = 0; from < 5; ++from) {
        for (int event = 0; event < 5; ++event) {
            const auto state = static_cast<BatchState>(from);
            const auto what = static_cast<BatchEvent>(event);
            const auto rule = std::ranges::find_if(
                allowed, [&](const auto& one) { return std::get<0>(one) == state && std::get<1>(one) == what; });
            const auto next = advance(state, what);
            EXPECT_EQ(next.has_value(), rule != allowed.end());
            if (next && rule != allowed.end()) {
                EXPECT_EQ(*next, std::get<2>(*rule));
            }
        }
    }
}

}  // namespace
}  // namespace madoguchi::accounts
