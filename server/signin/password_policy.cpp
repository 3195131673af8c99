#include "signin/password_policy.hpp"

#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <algorithm>

#include "base/japanese_text.hpp"

namespace madoguchi::signin {
namespace {

constexpr std::size_t kShortestName = 3;  // 病院 or "ab" stands in too many good passwords

// Every printable character and space is welcome; what can't be seen can't be typed again. Unassigned ones change with
// Unicode.
bool printable(std::string_view text) {
    if (!valid_utf8(text)) {
        return false;
    }
    const auto wide =
        icu::UnicodeString::fromUTF8(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())));
    for (std::int32_t i = 0; i < wide.length(); i = wide.moveIndex32(i, 1)) {
        const auto kind = u_charType(wide.char32At(i));
        const bool line_or_paragraph = kind == U_LINE_SEPARATOR || kind == U_PARAGRAPH_SEPARATOR;
        if (kind == U_CONTROL_CHAR || kind == U_UNASSIGNED || kind == U_SURROGATE || line_or_paragraph) {
            return false;
        }
    }
    return true;
}

// Compared without width, case, spaces, hyphens and kana script, so that ミドリノ医院 is found in "みどりの-医院-2026".
std::string comparable(std::string_view text) {
    auto key = search_key(text);
    std::erase(key, '-');
    return key;
}

bool contains(const std::string& password, std::string_view name) {
    const auto key = comparable(name);
    return code_points(key) >= kShortestName && password.find(key) != std::string::npos;
}

bool contains_any(const std::string& password, const std::vector<std::string>& names) {
    return std::any_of(names.begin(), names.end(), [&](const auto& name) { return contains(password, name); });
}

std::string_view local_part(std::string_view login_id) {
    return login_id.substr(0, login_id.find('@'));
}

// 窓口 alone is short, and common in a sentence; a password that is little else is refused.
bool is_little_but(const std::string& password, const std::vector<std::string>& names, std::size_t minimum) {
    return std::any_of(names.begin(), names.end(), [&](const auto& name) {
        const auto key = comparable(name);
        if (key.empty()) {
            return false;
        }
        auto rest = password;
        for (auto at = rest.find(key); at != std::string::npos; at = rest.find(key)) {
            rest.erase(at, key.size());
        }
        return rest.size() != password.size() && code_points(rest) < minimum / 2;
    });
}

}  // namespace

std::vector<FieldError> check_password(const SecretText& password, const PasswordContext& context,
                                       const crypto::PasswordBlocklist& blocklist, std::string field) {
    std::vector<FieldError> errors;
    const auto refuse = [&](std::string rule, std::map<std::string, std::string> values = {}) {
        errors.push_back({field, std::move(rule), std::move(values)});
    };
    if (password.empty()) {
        refuse("required");
        return errors;
    }
    if (!printable(password.reveal())) {
        refuse("password_unprintable");
        return errors;
    }
    const auto normal = normalize_password(password.reveal());
    const auto minimum = std::max(context.minimum_code_points, limits::kPasswordFloorCodePoints);
    const auto length = code_points(normal.reveal());
    if (length > limits::kPasswordMaximumCodePoints) {
        refuse("too_long", {{"maximum", std::to_string(limits::kPasswordMaximumCodePoints)}});
        return errors;
    }
    if (length < minimum) {
        refuse("too_short", {{"minimum", std::to_string(minimum)}});
    }
    if (blocklist.common(normal.reveal())) {
        refuse("password_common");
    }
    const auto key = comparable(normal.reveal());
    if (contains(key, local_part(context.login_id))) {
        refuse("password_contains_login_id");
    }
    if (contains_any(key, context.organization_names) || is_little_but(key, context.organization_names, minimum)) {
        refuse("password_contains_organization");
    }
    if (contains_any(key, context.service_names) || is_little_but(key, context.service_names, minimum)) {
        refuse("password_contains_service");
    }
    return errors;
}

}  // namespace madoguchi::signin
