// What other services of this room do to accounts inside transactions of their own.
#include "accounts/account_service.hpp"

namespace madoguchi::accounts {
namespace {

tl::unexpected<Error> hidden() {
    return failure(ErrorKind::not_found, "not_found");
}

}  // namespace

Result<std::vector<SecondStepSummary>> AccountService::second_steps(db::Transaction& tx, AccountId id) const {
    return parts_.access.second_steps(tx, id);
}

Result<Changed> AccountService::act_inside(db::Transaction& tx, const Principal& principal, const Actor& actor,
                                           AccountId id, AccountAct act, const std::string& reason, Instant now) {
    auto account = TRY(store_.lock(tx, id));
    if (!account || !directory::may(principal, permission_of(act), account->organization, now)) {
        return hidden();
    }
    account->grants = TRY(parts_.grants.standing(tx, id, now));
    return act_within(tx, principal, actor, *account, act, reason, now);
}

Result<Changed> AccountService::rename_inside(db::Transaction& tx, const Principal& principal, const Actor& actor,
                                              AccountId id, const Names& typed, Instant now) {
    const auto names = TRY(check_names(typed));
    auto account = TRY(store_.lock(tx, id));
    if (!account || !directory::may(principal, directory::Permission::issue_account, account->organization, now)) {
        return hidden();
    }
    account->grants = TRY(parts_.grants.standing(tx, id, now));
    return rename_within(tx, principal, actor, *account, names, now);
}

Result<Changed> AccountService::issue_inside(db::Transaction& tx, const Principal& principal, const Actor& actor,
                                             const IssueAccount& command, Instant now) {
    return issue_within(tx, principal, actor, command, TRY(check_names(command.names)), now);
}

Result<Changed> AccountService::suspend_unused(db::Transaction& tx, AccountId id, const std::string& reason,
                                               Instant now) {
    auto account = TRY(store_.lock(tx, id));
    if (!account) {
        return hidden();
    }
    account->grants = TRY(parts_.grants.standing(tx, id, now));
    return carry_out(tx, Actor::system(), *account, AccountAct::suspend, reason, now);
}

Result<void> AccountService::warn_unused(db::Transaction& tx, const Account& account, Instant now) const {
    return parts_.access.announce(tx, account, Announcement::unused, now);
}

}  // namespace madoguchi::accounts
