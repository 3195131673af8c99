#include <gmock/gmock.h>

#include <cmath>
#include <ctime>

#include "base/file_limits.hpp"
#include "base/limits.hpp"
#include "spreadsheet/csv.hpp"
#include "spreadsheet/sheet.hpp"
#include "spreadsheet/text_encoding.hpp"
#include "spreadsheet/xlsx_styles.hpp"
#include "spreadsheet/xlsx_writer.hpp"
#include "spreadsheet_fixture.hpp"

namespace madoguchi::spreadsheet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::kRelationships;
using testing::kTypes;
using testing::kWorkbook;
using testing::make_xlsx;
using testing::make_zip;

std::string outcome(const Result<Sheet>& result) {
    return result ? "ok" : result.error().message_id;
}

std::vector<std::string> cells(const Result<Sheet>& sheet, std::size_t row) {
    return sheet && row < sheet->rows.size() ? sheet->rows[row].cells : std::vector<std::string>{"nothing"};
}

std::string with_styles(const std::string& rows, const std::string& types, const std::string& styles) {
    const std::string space = R"( xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main")";
    return make_zip(
        {{"[Content_Types].xml", types},
         {"xl/workbook.xml", kWorkbook},
         {"xl/_rels/workbook.xml.rels", kRelationships},
         {"xl/styles.xml", styles},
         {"xl/sharedStrings.xml", "<sst" + space + "/>"},
         {"xl/worksheets/sheet2.xml", "<worksheet" + space + "><sheetData>" + rows + "</sheetData></worksheet>"}});
}

double own_seconds() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// A bad file is refused in under two seconds, whatever is in it: of our own work, whoever else uses the machine.
std::string outcome_in_time(std::string_view name, const std::string& bytes) {
    const double start = own_seconds();
    const auto result = read_sheet(name, bytes);
    EXPECT_LT(own_seconds() - start, 2.0) << name;
    return outcome(result);
}

TEST(Xlsx, AllKindsOfTextReadAlike) {
    const auto sheet = read_sheet(
        "a.xlsx",
        make_xlsx(R"(<row r="3"><c r="A3" t="s"><v>0</v></c><c r="B3" t="inlineStr"><is><t>山野</t></is></c>)"
                  R"(<c r="C3" t="str"><f>A1&amp;B1</f><v>みどり</v></c><c r="E3"><v>1.19901429E8</v></c>)"
                  R"(<c r="F3"><v>12.5</v></c><c r="G3" t="b"><v>1</v></c><c r="H3" t="e"><v>#N/A</v></c></row>)",
                  "<si><t>0119901429</t></si>"));
    ASSERT_EQ(outcome(sheet), "ok");
    EXPECT_EQ(sheet->rows[0].number, 3);
    EXPECT_THAT(cells(sheet, 0), ElementsAre("0119901429", "山野", "みどり", "", "119901429", "12.5", "TRUE", "#N/A"));
}

TEST(Xlsx, ReadingsBesideNamesAreNoPartOfThem) {
    const auto sheet = read_sheet(
        "a.xlsx", make_xlsx(R"(<row><c t="s"><v>0</v></c></row>)",
                            R"(<si><r><t>山</t></r><r><t>野</t></r><rPh sb="0" eb="2"><t>ヤマノ</t></rPh></si>)"));
    EXPECT_THAT(cells(sheet, 0), ElementsAre("山野"));
}

TEST(Xlsx, PlacesMayBeLeftOutAndPrefixesUsed) {
    const auto sheet = read_sheet(
        "a.xlsx",
        make_zip(
            {{"[Content_Types].xml", testing::kTypes},
             {"xl/workbook.xml", testing::kWorkbook},
             {"xl/_rels/workbook.xml.rels", testing::kRelationships},
             {"xl/sharedStrings.xml", "<sst/>"},
             {"xl/worksheets/sheet2.xml",
              R"(<x:worksheet xmlns:x="urn:x"><x:sheetData><x:row><x:c t="inlineStr"><x:is><x:t>a</x:t></x:is></x:c>)"
              R"(<x:c><x:v>7</x:v></x:c></x:row><x:row/><x:row><x:c><x:v>8</x:v></x:c></x:row></x:sheetData></x:worksheet>)"}}));
    ASSERT_EQ(outcome(sheet), "ok");
    EXPECT_THAT(cells(sheet, 0), ElementsAre("a", "7"));
    EXPECT_EQ(sheet->rows.at(1).number, 3);
}

TEST(Xlsx, RowsCanNotShift) {
    EXPECT_EQ(outcome(read_sheet("a.xlsx", make_xlsx(R"(<row r="4"><c r="A5"><v>1</v></c></row>)"))), "file_broken");
    EXPECT_EQ(
        outcome(read_sheet("a.xlsx", make_xlsx(R"(<row r="4"><c><v>1</v></c></row><row r="4"><c><v>2</v></c></row>)"))),
        "file_broken");
    EXPECT_EQ(outcome(read_sheet("a.xlsx", make_xlsx(R"(<row><c t="s"><v>9</v></c></row>)"))), "file_broken");
}

TEST(Xlsx, CellsThatShowDaysAreReadAsDays) {
    const std::string types =
        kTypes.substr(0, kTypes.rfind("</Types>")) +
        R"(<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/></Types>)";
    const std::string styles =
        R"(<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">)"
        R"(<numFmts><numFmt numFmtId="164" formatCode="[$-411]ggge&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/>)"
        R"(<numFmt numFmtId="165" formatCode="[Red]0.00&quot; days&quot;"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>)"
        R"(<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="20"/></cellXfs></styleSheet>)";
    const auto rows =
        R"(<row><c s="0"><v>46358</v></c><c s="1"><v>46358</v></c><c s="2"><v>46358.75</v></c><c s="3"><v>46358</v></c>)"
        R"(<c s="4"><v>46358</v></c><c s="9"><v>46358</v></c><c s="1"><v>60</v></c><c s="1"><v>-1</v></c><c s="1" t="str"><v>R8.12.2</v></c></row>)";
    const std::vector<std::string> read = {"46358", "2026/12/02", "2026/12/02", "46358",  "46358",
                                           "46358", "60",         "-1",         "R8.12.2"};
    EXPECT_EQ(cells(read_sheet("a.xlsx", with_styles(rows, types, styles)), 0), read);
    EXPECT_EQ(day_of_serial(44896, true), "2026/12/02");
    EXPECT_EQ(day_of_serial(2'958'465, false), "9999/12/31");
    EXPECT_EQ(day_of_serial(2'958'466, false), "");
    EXPECT_EQ(day_of_serial(std::nan(""), false), "");
    EXPECT_FALSE(shows_day(200, "General"));
    EXPECT_TRUE(shows_day(200, "yyyy\\-mm\\-dd"));
}

TEST(Xlsx, ABombIsRefused) {
    const std::string spaces(150U * 1024 * 1024, ' ');
    const auto bomb = make_xlsx("<row><c><v>1</v></c></row>" + spaces);
    ASSERT_LT(bomb.size(), 2U * 1024 * 1024);
    EXPECT_EQ(outcome_in_time("a.xlsx", bomb), "file_expands");
    std::vector<std::pair<std::string, std::string>> many;
    for (int i = 0; i < 1000; ++i) {
        many.emplace_back("xl/media/" + std::to_string(i), "x");
    }
    EXPECT_EQ(outcome_in_time("a.xlsx", make_xlsx("<row><c><v>1</v></c></row>", "", many)), "file_expands");
}

TEST(Xlsx, EntitiesAreRefused) {
    const std::string laughs =
        R"(<!DOCTYPE s [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><sst><si><t>&b;</t></si></sst>)";
    const std::string outside =
        R"(<!DOCTYPE s [<!ENTITY a SYSTEM "file:///etc/passwd">]><sst><si><t>&a;</t></si></sst>)";
    for (const auto& strings : {laughs, outside}) {
        EXPECT_EQ(outcome_in_time("a.xlsx", make_zip({{"[Content_Types].xml", testing::kTypes},
                                                      {"xl/workbook.xml", testing::kWorkbook},
                                                      {"xl/_rels/workbook.xml.rels", testing::kRelationships},
                                                      {"xl/sharedStrings.xml", strings},
                                                      {"xl/worksheets/sheet2.xml", "<worksheet/>"}})),
                  "file_broken");
    }
}

TEST(Xlsx, MacrosAreRefusedWhateverTheNameSays) {
    const auto plain = make_xlsx("<row><c><v>1</v></c></row>");
    EXPECT_EQ(outcome(read_sheet("a.xlsm", plain)), "file_macros");
    EXPECT_EQ(outcome(read_sheet("a.xlsx", make_xlsx("<row><c><v>1</v></c></row>", "", {{"xl/vbaProject.bin", "x"}}))),
              "file_macros");
    auto types = testing::kTypes;
    types.replace(types.find("openxmlformats-officedocument.spreadsheetml.sheet"),
                  std::strlen("openxmlformats-officedocument.spreadsheetml.sheet"), "ms-excel.sheet.macroEnabled");
    EXPECT_EQ(outcome(read_sheet("a.xlsx", make_zip({{"[Content_Types].xml", types}}))), "file_macros");
}

TEST(Xlsx, AMillionRowsAreRefused) {
    std::string rows;
    for (int i = 1; i <= 1'000'000; ++i) {
        rows += "<row><c><v>1</v></c></row>";
    }
    EXPECT_EQ(outcome_in_time("a.xlsx", make_xlsx(rows)), "file_rows");
}

TEST(Xlsx, FortyThousandRowsAreRead) {
    std::string rows;
    for (int i = 1; i <= limits::kSheetRows + 1; ++i) {
        rows +=
            "<row><c t=\"inlineStr\"><is><t>0119901429</t></is></c><c t=\"inlineStr\"><is><t>山野</t></is></c></row>";
    }
    EXPECT_EQ(outcome_in_time("a.xlsx", make_xlsx(rows)), "ok");
}

TEST(Xlsx, TruncatedFilesAreRefusedWhereverTheyEnd) {
    const auto whole = make_xlsx("<row><c><v>1</v></c></row>");
    for (std::size_t size = 0; size < whole.size(); size += 7) {
        EXPECT_NE(outcome(read_sheet("a.xlsx", std::string_view(whole).substr(0, size))), "ok") << size;
    }
}

TEST(Xlsx, DamagedFilesAreRefusedOrReadButNeverCrash) {
    const auto whole = make_xlsx("<row><c><v>1</v></c><c t=\"s\"><v>0</v></c></row>", "<si><t>a</t></si>");
    for (std::size_t i = 0; i < whole.size(); ++i) {
        auto damaged = whole;
        damaged[i] = static_cast<char>(damaged[i] ^ 0x41);
        static_cast<void>(read_sheet("a.xlsx", damaged));
    }
}

TEST(Files, TheNameAndTheContentMustAgree) {
    EXPECT_EQ(outcome(read_sheet("a.csv", make_xlsx("<row><c><v>1</v></c></row>"))), "file_kind_differs");
    EXPECT_EQ(outcome(read_sheet("a.xlsx", "a,b\r\n")), "file_kind_differs");
    EXPECT_EQ(outcome(read_sheet("a.xlsx", make_zip({{"[Content_Types].xml", "<Types/>"}}))), "file_kind_differs");
    EXPECT_EQ(outcome(read_sheet("a.xlsx", "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")), "file_old_excel");
    EXPECT_EQ(outcome(read_sheet("a.xls", "x")), "file_old_excel");
    EXPECT_EQ(outcome(read_sheet("a.pdf", "%PDF-1.7")), "file_kind");
    EXPECT_EQ(outcome(read_sheet("a.csv", "")), "file_empty");
    EXPECT_EQ(outcome(read_sheet("A.CSV", "a,b")), "ok");
}

TEST(Csv, RowsAreNumberedAsASpreadsheetProgramDoes) {
    const auto sheet = read_sheet("a.csv", "a,\"b\nb\",\"say \"\"x\"\"\"\r\n\r\n0119901429,,c\nlast");
    ASSERT_EQ(outcome(sheet), "ok");
    EXPECT_THAT(cells(sheet, 0), ElementsAre("a", "b\nb", "say \"x\""));
    EXPECT_EQ(sheet->rows[1].number, 3);
    EXPECT_THAT(cells(sheet, 1), ElementsAre("0119901429", "", "c"));
    EXPECT_EQ(sheet->rows[2].number, 4);
}

TEST(Csv, ATruncatedQuoteIsRefused) {
    EXPECT_EQ(outcome(read_sheet("a.csv", "a,\"b")), "file_broken");
}

TEST(Csv, LimitsHold) {
    EXPECT_EQ(outcome_in_time("a.csv", std::string(100, ',') + "x"), "file_columns");
    EXPECT_EQ(outcome_in_time("a.csv", std::string(3000, 'x')), "file_cell");
    std::string rows;
    for (int i = 0; i < 1'000'000; ++i) {
        rows += "a,b\n";
    }
    EXPECT_EQ(outcome_in_time("a.csv", rows), "file_rows");
}

TEST(Csv, Cp932AndBothKindsOfUtf8AreRead) {
    const std::string cp932 = "\x8E\x52\x96\xEC,\xB1";  // 山野,ｱ
    EXPECT_THAT(cells(read_sheet("a.csv", cp932), 0), ElementsAre("山野", "ｱ"));
    EXPECT_THAT(cells(read_sheet("a.csv", "\xEF\xBB\xBF山野,髙"), 0), ElementsAre("山野", "髙"));
    EXPECT_THAT(cells(read_sheet("a.csv", "山野,𠮷"), 0), ElementsAre("山野", "𠮷"));
    EXPECT_EQ(outcome(read_sheet("a.csv", std::string("\xFF\xFE\x71\x5C\x00\x00", 6))), "file_encoding");
    EXPECT_EQ(outcome(read_sheet("a.csv", "\x80\xFF\xFF")), "file_encoding");
}

TEST(Csv, Cp932SaysWhatItHasNoLetterFor) {
    const auto encoded = encode_cp932("山野〜髙𠮷𠮷😀");
    EXPECT_THAT(encoded.unmapped, ElementsAre("𠮷", "😀"));
    EXPECT_EQ(decode_text(encoded.bytes).value().substr(0, 6), "山野");
    EXPECT_THAT(encode_cp932("東京都①㈱").unmapped, IsEmpty());
}

TEST(Csv, NothingLeavesAsAFormula) {
    for (const std::string start : {"=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"}) {
        const std::vector<std::string> line = {start + "HYPERLINK(\"x\")", "b"};
        EXPECT_EQ(csv_line(line), "\"'" + start + "HYPERLINK(\"\"x\"\")\",b\r\n");
    }
}

TEST(XlsxWriter, WhatIsWrittenReadsBackAsText) {
    const std::vector<WrittenSheet> sheets = {
        {"利用者", {{"コード"}, {"氏"}}, {{"0119901429", "山野"}, {"=1+1", "<&>"}, {"", "髙𠮷"}}},
        {"書き方", {}, {{"一行目"}}}};
    const auto bytes = write_xlsx(sheets, from_microseconds(1'780'000'000'000'000));
    ASSERT_TRUE(bytes);
    const auto sheet = read_sheet("a.xlsx", *bytes);
    ASSERT_EQ(outcome(sheet), "ok");
    EXPECT_THAT(cells(sheet, 0), ElementsAre("コード", "氏"));
    EXPECT_THAT(cells(sheet, 1), ElementsAre("0119901429", "山野"));
    EXPECT_THAT(cells(sheet, 2), ElementsAre("=1+1", "<&>"));
    EXPECT_THAT(cells(sheet, 3), ElementsAre("", "髙𠮷"));
    EXPECT_EQ(bytes->find("<f>"), std::string::npos);
}

TEST(Columns, AreNamedAsInAProgram) {
    EXPECT_EQ(column_name(0), "A");
    EXPECT_EQ(column_name(25), "Z");
    EXPECT_EQ(column_name(26), "AA");
    EXPECT_EQ(column_name(702), "AAA");
}

}  // namespace
}  // namespace madoguchi::spreadsheet
