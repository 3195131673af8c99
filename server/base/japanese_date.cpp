#include "base/japanese_date.hpp"

#include <array>
#include <charconv>
#include <vector>

#include "base/japanese_text.hpp"

namespace madoguchi {
namespace {

struct Era {
    std::string_view name;
    std::string_view letter;
    int year_before_first;
};
// A file of today names no day before 2000, so Showa only ever comes as a typing error, which the range refuses.
constexpr std::array kEras = {Era{"令和", "R", 2018}, Era{"平成", "H", 1988}, Era{"昭和", "S", 1925}};
constexpr std::string_view kFirstYear = "元";

constexpr int kEarliestYear = 2000;
constexpr int kLatestYear = 2200;
constexpr int kSerialOf2000 = 36526;  // 1900 date system, ECMA-376 part 1 §18.17.4.1
constexpr int kSerialOf2200 = 109575;

bool starts_with_letter(std::string_view text, std::string_view letter) {
    return !text.empty() && (text.front() == letter.front() || text.front() == letter.front() - 'A' + 'a');
}

std::optional<int> number_in(std::string_view text) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc() && end == text.data() + text.size() && number >= 0;
    return whole && !text.empty() ? std::optional(number) : std::nullopt;
}

/// The year that an era's name begins, taken off the text; 0: none is named.
int take_era(std::string_view& text) {
    for (const auto& era : kEras) {
        if (text.starts_with(era.name)) {
            text.remove_prefix(era.name.size());
            return era.year_before_first;
        }
        if (starts_with_letter(text, era.letter)) {
            text.remove_prefix(1);
            return era.year_before_first;
        }
    }
    return 0;
}

/// "2026/12/2", "2026年12月2日", "20261202" as three texts.
std::vector<std::string> parts_of(std::string_view text, bool with_era) {
    std::string plain;
    for (std::size_t i = 0; i < text.size();) {
        bool mark = false;
        for (const std::string_view sign : {"年", "月", "日", "/", "-", "."}) {
            if (text.substr(i).starts_with(sign)) {
                plain += sign == "日" ? "" : " ";
                i += sign.size();
                mark = true;
                break;
            }
        }
        if (!mark) {
            plain += text[i] == ' ' ? std::string() : std::string(1, text[i]);
            ++i;
        }
    }
    constexpr std::size_t kCompact = 8;
    if (!with_era && plain.size() == kCompact && plain.find(' ') == std::string::npos) {
        return {plain.substr(0, 4), plain.substr(4, 2), plain.substr(6)};
    }
    std::vector<std::string> parts(1);
    for (const char letter : plain) {
        if (letter == ' ') {
            parts.emplace_back();
        } else {
            parts.back() += letter;
        }
    }
    return parts;
}

Instant begin_of(std::chrono::sys_days day) {
    constexpr std::chrono::hours kAheadOfUtc{9};
    return Instant(day) - kAheadOfUtc;
}

}  // namespace

std::string show_japanese_day(Instant instant) {
    constexpr std::size_t kDateOnly = 10;
    return format_japanese_date_time(instant).substr(0, kDateOnly);
}

Result<Instant> parse_japanese_day(std::string_view typed, const std::string& field) {
    using namespace std::chrono;
    const std::string folded = fold_width(typed);
    if (const auto serial = number_in(folded); serial && *serial >= kSerialOf2000 && *serial <= kSerialOf2200) {
        const auto day = sys_days(year(kEarliestYear) / January / 1) + days(*serial - kSerialOf2000);
        return invalid_field(field, "date_serial", {{"candidate", show_japanese_day(begin_of(day))}});
    }
    std::string_view text = folded;
    const int before_era = take_era(text);
    const auto parts = parts_of(text, before_era != 0);
    if (parts.size() != 3) {
        return invalid_field(field, "date_format");
    }
    const auto year_typed = before_era != 0 && parts[0] == kFirstYear ? std::optional(1) : number_in(parts[0]);
    const auto month_typed = number_in(parts[1]);
    const auto day_typed = number_in(parts[2]);
    if (!year_typed || !month_typed || !day_typed) {
        return invalid_field(field, "date_format");
    }
    const int full_year = *year_typed + before_era;
    const year_month_day when{year(full_year), month(static_cast<unsigned>(*month_typed)),
                              day(static_cast<unsigned>(*day_typed))};
    if (!when.ok() || full_year < kEarliestYear || full_year > kLatestYear) {
        return invalid_field(field, "date_format");
    }
    return begin_of(sys_days(when));
}

}  // namespace madoguchi
