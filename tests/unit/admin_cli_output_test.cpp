#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "admin-cli/output.hpp"
#include "admin-cli/text_width.hpp"

namespace madoguchi::admin_cli {
namespace {

TEST(AdminCliWidth, CountsColumnsOfATerminal) {
    EXPECT_EQ(display_width("abc"), 3U);
    EXPECT_EQ(display_width("日次報告"), 8U);
    EXPECT_EQ(display_width("ｱｵﾊﾞ"), 4U);          // halfwidth katakana, its voiced mark included
    EXPECT_EQ(display_width("か\u3099"), 2U);      // combining voiced mark
    EXPECT_EQ(display_width("辻\U000E0100"), 2U);  // ideographic variation selector
    EXPECT_EQ(display_width("𠮷野家"), 6U);        // beyond the basic plane
    EXPECT_EQ(display_width("ＡＢ（１）"), 10U);
    EXPECT_EQ(display_width("café"), 4U);
    EXPECT_EQ(padded("青葉", 6), "青葉  ");
    EXPECT_EQ(padded("青葉", 2), "青葉");
}

TEST(AdminCliWidth, EscapesWhatWouldSteerTheTerminal) {
    EXPECT_EQ(printable("a\x1b[31mred\x07"), "a\\u001b[31mred\\u0007");
    EXPECT_EQ(printable("one\ntwo\r\tthree"), "one\\ntwo\\r\\tthree");
    EXPECT_EQ(printable("abc\u202Etxt.exe"), "abc\\u202etxt.exe");
    EXPECT_EQ(printable("\u009b31m\u200b\ufeff"), "\\u009b31m\\u200b\\ufeff");
    EXPECT_EQ(printable("\U000E0041"), "\\udb40\\udc41");
    EXPECT_EQ(printable("\xff\xc0\xaf"
                        "a\xe3\x81"),
              "\uFFFD\uFFFD\uFFFDa\uFFFD\uFFFD");
    EXPECT_EQ(printable("青葉 内科"), "青葉 内科");
}

TEST(AdminCliOutput, WritesTimesForPeopleInTablesAndForProgramsInCsv) {
    EXPECT_EQ(readable_time("2026-12-02T16:58:01.123456+09:00"), "2026/12/02 16:58:01");
    EXPECT_EQ(readable_time("2026-12-02T16:58:01+09:00"), "2026/12/02 16:58:01");
    EXPECT_EQ(readable_time("2026-12-02T16:58:01Z"), "2026-12-02T16:58:01Z") << "not Japan's time: nothing is left out";
    const Json row = Json::parse(R"({"created_at":"2026-12-02T16:58:01.123456+09:00"})");
    EXPECT_EQ(render_record(row, {"created_at"}, Language::en), "CREATED  2026/12/02 16:58:01\n");
    EXPECT_EQ(render_csv(Json::array({row}), {"created_at"}), "created_at\r\n2026-12-02T16:58:01.123456+09:00\r\n");
}

TEST(AdminCliOutput, AlignsTablesWithWideCharacters) {
    const Json rows = Json::parse(R"([{"id":"1","name":"青葉内科","organization":{"name":"杉並"}},
                                      {"id":"1042","name":"Smith","organization":null}])");
    EXPECT_EQ(render_table(rows, {"id", "name", "organization.name"}, Language::en),
              "ID    NAME      ORGANIZATION\n"
              "1     青葉内科  杉並\n"
              "1042  Smith\n");
    EXPECT_EQ(render_table(rows, {"id", "name"}, Language::ja),
              "番号  名称\n"
              "1     青葉内科\n"
              "1042  Smith\n");
}

TEST(AdminCliOutput, WritesEachItemOfAListOnItsOwnLine) {
    const Json record = Json::parse(R"({"login_id":"sato@x","grants":[
        {"role":"facility_staff","organization":{"name":"青葉"},"state":"active"},
        {"role":"auditor","organization":{"name":"国"},"state":"ended"}],
        "second_steps":[{"id":"1","kind":"sms","label":"+81 ** 78","default":true}]})");
    EXPECT_EQ(render_record(record, {"login_id", "grants", "second_steps"}, Language::en),
              "LOGIN ID      sato@x\n"
              "ROLES         facility_staff @ 青葉\n"
              "              auditor @ 国 (ended)\n"
              "SECOND STEPS  sms +81 ** 78 *\n");
}

TEST(AdminCliOutput, SaysWhyAndUntilWhenSomebodyWaits) {
    EXPECT_EQ(cell(Json::parse(R"([{"until":"2026-11-23T12:49:37.054971+09:00","waits":1,"why":"password"}])")),
              "password (2026/11/23 12:49:37)");
}

TEST(AdminCliOutput, WritesCsvByTheRfc) {
    const Json rows = Json::parse(R"([{"id":"7","name":"a,b","organization":{"name":"say \"hi\""}},
                                      {"id":null,"name":"one\ntwo","organization":{}}])");
    EXPECT_EQ(render_csv(rows, {"id", "name", "organization.name"}),
              "id,name,organization_name\r\n"
              "7,\"a,b\",\"say \"\"hi\"\"\"\r\n"
              ",one\\ntwo,\r\n");
}

TEST(AdminCliOutput, CsvHoldsNoLiveFormula) {
    for (const char* formula : {"=1+1", "+81", "-1", "@SUM(A1)", "\tx", "\rx", "＝1+1", "＋1", "－1", "＠x"}) {
        Json row = Json::object();
        row["name"] = formula;
        const std::string csv = render_csv(Json::array({row}), {"name"});
        EXPECT_EQ(csv.substr(std::string("name\r\n").size(), 1), "'") << formula;
    }
    Json quoted = Json::object();
    quoted["name"] = "=HYPERLINK(\"http://x\",\"y\")";
    EXPECT_EQ(render_csv(Json::array({quoted}), {"name"}), "name\r\n\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\"\r\n");
    Json number = Json::object();
    number["checked"] = -1;
    EXPECT_EQ(render_csv(Json::array({number}), {"checked"}), "checked\r\n-1\r\n");
}

TEST(AdminCliOutput, JsonKeepsTheServersDataAndOrder) {
    const std::string text = R"({"z":1,"a":["\u001b[0m","青葉","\u202e",12345678901234567890],"m":null})";
    const Json value = Json::parse(text);
    const std::string written = render_json(value);
    EXPECT_EQ(Json::parse(written), value);
    EXPECT_LT(written.find("\"z\""), written.find("\"a\""));
    EXPECT_EQ(written.find('\x1b'), std::string::npos);
    EXPECT_NE(written.find("\\u202e"), std::string::npos);
    EXPECT_NE(written.find("青葉"), std::string::npos);
    EXPECT_TRUE(written.ends_with("}\n"));
}

TEST(AdminCliOutput, ShowsBeforeAndAfterWhole) {
    EXPECT_EQ(cell(Json::parse(R"({"login_id":"a","state":"active"})")), R"({"login_id":"a","state":"active"})");
    EXPECT_EQ(cell(Json::parse(R"({"id":"1","login_id":"a"})")), "a");
    EXPECT_EQ(cell(Json::parse("null")), "");
    EXPECT_EQ(cell(Json::parse("true")), "true");
}

}  // namespace
}  // namespace madoguchi::admin_cli
