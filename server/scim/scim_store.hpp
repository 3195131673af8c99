// SQL of what SCIM reads and keeps beyond the other rooms: accounts with what the client calls them, roles in
// organizations as groups.
#pragma once

#include <map>

#include "db/database.hpp"
#include "scim/records.hpp"

namespace madoguchi::scim {

/// All that is given must hold; closed accounts are never among them.
struct UserConditions {
    std::optional<std::int64_t> id = {};
    std::optional<std::string> login_key = {};
    std::optional<std::string> external_id = {};
};

struct GroupConditions {
    std::optional<GroupKey> key = {};
    std::optional<std::string> organization_name = {};
    std::optional<std::int64_t> member = {};
};

class ScimStore {
public:
    Result<std::int64_t> count_users(db::Transaction& tx, const UserConditions& conditions) const;
    /// By id, `offset` left out. Without grants.
    Result<std::vector<UserRow>> users(db::Transaction& tx, const UserConditions& conditions, std::int64_t offset,
                                       int limit) const;
    /// As users() of this id, and nobody else changes the account until the transaction ends.
    Result<std::optional<UserRow>> lock_user(db::Transaction& tx, AccountId id) const;
    /// Empty: none any more.
    Result<void> set_external_id(db::Transaction& tx, AccountId id, const std::string& external_id, Instant now) const;

    /// Every role that fits an open organization, by its id; without members.
    Result<std::int64_t> count_groups(db::Transaction& tx, const GroupConditions& conditions, Instant now) const;
    Result<std::vector<GroupRow>> groups(db::Transaction& tx, const GroupConditions& conditions, std::int64_t offset,
                                         int limit, Instant now) const;
    /// Empty: none any more.
    Result<void> set_external_id(db::Transaction& tx, const GroupKey& group, const std::string& external_id,
                                 Instant now) const;
    /// Who holds these roles now, whose accounts are not closed.
    Result<std::map<GroupKey, std::vector<MemberRow>>> members(db::Transaction& tx, const std::vector<GroupRow>& groups,
                                                               Instant now) const;
};

}  // namespace madoguchi::scim
