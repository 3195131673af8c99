// What a new password must be (S1, S2). Pure. No composition rules: SP 800-63B-4 §3.1.1.2 forbids them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/limits.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "crypto/password_blocklist.hpp"

namespace madoguchi::signin {

struct PasswordContext {
    std::string login_id;
    std::vector<std::string> organization_names;  // name and kana, as stored
    std::vector<std::string> service_names;       // "窓口", "Madoguchi"
    std::size_t minimum_code_points = limits::kPasswordMinimumCodePoints;
};

/// Every rule that the password breaks, under `field`: required, too_short{minimum}, too_long{maximum},
/// password_unprintable, password_common, password_contains_login_id, password_contains_organization,
/// password_contains_service.
std::vector<FieldError> check_password(const SecretText& password, const PasswordContext& context,
                                       const crypto::PasswordBlocklist& blocklist, std::string field = "new_password");

}  // namespace madoguchi::signin
