// Files that LibreOffice 7.4 wrote: our template, filled in by typing into its cells, and saved in each form that it
// offers; and a sheet of somebody's own, where codes and days were typed into cells without a format.
#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

#include "accounts/batch.hpp"
#include "support/source_directory.hpp"

namespace madoguchi::accounts {
namespace {

using ::testing::ElementsAre;

BatchFile read_file(const std::string& name) {
    std::ifstream in(test::source_directory() + "/tests/unit/files/" + name, std::ios::binary);
    const std::string bytes(std::istreambuf_iterator<char>(in), {});
    return read_batch(spreadsheet::read_sheet(name, bytes).value()).value();
}

std::vector<BatchRow> checked(const std::string& name) {
    BatchSurroundings surroundings;
    std::vector<BatchRow> rows;
    for (const auto& [number, cells] : read_file(name).rows) {
        rows.push_back({.number = number, .typed = cells, .cells = cells});
        surroundings.facilities[at(cells, BatchColumn::code)] = {{1}, at(cells, BatchColumn::organization_name)};
    }
    check_rows(rows, surroundings);
    return rows;
}

std::string at_row(const std::vector<BatchRow>& rows, std::size_t index, BatchColumn column) {
    return at(rows.at(index).cells, column);
}

TEST(LibreOffice, OurTemplateComesBackInEveryFormItSaves) {
    for (const auto* name : {"libreoffice-template.xlsx", "libreoffice-from-ods.xlsx", "libreoffice-utf8.csv"}) {
        SCOPED_TRACE(name);
        const auto rows = checked(name);
        ASSERT_EQ(rows.size(), 10U);
        for (std::size_t i = 0; i < rows.size(); ++i) {
            EXPECT_EQ(rows[i].number, static_cast<int>(i) + 2);
            EXPECT_EQ(rows[i].state, RowState::ready);
        }
        EXPECT_EQ(at_row(rows, 0, BatchColumn::code), "0119900454") << "its zero stays";
        EXPECT_EQ(at_row(rows, 8, BatchColumn::code), "0119900116") << "also where a person typed it";
        EXPECT_EQ(at_row(rows, 1, BatchColumn::family_name), "髙橋");
        EXPECT_EQ(at_row(rows, 5, BatchColumn::family_name), "𠮷田");
        EXPECT_EQ(at_row(rows, 2, BatchColumn::valid_until), "2027/03/31");
        EXPECT_EQ(at_row(rows, 0, BatchColumn::valid_until), "2027/03/31") << "typed as 令和9年3月31日";
    }
}

// LibreOffice writes a question mark for what Shift_JIS does not have, and says nothing.
TEST(LibreOffice, ALetterThatShiftJisLostIsAskedAbout) {
    const auto rows = checked("libreoffice-cp932.csv");
    ASSERT_EQ(rows.size(), 10U);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        EXPECT_EQ(rows[i].state, i == 5 ? RowState::warned : RowState::ready) << i;
    }
    ASSERT_EQ(rows[5].problems.size(), 1U);
    EXPECT_EQ(rows[5].problems[0].rule, "batch_lost_letter");
    EXPECT_EQ(rows[5].problems[0].column, BatchColumn::family_name);
}

TEST(LibreOffice, ADayInACellOfDaysIsThatDayAndACodeWithoutItsZeroIsAskedAbout) {
    const auto rows = checked("libreoffice-days.xlsx");
    ASSERT_EQ(rows.size(), 4U);
    EXPECT_EQ(rows[0].number, 4) << "a title stands above";
    EXPECT_EQ(at_row(rows, 0, BatchColumn::valid_from), "2026/12/01");
    EXPECT_EQ(at_row(rows, 0, BatchColumn::valid_until), "2027/03/31");
    EXPECT_EQ(at_row(rows, 1, BatchColumn::valid_until), "2027/03/31");
    ASSERT_EQ(rows[0].problems.size(), 1U);
    EXPECT_EQ(rows[0].problems[0].rule, "institution_code_zero_lost");
    EXPECT_EQ(rows[0].problems[0].suggestion, "0119900165");
    EXPECT_EQ(at_row(rows, 2, BatchColumn::code), "0149900078") << "typed after an apostrophe";
    EXPECT_EQ(at_row(rows, 3, BatchColumn::code), "0119900165") << "full-width digits";
}

}  // namespace
}  // namespace madoguchi::accounts
