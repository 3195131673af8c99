#include "app/demo_country.hpp"

#include <fmt/format.h>

#include <array>
#include <numeric>
#include <set>
#include <string_view>
#include <utility>

#include "directory/organization_codes.hpp"

namespace madoguchi::app {
namespace {

using directory::ScoreTable;

/// A piece of a name and how it is read.
struct Word {
    std::string_view text;
    std::string_view kana;
};

/// By prefecture code. A landline area code of the prefecture, chosen so that libphonenumber keeps our grouping (it
/// takes 017-000-4639 for 0170-00-4639); the population in ten thousands (census of 2020, rounded), which decides how
/// many facilities a prefecture gets. Twelve of the populous ones have a follow-up centre.
struct PrefectureShape {
    std::string_view area_code;
    int population;
    bool follow_up_center;
};

constexpr std::array<PrefectureShape, 47> kShapes{{
    {"011", 522, true},    // 北海道
    {"0172", 124, false},  // 青森県
    {"0193", 121, false},  // 岩手県
    {"0229", 230, true},   // 宮城県
    {"0182", 96, false},   // 秋田県
    {"023", 107, false},   // 山形県
    {"0242", 183, false},  // 福島県
    {"029", 287, false},   // 茨城県
    {"0285", 193, false},  // 栃木県
    {"0276", 194, false},  // 群馬県
    {"0493", 734, true},   // 埼玉県
    {"043", 628, true},    // 千葉県
    {"03", 1405, true},    // 東京都
    {"045", 924, true},    // 神奈川県
    {"025", 220, false},   // 新潟県
    {"076", 103, false},   // 富山県
    {"076", 113, false},   // 石川県
    {"0776", 77, false},   // 福井県
    {"0554", 81, false},   // 山梨県
    {"0263", 205, false},  // 長野県
    {"058", 198, false},   // 岐阜県
    {"054", 363, false},   // 静岡県
    {"052", 754, true},    // 愛知県
    {"059", 177, false},   // 三重県
    {"0748", 141, false},  // 滋賀県
    {"075", 258, true},    // 京都府
    {"0725", 884, true},   // 大阪府
    {"078", 547, true},    // 兵庫県
    {"0742", 132, false},  // 奈良県
    {"0736", 92, false},   // 和歌山県
    {"0857", 55, false},   // 鳥取県
    {"0852", 67, false},   // 島根県
    {"086", 189, false},   // 岡山県
    {"0848", 280, true},   // 広島県
    {"0834", 134, false},  // 山口県
    {"0883", 72, false},   // 徳島県
    {"087", 95, false},    // 香川県
    {"089", 133, false},   // 愛媛県
    {"0887", 69, false},   // 高知県
    {"0942", 514, true},   // 福岡県
    {"0952", 81, false},   // 佐賀県
    {"0957", 131, false},  // 長崎県
    {"0966", 174, false},  // 熊本県
    {"0977", 112, false},  // 大分県
    {"0985", 107, false},  // 宮崎県
    {"0995", 159, false},  // 鹿児島県
    {"0980", 147, false},  // 沖縄県
}};

constexpr std::size_t kNames = 64;

// The order is that in which demo_person hands them out, so neighbours should look unlike each other.
constexpr std::array<Word, kNames> kFamilyNames{{
    {"佐藤", "サトウ"},   {"髙橋", "タカハシ"}, {"伊藤", "イトウ"},   {"𠮷田", "ヨシダ"},   {"渡辺", "ワタナベ"},
    {"山本", "ヤマモト"}, {"中村", "ナカムラ"}, {"小林", "コバヤシ"}, {"加藤", "カトウ"},   {"鈴木", "スズキ"},
    {"山田", "ヤマダ"},   {"佐々木", "ササキ"}, {"山口", "ヤマグチ"}, {"松本", "マツモト"}, {"井上", "イノウエ"},
    {"木村", "キムラ"},   {"林", "ハヤシ"},     {"斎藤", "サイトウ"}, {"清水", "シミズ"},   {"田中", "タナカ"},
    {"阿部", "アベ"},     {"森", "モリ"},       {"池田", "イケダ"},   {"橋本", "ハシモト"}, {"石川", "イシカワ"},
    {"山下", "ヤマシタ"}, {"小川", "オガワ"},   {"前田", "マエダ"},   {"岡田", "オカダ"},   {"長谷川", "ハセガワ"},
    {"藤田", "フジタ"},   {"後藤", "ゴトウ"},   {"近藤", "コンドウ"}, {"村上", "ムラカミ"}, {"遠藤", "エンドウ"},
    {"青木", "アオキ"},   {"坂本", "サカモト"}, {"福田", "フクダ"},   {"西村", "ニシムラ"}, {"太田", "オオタ"},
    {"三浦", "ミウラ"},   {"藤井", "フジイ"},   {"岡本", "オカモト"}, {"松田", "マツダ"},   {"中川", "ナカガワ"},
    {"原田", "ハラダ"},   {"小野", "オノ"},     {"竹内", "タケウチ"}, {"中野", "ナカノ"},   {"金子", "カネコ"},
    {"和田", "ワダ"},     {"石井", "イシイ"},   {"上田", "ウエダ"},   {"森田", "モリタ"},   {"柴田", "シバタ"},
    {"酒井", "サカイ"},   {"工藤", "クドウ"},   {"横山", "ヨコヤマ"}, {"宮崎", "ミヤザキ"}, {"内田", "ウチダ"},
    {"大野", "オオノ"},   {"谷口", "タニグチ"}, {"今井", "イマイ"},   {"高木", "タカギ"},
}};

constexpr std::array<Word, kNames> kGivenNames{{
    {"陽子", "ヨウコ"},   {"健一", "ケンイチ"}, {"美咲", "ミサキ"},   {"大輔", "ダイスケ"}, {"恵子", "ケイコ"},
    {"翔太", "ショウタ"}, {"由美", "ユミ"},     {"誠", "マコト"},     {"さくら", "サクラ"}, {"浩二", "コウジ"},
    {"真由美", "マユミ"}, {"拓也", "タクヤ"},   {"明美", "アケミ"},   {"直樹", "ナオキ"},   {"愛", "アイ"},
    {"和也", "カズヤ"},   {"久美子", "クミコ"}, {"学", "マナブ"},     {"麻衣", "マイ"},     {"隆", "タカシ"},
    {"智子", "トモコ"},   {"亮", "リョウ"},     {"裕子", "ユウコ"},   {"哲也", "テツヤ"},   {"七海", "ナナミ"},
    {"修", "オサム"},     {"香織", "カオリ"},   {"達也", "タツヤ"},   {"幸子", "サチコ"},   {"雄太", "ユウタ"},
    {"彩", "アヤ"},       {"剛", "ツヨシ"},     {"千尋", "チヒロ"},   {"康平", "コウヘイ"}, {"みゆき", "ミユキ"},
    {"蓮", "レン"},       {"美穂", "ミホ"},     {"豊", "ユタカ"},     {"典子", "ノリコ"},   {"駿", "シュン"},
    {"京子", "キョウコ"}, {"悠斗", "ユウト"},   {"理恵", "リエ"},     {"洋介", "ヨウスケ"}, {"結衣", "ユイ"},
    {"正樹", "マサキ"},   {"文子", "フミコ"},   {"智也", "トモヤ"},   {"奈緒", "ナオ"},     {"勝", "マサル"},
    {"葵", "アオイ"},     {"慎吾", "シンゴ"},   {"沙織", "サオリ"},   {"浩", "ヒロシ"},     {"桃子", "モモコ"},
    {"秀樹", "ヒデキ"},   {"絵美", "エミ"},     {"圭介", "ケイスケ"}, {"洋子", "ヨウコ"},   {"大和", "ヤマト"},
    {"美和", "ミワ"},     {"隼人", "ハヤト"},   {"雅子", "マサコ"},   {"一郎", "イチロウ"},
}};

// Invented municipalities are a stem and an ending: みどり野市, 汐見台町. None of the products is a municipality of
// today.
constexpr std::array<Word, 20> kPlaceStems{{
    {"みどり", "ミドリ"}, {"朝霧", "アサギリ"}, {"汐見", "シオミ"},   {"東雲", "シノノメ"}, {"若葉", "ワカバ"},
    {"青葉", "アオバ"},   {"泉", "イズミ"},     {"花里", "ハナサト"}, {"月見", "ツキミ"},   {"風早", "カザハヤ"},
    {"星見", "ホシミ"},   {"夕凪", "ユウナギ"}, {"白鳥", "シラトリ"}, {"千歳", "チトセ"},   {"松風", "マツカゼ"},
    {"藤見", "フジミ"},   {"雲居", "クモイ"},   {"鈴音", "スズネ"},   {"萩", "ハギ"},       {"清瀬", "キヨセ"},
}};
constexpr std::array<Word, 6> kPlaceEndings{{
    {"野", "ノ"},
    {"台", "ダイ"},
    {"ヶ丘", "ガオカ"},
    {"坂", "ザカ"},
    {"平", "ダイラ"},
    {"ヶ原", "ガハラ"},
}};
constexpr std::size_t kPlaces = kPlaceStems.size() * kPlaceEndings.size();
constexpr std::size_t kPlacesPerCenter = 3;

constexpr int kAreaOfNobody = 99;  // area number of invented institution codes

constexpr std::array<std::string_view, 16> kTowns{"本町", "中央", "栄町", "緑町", "旭町",   "桜木町", "駅前", "新町",
                                                  "南町", "北町", "東町", "西町", "若松町", "大通",   "幸町", "柳町"};
constexpr std::array<std::string_view, 9> kKanjiDigits{"一", "二", "三", "四", "五", "六", "七", "八", "九"};
constexpr std::array<std::string_view, 6> kBuildings{"ひまわりビル",     "第二みどりビル", "駅前プラザ",
                                                     "メディカルモール", "さくらビル",     "中央ビル"};

constexpr std::array<Word, 14> kSpecialties{{
    {"内科", "ナイカ"},
    {"小児科", "ショウニカ"},
    {"耳鼻咽喉科", "ジビインコウカ"},
    {"内科循環器科", "ナイカジュンカンキカ"},
    {"皮膚科", "ヒフカ"},
    {"整形外科", "セイケイゲカ"},
    {"眼科", "ガンカ"},
    {"消化器内科", "ショウカキナイカ"},
    {"呼吸器内科", "コキュウキナイカ"},
    {"産婦人科", "サンフジンカ"},
    {"泌尿器科", "ヒニョウキカ"},
    {"脳神経外科", "ノウシンケイゲカ"},
    {"内科小児科", "ナイカショウニカ"},
    {"外科内科", "ゲカナイカ"},
}};
constexpr std::array<Word, 2> kPracticeEndings{{{"クリニック", "クリニック"}, {"医院", "イイン"}}};
constexpr std::array<Word, 6> kPlaceClinics{{
    {"ファミリークリニック", "ファミリークリニック"},
    {"こどもクリニック", "コドモクリニック"},
    {"内科クリニック", "ナイカクリニック"},
    {"在宅クリニック", "ザイタククリニック"},
    {"駅前クリニック", "エキマエクリニック"},
    {"診療所", "シンリョウジョ"},
}};
constexpr std::array<Word, 5> kHospitals{{
    {"中央病院", "チュウオウビョウイン"},
    {"記念病院", "キネンビョウイン"},
    {"総合病院", "ソウゴウビョウイン"},
    {"病院", "ビョウイン"},
    {"リハビリテーション病院", "リハビリテーションビョウイン"},
}};
constexpr std::array<Word, 6> kDentalEndings{{
    {"歯科医院", "シカイイン"},
    {"歯科クリニック", "シカクリニック"},
    {"デンタルクリニック", "デンタルクリニック"},
    {"歯科", "シカ"},
    {"矯正歯科", "キョウセイシカ"},
    {"こども歯科", "コドモシカ"},
}};
constexpr std::array<Word, 12> kGentleWords{{
    {"ひまわり", "ヒマワリ"},
    {"あおぞら", "アオゾラ"},
    {"すみれ", "スミレ"},
    {"なのはな", "ナノハナ"},
    {"こもれび", "コモレビ"},
    {"たんぽぽ", "タンポポ"},
    {"かえで", "カエデ"},
    {"つばさ", "ツバサ"},
    {"はまなす", "ハマナス"},
    {"わかば", "ワカバ"},
    {"けやき", "ケヤキ"},
    {"にじいろ", "ニジイロ"},
}};

/// SplitMix64 (Steele, Lea, Flood 2014): the standard library's distributions may differ from one library to the next.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next() {
        std::uint64_t mixed = (state_ += 0x9e3779b97f4a7c15U);
        mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9U;
        mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebU;
        return mixed ^ (mixed >> 31);
    }
    /// The bias of the modulo is below 1 in 10^15 for our small bounds.
    int below(int bound) { return static_cast<int>(next() % static_cast<std::uint64_t>(bound)); }
    bool percent(int chance) { return below(100) < chance; }
    template <class Container>
    const auto& pick(const Container& container) {
        return container[next() % container.size()];
    }

private:
    std::uint64_t state_;
};

struct Named {
    std::string name;
    std::string kana;
    Named& operator+=(const Word& word) {
        name += word.text;
        kana += word.kana;
        return *this;
    }
};

Named named(const Word& word) {
    return {std::string(word.text), std::string(word.kana)};
}

/// Small practices often write the family name in hiragana. Katakana ァ–ヶ stand 0x60 above.
std::string hiragana(std::string_view katakana) {
    std::string out;
    for (std::size_t at = 0; at + 2 < katakana.size(); at += 3) {
        const auto byte = [&](std::size_t offset) { return static_cast<unsigned char>(katakana[at + offset]); };
        unsigned code = (byte(0) & 0x0fU) << 12 | (byte(1) & 0x3fU) << 6 | (byte(2) & 0x3fU);
        if (code >= 0x30a1 && code <= 0x30f6) {
            code -= 0x60;
        }
        out += static_cast<char>(0xe0U | code >> 12);
        out += static_cast<char>(0x80U | (code >> 6 & 0x3fU));
        out += static_cast<char>(0x80U | (code & 0x3fU));
    }
    return out;
}

Named place(std::size_t number) {
    Named result = named(kPlaceStems[number % kPlaceStems.size()]);
    return result += kPlaceEndings[number / kPlaceStems.size()];
}

Named medical_name(Dice& dice, const Named& town) {
    if (dice.percent(7)) {
        Named hospital = town;
        return hospital += dice.pick(kHospitals);
    }
    if (dice.percent(28)) {
        Named clinic = town;
        return clinic += dice.pick(kPlaceClinics);
    }
    const Word& family = dice.pick(kFamilyNames);
    Named practice = named(family);
    if (dice.percent(35)) {
        practice.name = hiragana(family.kana);
    }
    if (dice.percent(80)) {
        practice += dice.pick(kSpecialties);
    }
    return practice += dice.pick(kPracticeEndings);
}

Named dental_name(Dice& dice, const Named& town) {
    const Word& family = dice.pick(kFamilyNames);
    Named practice = named(family);
    if (dice.percent(30)) {
        practice = town;
    } else if (dice.percent(40)) {
        practice.name = hiragana(family.kana);
    }
    return practice += dice.pick(kDentalEndings);
}

Named pharmacy_name(Dice& dice, const Named& town) {
    if (dice.percent(25)) {
        Named pharmacy = town;
        return pharmacy += {"薬局", "ヤッキョク"};
    }
    Named branch = named(dice.pick(kGentleWords));
    branch += {"薬局", "ヤッキョク"};
    branch += {town.name, town.kana};
    return branch += {"店", "テン"};
}

Named home_nursing_name(Dice& dice, const Named& town) {
    Named station = dice.percent(50) ? town : named(dice.pick(kGentleWords));
    if (dice.percent(50)) {
        return station += {"訪問看護ステーション", "ホウモンカンゴステーション"};
    }
    Named prefixed = named({"訪問看護ステーション", "ホウモンカンゴステーション"});
    return prefixed += {station.name, station.kana};
}

Named facility_name(Dice& dice, ScoreTable table, const Named& town) {
    switch (table) {
        case ScoreTable::medical:
            return medical_name(dice, town);
        case ScoreTable::dental:
            return dental_name(dice, town);
        case ScoreTable::pharmacy:
            return pharmacy_name(dice, town);
        case ScoreTable::home_nursing:
            return home_nursing_name(dice, town);
    }
    return {};
}

ScoreTable score_table(Dice& dice) {
    const int roll = dice.below(100);
    if (roll < 64) {
        return ScoreTable::medical;
    }
    if (roll < 82) {
        return ScoreTable::dental;
    }
    return roll < 94 ? ScoreTable::pharmacy : ScoreTable::home_nursing;
}

int health_centers(int population) {
    if (population >= 500) {
        return 4;
    }
    return population >= 170 ? 3 : 2;
}

/// Builds the vector; keeps what must be unique across the country or a prefecture.
class CountryBuilder {
public:
    explicit CountryBuilder(std::uint64_t seed) : dice_(seed) {}

    std::vector<DemoOrganization> build() {
        add_nation();
        int total = 0;
        for (const PrefectureShape& shape : kShapes) {
            total += shape.population;
        }
        // Cumulative shares, so that rounding never loses or adds a facility.
        int cumulative = 0;
        int placed = 0;
        for (std::size_t index = 0; index < kShapes.size(); ++index) {
            cumulative += kShapes[index].population;
            const int due = static_cast<int>(kDemoFacilities) * cumulative / total;
            add_prefecture(directory::prefectures()[index], kShapes[index], due - placed);
            placed = due;
        }
        return std::move(country_);
    }

private:
    void add_nation() {
        // No ministry of that name exists, and the name says on every screen what it is. No brackets: the directory
        // folds （） to ().
        country_.push_back({.kind = "ministry",
                            .name = "デモ保健省",
                            .kana = "デモホケンショウ",
                            .institution_code = {},
                            .local_government_code = {},
                            .phone = "03-0000-4000",
                            .postal_code = "000-0001",
                            .address = "東京都東雲台市中央一丁目1番1号"});
        country_.push_back({.kind = "helpdesk",
                            .name = "デモ全国ヘルプデスク",
                            .kana = "デモゼンコクヘルプデスク",
                            .institution_code = {},
                            .local_government_code = {},
                            .phone = "03-0000-4100",
                            .postal_code = "000-0001",
                            .address = "東京都東雲台市中央一丁目1番2号",
                            .parent_index = 0});
        for (const DemoOrganization& organization : country_) {
            phones_.insert(organization.phone);
        }
    }

    void add_prefecture(const directory::Prefecture& facts, const PrefectureShape& shape, int facilities) {
        facts_ = &facts;
        shape_ = &shape;
        next_number_.fill(0);
        names_.clear();
        const int self = add("prefecture", {std::string(facts.name), std::string(facts.kana)}, 0, 0);
        country_.back().local_government_code = facts.local_government_code;
        const int centers = health_centers(shape.population);
        for (int center = 0; center < centers; ++center) {
            const int share = facilities * (center + 1) / centers - facilities * center / centers;
            add_health_center(self, center, share);
        }
    }

    void add_health_center(int parent, int ordinal, int facilities) {
        const int first_place = ordinal * static_cast<int>(kPlacesPerCenter);
        Named center{std::string(facts_->name), std::string(facts_->kana)};
        const Named seat = municipality(first_place);
        center += {seat.name, seat.kana};
        center += {"保健所", "ホケンジョ"};
        const int self = add("health_center", center, parent, first_place);
        country_.back().local_government_code = facts_->local_government_code;
        if (ordinal == 0 && shape_->follow_up_center) {
            Named follow_up{std::string(facts_->name), std::string(facts_->kana)};
            follow_up += {"健康フォローアップセンター", "ケンコウフォローアップセンター"};
            add("follow_up_center", follow_up, self, first_place + 1);
        }
        for (int facility = 0; facility < facilities; ++facility) {
            add_facility(self, first_place + dice_.below(static_cast<int>(kPlacesPerCenter)));
        }
    }

    void add_facility(int parent, int place_ordinal) {
        const ScoreTable table = score_table(dice_);
        const Named town = municipality(place_ordinal);
        Named name = facility_name(dice_, table, town);
        while (!names_.insert(name.name).second) {
            name = facility_name(dice_, table, town);
        }
        add("facility", name, parent, place_ordinal);
        int& last = next_number_[static_cast<std::size_t>(table)];
        last += 1 + dice_.below(9);  // gaps, as closures leave them
        country_.back().institution_code = directory::make_institution_code(facts_->code, table, kAreaOfNobody, last);
    }

    /// The `ordinal`-th invented municipality of the current prefecture; the step never repeats one.
    Named municipality(int ordinal) const {
        static_assert(std::gcd(kPlaces, std::size_t{37}) == 1);
        const auto step = static_cast<std::size_t>(facts_->code) * 23 + static_cast<std::size_t>(ordinal) * 37;
        return place(step % kPlaces);
    }

    int add(std::string_view kind, const Named& name, int parent, int place_ordinal) {
        country_.push_back({.kind = std::string(kind),
                            .name = name.name,
                            .kana = name.kana,
                            .institution_code = {},
                            .local_government_code = {},
                            .phone = phone(),
                            .postal_code = {},
                            .address = {},
                            .parent_index = parent,
                            .prefecture = facts_->code});
        locate(country_.back(), place_ordinal);
        return static_cast<int>(country_.size()) - 1;
    }

    /// Ten digits, as every landline has them. No exchange begins with 0, so these ring nowhere.
    std::string phone() {
        const std::string exchange(6 - shape_->area_code.size(), '0');
        std::string number;
        do {
            number = fmt::format("{}-{}-{:04}", shape_->area_code, exchange, 1000 + dice_.below(9000));
        } while (!phones_.insert(number).second);
        return number;
    }

    /// Two neighbouring towns share a postal code; no real one begins with 000.
    void locate(DemoOrganization& organization, int place_ordinal) {
        const bool office = organization.kind != "facility";
        const std::size_t town = office ? 1 : dice_.next() % kTowns.size();
        const Named city = municipality(place_ordinal);
        // Locals, because the order in which arguments are evaluated is the compiler's choice.
        const std::string_view block = dice_.pick(kKanjiDigits);
        const int lot = 1 + dice_.below(28);
        const int house = 1 + dice_.below(19);
        organization.postal_code =
            fmt::format("000-{:02}{:02}", facts_->code, static_cast<std::size_t>(place_ordinal) * 8 + town / 2);
        const bool rural = place_ordinal % static_cast<int>(kPlacesPerCenter) == 2;
        const Word& district = kPlaceStems[static_cast<std::size_t>(facts_->code) * 7 % kPlaceStems.size()];
        organization.address =
            fmt::format("{}{}{}{}{}{}{}丁目{}番{}号", facts_->name, rural ? district.text : "", rural ? "郡" : "",
                        city.name, rural ? "町" : "市", kTowns[town], block, lot, house);
        const bool has_own_house = office || organization.name.ends_with("病院");
        if (!has_own_house && dice_.percent(15)) {
            const std::string_view building = dice_.pick(kBuildings);
            organization.address += fmt::format(" {}{}階", building, 1 + dice_.below(5));
        }
    }

    Dice dice_;
    std::vector<DemoOrganization> country_;
    const directory::Prefecture* facts_ = nullptr;
    const PrefectureShape* shape_ = nullptr;
    std::array<int, 10> next_number_{};  // by score table
    std::set<std::string> names_;        // facilities of the current prefecture
    std::set<std::string> phones_;       // all; 076 serves two prefectures
};

}  // namespace

std::vector<DemoOrganization> demo_country(std::uint64_t seed) {
    return CountryBuilder(seed).build();
}

DemoPerson demo_person(std::uint32_t number, std::uint64_t seed) {
    static_assert(kDemoPeople == kNames * kNames);
    // Family names in turn; the given name moves on by an odd step each round, so no pair repeats within kNames rounds.
    const std::size_t family = number % kNames;
    const std::size_t round = number / kNames;
    const std::size_t given = (family * 5 + round * 27 + static_cast<std::size_t>(seed % kNames)) % kNames;
    return {std::string(kFamilyNames[family].text), std::string(kGivenNames[given].text),
            std::string(kFamilyNames[family].kana), std::string(kGivenNames[given].kana)};
}

}  // namespace madoguchi::app
