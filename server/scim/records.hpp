// What is known of an account and of a role in an organization before it is shown as a resource.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "accounts/account.hpp"

namespace madoguchi::scim {

struct UserRow {
    accounts::Account account;  // grants are filled in by the service
    std::string institution_code;
    std::string local_government_code;
    std::string external_id;  // empty: none
    std::optional<Instant> changed_at;
};

struct GroupKey {
    OrganizationId organization;
    directory::Role role = directory::Role::facility_staff;
    friend auto operator<=>(const GroupKey&, const GroupKey&) = default;
};

struct MemberRow {
    GrantId grant;
    AccountId account;
    std::string name;
};

struct GroupRow {
    GroupKey key;
    directory::OrganizationRef organization;
    Instant created_at;
    std::optional<Instant> changed_at;
    std::string external_id = {};  // empty: none
    std::vector<MemberRow> members = {};
};

}  // namespace madoguchi::scim
