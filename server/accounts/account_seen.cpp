#include "accounts/account_seen.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace madoguchi::accounts {
namespace {

std::string joined(std::vector<std::string> parts) {
    std::ranges::sort(parts);
    std::string out;
    for (const auto& part : parts) {
        out += (out.empty() ? "" : " ") + part;
    }
    return out;
}

}  // namespace

SeenAccount seen_of(const Account& account, const std::vector<std::string>& second_steps) {
    std::vector<std::string> roles;
    for (const auto& grant : account.grants) {
        roles.push_back(std::string(directory::to_text(grant.role)) + "@" +
                        std::to_string(grant.organization.id.value));
    }
    return {{{"state", std::string(to_text(account.state))},
             {"organization", account.organization.name},
             {"name", account.family_name + (account.given_name.empty() ? "" : " " + account.given_name)},
             {"kana", account.family_kana + (account.given_kana.empty() ? "" : " " + account.given_kana)},
             {"roles", joined(std::move(roles))},
             {"second_steps", joined(second_steps)},
             {"initial", account.initial_expires_at ? format_japanese_date_time(*account.initial_expires_at) : ""}}};
}

std::string to_text(const SeenAccount& seen) {
    return nlohmann::json(seen.facts).dump();
}

std::optional<SeenAccount> seen_account(std::string_view text) {
    const auto json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object()) {
        return std::nullopt;
    }
    SeenAccount seen;
    for (const auto& [name, value] : json.items()) {
        if (!value.is_string()) {
            return std::nullopt;
        }
        seen.facts[name] = value.get<std::string>();
    }
    return seen;
}

std::vector<SeenDifference> differences(const SeenAccount& then, const SeenAccount& now) {
    std::vector<SeenDifference> out;
    for (const auto& [fact, value] : now.facts) {
        const auto before = then.facts.find(fact);
        const std::string was = before == then.facts.end() ? std::string() : before->second;
        if (was != value) {
            out.push_back({fact, was, value});
        }
    }
    return out;
}

std::vector<std::string> parts_of(const std::string& fact) {
    std::vector<std::string> out;
    for (std::size_t at = 0; at < fact.size();) {
        const auto end = std::min(fact.find(' ', at), fact.size());
        out.push_back(fact.substr(at, end - at));
        at = end + 1;
    }
    return out;
}

}  // namespace madoguchi::accounts
