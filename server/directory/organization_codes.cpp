#include "directory/organization_codes.hpp"

#include <fmt/format.h>

#include "base/japanese_text.hpp"

namespace madoguchi::directory {
namespace {

constexpr std::size_t kInstitutionDigits = 10;
constexpr std::size_t kLocalGovernmentDigits = 6;
constexpr std::size_t kPostalDigits = 7;
constexpr std::size_t kSevenDigitReading = 7;
constexpr int kPrefectures = 47;

constexpr std::array<Prefecture, kPrefectures> kAllPrefectures = {{
    {1, "010006", "北海道", "ホッカイドウ", "Hokkaido"},   {2, "020001", "青森県", "アオモリケン", "Aomori"},
    {3, "030007", "岩手県", "イワテケン", "Iwate"},        {4, "040002", "宮城県", "ミヤギケン", "Miyagi"},
    {5, "050008", "秋田県", "アキタケン", "Akita"},        {6, "060003", "山形県", "ヤマガタケン", "Yamagata"},
    {7, "070009", "福島県", "フクシマケン", "Fukushima"},  {8, "080004", "茨城県", "イバラキケン", "Ibaraki"},
    {9, "090000", "栃木県", "トチギケン", "Tochigi"},      {10, "100005", "群馬県", "グンマケン", "Gunma"},
    {11, "110001", "埼玉県", "サイタマケン", "Saitama"},   {12, "120006", "千葉県", "チバケン", "Chiba"},
    {13, "130001", "東京都", "トウキョウト", "Tokyo"},     {14, "140007", "神奈川県", "カナガワケン", "Kanagawa"},
    {15, "150002", "新潟県", "ニイガタケン", "Niigata"},   {16, "160008", "富山県", "トヤマケン", "Toyama"},
    {17, "170003", "石川県", "イシカワケン", "Ishikawa"},  {18, "180009", "福井県", "フクイケン", "Fukui"},
    {19, "190004", "山梨県", "ヤマナシケン", "Yamanashi"}, {20, "200000", "長野県", "ナガノケン", "Nagano"},
    {21, "210005", "岐阜県", "ギフケン", "Gifu"},          {22, "220001", "静岡県", "シズオカケン", "Shizuoka"},
    {23, "230006", "愛知県", "アイチケン", "Aichi"},       {24, "240001", "三重県", "ミエケン", "Mie"},
    {25, "250007", "滋賀県", "シガケン", "Shiga"},         {26, "260002", "京都府", "キョウトフ", "Kyoto"},
    {27, "270008", "大阪府", "オオサカフ", "Osaka"},       {28, "280003", "兵庫県", "ヒョウゴケン", "Hyogo"},
    {29, "290009", "奈良県", "ナラケン", "Nara"},          {30, "300004", "和歌山県", "ワカヤマケン", "Wakayama"},
    {31, "310000", "鳥取県", "トットリケン", "Tottori"},   {32, "320005", "島根県", "シマネケン", "Shimane"},
    {33, "330001", "岡山県", "オカヤマケン", "Okayama"},   {34, "340006", "広島県", "ヒロシマケン", "Hiroshima"},
    {35, "350001", "山口県", "ヤマグチケン", "Yamaguchi"}, {36, "360007", "徳島県", "トクシマケン", "Tokushima"},
    {37, "370002", "香川県", "カガワケン", "Kagawa"},      {38, "380008", "愛媛県", "エヒメケン", "Ehime"},
    {39, "390003", "高知県", "コウチケン", "Kochi"},       {40, "400009", "福岡県", "フクオカケン", "Fukuoka"},
    {41, "410004", "佐賀県", "サガケン", "Saga"},          {42, "420000", "長崎県", "ナガサキケン", "Nagasaki"},
    {43, "430005", "熊本県", "クマモトケン", "Kumamoto"},  {44, "440001", "大分県", "オオイタケン", "Oita"},
    {45, "450006", "宮崎県", "ミヤザキケン", "Miyazaki"},  {46, "460001", "鹿児島県", "カゴシマケン", "Kagoshima"},
    {47, "470007", "沖縄県", "オキナワケン", "Okinawa"},
}};

constexpr int digit(char character) {
    return character - '0';
}

// Weights 6, 5, 4, 3, 2 on the first five; the last digit of 11 - sum mod 11 (Ministry of Internal Affairs and
// Communications).
constexpr char local_government_check_digit(std::string_view five) {
    int sum = 0;
    for (int i = 0; i < 5; ++i) {
        sum += digit(five[static_cast<std::size_t>(i)]) * (6 - i);
    }
    return static_cast<char>('0' + (11 - sum % 11) % 10);
}

constexpr bool prefectures_are_sound() {
    int code = 0;
    for (const auto& prefecture : kAllPrefectures) {
        const auto text = prefecture.local_government_code;
        ++code;
        if (prefecture.code != code || text.size() != kLocalGovernmentDigits ||
            digit(text[0]) * 10 + digit(text[1]) != code || text[5] != local_government_check_digit(text)) {
            return false;
        }
    }
    return true;
}
static_assert(prefectures_are_sound());

// ISO/IEC 7812-1 Annex B: from the right every second digit is doubled; all digits of the results sum to a multiple of
// ten.
constexpr int luhn_sum(std::string_view digits) {
    int sum = 0;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        const int value = digit(digits[digits.size() - 1 - i]);
        const int doubled = i % 2 == 1 ? value * 2 : value;
        sum += doubled / 10 + doubled % 10;
    }
    return sum;
}

// Saitama, Chiba, Tokyo and Kanagawa compute the check digit without prefecture and score table.
constexpr bool uses_seven_digit_reading(int prefecture) {
    return prefecture >= 11 && prefecture <= 14;
}

// The three readings that 97,023 real codes follow. Any of them is good enough: the rest is a warning, not a refusal.
bool check_digit_fits(const std::string& code) {
    std::string as_dental = code;
    as_dental[2] = '3';
    return luhn_sum(code) % 10 == 0 || luhn_sum(as_dental) % 10 == 0 ||
           luhn_sum(std::string_view(code).substr(kInstitutionDigits - kSevenDigitReading)) % 10 == 0;
}

bool known_score_table(char character) {
    return character == '1' || character == '3' || character == '4' || character == '6';
}

int prefecture_of(std::string_view code) {
    return digit(code[0]) * 10 + digit(code[1]);
}

// Excel drops the zero of prefectures 01 to 09. Which code was meant is the person's to say.
std::optional<std::string> with_zero_found(const std::string& nine) {
    std::string candidate = "0" + nine;
    const bool plausible = nine.size() == kInstitutionDigits - 1 && nine[0] != '0' && known_score_table(candidate[2]) &&
                           check_digit_fits(candidate);
    return plausible ? std::optional(std::move(candidate)) : std::nullopt;
}

}  // namespace

const std::array<Prefecture, kPrefectures>& prefectures() {
    return kAllPrefectures;
}

const Prefecture* find_prefecture(int code) {
    return code >= 1 && code <= kPrefectures ? &kAllPrefectures.at(static_cast<std::size_t>(code - 1)) : nullptr;
}

Result<InstitutionCode> parse_institution_code(std::string_view typed, std::string field) {
    const auto digits = fold_digits(typed);
    if (!digits || digits->size() != kInstitutionDigits) {
        const auto candidate = digits ? with_zero_found(*digits) : std::nullopt;
        return candidate ? invalid_field(std::move(field), "institution_code_zero_lost", {{"candidate", *candidate}})
                         : invalid_field(std::move(field), "institution_code_format");
    }
    InstitutionCode code{.code = *digits, .prefecture = prefecture_of(*digits)};
    if (find_prefecture(code.prefecture) == nullptr) {
        return invalid_field(std::move(field), "institution_code_prefecture");
    }
    if (!known_score_table(code.code[2])) {
        return invalid_field(std::move(field), "institution_code_score_table");
    }
    code.score_table = static_cast<ScoreTable>(digit(code.code[2]));
    if (!check_digit_fits(code.code)) {
        code.warning = "institution_code_check_digit";
    }
    return code;
}

std::string make_institution_code(int prefecture, ScoreTable table, int area, int number) {
    std::string code = fmt::format("{:02}{}{:02}{:04}0", prefecture, static_cast<int>(table), area, number);
    const auto counted =
        uses_seven_digit_reading(prefecture) ? code.substr(kInstitutionDigits - kSevenDigitReading) : code;
    code.back() = static_cast<char>('0' + (10 - luhn_sum(counted) % 10) % 10);
    return code;
}

Result<std::string> parse_local_government_code(std::string_view typed, std::string field) {
    auto digits = fold_digits(typed);
    if (!digits || digits->size() != kLocalGovernmentDigits) {
        return invalid_field(std::move(field), "local_government_code_format");
    }
    if (find_prefecture(prefecture_of(*digits)) == nullptr) {
        return invalid_field(std::move(field), "local_government_code_prefecture");
    }
    if (digits->back() != local_government_check_digit(*digits)) {
        return invalid_field(std::move(field), "local_government_code_check_digit");
    }
    return *std::move(digits);
}

Result<std::string> parse_postal_code(std::string_view typed, std::string field) {
    constexpr std::string_view kPostalMark = "〒";
    auto text = strip_spaces(typed);
    if (text.starts_with(kPostalMark)) {
        text.erase(0, kPostalMark.size());
    }
    const auto digits = fold_digits(text);
    if (!digits || digits->size() != kPostalDigits) {
        return invalid_field(std::move(field), "postal_code_format");
    }
    return digits->substr(0, 3) + "-" + digits->substr(3);
}

}  // namespace madoguchi::directory
