// Rules of the console's list of accounts: what may be asked for, how it is ordered. Pure.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "accounts/account.hpp"

namespace madoguchi::accounts {

/// By organization in the order of the syllabary; by the last sign-in, newest or oldest first; by when it was issued.
enum class AccountOrder { organization, signed_in, unused, issued };
inline constexpr std::array kAccountOrders = {AccountOrder::organization, AccountOrder::signed_in, AccountOrder::unused,
                                              AccountOrder::issued};
std::string_view to_text(AccountOrder order);
std::optional<AccountOrder> account_order(std::string_view text);

/// "never", "month" (within 30 days), "quarter" (not for 90 days or longer, and not never).
enum class LastSignIn { never, month, quarter };
inline constexpr std::array kLastSignIns = {LastSignIn::never, LastSignIn::month, LastSignIn::quarter};
std::string_view to_text(LastSignIn last);
std::optional<LastSignIn> last_sign_in(std::string_view text);

/// Initial passwords: "soon" can be used for three more days at most, "lapsed" can't any more.
enum class InitialLeft { soon, lapsed };
inline constexpr std::array kInitialLefts = {InitialLeft::soon, InitialLeft::lapsed};
std::string_view to_text(InitialLeft left);
std::optional<InitialLeft> initial_left(std::string_view text);

inline constexpr std::array<std::string_view, 5> kSecondStepFilters = {"none", "sms", "voice", "totp", "passkey"};

struct AccountQuestion {
    std::string word;  // as typed; empty: no search
    std::optional<AccountState> state;
    std::optional<directory::OrganizationKind> kind;
    std::optional<directory::Role> role;
    std::optional<std::string> second_step;  // one of kSecondStepFilters
    std::optional<LastSignIn> last;
    std::optional<InitialLeft> initial;
    std::optional<OrganizationId> organization;
    AccountOrder order = AccountOrder::organization;  // a search is always by organization
    AccountId after;                                  // the last row of the page before
    int limit = 50;
};

/// The range of texts that begin with `key`: [key, above).
struct KeyRange {
    std::string key;
    std::string above;
};

/// What was typed as search keys: the text itself, and its digits where it is a number with hyphens or spaces (a
/// telephone, a code). Nothing: nothing can be searched for.
struct SearchKeys {
    KeyRange text;
    KeyRange digits;        // the same as text where there is no other reading
    std::string phone_end;  // the last four digits of somebody's telephone; empty: it is something else
};
std::optional<SearchKeys> search_keys(std::string_view typed);

/// How long ago these windows begin.
struct ListWindows {
    Instant month_ago;
    Instant quarter_ago;
    Instant lapsing_until;
};
ListWindows windows(Instant now);

struct ListedAccount {
    Account account;
    std::string sort_key;                   // of its organization
    std::vector<std::string> second_steps;  // kinds, the default first
};

/// Is `left` before `right` in this order? Unambiguous: ends with the id.
bool comes_before(const ListedAccount& left, const ListedAccount& right, AccountOrder order);

/// Accounts by state, each counted up to limits::kCountedRows.
struct StateCounts {
    std::array<std::int64_t, 4> of{};  // by AccountState
    std::int64_t all() const;
};

}  // namespace madoguchi::accounts
