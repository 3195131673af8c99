#include "directory/grant_service.hpp"

namespace madoguchi::directory {
namespace {

nlohmann::json summary(const Grant& grant) {
    nlohmann::json out = {{"role", to_text(grant.role)},
                          {"organization_id", grant.organization.id.value},
                          {"organization", grant.organization.name},
                          {"from", format_rfc3339_japan(grant.from)}};
    if (grant.until) {
        out["until"] = format_rfc3339_japan(*grant.until);
    }
    return out;
}

audit::Entry granted(const GiveRole& command, const Grant& grant) {
    return {.action = "role.grant",
            .organization_path = command.organization.path,
            .target_kind = "account",
            .target_id = command.account.value,
            .target_name = command.login_id,
            .reason = command.reason,
            .after = summary(grant)};
}

}  // namespace

Result<void> GrantService::give_many(db::Transaction& tx, const Actor& actor, const std::vector<GiveRole>& commands,
                                     Instant now) const {
    std::vector<GrantRecord> records;
    std::vector<audit::Entry> entries;
    for (const auto& command : commands) {
        const Grant grant{{}, command.role, command.organization, command.from, command.until};
        records.push_back({grant, command.account, command.account_path, command.login_id, std::nullopt});
        entries.push_back(granted(command, grant));
    }
    const auto by = actor.account ? std::optional(actor.account) : std::nullopt;
    TRY(store_.insert_many(tx, records, by, now));
    return audit_.append_many(tx, actor, entries, now);
}

Result<GrantRecord> GrantService::give(db::Transaction& tx, const Actor& actor, const GiveRole& command,
                                       Instant now) const {
    Grant grant{{}, command.role, command.organization, command.from, command.until};
    const auto by = actor.account ? std::optional(actor.account) : std::nullopt;
    grant.id = TRY(store_.insert(tx, command.account, command.account_path, grant, by, now));
    TRY(audit_.append(tx, actor, granted(command, grant), now));
    return GrantRecord{std::move(grant), command.account, command.account_path, command.login_id, std::nullopt};
}

Result<void> GrantService::revoke(db::Transaction& tx, const Actor& actor, const GrantRecord& record,
                                  const std::string& reason, Instant now) const {
    if (!TRY(store_.revoke(tx, record.grant.id, now))) {
        return failure(ErrorKind::conflict, "already_decided");
    }
    return audit_.append(tx, actor,
                         {.action = "role.revoke",
                          .organization_path = record.grant.organization.path,
                          .target_kind = "account",
                          .target_id = record.account.value,
                          .target_name = record.login_id,
                          .reason = reason,
                          .before = summary(record.grant)},
                         now);
}

Result<bool> GrantService::confirm(db::Transaction& tx, const Actor& actor, const GrantRecord& record,
                                   Instant now) const {
    if (!TRY(store_.confirm(tx, record.grant.id, actor.name, now))) {
        return false;
    }
    TRY(audit_.append(tx, actor,
                      {.action = "role.confirm",
                       .organization_path = record.grant.organization.path,
                       .target_kind = "account",
                       .target_id = record.account.value,
                       .target_name = record.login_id,
                       .after = summary(record.grant)},
                      now));
    return true;
}

}  // namespace madoguchi::directory
