// Accounts and roles as SCIM shows them. Pure.
#pragma once

#include "scim/records.hpp"
#include "scim/schema.hpp"

namespace madoguchi::scim {

struct Rendering {
    std::string base;                              // "https://host/scim/v2"
    std::string (*tag)(std::string_view version);  // an entity tag
};

/// meta.version is the entity tag of everything else that is shown, but for the time of
/// the last sign-in.
nlohmann::json to_resource(const UserRow& user, const Rendering& rendering, Instant now);
nlohmann::json to_resource(const GroupRow& group, const Rendering& rendering);

/// "12-facility_staff"
std::string to_text(const GroupKey& key);
std::optional<GroupKey> group_key(std::string_view text);
/// "さくら内科 facility_staff": what a client that knows no ids looks for.
std::string display_name(const std::string& organization, directory::Role role);

}  // namespace madoguchi::scim
