// Accounts and roles as SCIM shows them. Pure.
#pragma once

#include "scim/schema.hpp"
#include "scim/scim_store.hpp"

namespace madoguchi::scim {

/// `base`: "https://host/scim/v2". meta.version is the entity tag of everything else that is shown, but for the time of
/// the last sign-in.
nlohmann::json to_resource(const UserRow& user, const std::string& base, Instant now);
nlohmann::json to_resource(const GroupRow& group, const std::string& base);

/// "12-facility_staff"
std::string to_text(const GroupKey& key);
std::optional<GroupKey> group_key(std::string_view text);
/// "さくら内科 facility_staff": what a client that knows no ids looks for.
std::string display_name(const std::string& organization, directory::Role role);

}  // namespace madoguchi::scim
