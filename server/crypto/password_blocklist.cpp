#include "crypto/password_blocklist.hpp"

#include <fmt/format.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <algorithm>
#include <array>
#include <fstream>

#include "base/japanese_text.hpp"
#include "base/limits.hpp"

namespace madoguchi::crypto {
namespace {

constexpr std::size_t kShortestWord = 4;      // shorter ones are part of too many good passwords
constexpr std::size_t kShortestPeriod = 4;    // so short a part repeated is as weak as the part
constexpr std::size_t kCharactersPerRun = 4;  // a text of runs that are longer than this on average is trivial
constexpr std::size_t kFewMarks = 6;          // password2024, !!password!!

// Code points of the folded text (width and case), spaces and hyphens kept: they tell a passphrase from a word.
std::u32string folded(std::string_view text) {
    const auto wide = icu::UnicodeString::fromUTF8(fold_width(text)).foldCase();
    std::u32string out;
    for (std::int32_t i = 0; i < wide.length(); i = wide.moveIndex32(i, 1)) {
        out.push_back(static_cast<char32_t>(wide.char32At(i)));
    }
    return out;
}

std::string as_utf8(std::u32string_view text) {
    std::string out;
    icu::UnicodeString::fromUTF32(reinterpret_cast<const UChar32*>(text.data()), static_cast<std::int32_t>(text.size()))
        .toUTF8String(out);
    return out;
}

// +1 or -1: neighbours in counting (9 before 0 too), in the alphabet, or on a keyboard's row. 0: the same. Nothing: no
// neighbours.
constexpr int kNoStep = 2;
int step_between(char32_t from, char32_t to) {
    static constexpr std::array<std::u32string_view, 6> kRows = {
        U"01234567890", U"qwertyuiop", U"asdfghjkl", U"zxcvbnm", U"1qaz2wsx3edc4rfv5tgb6yhn7ujm", U"!@#$%^&*()"};
    if (from == to) {
        return 0;
    }
    const bool letters_or_digits = u_isalnum(static_cast<UChar32>(from)) && u_isalnum(static_cast<UChar32>(to));
    if (letters_or_digits && (to == from + 1 || from == to + 1)) {
        return to > from ? 1 : -1;
    }
    for (const auto row : kRows) {
        for (std::size_t i = 0; i + 1 < row.size(); ++i) {
            if (row[i] == from && row[i + 1] == to) {
                return 1;
            }
            if (row[i] == to && row[i + 1] == from) {
                return -1;
            }
        }
    }
    return kNoStep;
}

// How many runs (aaaa, 1234, 4321, qwer) the text falls into.
std::size_t runs(std::u32string_view text) {
    std::size_t count = text.empty() ? 0 : 1;
    int direction = kNoStep;
    for (std::size_t i = 1; i < text.size(); ++i) {
        const int step = step_between(text[i - 1], text[i]);
        const bool goes_on = step != kNoStep && (direction == kNoStep || direction == step);
        direction = goes_on ? step : kNoStep;
        count += goes_on ? 0 : 1;
    }
    return count;
}

bool trivial_runs(std::u32string_view text) {
    return runs(text) * kCharactersPerRun <= text.size();
}

bool has_period(std::u32string_view text, std::size_t period) {
    return std::equal(text.begin() + static_cast<std::ptrdiff_t>(period), text.end(), text.begin());
}

// Lower case and width. The list is almost all ASCII, which needs no Unicode tables.
std::string folded_word(std::string word) {
    const bool ascii = std::all_of(word.begin(), word.end(), [](char c) { return c > ' ' && c <= '~'; });
    if (!ascii) {
        return as_utf8(folded(word));
    }
    std::transform(word.begin(), word.end(), word.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return word;
}

// p@ssw0rd is password to everybody, and to those who guess.
std::u32string without_look_alikes(std::u32string_view text) {
    constexpr std::u32string_view kMarks = U"@4301!5$7";
    constexpr std::u32string_view kLetters = U"aaeoiisst";
    std::u32string out(text);
    for (auto& c : out) {
        const auto at = kMarks.find(c);
        c = at == std::u32string_view::npos ? c : kLetters[at];
    }
    return out;
}

bool is_mark(char32_t c) {
    return !u_isalpha(static_cast<UChar32>(c));
}

}  // namespace

Result<PasswordBlocklist> PasswordBlocklist::load(const std::filesystem::path& file) {
    std::error_code error;
    const auto bytes = std::filesystem::file_size(file, error);
    std::ifstream in(file, std::ios::binary);
    if (error || !in || bytes == 0 || bytes > limits::kPasswordListBytes) {
        return failure(
            ErrorKind::internal, "password_list_missing",
            fmt::format("{}: no readable word list. Debian has one in the package cracklib-runtime", file.string()));
    }
    std::vector<std::string> words;
    for (std::string line; std::getline(in, line);) {
        words.push_back(std::move(line));
    }
    return PasswordBlocklist(std::move(words));
}

PasswordBlocklist::PasswordBlocklist(std::vector<std::string> words) {
    for (auto& word : words) {
        word = folded_word(std::move(word));
    }
    std::erase_if(words, [](const std::string& word) { return word.size() < kShortestWord; });
    std::sort(words.begin(), words.end());
    words.erase(std::unique(words.begin(), words.end()), words.end());
    std::size_t bytes = 1;
    for (const auto& word : words) {
        bytes += word.size() + 1;
    }
    lines_.reserve(bytes);
    lines_.push_back('\n');
    for (const auto& word : words) {
        lines_.append(word).push_back('\n');
    }
}

// Halving over bytes: from the middle back to a line's start. `begin` and `end` are always line starts.
bool PasswordBlocklist::listed(std::string_view word) const {
    if (word.size() < kShortestWord || word.find('\n') != std::string_view::npos) {
        return false;
    }
    const std::string_view lines(lines_);
    std::size_t begin = 1;
    std::size_t end = lines.size();
    while (begin < end) {
        const auto start = lines.rfind('\n', begin + (end - begin) / 2 - 1) + 1;
        const auto stop = lines.find('\n', start);
        const auto order = lines.substr(start, stop - start).compare(word);
        if (order == 0) {
            return true;
        }
        if (order < 0) {
            begin = stop + 1;
        } else {
            end = start;
        }
    }
    return false;
}

bool PasswordBlocklist::listed_word_repeated(std::u32string_view text) const {
    for (std::size_t period = kShortestWord; period * 2 <= text.size(); ++period) {
        const auto part = text.substr(0, period);
        if (has_period(text, period) && (listed(as_utf8(part)) || trivial_runs(part))) {
            return true;
        }
    }
    return false;
}

bool PasswordBlocklist::listed_word_with_few_marks(std::u32string_view text) const {
    const auto first = std::find_if_not(text.begin(), text.end(), is_mark);
    const auto last = std::find_if_not(text.rbegin(), text.rend(), is_mark).base();
    if (first == text.end()) {
        return false;
    }
    const std::u32string_view core(&*first, static_cast<std::size_t>(last - first));
    const std::u32string before(text.begin(), first);
    const std::u32string after(last, text.end());
    const bool marks_add_little = before.size() + after.size() <= kFewMarks || runs(before) + runs(after) <= 2;
    return marks_add_little &&
           (listed(as_utf8(core)) || listed(as_utf8(without_look_alikes(core))) || listed_word_repeated(core));
}

bool PasswordBlocklist::common(std::string_view password) const {
    const auto text = folded(password);
    if (text.empty() || trivial_runs(text) || listed(as_utf8(text))) {
        return !text.empty();
    }
    for (std::size_t period = 1; period <= kShortestPeriod && period * 2 <= text.size(); ++period) {
        if (has_period(text, period)) {
            return true;
        }
    }
    return listed_word_repeated(text) || listed_word_with_few_marks(text);
}

}  // namespace madoguchi::crypto
