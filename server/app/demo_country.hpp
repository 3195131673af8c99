// The country that `madoguchi-server demo` shows: prefectures are real facts, all below them is invented. Pure: a seed
// in, values out. Nothing here can reach anyone: telephone exchanges and postal codes begin with 000, institution codes
// use area number 99.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace madoguchi::app {

inline constexpr std::uint64_t kDemoSeed = 20220916;  // the day of the ministry's slides
inline constexpr std::size_t kDemoFacilities = 2000;
inline constexpr int kDemoNoParent = -1;

/// Texts are empty where a kind has none: only facilities have an institution code; only prefectures and health centres
/// have a local government code (a health centre that of the prefecture which established it).
struct DemoOrganization {
    std::string kind;  // as in the API: ministry, prefecture, health_center, facility, follow_up_center, helpdesk
    std::string name;
    std::string kana;  // full-width katakana only
    std::string institution_code;
    std::string local_government_code;
    std::string phone;        // as shown: 03-0000-4100
    std::string postal_code;  // as shown: 000-0101
    std::string address;
    int parent_index = kDemoNoParent;  // into the same vector, always smaller than the own index
    int prefecture = 0;                // 1 to 47; 0 for the ministry and the helpdesk
};

/// Ministry, helpdesk, then each prefecture followed by all that stands below it (a follow-up centre stands below the
/// first health centre of its prefecture, as the directory's rules ask). The same seed gives the same country.
std::vector<DemoOrganization> demo_country(std::uint64_t seed = kDemoSeed);

struct DemoPerson {
    std::string family_name;
    std::string given_name;
    std::string family_kana;
    std::string given_kana;
};

inline constexpr std::uint32_t kDemoPeople = 64 * 64;

/// Person `number`; the first kDemoPeople are all different, and the first 64 have 64 family names (髙橋 and 𠮷田
/// early).
DemoPerson demo_person(std::uint32_t number, std::uint64_t seed = kDemoSeed);

}  // namespace madoguchi::app
