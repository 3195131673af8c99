#include "scim/resources.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "scim/date_time.hpp"

namespace madoguchi::scim {
namespace {

using nlohmann::json;

void set_if(json& out, const char* name, const std::string& value) {
    if (!value.empty()) {
        out[name] = value;
    }
}

json organization_json(const directory::OrganizationRef& organization) {
    return {{"id", std::to_string(organization.id.value)}, {"name", organization.name}};
}

json meta_of(const json& resource, const ResourceType& type, const std::string& base, Instant created, Instant changed,
             const std::string& version) {
    const auto id = resource.at("id").get<std::string>();
    return {{"resourceType", type.name},
            {"created", to_date_time(created)},
            {"lastModified", to_date_time(changed)},
            {"location", base + type.endpoint + "/" + id},
            {"version", version}};
}

std::string version_of(const json& resource, const Rendering& rendering) {
    return rendering.tag("scim " + resource.dump());
}

std::optional<std::int64_t> number_of(std::string_view text) {
    std::int64_t out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    const bool plain = error == std::errc() && end == text.data() + text.size() && out > 0 && !text.starts_with('0');
    return plain ? std::optional(out) : std::nullopt;
}

json groups_of(const accounts::Account& account, const std::string& base, Instant now) {
    json out = json::array();
    for (const auto& grant : account.grants) {
        if (!grant.active(now)) {
            continue;
        }
        const auto id = to_text(GroupKey{grant.organization.id, grant.role});
        out.push_back({{"value", id},
                       {"$ref", fmt::format("{}/Groups/{}", base, id)},
                       {"display", display_name(grant.organization.name, grant.role)},
                       {"type", "direct"}});
    }
    return out;
}

}  // namespace

std::string to_text(const GroupKey& key) {
    return fmt::format("{}-{}", key.organization.value, directory::to_text(key.role));
}

std::optional<GroupKey> group_key(std::string_view text) {
    const auto dash = std::min(text.find('-'), text.size());
    const auto organization = number_of(text.substr(0, dash));
    const auto role = directory::role(text.substr(std::min(dash + 1, text.size())));
    return organization && role ? std::optional(GroupKey{{*organization}, *role}) : std::nullopt;
}

std::string display_name(const std::string& organization, directory::Role role) {
    return fmt::format("{} {}", organization, directory::to_text(role));
}

json to_resource(const UserRow& user, const Rendering& rendering, Instant now) {
    const auto& account = user.account;
    const auto name = account.family_name + (account.given_name.empty() ? "" : " " + account.given_name);
    json out = {{"schemas", {kUserSchema, kUserExtension}},
                {"id", std::to_string(account.id.value)},
                {"userName", account.login_id},
                {"name", {{"familyName", account.family_name}}},
                {"displayName", name},
                {"active", account.state != accounts::AccountState::suspended}};
    set_if(out, "externalId", user.external_id);
    set_if(out["name"], "givenName", account.given_name);
    if (auto groups = groups_of(account, rendering.base, now); !groups.empty()) {
        out["groups"] = std::move(groups);
    }
    auto& extension = out[std::string(kUserExtension)];
    extension = {{"organization", organization_json(account.organization)},
                 {"organizationKind", directory::to_text(account.organization.kind)},
                 {"state", accounts::to_text(account.state)}};
    set_if(extension, "institutionCode", user.institution_code);
    set_if(extension, "localGovernmentCode", user.local_government_code);
    set_if(extension, "familyKana", account.family_kana);
    set_if(extension, "givenKana", account.given_kana);
    const auto version = version_of(out, rendering);
    if (account.last_signed_in_at) {
        extension["lastSignedInAt"] = to_date_time(*account.last_signed_in_at);
    }
    out["meta"] = meta_of(out, user_type(), rendering.base, account.created_at,
                          user.changed_at.value_or(account.created_at), version);
    return out;
}

json to_resource(const GroupRow& group, const Rendering& rendering) {
    json out = {{"schemas", {kGroupSchema, kGroupExtension}},
                {"id", to_text(group.key)},
                {"displayName", display_name(group.organization.name, group.key.role)}};
    out[std::string(kGroupExtension)] = {{"role", directory::to_text(group.key.role)},
                                         {"organization", organization_json(group.organization)}};
    set_if(out, "externalId", group.external_id);
    for (const auto& member : group.members) {
        const auto id = std::to_string(member.account.value);
        out["members"].push_back(
            {{"value", id}, {"$ref", fmt::format("{}/Users/{}", rendering.base, id)}, {"type", "User"}});
    }
    const auto version = version_of(out, rendering);
    out["meta"] = meta_of(out, group_type(), rendering.base, group.created_at,
                          group.changed_at.value_or(group.created_at), version);
    return out;
}

}  // namespace madoguchi::scim
