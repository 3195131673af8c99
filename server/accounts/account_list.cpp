#include "accounts/account_list.hpp"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "base/desk_limits.hpp"
#include "base/japanese_text.hpp"
#include "base/limits.hpp"

namespace madoguchi::accounts {
namespace {

constexpr std::array<std::string_view, 4> kOrderNames = {"organization", "signed_in", "unused", "issued"};
constexpr std::array<std::string_view, 3> kLastNames = {"never", "month", "quarter"};
constexpr std::array<std::string_view, 2> kInitialNames = {"soon", "lapsed"};

template <class Enum, std::size_t n>
std::optional<Enum> named(const std::array<std::string_view, n>& names, std::string_view text) {
    const auto found = std::ranges::find(names, text);
    return found == names.end() ? std::nullopt : std::optional(static_cast<Enum>(found - names.begin()));
}

KeyRange range_of(std::string key) {
    std::string above = key + "\xF4\x8F\xBF\xBF";  // U+10FFFF, the last one there is
    return {std::move(key), std::move(above)};
}

}  // namespace

std::string_view to_text(AccountOrder order) {
    return kOrderNames.at(static_cast<std::size_t>(order));
}
std::optional<AccountOrder> account_order(std::string_view text) {
    return named<AccountOrder>(kOrderNames, text);
}
std::string_view to_text(LastSignIn last) {
    return kLastNames.at(static_cast<std::size_t>(last));
}
std::optional<LastSignIn> last_sign_in(std::string_view text) {
    return named<LastSignIn>(kLastNames, text);
}
std::string_view to_text(InitialLeft left) {
    return kInitialNames.at(static_cast<std::size_t>(left));
}
std::optional<InitialLeft> initial_left(std::string_view text) {
    return named<InitialLeft>(kInitialNames, text);
}

std::optional<SearchKeys> search_keys(std::string_view typed) {
    const auto key = search_key(typed);
    if (key.empty()) {
        return std::nullopt;
    }
    const auto digits = fold_digits(typed);
    return SearchKeys{range_of(key), range_of(digits && !digits->empty() ? *digits : key),
                      digits && digits->size() == limits::kPhoneEndDigits ? *digits : std::string()};
}

ListWindows windows(Instant now) {
    return {now - limits::kSignedInLately, now - limits::kUnusedFor, now + limits::kInitialLapsesSoon};
}

bool comes_before(const ListedAccount& left, const ListedAccount& right, AccountOrder order) {
    const auto& one = left.account;
    const auto& other = right.account;
    const auto seen = [](const Account& account) { return account.last_signed_in_at.value_or(Instant{}); };
    switch (order) {
        case AccountOrder::organization:
            return std::tie(left.sort_key, one.organization.id, one.id) <
                   std::tie(right.sort_key, other.organization.id, other.id);
        case AccountOrder::signed_in:
            return std::pair(seen(one), one.id) > std::pair(seen(other), other.id);
        case AccountOrder::unused:
            return std::pair(seen(one), one.id) < std::pair(seen(other), other.id);
        case AccountOrder::issued:
            return one.id > other.id;
    }
    return false;
}

std::int64_t StateCounts::all() const {
    return std::accumulate(of.begin(), of.end(), std::int64_t{0});
}

}  // namespace madoguchi::accounts
