// Roles in organizations as Groups. Each role that fits an organization is a group of its own, whether anybody holds it
// or not: making one gives the role to its first members, removing one takes it from all of them.
#pragma once

#include "accounts/role_service.hpp"
#include "scim/user_service.hpp"

namespace madoguchi::scim {

class GroupService {
public:
    struct Parts {
        db::Database& database;
        audit::AuditService& audit;
        accounts::RoleService& roles;
        std::string base;  // "https://host/scim/v2"
    };
    explicit GroupService(Parts parts) : parts_(std::move(parts)) {}

    /// Errors: not_found, forbidden.
    Result<nlohmann::json> show(const Principal& principal, const GroupKey& key, Instant now) const;
    /// Filters by id, displayName and members ask an index; others and orders look through what is there. Errors:
    /// forbidden, invalid (scim_too_many: more than limits::kScimWalkedRows).
    Result<Listed> list(const Principal& principal, const ListQuery& query, Instant now) const;

    /// Errors: as replace; invalid (scim_value: no such organization, a role that does not fit it), conflict
    /// (already_exists: somebody holds the role).
    Result<nlohmann::json> create(const Principal& principal, const nlohmann::json& body, Instant now);
    /// All or none of the members are changed. Errors: not_found, invalid (scim_..., scim_value{members}), forbidden
    /// (second_person_needed: an administrator's role), conflict (changed_meanwhile).
    Result<nlohmann::json> replace(const Principal& principal, const GroupKey& key, const nlohmann::json& body,
                                   const Precondition& precondition, Instant now);
    Result<nlohmann::json> patch(const Principal& principal, const GroupKey& key, const nlohmann::json& body,
                                 const Precondition& precondition, Instant now);

    Result<void> remove(const Principal& principal, const GroupKey& key, const Precondition& precondition, Instant now);

private:
    using Change = std::function<Result<nlohmann::json>(const nlohmann::json& current)>;

    Result<std::vector<GroupRow>> with_members(db::Transaction& tx, const Principal& principal,
                                               std::vector<GroupRow> rows, Instant now) const;
    Result<std::vector<nlohmann::json>> resources(db::Transaction& tx, const Principal& principal,
                                                  std::vector<GroupRow> rows, Instant now) const;
    Result<Listed> page(const Principal& principal, const std::vector<Actor>& actors, const ListQuery& query,
                        Instant now) const;
    Result<GroupRow> find(db::Transaction& tx, const Principal& principal, const GroupKey& key, Instant now) const;
    Result<nlohmann::json> change(const Principal& principal, const GroupKey& key, const Precondition& precondition,
                                  Instant now, const Change& wanted);
    Result<void> carry_out(db::Transaction& tx, const Principal& principal, const Actor& actor, const GroupRow& current,
                           const nlohmann::json& wanted, Instant now);

    Rendering rendering() const;

    Parts parts_;
    ScimStore store_;
};

}  // namespace madoguchi::scim
