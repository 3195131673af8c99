#include "accounts/account.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>

#include "base/field_errors.hpp"
#include "base/japanese_text.hpp"
#include "base/limits.hpp"

namespace madoguchi::accounts {
namespace {

constexpr std::array<std::string_view, 4> kStateNames = {"pending", "active", "suspended", "closed"};

std::string_view short_kind(directory::OrganizationKind kind) {
    switch (kind) {
        case directory::OrganizationKind::ministry:
            return "m";
        case directory::OrganizationKind::prefecture:
            return "p";
        case directory::OrganizationKind::health_center:
            return "h";
        case directory::OrganizationKind::facility:
            return "f";
        case directory::OrganizationKind::follow_up_center:
            return "u";
        case directory::OrganizationKind::helpdesk:
            return "d";
    }
    return "x";
}

void replace(std::string& text, std::string_view what, std::string_view with) {
    if (const auto at = text.find(what); at != std::string::npos) {
        text.replace(at, what.size(), with);
    }
}

std::string checked_name(const std::string& typed, const std::string& field, bool required, FieldErrors& errors) {
    std::string folded = fold_width(typed);
    if (required && folded.empty()) {
        errors.add(field, "required");
    }
    if (code_points(folded) > limits::kNameCodePoints) {
        errors.add(field, "too_long", {{"maximum", std::to_string(limits::kNameCodePoints)}});
    }
    return folded;
}

}  // namespace

std::string_view to_text(AccountState state) {
    return kStateNames.at(static_cast<std::size_t>(state));
}

std::optional<AccountState> account_state(std::string_view text) {
    const auto found = std::ranges::find(kStateNames, text);
    if (found == kStateNames.end()) {
        return std::nullopt;
    }
    return static_cast<AccountState>(found - kStateNames.begin());
}

Result<AccountState> advance(AccountState state, AccountEvent event, bool has_password) {
    const bool open = state == AccountState::pending || state == AccountState::active;
    switch (event) {
        case AccountEvent::password_set:
            if (open) {
                return AccountState::active;
            }
            break;
        case AccountEvent::suspend:
            if (open) {
                return AccountState::suspended;
            }
            break;
        case AccountEvent::resume:
            if (state == AccountState::suspended) {
                return has_password ? AccountState::active : AccountState::pending;
            }
            break;
        case AccountEvent::close:
            if (state != AccountState::closed) {
                return AccountState::closed;
            }
            break;
        case AccountEvent::reset:
            if (open) {
                return state;
            }
            break;
    }
    return failure(Error{.kind = ErrorKind::conflict,
                         .message_id = "state_not_allowed",
                         .values = {{"state", std::string(to_text(state))}}});
}

Result<std::string> check_login_id(std::string_view typed, const LoginIdPolicy& policy) {
    std::string folded = fold_login_id(typed);
    const auto at = folded.find('@');
    if (at != std::string::npos && folded.substr(at + 1) != policy.domain) {
        return invalid_field("login_id", "login_id_domain", {{"domain", policy.domain}});
    }
    const std::string name = folded.substr(0, at);
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
    };
    const bool well_formed = name.size() >= 3 && name.size() <= 64 && std::ranges::all_of(name, allowed) &&
                             name.front() != '.' && name.front() != '-' && name.back() != '.';
    if (!well_formed) {
        return invalid_field("login_id", "login_id_format");
    }
    return name + "@" + policy.domain;
}

std::string make_login_id(const LoginIdPolicy& policy, directory::OrganizationKind kind, int prefecture,
                          std::int64_t number) {
    std::string name = policy.pattern;
    replace(name, "{kind}", short_kind(kind));
    replace(name, "{prefecture}", prefecture == 0 ? std::string() : fmt::format("{:02}", prefecture));
    replace(name, "{number}", fmt::format("{:05}", number));
    return fold_login_id(name + "@" + policy.domain);
}

Result<Names> check_names(const Names& typed) {
    FieldErrors errors;
    Names out;
    out.family_name = checked_name(typed.family_name, "family_name", true, errors);
    out.given_name = checked_name(typed.given_name, "given_name", false, errors);
    for (const auto& [text, field, target] : {std::tuple(&typed.family_kana, "family_kana", &out.family_kana),
                                              std::tuple(&typed.given_kana, "given_kana", &out.given_kana)}) {
        checked_name(*text, field, false, errors);
        if (auto kana = fold_kana(*text)) {
            *target = *kana;
        } else {
            errors.add(field, "kana_format");
        }
    }
    TRY(std::move(errors).result());
    return out;
}

std::string search_text(const Names& names, const std::string& login_id) {
    return login_id + " " + search_key(names.family_name + names.given_name) + " " +
           search_key(names.family_kana + names.given_kana);
}

Result<std::string> check_reason(std::string_view typed) {
    std::string reason = fold_width(typed);
    if (reason.empty()) {
        return invalid_field("reason", "reason_required");
    }
    if (code_points(reason) > limits::kReasonCodePoints) {
        return invalid_field("reason", "too_long", {{"maximum", std::to_string(limits::kReasonCodePoints)}});
    }
    return reason;
}

bool reset_needs_approval(std::optional<Instant> other_reset_at, Instant now) {
    return other_reset_at && now - *other_reset_at < limits::kResetsApart;
}

}  // namespace madoguchi::accounts
