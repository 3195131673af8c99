#include "gateway/spoken_text.hpp"

#include <array>
#include <cstdint>
#include <vector>

#include "base/limits.hpp"

namespace madoguchi::gateway {
namespace {

constexpr std::array<std::string_view, 10> kJapaneseDigits = {"ゼロ", "いち", "に",   "さん", "よん",
                                                              "ご",   "ろく", "なな", "はち", "きゅう"};
constexpr std::array<std::string_view, 10> kEnglishDigits = {"zero", "one", "two",   "three", "four",
                                                             "five", "six", "seven", "eight", "nine"};
// What ends a sentence, and what only separates.
constexpr std::array<std::string_view, 3> kStops = {"。", ". ", "! "};
constexpr std::array<std::string_view, 3> kCommas = {"、", ", ", ": "};

struct Phrase {
    std::string text;
    bool ends_sentence = false;
};

template <std::size_t N>
std::size_t starts_with_any(std::string_view text, const std::array<std::string_view, N>& marks) {
    for (const auto mark : marks) {
        if (text.starts_with(mark)) {
            return mark.size();
        }
    }
    return 0;
}

std::vector<Phrase> phrases(std::string_view text) {
    std::vector<Phrase> out(1);
    while (!text.empty()) {
        const std::size_t stop = starts_with_any(text, kStops);
        const std::size_t mark = stop != 0 ? stop : starts_with_any(text, kCommas);
        if (mark == 0) {
            out.back().text += text.front();
            text.remove_prefix(1);
            continue;
        }
        out.back().ends_sentence = stop != 0;
        out.emplace_back();
        text.remove_prefix(mark);
    }
    return out;
}

bool is_digit(const Phrase& phrase) {
    return phrase.text.size() == 1 && phrase.text.front() >= '0' && phrase.text.front() <= '9';
}

std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            default:
                out += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
        }
    }
    return out;
}

std::string said(std::string_view text, Locale locale) {
    const std::string_view language = locale == Locale::en ? "en-US" : "ja-JP";
    return "<Say language=\"" + std::string(language) + "\">" + escaped(text) + "</Say>";
}

constexpr std::string_view kPause = "<Pause length=\"1\"/>";

std::vector<std::uint16_t> utf16(std::string_view text) {
    std::vector<std::uint16_t> out;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte & 0xc0U) != 0x80U) {
            out.push_back(byte < 0x80U ? byte : std::uint16_t{0xffff});
        }
        if (byte >= 0xf0U) {
            out.push_back(0xffff);  // a pair of surrogates
        }
    }
    return out;
}

}  // namespace

std::string twiml(std::string_view text, Locale locale) {
    const auto& digits = locale == Locale::en ? kEnglishDigits : kJapaneseDigits;
    const std::string_view comma = locale == Locale::en ? ", " : "、";
    std::string out = "<Response>";
    std::string sentence;
    const auto finish = [&] {
        out += sentence.empty() ? std::string() : said(sentence, locale);
        sentence.clear();
    };
    for (const auto& phrase : phrases(text)) {
        if (is_digit(phrase)) {
            finish();
            out += said(digits.at(static_cast<std::size_t>(phrase.text.front() - '0')), locale);
            out += kPause;
        } else if (!phrase.text.empty()) {
            sentence += (sentence.empty() ? std::string() : std::string(comma)) + phrase.text;
        }
        if (phrase.ends_sentence) {
            finish();
            out += out.ends_with(kPause) ? std::string_view() : kPause;
        }
    }
    finish();
    return out + "</Response>";
}

int sms_segments(std::string_view text) {
    constexpr std::string_view kTwice = "^{}\\[~]|";  // GSM 03.38 escapes these
    constexpr std::size_t kGsmOne = 160;
    constexpr std::size_t kGsmEach = 153;
    constexpr std::size_t kUcsOne = 70;
    constexpr std::size_t kUcsEach = 67;
    const auto units = utf16(text);
    std::size_t septets = 0;
    bool plain = true;
    for (const auto unit : units) {
        plain = plain && unit < 0x80U && unit != '`';
        septets += unit < 0x80U && kTwice.find(static_cast<char>(unit)) != std::string_view::npos ? 2 : 1;
    }
    const std::size_t length = plain ? septets : units.size();
    const std::size_t one = plain ? kGsmOne : kUcsOne;
    const std::size_t each = plain ? kGsmEach : kUcsEach;
    return static_cast<int>(length <= one ? 1 : (length + each - 1) / each);
}

}  // namespace madoguchi::gateway
