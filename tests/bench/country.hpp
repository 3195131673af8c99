// A country of any size, for benchmarks: 47 prefectures with ten health centres each, facilities below them, accounts
// in each facility, rows of the audit log for each account. Written by SQL, because a million accounts through the
// services would take a day.
#pragma once

#include <cstdint>
#include <string>

namespace madoguchi::bench {

struct Country {
    int facilities = 0;
    int people = 5;      // a facility
    int rows_each = 10;  // of the audit log, an account
    std::int64_t accounts() const { return std::int64_t{facilities} * people; }
    std::int64_t audit_rows() const { return accounts() * rows_each; }
};

/// Ids that the country's parts have.
inline constexpr std::int64_t kMinistry = 1;
inline constexpr std::int64_t kFirstHealthCenter = 101;  // 470 of them
inline constexpr std::int64_t kFirstFacility = 1001;
inline constexpr std::int64_t kMinistryAdmin = 1;  // account
inline constexpr std::int64_t kCenterAdmin = 2;    // account, of the first health centre
inline constexpr std::int64_t kFirstAccount = 1001;

/// Fills an empty, migrated database as its superuser, and brings statistics up to date.
void fill(const std::string& superuser_url, const Country& country);

/// Ten digits, unlike for each number; of facility `number` (from 0).
std::string institution_code(std::int64_t number);

}  // namespace madoguchi::bench
