#include "base/japanese_text.hpp"

#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/uniset.h>
#include <unicode/unistr.h>
#include <unicode/utf8.h>
#include <cstdint>

namespace madoguchi {
namespace {

using icu::UnicodeString;

constexpr UChar32 kNothing = 0;  // before the first code point
constexpr UChar32 kLongVowel = 0x30FC;
constexpr UChar32 kWaveDash = 0x301C;
constexpr UChar32 kHiraganaToKatakana = 0x60;

UnicodeString from_utf8(std::string_view text) {
    return UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
}

std::string to_utf8(const UnicodeString& text) {
    std::string out;
    text.toUTF8String(out);
    return out;
}

// ICU's instances are singletons that live as long as the program; they fail only if ICU's data is not installed.
UnicodeString normalized(const icu::Normalizer2* form, const UnicodeString& text, UErrorCode status) {
    UnicodeString out = form == nullptr ? UnicodeString() : form->normalize(text, status);
    return U_FAILURE(status) ? UnicodeString() : out;
}

UnicodeString nfkc(const UnicodeString& text) {
    UErrorCode status = U_ZERO_ERROR;
    return normalized(icu::Normalizer2::getNFKCInstance(status), text, status);
}

UnicodeString nfkc_case_folded(const UnicodeString& text) {
    UErrorCode status = U_ZERO_ERROR;
    return normalized(icu::Normalizer2::getNFKCCasefoldInstance(status), text, status);
}

// NFKC would turn U+FA19 (神 as many families write it) into another ideograph: names keep theirs.
UnicodeString nfkc_but_ideographs(const UnicodeString& text) {
    static const icu::UnicodeSet kFolded = [] {
        icu::UnicodeSet set(0, 0x10FFFF);
        set.remove(0xF900, 0xFAFF).remove(0x2F800, 0x2FA1F);
        set.freeze();
        return set;
    }();
    UErrorCode status = U_ZERO_ERROR;
    const auto* form = icu::Normalizer2::getNFKCInstance(status);
    if (form == nullptr) {
        return {};
    }
    const icu::FilteredNormalizer2 filtered(*form, kFolded);
    return normalized(&filtered, text, status);
}

// After NFKC. ー and 〜 are not here: what they are depends on their neighbour.
bool is_hyphen(UChar32 c) {
    return c == '-' || (c >= 0x2010 && c <= 0x2015) || c == 0x2212 || c == 0x2043;
}

bool is_space(UChar32 c) {
    return u_isUWhiteSpace(c) != 0;
}

bool is_invisible(UChar32 c) {
    return u_charType(c) == U_FORMAT_CHAR || u_charType(c) == U_CONTROL_CHAR;
}

bool takes_long_vowel(UChar32 c) {
    return (c >= 0x3041 && c <= 0x30FF) || (c >= 0x31F0 && c <= 0x31FF) ||
           u_hasBinaryProperty(c, UCHAR_IDEOGRAPHIC) != 0;
}

UChar32 katakana(UChar32 c) {
    const bool hiragana = (c >= 0x3041 && c <= 0x3096) || c == 0x309D || c == 0x309E;
    return hiragana ? c + kHiraganaToKatakana : c;
}

// Calls visit(code point) for each, in order.
template <class F>
void for_each_code_point(const UnicodeString& text, F&& visit) {
    for (std::int32_t i = 0; i < text.length(); i = text.moveIndex32(i, 1)) {
        visit(text.char32At(i));
    }
}

// One kind of hyphen, single spaces, nothing invisible, trimmed. A tab or a line break is a space in a field.
UnicodeString tidied(const UnicodeString& text) {
    UnicodeString out;
    bool space_waits = false;
    UChar32 before = kNothing;
    for_each_code_point(text, [&](UChar32 c) {
        if (is_space(c)) {
            space_waits = !out.isEmpty();
            return;
        }
        if (is_invisible(c)) {
            return;
        }
        if (space_waits) {
            out.append(static_cast<UChar32>(' '));
            before = ' ';
            space_waits = false;
        }
        const bool stray_vowel = c == kLongVowel && !takes_long_vowel(before);
        const bool dash_between_digits = (c == '~' || c == kWaveDash) && u_isdigit(before) != 0;
        before = is_hyphen(c) || stray_vowel || dash_between_digits ? '-' : c;
        out.append(before);
    });
    return out;
}

}  // namespace

bool valid_utf8(std::string_view text) {
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
    const auto length = static_cast<std::int32_t>(text.size());
    for (std::int32_t i = 0; i < length;) {
        UChar32 c = 0;
        U8_NEXT(bytes, i, length, c);
        if (c < 0) {
            return false;
        }
    }
    return true;
}

std::size_t code_points(std::string_view text) {
    return static_cast<std::size_t>(from_utf8(text).countChar32());
}

std::string strip_spaces(std::string_view text) {
    const auto all = from_utf8(text);
    std::int32_t begin = 0;
    std::int32_t end = all.length();
    while (begin < end && is_space(all.char32At(begin))) {
        begin = all.moveIndex32(begin, 1);
    }
    while (end > begin && is_space(all.char32At(all.moveIndex32(end, -1)))) {
        end = all.moveIndex32(end, -1);
    }
    return to_utf8(all.tempSubStringBetween(begin, end));
}

std::string fold_width(std::string_view text) {
    // Twice: what was kept apart by an invisible character may compose now.
    return to_utf8(nfkc_but_ideographs(tidied(nfkc_but_ideographs(from_utf8(text)))));
}

std::string fold_login_id(std::string_view text) {
    UnicodeString out;
    for_each_code_point(nfkc_case_folded(from_utf8(text)), [&](UChar32 c) {
        if (is_hyphen(c) || c == kLongVowel || c == kWaveDash || c == '~') {
            out.append(static_cast<UChar32>('-'));
        } else if (!is_space(c) && !is_invisible(c)) {
            out.append(c);
        }
    });
    return to_utf8(nfkc_case_folded(out));
}

std::string search_key(std::string_view text) {
    UnicodeString out;
    for_each_code_point(nfkc_case_folded(from_utf8(text)), [&](UChar32 c) {
        if (is_hyphen(c)) {
            out.append(static_cast<UChar32>('-'));
        } else if (!is_space(c) && !is_invisible(c)) {
            out.append(katakana(c));
        }
    });
    return to_utf8(nfkc_case_folded(out));
}

SecretText normalize_password(std::string_view text) {
    UErrorCode status = U_ZERO_ERROR;
    return SecretText(to_utf8(normalized(icu::Normalizer2::getNFCInstance(status), from_utf8(text), status)));
}

std::optional<std::string> fold_digits(std::string_view text) {
    std::string out;
    bool clean = true;
    for_each_code_point(nfkc(from_utf8(text)), [&](UChar32 c) {
        const auto digit = u_charDigitValue(c);
        if (digit >= 0) {
            out.push_back(static_cast<char>('0' + digit));
        } else if (!is_hyphen(c) && !is_space(c) && !is_invisible(c) && c != kLongVowel && c != kWaveDash && c != '~') {
            clean = false;
        }
    });
    return clean ? std::optional(out) : std::nullopt;
}

std::optional<std::string> fold_kana(std::string_view text) {
    UnicodeString out;
    bool clean = true;
    for_each_code_point(tidied(nfkc(from_utf8(text))), [&](UChar32 c) {
        // Between kana a hyphen of any kind was meant as ー; at the start or after a space it is a mistake.
        const bool after_kana = !out.isEmpty() && out.char32At(out.moveIndex32(out.length(), -1)) != ' ';
        const UChar32 folded = c == '-' && after_kana ? kLongVowel : katakana(c);
        const bool kana = (folded >= 0x30A1 && folded <= 0x30FA) || (folded >= 0x30FC && folded <= 0x30FE);
        clean = clean && (kana || folded == 0x30FB || folded == ' ');
        out.append(folded);
    });
    return clean ? std::optional(to_utf8(out)) : std::nullopt;
}

}  // namespace madoguchi
