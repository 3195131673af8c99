// A person's name is put right: the log keeps both, and a page that is older than the account changes nothing.
#include "accounts/account_service.hpp"

namespace madoguchi::accounts {
namespace {

using directory::Permission;

constexpr auto kPermission = Permission::issue_account;

tl::unexpected<Error> hidden() {
    return failure(ErrorKind::not_found, "not_found");
}

nlohmann::json as_json(const Names& names) {
    return {{"family_name", names.family_name},
            {"given_name", names.given_name},
            {"family_kana", names.family_kana},
            {"given_kana", names.given_kana}};
}

Names names_of(const Account& account) {
    return {account.family_name, account.given_name, account.family_kana, account.given_kana};
}

}  // namespace

bool AccountService::may_rename(const Principal& principal, const Account& account, Instant now) {
    return account.state != AccountState::closed && directory::may(principal, kPermission, account.organization, now) &&
           directory::may_act_on(principal, kPermission, account.id, account.grants, now).has_value();
}

Result<Changed> AccountService::rename_within(db::Transaction& tx, const Principal& principal, const Actor& actor,
                                              const Account& account, const Names& names, Instant now) {
    TRY(directory::may_act_on(principal, kPermission, account.id, account.grants, now));
    if (account.state == AccountState::closed) {
        return failure(
            Error{.kind = ErrorKind::conflict, .message_id = "state_not_allowed", .values = {{"state", "closed"}}});
    }
    const auto renamed = store_.rename(tx, account.id, names, search_text(names, account.login_id), now);
    if (!renamed) {
        return renamed.error().kind == ErrorKind::conflict ? failure(ErrorKind::conflict, "person_already_there")
                                                           : failure(renamed.error());
    }
    TRY(parts_.audit.append(tx, actor,
                            {.action = "account.rename",
                             .organization_path = account.organization.path,
                             .target_kind = "account",
                             .target_id = account.id.value,
                             .target_name = account.login_id,
                             .before = as_json(names_of(account)),
                             .after = as_json(names)},
                            now));
    return finished(tx, account.id, now);
}

Result<Changed> AccountService::rename(const Principal& principal, const AccountKey& key, const Names& typed,
                                       Instant now, const std::optional<SeenAccount>& seen) {
    const bool by_id = std::holds_alternative<AccountId>(key);
    const audit::Entry attempt{.action = "account.rename",
                               .organization_path = principal.home.path,
                               .target_kind = "account",
                               .target_id = by_id ? std::get<AccountId>(key).value : 0,
                               .target_name = by_id ? std::string() : std::get<std::string>(key)};
    const auto actors = directory::acting(principal, kPermission, now);
    if (!actors) {
        parts_.audit.refused(directory::as_oneself(principal), attempt, actors.error(), now);
        return failure(actors.error());
    }
    const auto names = TRY(check_names(typed));
    Result<Changed> result = hidden();
    for (const Actor& actor : *actors) {
        result = parts_.audit.audited(actor, attempt, now, [&](db::Transaction& tx) -> Result<Changed> {
            const auto found = TRY(find(tx, key, now));
            auto account = found ? TRY(store_.lock(tx, found->id)) : std::nullopt;
            if (!account || !directory::may(principal, kPermission, account->organization, now)) {
                return hidden();
            }
            account->grants = found->grants;
            if (seen && *seen != seen_of(*account, TRY(parts_.access.second_steps(tx, account->id)))) {
                return failure(ErrorKind::conflict, "changed_meanwhile");
            }
            return rename_within(tx, principal, actor, *account, names, now);
        });
        if (result || result.error().kind != ErrorKind::not_found) {
            break;
        }
    }
    return result;
}

Result<void> AccountService::note_export(const Principal& principal, const std::string& conditions, std::size_t rows,
                                         Instant now) {
    return parts_.audit.note(directory::as_oneself(principal),
                             {.action = "account.export",
                              .organization_path = principal.home.path,
                              .target_kind = "organization",
                              .target_id = principal.home.id.value,
                              .target_name = principal.home.name,
                              .after = {{"conditions", conditions}, {"rows", rows}}},
                             now);
}

}  // namespace madoguchi::accounts
