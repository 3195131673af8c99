#include "render/texts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "render/placeholders.hpp"
#include "support/source_directory.hpp"

namespace madoguchi::render {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::string kTextDirectory = test::source_directory() + "/templates/text";

Texts shipped_texts() {
    auto texts = Texts::load(kTextDirectory);
    EXPECT_TRUE(texts.has_value()) << texts.error().detail;
    return std::move(texts).value();
}

/// A directory with two catalogs that goes with the test.
class Catalogs {
public:
    Catalogs(const std::string& japanese, const std::string& english) {
        const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
        path_ = std::filesystem::temp_directory_path() /
                (std::string("madoguchi-") + test->name() + "-" + std::to_string(::getpid()));
        std::filesystem::create_directories(path_);
        std::ofstream(path_ / "ja.json") << japanese;
        std::ofstream(path_ / "en.json") << english;
    }
    Catalogs(const Catalogs&) = delete;
    Catalogs& operator=(const Catalogs&) = delete;
    ~Catalogs() { std::filesystem::remove_all(path_); }

    std::string refusal() const {
        const auto texts = Texts::load(path_.string());
        return texts ? "accepted" : texts.error().detail;
    }

private:
    std::filesystem::path path_;
};

TEST(RenderTexts, BothLanguagesHaveTheSameKeysAndPlaceholders) {
    const auto texts = shipped_texts();
    EXPECT_GT(texts.catalog(Locale::ja).size(), 400U);
    EXPECT_EQ(texts.catalog(Locale::ja).size(), texts.catalog(Locale::en).size());
    for (const auto& [key, sentence] : texts.catalog(Locale::ja)) {
        const auto* other = texts.find(key, Locale::en);
        ASSERT_NE(other, nullptr) << key;
        EXPECT_EQ(placeholders_of(sentence), placeholders_of(*other)) << key;
    }
}

TEST(RenderTexts, EnglishHoldsNoJapanese) {
    const auto texts = shipped_texts();
    // Japanese named in Japanese; headings of a file and the mark in it, quoted as they stand there; an address as it
    // is typed.
    const std::set<std::string, std::less<>> quoting = {
        "layout.other_language", "batch_file.help_2",  "batch_file.help_3",   "batch_file.help_4",
        "batch_file.help_7",     "imports.file_help",  "import_file.help_1",  "import_file.help_2",
        "import_file.help_3",    "import_file.help_4", "import_file.help_5",  "error.import_headings",
        "batch_file.unmapped",   "batches.file_help",  "error.file_headings", "apply.address_help"};
    for (const auto& [key, sentence] : texts.catalog(Locale::en)) {
        if (quoting.contains(key)) {
            continue;
        }
        // U+3000 to U+9FFF begin with these bytes: kana, ideographs and their punctuation.
        for (const char lead : {'\xE3', '\xE4', '\xE5', '\xE6', '\xE7', '\xE8', '\xE9'}) {
            EXPECT_EQ(sentence.find(lead), std::string::npos) << key << ": " << sentence;
        }
    }
}

// Bold and unbreakable marks become HTML in templates only; these texts also go to messages, JSON and values.
TEST(RenderTexts, TextsThatAreNotPartOfATemplateHoldNoMarks) {
    const auto texts = shipped_texts();
    for (const auto locale : {Locale::ja, Locale::en}) {
        for (const auto& [key, sentence] : texts.catalog(locale)) {
            const bool plain = key.starts_with("error.") || key.starts_with("error_title.") ||
                               key.starts_with("message.") || key.starts_with("second_step_label.") ||
                               key.ends_with(".title");
            EXPECT_FALSE(plain &&
                         (sentence.find("__") != std::string::npos || sentence.find("**") != std::string::npos))
                << key;
        }
    }
}

TEST(RenderTexts, RefusesCatalogsThatDiffer) {
    EXPECT_THAT(Catalogs(R"({"a":"x","b":"y"})", R"({"a":"x"})").refusal(), HasSubstr("key b: only in one language"));
    EXPECT_THAT(Catalogs(R"({"a":"x"})", R"({"a":"x","c":"y"})").refusal(), HasSubstr("key c: only in one language"));
    EXPECT_THAT(Catalogs(R"({"a":"{time}"})", R"({"a":"{date}"})").refusal(), HasSubstr("key a: placeholders differ"));
    EXPECT_THAT(Catalogs(R"({"a":"{Time}"})", R"({"a":"x"})").refusal(), HasSubstr("ja.json: key a: broken"));
    EXPECT_THAT(Catalogs(R"({"a":1})", R"({"a":"x"})").refusal(), HasSubstr("key a: not a text"));
    EXPECT_THAT(Catalogs("[", "{}").refusal(), HasSubstr("ja.json: is not a JSON object"));
    EXPECT_EQ(Catalogs(R"({"a":"{x} {x}"})", R"({"a":"{x}"})").refusal(), "accepted");
}

TEST(RenderTexts, FillsValuesAndNeverShowsAnId) {
    const auto texts = shipped_texts();
    EXPECT_EQ(texts.text("error.too_short", Locale::ja, {{"minimum", "12"}}), "12文字以上で入力してください。");
    EXPECT_EQ(texts.text("error.nobody_wrote_this", Locale::en), texts.text("error.internal", Locale::en));
    EXPECT_EQ(texts.text("role.auditor", Locale::en), "Auditor");
    // A value is put in once; braces inside it are no placeholders.
    EXPECT_THAT(texts.text("second_step_label.sms", Locale::en, {{"number", "{number}"}}), HasSubstr("({number})"));
}

TEST(RenderTexts, MessagesStartWithTheServiceAndFitTwoSms) {
    const auto texts = shipped_texts();
    const auto sms = texts.text("message.sms.code", Locale::ja, {{"code", "482715"}, {"minutes", "10"}});
    EXPECT_THAT(sms, StartsWith("【窓口】"));
    EXPECT_THAT(sms, HasSubstr("482715"));
    constexpr std::size_t kOneSmsCharacters = 70;  // UCS-2, 3GPP TS 23.038
    EXPECT_LE(sms.size() / 3, kOneSmsCharacters);
    const auto english = texts.text("message.sms.code", Locale::en, {{"code", "482715"}, {"minutes", "10"}});
    EXPECT_LE(english.size(), 160U);
    const auto voice = texts.text("message.voice.code", Locale::ja, {{"code", spoken_digits("482715", Locale::ja)}});
    const std::string digits = "4、8、2、7、1、5";
    const auto first = voice.find(digits);
    ASSERT_NE(first, std::string::npos);
    EXPECT_NE(voice.find(digits, first + 1), std::string::npos) << "spoken twice";
    EXPECT_EQ(spoken_digits("012", Locale::en), "0, 1, 2");
}

TEST(RenderTexts, TellsWhenAgainRoundedUpToTheMinute) {
    // 2026-12-02 15:04:30 in Japan.
    const Instant now = from_microseconds(1'796'191'470'000'000);
    const Error error{
        .kind = ErrorKind::too_many, .message_id = "too_many_tries", .retry_after = std::chrono::seconds(61)};
    const auto values = values_of(error, now);
    EXPECT_EQ(values.at("time"), "15:06");
    EXPECT_EQ(values.at("seconds"), "61");
    EXPECT_EQ(values.at("minutes"), "2");
}

}  // namespace
}  // namespace madoguchi::render
