#include "accounts/helpdesk.hpp"

#include <algorithm>
#include <array>

#include "base/desk_limits.hpp"
#include "base/japanese_text.hpp"

namespace madoguchi::accounts {
namespace {

constexpr std::array<std::string_view, 3> kChecks = {"person", "organization", "callback"};
constexpr std::string_view kHidden = "••";
constexpr std::size_t kHiddenCharacters = 2;
constexpr std::size_t kShownDigits = 2;

std::string digits_of(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c >= '0' && c <= '9') {
            out += c;
        }
    }
    return out;
}

std::string last(const std::string& digits, std::size_t count) {
    return digits.size() < count ? std::string() : digits.substr(digits.size() - count);
}

std::string first_character(const std::string& text) {
    std::size_t end = text.empty() ? 0 : 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) {
        ++end;
    }
    return text.substr(0, end);
}

}  // namespace

std::string_view to_text(CallerCheck check) {
    return kChecks.at(static_cast<std::size_t>(check));
}

std::optional<CallerCheck> caller_check(std::string_view text) {
    const auto found = std::ranges::find(kChecks, text);
    if (found == kChecks.end()) {
        return std::nullopt;
    }
    return static_cast<CallerCheck>(found - kChecks.begin());
}

OrganizationQuestion question_for(const OnFile& file) {
    if (!file.institution_code.empty()) {
        return OrganizationQuestion::institution_code;
    }
    return file.organization_phone.empty() ? OrganizationQuestion::none : OrganizationQuestion::phone;
}

bool person_matches(const OnFile& file, std::string_view said) {
    const std::string heard = search_key(said);
    if (heard.empty()) {
        return false;
    }
    for (const auto& family : {file.family_name, file.family_kana}) {
        for (const auto& given : {file.given_name, file.given_kana}) {
            const bool whole = !family.empty() && (!given.empty() || file.given_name.empty());
            if (whole && heard == search_key(family + given)) {
                return true;
            }
        }
    }
    return false;
}

bool organization_matches(const OnFile& file, std::string_view said) {
    const auto heard = fold_digits(said);
    const auto question = question_for(file);
    if (!heard || heard->size() != limits::kPhoneEndDigits || question == OrganizationQuestion::none) {
        return false;
    }
    const auto& on_file =
        question == OrganizationQuestion::institution_code ? file.institution_code : file.organization_phone;
    return last(digits_of(on_file), limits::kPhoneEndDigits) == *heard;
}

bool callback_matches(const OnFile& file, std::string_view dialled) {
    const auto heard = fold_digits(dialled);
    return heard && !heard->empty() && *heard == digits_of(file.organization_phone);
}

std::string masked_login_id(std::string_view login_id) {
    const std::string name(login_id.substr(0, login_id.find('@')));
    const std::size_t shown = name.size() > kHiddenCharacters ? name.size() - kHiddenCharacters : 0;
    return name.substr(0, shown) + std::string(kHidden);
}

std::string masked_person(const Account& account) {
    if (account.given_name.empty()) {
        return first_character(account.family_name) + std::string(kHidden);
    }
    const auto first = first_character(account.given_name);
    // A name of one character is not shown at all.
    return account.family_name + " " + (first == account.given_name ? "" : first) + std::string(kHidden);
}

std::string number_end(std::string_view masked_phone) {
    return last(digits_of(masked_phone), kShownDigits);
}

bool CheckState::used_up() const {
    return !matched && tries >= limits::kHelpdeskTries;
}

}  // namespace madoguchi::accounts
