// Stale pages: what somebody saw of an account when they decided to act, and what has changed since. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/account.hpp"

namespace madoguchi::accounts {

/// The facts that an act depends on, by name: state, organization, name, kana, roles, second_steps, initial. A sign-in,
/// a password chosen or a hash upgraded is none of them, so that nobody is stopped by what doesn't matter.
struct SeenAccount {
    std::map<std::string, std::string> facts;
    friend bool operator==(const SeenAccount&, const SeenAccount&) = default;
};

/// `second_steps`: "sms@7", and "sms@7!" where it is switched off. `account` with its grants.
SeenAccount seen_of(const Account& account, const std::vector<std::string>& second_steps);

/// As it travels in a form, and back. Nothing: not ours, or broken.
std::string to_text(const SeenAccount& seen);
std::optional<SeenAccount> seen_account(std::string_view text);

struct SeenDifference {
    std::string fact;
    std::string then;
    std::string now;
};
std::vector<SeenDifference> differences(const SeenAccount& then, const SeenAccount& now);

/// The parts of a fact that is a list ("facility_admin@7 facility_staff@9").
std::vector<std::string> parts_of(const std::string& fact);

}  // namespace madoguchi::accounts
