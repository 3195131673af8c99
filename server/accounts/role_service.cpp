#include "accounts/role_service.hpp"

#include "base/limits.hpp"

namespace madoguchi::accounts {
namespace {

using directory::GrantRecord;
using directory::Permission;

tl::unexpected<Error> hidden() {
    return failure(ErrorKind::not_found, "not_found");
}

template <class T>
bool elsewhere(const Result<T>& result) {
    return !result && (result.error().kind == ErrorKind::not_found ||
                       (!result.error().fields.empty() && result.error().fields[0].message_id == "not_found"));
}

Result<void> check_period(const GrantRole& command, Instant now) {
    const Instant from = command.from.value_or(now);
    if (command.until && *command.until <= std::max(from, now)) {
        return invalid_field("until", "from_after_until");
    }
    return {};
}

}  // namespace

Result<GrantOutcome> RoleService::file_approval(db::Transaction& tx, const Actor& actor, const Account& account,
                                                const directory::GiveRole& give, Instant now) {
    if (TRY(requests_.find_open(tx, RequestKind::role_grant, account.id, now - limits::kApprovalLife))) {
        return failure(ErrorKind::conflict, "already_exists");
    }
    Request request{.kind = RequestKind::role_grant,
                    .organization_path = give.organization.path,
                    .account = account.id,
                    .requested_by = actor.account,
                    .requested_by_name = actor.name,
                    .summary = {{"role", directory::to_text(give.role)},
                                {"organization_id", give.organization.id.value},
                                {"organization", give.organization.name},
                                {"from", to_microseconds(give.from)},
                                {"reason", give.reason}},
                    .requested_at = now,
                    .expires_at = now + limits::kApprovalLife};
    if (give.until) {
        request.summary["until"] = to_microseconds(*give.until);
    }
    const auto id = TRY(requests_.insert(tx, request));
    TRY(audit_.append(tx, actor,
                      {.action = "role.request",
                       .organization_path = give.organization.path,
                       .target_kind = "account",
                       .target_id = account.id.value,
                       .target_name = account.login_id,
                       .reason = give.reason,
                       .after = {{"role", directory::to_text(give.role)}, {"organization", give.organization.name}}},
                      now));
    return GrantOutcome{std::nullopt, id};
}

Result<GrantOutcome> RoleService::grant_within(db::Transaction& tx, const Principal& principal, const Actor& actor,
                                               const GrantRole& command, const std::string& reason, Instant now) {
    const auto account = TRY(accounts_.find(tx, command.account, now));
    if (!account || account->state == AccountState::closed) {
        return invalid_field("account", "not_found");
    }
    const auto organization = organizations_.get(tx, command.organization);
    if (!organization && organization.error().kind != ErrorKind::not_found) {
        return failure(organization.error());
    }
    if (!organization) {
        return invalid_field("organization_id", "not_found");
    }
    const auto place = directory::ref(*organization);
    TRY(directory::may_assign(principal, command.role, place, now));
    TRY(directory::may_act_on(principal, Permission::assign_role, account->id, account->grants, now));
    const directory::GiveRole give{account->id, account->organization.path, account->login_id, command.role,
                                   place,       command.from.value_or(now), command.until,     reason};
    if (directory::is_administrator(command.role)) {
        return file_approval(tx, actor, *account, give, now);
    }
    auto given = TRY(grants_.give(tx, actor, give, now));
    return GrantOutcome{std::move(given), std::nullopt};
}

Result<GrantOutcome> RoleService::grant(const Principal& principal, const GrantRole& command, Mode mode, Instant now) {
    const audit::Entry attempt{.action = "role.grant",
                               .organization_path = principal.home.path,
                               .target_kind = "organization",
                               .target_id = command.organization.value,
                               .target_name = std::string(directory::to_text(command.role))};
    const auto actors = directory::acting(principal, Permission::assign_role, now);
    if (!actors) {
        audit_.refused(directory::as_oneself(principal), attempt, actors.error(), now);
        return failure(actors.error());
    }
    const auto reason = TRY(check_reason(command.reason));
    TRY(check_period(command, now));
    Result<GrantOutcome> result = hidden();
    for (const Actor& actor : *actors) {
        result = audit_.audited(actor, attempt, now, [&](db::Transaction& tx) -> Result<GrantOutcome> {
            auto outcome = TRY(grant_within(tx, principal, actor, command, reason, now));
            if (mode == Mode::dry_run) {
                tx.discard();
            }
            return outcome;
        });
        if (!elsewhere(result)) {
            break;
        }
    }
    return result;
}

Result<GrantRecord> RoleService::grant_approved(db::Transaction& tx, const Principal& principal, const Actor& actor,
                                                const Request& request, Instant now) {
    const auto account = TRY(accounts_.find(tx, request.account, now));
    if (!account) {
        return hidden();
    }
    if (account->state == AccountState::closed) {
        return failure(
            Error{.kind = ErrorKind::conflict, .message_id = "state_not_allowed", .values = {{"state", "closed"}}});
    }
    // Asked again: the account may hold a higher role by now.
    TRY(directory::may_act_on(principal, Permission::assign_role, account->id, account->grants, now));
    const auto role = directory::role(request.summary.at("role").get<std::string>());
    const auto organization =
        TRY(organizations_.get(tx, OrganizationId{request.summary.at("organization_id").get<std::int64_t>()}));
    const auto place = directory::ref(organization);
    TRY(directory::may_assign(principal, *role, place, now));
    directory::GiveRole give{account->id,
                             account->organization.path,
                             account->login_id,
                             *role,
                             place,
                             now,
                             std::nullopt,
                             request.summary.value("reason", std::string())};
    if (request.summary.contains("from")) {
        give.from = std::max(now, from_microseconds(request.summary.at("from").get<std::int64_t>()));
    }
    if (request.summary.contains("until")) {
        give.until = from_microseconds(request.summary.at("until").get<std::int64_t>());
    }
    if (give.until && *give.until <= give.from) {
        return failure(ErrorKind::conflict, "request_expired");
    }
    return grants_.give(tx, actor, give, now);
}

Result<GrantRecord> RoleService::revoke_within(db::Transaction& tx, const Principal& principal, const Actor& actor,
                                               GrantId id, const std::string& reason, Instant now) {
    auto record = TRY(grants_.find(tx, id));
    if (!record) {
        return hidden();
    }
    TRY(directory::may_assign(principal, record->grant.role, record->grant.organization, now));
    const auto standing = TRY(grants_.standing(tx, record->account, now));
    TRY(directory::may_act_on(principal, Permission::assign_role, record->account, standing, now));
    TRY(grants_.revoke(tx, actor, *record, reason, now));
    record->revoked_at = now;
    return std::move(*record);
}

Result<void> RoleService::revoke_inside(db::Transaction& tx, const Principal& principal, const Actor& actor, GrantId id,
                                        const std::string& reason, Instant now) {
    TRY(revoke_within(tx, principal, actor, id, reason, now));
    return {};
}

Result<void> RoleService::grant_inside(db::Transaction& tx, const Principal& principal, const Actor& actor,
                                       const GrantRole& command, Instant now) {
    if (directory::is_administrator(command.role)) {
        return failure(ErrorKind::forbidden, "second_person_needed");
    }
    TRY(grant_within(tx, principal, actor, command, command.reason, now));
    return {};
}

Result<GrantRecord> RoleService::revoke(const Principal& principal, GrantId id, const std::string& typed_reason,
                                        Mode mode, Instant now) {
    const audit::Entry attempt{.action = "role.revoke",
                               .organization_path = principal.home.path,
                               .target_kind = "grant",
                               .target_id = id.value,
                               .target_name = {}};
    const auto actors = directory::acting(principal, Permission::assign_role, now);
    if (!actors) {
        audit_.refused(directory::as_oneself(principal), attempt, actors.error(), now);
        return failure(actors.error());
    }
    const auto reason = TRY(check_reason(typed_reason));
    Result<GrantRecord> result = hidden();
    for (const Actor& actor : *actors) {
        result = audit_.audited(actor, attempt, now, [&](db::Transaction& tx) -> Result<GrantRecord> {
            auto record = TRY(revoke_within(tx, principal, actor, id, reason, now));
            if (mode == Mode::dry_run) {
                tx.discard();
            }
            return record;
        });
        if (!elsewhere(result)) {
            break;
        }
    }
    return result;
}

Result<std::vector<GrantRecord>> RoleService::list(const Principal& principal, const AccountKey& key, Instant now) {
    for (const Actor& actor : TRY(directory::acting(principal, Permission::read_directory, now))) {
        auto found = database_.transact(actor, [&](db::Transaction& tx) -> Result<std::vector<GrantRecord>> {
            const auto account = TRY(accounts_.find(tx, key, now));
            if (!account || !directory::may(principal, Permission::read_directory, account->organization, now)) {
                return hidden();
            }
            return grants_.list(tx, account->id);
        });
        if (!elsewhere(found)) {
            return found;
        }
    }
    return hidden();
}

}  // namespace madoguchi::accounts
