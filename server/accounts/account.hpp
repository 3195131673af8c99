// Rules of accounts: the lifecycle, login IDs, names. Pure.
//
//            issue            first password set
//   (none) ─────────▶ pending ─────────▶ active ◀──────┐
//                        │                 │    resume │
//                        │ suspend         │ suspend   │
//                        └────────▶ suspended ─────────┘   (resume goes back to pending where no password was set yet)
//   pending, active, suspended ── close ──▶ closed          (the end: an ID is never given to anybody else)
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/secret.hpp"
#include "directory/authorization.hpp"

namespace madoguchi::accounts {

enum class AccountState { pending, active, suspended, closed };
enum class AccountEvent { password_set, suspend, resume, close, reset };

std::string_view to_text(AccountState state);
std::optional<AccountState> account_state(std::string_view text);

/// Where `event` leads. Errors: conflict (state_not_allowed{state}).
Result<AccountState> advance(AccountState state, AccountEvent event, bool has_password);

struct Account {
    AccountId id;
    std::string login_id;
    directory::OrganizationRef organization;
    std::string family_name;
    std::string given_name;
    std::string family_kana;
    std::string given_kana;
    AccountState state = AccountState::pending;
    bool has_password = false;
    std::optional<Instant> initial_expires_at;
    std::optional<Instant> password_reset_at;
    std::optional<Instant> second_step_reset_at;
    std::optional<Instant> last_signed_in_at;
    Instant created_at;
    std::vector<directory::Grant> grants;
};

/// How login IDs look: "{kind}{prefecture}-{number}" and the domain behind the @.
struct LoginIdPolicy {
    std::string domain = "madoguchi.example";
    std::string pattern = "{kind}{prefecture}-{number}";
};

/// A chosen ID as it will be stored, with the domain added where it was left out.
/// Rules: login_id_format, login_id_domain{domain}.
Result<std::string> check_login_id(std::string_view typed, const LoginIdPolicy& policy);
/// "f13-00142@madoguchi.example" for number 142.
std::string make_login_id(const LoginIdPolicy& policy, directory::OrganizationKind kind, int prefecture,
                          std::int64_t number);

/// Names as they will be stored: folded, kana in katakana. Rules: required, too_long{maximum}, kana_format.
struct Names {
    std::string family_name;
    std::string given_name;
    std::string family_kana;
    std::string given_kana;
};
Result<Names> check_names(const Names& typed);

/// What an account is found by: login ID, name and kana as search keys, with one space between.
std::string search_text(const Names& names, const std::string& login_id);

/// A reason for an act that somebody will ask about later. Rules: required, too_long.
Result<std::string> check_reason(std::string_view typed);

/// Must a second person approve (S18)? The other of password and second step was reset less than 24 hours ago.
bool reset_needs_approval(std::optional<Instant> other_reset_at, Instant now);

}  // namespace madoguchi::accounts
