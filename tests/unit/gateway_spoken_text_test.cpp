#include "gateway/spoken_text.hpp"

#include <gtest/gtest.h>

namespace madoguchi::gateway {
namespace {

TEST(Twiml, SaysJapaneseDigitsOneByOneAndTwice) {
    const auto out =
        twiml("窓口からのお電話です。コードは、1、0、4、7、9、2、です。もう一度読み上げます。1、0、4、7、9、2、です。",
              Locale::ja);
    const std::string digits =
        "<Say language=\"ja-JP\">いち</Say><Pause length=\"1\"/><Say language=\"ja-JP\">ゼロ</Say><Pause length=\"1\"/>"
        "<Say language=\"ja-JP\">よん</Say><Pause length=\"1\"/><Say language=\"ja-JP\">なな</Say><Pause length=\"1\"/>"
        "<Say language=\"ja-JP\">きゅう</Say><Pause length=\"1\"/><Say language=\"ja-JP\">に</Say><Pause length=\"1\"/>"
        "<Say language=\"ja-JP\">です</Say><Pause length=\"1\"/>";
    EXPECT_EQ(out,
              "<Response><Say language=\"ja-JP\">窓口からのお電話です</Say><Pause length=\"1\"/>"
              "<Say language=\"ja-JP\">コードは</Say>" +
                  digits + "<Say language=\"ja-JP\">もう一度読み上げます</Say><Pause length=\"1\"/>" + digits +
                  "</Response>");
}

TEST(Twiml, SaysEnglishDigitsAsWords) {
    EXPECT_EQ(
        twiml("Your code is: 1, 2. Once more: 1, 2. Tell it to nobody.", Locale::en),
        "<Response><Say language=\"en-US\">Your code is</Say><Say language=\"en-US\">one</Say><Pause length=\"1\"/>"
        "<Say language=\"en-US\">two</Say><Pause length=\"1\"/><Say language=\"en-US\">Once more</Say>"
        "<Say language=\"en-US\">one</Say><Pause length=\"1\"/><Say language=\"en-US\">two</Say><Pause length=\"1\"/>"
        "<Say language=\"en-US\">Tell it to nobody.</Say></Response>");
}

TEST(Twiml, LetsNoTextBecomeInstructions) {
    EXPECT_EQ(twiml("a<Dial>+81900</Dial>&\x01", Locale::en),
              "<Response><Say language=\"en-US\">a&lt;Dial&gt;+81900&lt;/Dial&gt;&amp; </Say></Response>");
}

TEST(Twiml, NumbersWithinASentenceStayThere) {
    EXPECT_EQ(twiml("h01-00007 のパスワード、10分間。", Locale::ja),
              "<Response><Say language=\"ja-JP\">h01-00007 のパスワード、10分間</Say><Pause length=\"1\"/></Response>");
}

TEST(SmsSegments, CountAsTheNetworkDoes) {
    EXPECT_EQ(sms_segments(""), 1);
    EXPECT_EQ(sms_segments(std::string(160, 'a')), 1);
    EXPECT_EQ(sms_segments(std::string(161, 'a')), 2);
    EXPECT_EQ(sms_segments(std::string(306, 'a')), 2);
    EXPECT_EQ(sms_segments(std::string(307, 'a')), 3);
    EXPECT_EQ(sms_segments(std::string(80, '[')), 1);
    EXPECT_EQ(sms_segments(std::string(81, '[')), 2);
    EXPECT_EQ(sms_segments(std::string(71, '`')), 2) << "not in GSM 03.38: the whole text goes as UCS-2";
    std::string japanese;
    for (int i = 0; i < 70; ++i) {
        japanese += "窓";
    }
    EXPECT_EQ(sms_segments(japanese), 1);
    EXPECT_EQ(sms_segments(japanese + "口"), 2);
    EXPECT_EQ(sms_segments(japanese.substr(0, 69 * 3) + "𠮷"), 2) << "a pair of surrogates is two";
}

}  // namespace
}  // namespace madoguchi::gateway
