#include "scim/group_service.hpp"

#include <algorithm>

#include "base/scim_limits.hpp"
#include "http/conditional.hpp"
#include "http/json_reader.hpp"
#include "scim/patch.hpp"

namespace madoguchi::scim {
namespace {

using directory::Permission;
using nlohmann::json;

constexpr auto kReason = "SCIM";  // a client gives none

tl::unexpected<Error> hidden() {
    return failure(ErrorKind::not_found, "not_found");
}

tl::unexpected<Error> too_many() {
    return failure(Error{.kind = ErrorKind::invalid,
                         .message_id = "scim_too_many",
                         .values = {{"maximum", std::to_string(limits::kScimWalkedRows)}}});
}

// An account that is not there, or not within one's jurisdiction, is a bad member and no missing group.
Error as_member(Error error) {
    const bool missing = !error.fields.empty() && error.fields[0].field == "account";
    return missing ? bad_value("members.value").value() : std::move(error);
}

std::optional<GroupConditions> indexed(const ListQuery& query) {
    GroupConditions out;
    if (const auto id = equals(query.filter, "id", group_type())) {
        out.key = group_key(*id).value_or(GroupKey{});
        return out;
    }
    if (const auto member = equals(query.filter, "members.value", group_type())) {
        out.member = http::parse_identifier(*member).value_or(0);
        return out;
    }
    if (const auto name = equals(query.filter, "displayName", group_type())) {
        out.organization_name = name->substr(0, name->rfind(' '));
        return out;
    }
    return std::nullopt;
}

Result<std::vector<AccountId>> members_of(const json& group) {
    std::vector<AccountId> out;
    const auto members = group.value("members", json::array());
    if (members.size() > limits::kScimMembers) {
        return bad_value("members");
    }
    for (const auto& member : members) {
        const auto id = http::parse_identifier(member.value("value", std::string()));
        if (!id) {
            return bad_value("members.value");
        }
        if (std::ranges::find(out, AccountId{*id}) == out.end()) {
            out.push_back({*id});
        }
    }
    return out;
}

bool reads(const Principal& principal, const GroupRow& group, Instant now) {
    return directory::may(principal, Permission::read_directory, group.organization, now);
}

}  // namespace

Rendering GroupService::rendering() const {
    return {parts_.base, &http::entity_tag};
}

// --- reading ---

Result<std::vector<GroupRow>> GroupService::with_members(db::Transaction& tx, const Principal& principal,
                                                         std::vector<GroupRow> rows, Instant now) const {
    std::erase_if(rows, [&](const GroupRow& row) { return !reads(principal, row, now); });
    auto members = TRY(store_.members(tx, rows, now));
    for (auto& row : rows) {
        row.members = std::move(members[row.key]);
    }
    return rows;
}

Result<std::vector<json>> GroupService::resources(db::Transaction& tx, const Principal& principal,
                                                  std::vector<GroupRow> rows, Instant now) const {
    std::vector<json> out;
    for (const auto& row : TRY(with_members(tx, principal, std::move(rows), now))) {
        out.push_back(to_resource(row, rendering()));
    }
    return out;
}

Result<GroupRow> GroupService::find(db::Transaction& tx, const Principal& principal, const GroupKey& key,
                                    Instant now) const {
    auto rows = TRY(with_members(tx, principal, TRY(store_.groups(tx, {.key = key}, 0, 1, now)), now));
    return rows.empty() ? Result<GroupRow>(hidden()) : std::move(rows.front());
}

Result<json> GroupService::show(const Principal& principal, const GroupKey& key, Instant now) const {
    for (const Actor& actor : TRY(directory::acting(principal, Permission::read_directory, now))) {
        auto found = parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<json> {
            return to_resource(TRY(find(tx, principal, key, now)), rendering());
        });
        if (found || found.error().kind != ErrorKind::not_found) {
            return found;
        }
    }
    return hidden();
}

Result<Listed> GroupService::page(const Principal& principal, const std::vector<Actor>& actors, const ListQuery& query,
                                  Instant now) const {
    Listed out;
    auto left_out = query.start_index - 1;
    for (const Actor& actor : actors) {
        TRY(parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<void> {
            const auto here = TRY(store_.count_groups(tx, {}, now));
            out.total += here;
            const auto wanted = query.count - static_cast<int>(out.resources.size());
            if (wanted > 0 && left_out < here) {
                auto found = TRY(resources(tx, principal, TRY(store_.groups(tx, {}, left_out, wanted, now)), now));
                std::ranges::move(found, std::back_inserter(out.resources));
            }
            left_out = std::max<std::int64_t>(0, left_out - here);
            return {};
        }));
    }
    return out;
}

Result<Listed> GroupService::list(const Principal& principal, const ListQuery& query, Instant now) const {
    const auto actors = TRY(directory::acting(principal, Permission::read_directory, now));
    if (!query.filter && !query.sort_by) {
        return page(principal, actors, query, now);
    }
    const auto conditions = indexed(query).value_or(GroupConditions{});
    std::vector<json> found;
    for (const Actor& actor : actors) {
        auto here = TRY(parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<std::vector<json>> {
            auto rows = TRY(store_.groups(tx, conditions, 0, limits::kScimWalkedRows + 1, now));
            if (found.size() + rows.size() > static_cast<std::size_t>(limits::kScimWalkedRows)) {
                return too_many();
            }
            return resources(tx, principal, std::move(rows), now);
        }));
        std::ranges::move(here, std::back_inserter(found));
    }
    return paged(std::move(found), query, group_type());
}

// --- changing ---

Result<void> GroupService::carry_out(db::Transaction& tx, const Principal& principal, const Actor& actor,
                                     const GroupRow& current, const json& wanted, Instant now) {
    const auto members = TRY(members_of(wanted));
    const auto external_id = wanted.value("externalId", std::string());
    if (external_id.size() > limits::kScimExternalIdBytes) {
        return bad_value("externalId");
    }
    if (external_id != current.external_id) {
        TRY(directory::may_assign(principal, current.key.role, current.organization, now));
        TRY(store_.set_external_id(tx, current.key, external_id, now));
    }
    for (const auto& member : current.members) {
        if (std::ranges::find(members, member.account) == members.end()) {
            TRY(parts_.roles.revoke_inside(tx, principal, actor, member.grant, kReason, now));
        }
    }
    for (const auto id : members) {
        const bool there =
            std::ranges::any_of(current.members, [&](const MemberRow& member) { return member.account == id; });
        if (there) {
            continue;
        }
        auto given = parts_.roles.grant_inside(
            tx, principal, actor,
            {.account = id, .organization = current.key.organization, .role = current.key.role, .reason = kReason},
            now);
        if (!given) {
            return failure(as_member(std::move(given.error())));
        }
    }
    return {};
}

Result<json> GroupService::change(const Principal& principal, const GroupKey& key, const Precondition& precondition,
                                  Instant now, const Change& wanted) {
    const audit::Entry attempt{.action = "role.grant",
                               .organization_path = principal.home.path,
                               .target_kind = "organization",
                               .target_id = key.organization.value,
                               .target_name = std::string(directory::to_text(key.role))};
    const auto actors = directory::acting(principal, Permission::assign_role, now);
    if (!actors) {
        parts_.audit.refused(directory::as_oneself(principal), attempt, actors.error(), now);
        return failure(actors.error());
    }
    Result<json> result = hidden();
    for (const Actor& actor : *actors) {
        result = parts_.audit.audited(actor, attempt, now, [&](db::Transaction& tx) -> Result<json> {
            const auto current = TRY(find(tx, principal, key, now));
            const auto resource = to_resource(current, rendering());
            if (precondition && !precondition(resource.at("meta").at("version").get<std::string>())) {
                return failure(ErrorKind::conflict, "changed_meanwhile");
            }
            TRY(carry_out(tx, principal, actor, current, TRY(wanted(resource)), now));
            return to_resource(TRY(find(tx, principal, key, now)), rendering());
        });
        if (result || result.error().kind != ErrorKind::not_found) {
            break;
        }
    }
    return result;
}

Result<json> GroupService::create(const Principal& principal, const json& body, Instant now) {
    const auto group = TRY(accept(body, group_type()));
    const auto& extension = group.at(std::string(kGroupExtension));
    const auto organization = http::parse_identifier(extension.at("organization").at("id").get<std::string>());
    const auto role = directory::role(extension.at("role").get<std::string>());
    const auto unknown = [] { return bad_value(std::string(kGroupExtension) + ":organization.id"); };
    if (!organization || !role) {
        return unknown();
    }
    auto made = change(principal, {{*organization}, *role}, {}, now, [&](const json& current) -> Result<json> {
        return current.contains("members") ? failure(ErrorKind::conflict, "already_exists") : Result<json>(group);
    });
    return !made && made.error().kind == ErrorKind::not_found ? unknown() : made;
}

Result<void> GroupService::remove(const Principal& principal, const GroupKey& key, const Precondition& precondition,
                                  Instant now) {
    TRY(change(principal, key, precondition, now, [](json current) -> Result<json> {
        current.erase("members");
        return current;
    }));
    return {};
}

Result<json> GroupService::replace(const Principal& principal, const GroupKey& key, const json& body,
                                   const Precondition& precondition, Instant now) {
    const auto group = TRY(accept(body, group_type()));
    return change(principal, key, precondition, now, [&](const json& current) -> Result<json> {
        const auto extension = std::string(kGroupExtension);
        if (group.at("displayName") != current.at("displayName")) {
            return not_mutable("displayName");
        }
        if (group.at(extension).at("role") != current.at(extension).at("role") ||
            group.at(extension).at("organization").at("id") != current.at(extension).at("organization").at("id")) {
            return not_mutable(extension);
        }
        return group;
    });
}

Result<json> GroupService::patch(const Principal& principal, const GroupKey& key, const json& body,
                                 const Precondition& precondition, Instant now) {
    return change(principal, key, precondition, now,
                  [&](const json& current) { return patched(current, body, group_type()); });
}

}  // namespace madoguchi::scim
