#include "accounts/account_service.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/japanese_text.hpp"
#include "base/limits.hpp"
#include "crypto/one_time_secrets.hpp"

namespace madoguchi::accounts {
namespace {

using directory::Permission;

constexpr std::array<std::string_view, 8> kActNames = {
    "reset-password", "reset-second-step", "unlock", "suspend", "resume", "close", "access-code", "start-reset"};

std::string action_name(AccountAct act) {
    std::string name = "account." + std::string(to_text(act));
    std::ranges::replace(name, '-', '_');
    return name;
}

Permission needed(AccountAct act) {
    return permission_of(act);
}

// A helpdesk starts a reset; where a second person is needed, that is an administrator.
Permission approver_needs(AccountAct act) {
    return act == AccountAct::start_reset ? Permission::reset_account : needed(act);
}

AccountEvent event_of(AccountAct act) {
    switch (act) {
        case AccountAct::suspend:
            return AccountEvent::suspend;
        case AccountAct::resume:
            return AccountEvent::resume;
        case AccountAct::close:
            return AccountEvent::close;
        default:
            return AccountEvent::reset;
    }
}

// S18: the other one of password and second step, when it was last reset.
std::optional<Instant> other_reset_at(const Account& account, AccountAct act) {
    switch (act) {
        case AccountAct::reset_password:
        case AccountAct::start_reset:
            return account.second_step_reset_at;
        case AccountAct::reset_second_step:
        case AccountAct::access_code:
            return account.password_reset_at;
        default:
            return std::nullopt;
    }
}

audit::Entry entry_for(const Account& account, std::string action, const std::string& reason) {
    return {.action = std::move(action),
            .organization_path = account.organization.path,
            .target_kind = "account",
            .target_id = account.id.value,
            .target_name = account.login_id,
            .reason = reason};
}

tl::unexpected<Error> hidden() {
    return failure(ErrorKind::not_found, "not_found");
}

bool elsewhere(const Result<Changed>& result) {
    return !result && (result.error().kind == ErrorKind::not_found ||
                       (!result.error().fields.empty() && result.error().fields[0].message_id == "not_found"));
}

}  // namespace

std::string_view to_text(AccountAct act) {
    return kActNames.at(static_cast<std::size_t>(act));
}

SeenAccount seen_of(const Account& account, const std::vector<SecondStepSummary>& second_steps) {
    std::vector<std::string> steps;
    std::ranges::transform(second_steps, std::back_inserter(steps), [](const SecondStepSummary& step) {
        return step.kind + "@" + std::to_string(step.id.value) + (step.disabled ? "!" : "");
    });
    return seen_of(account, steps);
}

AccountKey account_key(const std::string& text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size() && number > 0) {
        return AccountId{number};
    }
    return fold_login_id(text);
}

std::optional<AccountAct> account_act(std::string_view text) {
    const auto found = std::ranges::find(kActNames, text);
    if (found == kActNames.end()) {
        return std::nullopt;
    }
    return static_cast<AccountAct>(found - kActNames.begin());
}

Permission permission_of(AccountAct act) {
    switch (act) {
        case AccountAct::reset_password:
        case AccountAct::reset_second_step:
        case AccountAct::access_code:
            return Permission::reset_account;
        case AccountAct::start_reset:
            return Permission::start_reset;
        case AccountAct::unlock:
            return Permission::unlock_account;
        case AccountAct::suspend:
        case AccountAct::resume:
        case AccountAct::close:
            break;
    }
    return Permission::issue_account;
}

Result<std::optional<Account>> AccountService::find(db::Transaction& tx, const AccountKey& key, Instant now) const {
    auto found = std::holds_alternative<AccountId>(key) ? TRY(store_.find(tx, std::get<AccountId>(key)))
                                                        : TRY(store_.find_by_login_key(tx, std::get<std::string>(key)));
    if (found) {
        found->grants = TRY(parts_.grants.standing(tx, found->id, now));
    }
    return found;
}

Result<Changed> AccountService::finished(db::Transaction& tx, AccountId id, Instant now) const {
    auto account = TRY(find(tx, id, now));
    if (!account) {
        return hidden();
    }
    auto second_steps = TRY(parts_.access.second_steps(tx, id));
    return Changed{std::move(*account), std::move(second_steps), std::nullopt, std::nullopt};
}

Result<InitialPassword> AccountService::make_initial(db::Transaction& tx, AccountId account, Instant expires_at,
                                                     bool is_reset, Instant now) {
    const SecretText password = crypto::make_initial_password(parts_.entropy);
    const auto digest = crypto::digest_initial_password(parts_.token_key, std::to_string(account.value), password);
    if (!TRY(store_.set_initial(tx, account, digest, expires_at, is_reset, now))) {
        return hidden();
    }
    return InitialPassword{crypto::show_initial_password(password), expires_at};
}

// --- issuance ---

Result<Account> AccountService::insert(db::Transaction& tx, const Actor& actor,
                                       const directory::OrganizationRef& organization, int prefecture,
                                       const std::string& chosen_login_id, const Names& names, Instant now) {
    std::string login_id = chosen_login_id;
    if (login_id.empty()) {
        login_id = make_login_id(parts_.login_ids, organization.kind, prefecture, TRY(store_.next_login_number(tx)));
    }
    const auto by = actor.account ? std::optional(actor.account) : std::nullopt;
    auto id = store_.insert(tx, {login_id, organization, names, search_text(names, login_id), by}, now);
    if (!id && id.error().kind == ErrorKind::conflict) {
        return failure(Error{
            .kind = ErrorKind::conflict, .message_id = "login_id_taken", .fields = {{"login_id", "login_id_taken"}}});
    }
    const auto account_id = TRY(id);
    Account account{.id = account_id, .login_id = login_id, .organization = organization};
    audit::Entry entry = entry_for(account, "account.issue", {});
    entry.after = {
        {"organization_id", organization.id.value}, {"organization", organization.name}, {"login_id", login_id}};
    TRY(parts_.audit.append(tx, actor, entry, now));
    return account;
}

Result<Changed> AccountService::issue_within(db::Transaction& tx, const Principal& principal, const Actor& actor,
                                             const IssueAccount& command, const Names& names, Instant now) {
    auto organization = parts_.organizations.get(tx, command.organization);
    if (!organization && organization.error().kind != ErrorKind::not_found) {
        return failure(organization.error());
    }
    if (!organization) {
        return invalid_field("organization_id", "not_found");
    }
    const auto place = directory::ref(*organization);
    if (!directory::may(principal, Permission::issue_account, place, now)) {
        return failure(ErrorKind::forbidden, "forbidden");
    }
    const auto role = command.role.value_or(directory::usual_role(place.kind));
    // A helpdesk sits in one organization and helps in the one above it.
    const auto role_place = place.kind == directory::OrganizationKind::helpdesk
                                ? directory::ref(TRY(parts_.organizations.get(tx, organization->parent)))
                                : place;
    // An ID comes with the usual role of its place: a token that may issue needs no scope for roles to do so.
    const bool usual = principal.limits && role == directory::usual_role(place.kind);
    TRY(directory::may_assign(principal, role, role_place, now,
                              usual ? Permission::issue_account : Permission::assign_role));
    const std::string login_id =
        command.login_id.empty() ? std::string() : TRY(check_login_id(command.login_id, parts_.login_ids));
    const Account account = TRY(insert(tx, actor, place, organization->prefecture_code, login_id, names, now));
    std::optional<InitialPassword> initial;
    if (command.handover == Handover::by_letter) {
        TRY(store_.await_letter(tx, account.id, now));
    } else {
        initial = TRY(make_initial(tx, account.id, now + limits::kInitialPasswordByLetter, false, now));
    }
    std::optional<RequestId> approval;
    if (directory::is_administrator(role)) {
        Request request{.kind = RequestKind::role_grant,
                        .organization_path = role_place.path,
                        .account = account.id,
                        .requested_by = actor.account,
                        .requested_by_name = actor.name,
                        .summary = {{"role", directory::to_text(role)},
                                    {"organization_id", role_place.id.value},
                                    {"organization", role_place.name}},
                        .requested_at = now,
                        .expires_at = now + limits::kApprovalLife};
        approval = TRY(requests_.insert(tx, request));
        TRY(parts_.audit.append(tx, actor, entry_for(account, "role.request", {}), now));
    } else {
        TRY(parts_.grants.give(
            tx, actor, {account.id, place.path, account.login_id, role, role_place, now, std::nullopt, {}}, now));
    }
    auto changed = TRY(finished(tx, account.id, now));
    changed.initial_password = std::move(initial);
    changed.approval = approval;
    return changed;
}

Result<Changed> AccountService::issue(const Principal& principal, const IssueAccount& command, Mode mode, Instant now) {
    const audit::Entry attempt{.action = "account.issue",
                               .organization_path = principal.home.path,
                               .target_kind = "organization",
                               .target_id = command.organization.value,
                               .target_name = fold_login_id(command.login_id)};
    const auto actors = directory::acting(principal, Permission::issue_account, now);
    if (!actors) {
        parts_.audit.refused(directory::as_oneself(principal), attempt, actors.error(), now);
        return failure(actors.error());
    }
    const Names names = TRY(check_names(command.names));
    Result<Changed> result = hidden();
    for (const Actor& actor : *actors) {
        result = parts_.audit.audited(actor, attempt, now, [&](db::Transaction& tx) -> Result<Changed> {
            auto changed = TRY(issue_within(tx, principal, actor, command, names, now));
            if (mode == Mode::dry_run) {
                tx.discard();
                changed.initial_password.reset();
            }
            return changed;
        });
        if (!elsewhere(result)) {
            break;
        }
    }
    return result;
}

Result<std::optional<Changed>> AccountService::bootstrap(const std::string& ministry_name, directory::Role role,
                                                         bool another, Instant now) {
    const Actor actor = Actor::system();
    return parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<std::optional<Changed>> {
        const auto ministry = directory::ref(TRY(parts_.organizations.ensure_ministry(tx, ministry_name, now)));
        if (!another && TRY(store_.any_with_role(tx, directory::Role::ministry_admin, now))) {
            return std::optional<Changed>();
        }
        if (!directory::fits(role, ministry.kind)) {
            return invalid_field("role", "role_does_not_fit");
        }
        const Names names{"管理者", "", "カンリシャ", ""};
        const Account account = TRY(insert(tx, actor, ministry, 0, "", names, now));
        auto initial = TRY(make_initial(tx, account.id, now + limits::kInitialPasswordByLetter, false, now));
        TRY(parts_.grants.give(
            tx, actor, {account.id, ministry.path, account.login_id, role, ministry, now, std::nullopt, "bootstrap"},
            now));
        auto changed = TRY(finished(tx, account.id, now));
        changed.initial_password = std::move(initial);
        return std::optional(std::move(changed));
    });
}

// --- reading ---

Result<Changed> AccountService::show(const Principal& principal, const AccountKey& key, Instant now) {
    for (const Actor& actor : TRY(directory::acting(principal, Permission::read_directory, now))) {
        auto found = parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<Changed> {
            const auto account = TRY(find(tx, key, now));
            if (!account || !directory::may(principal, Permission::read_directory, account->organization, now)) {
                return hidden();
            }
            return finished(tx, account->id, now);
        });
        if (found || found.error().kind != ErrorKind::not_found) {
            return found;
        }
    }
    return hidden();
}

Result<std::vector<Account>> AccountService::list(const Principal& principal, const AccountFilter& filter,
                                                  Instant now) {
    std::vector<Account> out;
    for (const Actor& actor : TRY(directory::acting(principal, Permission::read_directory, now))) {
        TRY(parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<void> {
            auto found = TRY(store_.list(tx, filter));
            std::vector<std::int64_t> ids;
            std::ranges::transform(found, std::back_inserter(ids),
                                   [](const Account& account) { return account.id.value; });
            auto grants = TRY(parts_.grants.standing(tx, ids, now));
            for (Account& account : found) {
                if (directory::may(principal, Permission::read_directory, account.organization, now)) {
                    account.grants = std::move(grants[account.id]);
                    out.push_back(std::move(account));
                }
            }
            return {};
        }));
    }
    std::ranges::sort(out, {}, &Account::id);
    if (out.size() > static_cast<std::size_t>(filter.limit)) {
        out.resize(static_cast<std::size_t>(filter.limit));
    }
    return out;
}

Result<std::vector<audit::AuditEvent>> AccountService::history(const Principal& principal, const Account& account,
                                                               std::int64_t before_id, int limit, Instant now) {
    if (!directory::may(principal, Permission::read_audit, account.organization, now)) {
        return failure(ErrorKind::forbidden, "forbidden");
    }
    for (const Actor& actor : TRY(directory::acting(principal, Permission::read_audit, now))) {
        if (actor.jurisdiction.contains(account.organization.path)) {
            return parts_.audit.history(actor, "account", account.id.value, before_id, limit);
        }
    }
    return std::vector<audit::AuditEvent>();
}

// --- acts ---

std::vector<AccountAct> AccountService::possible_acts(const Principal& principal, const Account& account, Instant now) {
    constexpr std::array kAll = {
        AccountAct::reset_password, AccountAct::reset_second_step, AccountAct::access_code, AccountAct::unlock,
        AccountAct::resume,         AccountAct::suspend,           AccountAct::close,       AccountAct::start_reset};
    std::vector<AccountAct> out;
    std::ranges::copy_if(kAll, std::back_inserter(out), [&](AccountAct act) {
        return directory::may(principal, needed(act), account.organization, now) &&
               directory::may_act_on(principal, needed(act), account.id, account.grants, now) &&
               advance(account.state, event_of(act), account.has_password);
    });
    return out;
}

bool AccountService::needs_second_person(const Account& account, AccountAct act, Instant now) {
    return reset_needs_approval(other_reset_at(account, act), now);
}

Result<std::optional<RequestId>> AccountService::file_approval(db::Transaction& tx, const Actor& actor,
                                                               const Account& account, AccountAct act,
                                                               const std::string& reason, Instant now) {
    if (!needs_second_person(account, act, now)) {
        return std::optional<RequestId>();
    }
    if (TRY(requests_.find_open(tx, RequestKind::second_reset, account.id, now - limits::kApprovalLife))) {
        return failure(ErrorKind::conflict, "approval_waiting");
    }
    const Request request{.kind = RequestKind::second_reset,
                          .organization_path = account.organization.path,
                          .account = account.id,
                          .requested_by = actor.account,
                          .requested_by_name = actor.name,
                          .summary = {{"act", to_text(act)}, {"reason", reason}},
                          .requested_at = now,
                          .expires_at = now + limits::kApprovalLife};
    const auto id = TRY(requests_.insert(tx, request));
    TRY(parts_.audit.append(tx, actor, entry_for(account, action_name(act) + "_request", reason), now));
    return std::optional(id);
}

Result<Changed> AccountService::carry_out(db::Transaction& tx, const Actor& actor, const Account& account,
                                          AccountAct act, const std::string& reason, Instant now) {
    const auto event = event_of(act);
    const auto next = TRY(advance(account.state, event, account.has_password));
    Changed made;
    if (next != account.state && !TRY(store_.set_state(tx, account.id, account.state, next, now))) {
        return failure(ErrorKind::conflict, "stale");
    }
    if (act == AccountAct::reset_password) {
        TRY(parts_.access.announce(tx, account, Announcement::password_reset, now));
        made.initial_password = TRY(make_initial(tx, account.id, now + limits::kInitialPasswordByReset, true, now));
    } else if (act == AccountAct::reset_second_step) {
        TRY(parts_.access.announce(tx, account, Announcement::second_step_reset, now));
        TRY(parts_.access.remove_second_steps(tx, account.id, now));
        TRY(store_.note_second_step_reset(tx, account.id, now));
    } else if (act == AccountAct::unlock) {
        TRY(parts_.access.unlock(tx, account.id, account.login_id));
    } else if (act == AccountAct::access_code) {
        made.access_code = TRY(make_access_code(tx, actor, account, now));
    } else if (act == AccountAct::start_reset) {
        made.reset_code_sent_to = TRY(send_reset_code(tx, account, {}, now));
    }
    if (act != AccountAct::unlock && act != AccountAct::resume) {
        TRY(parts_.access.end_sessions(tx, account.id, std::string(to_text(act)), now));
    }
    audit::Entry entry = entry_for(account, action_name(act), reason);
    entry.before = {{"state", to_text(account.state)}};
    entry.after = {{"state", to_text(next)}};
    TRY(parts_.audit.append(tx, actor, entry, now));
    auto changed = TRY(finished(tx, account.id, now));
    changed.initial_password = std::move(made.initial_password);
    changed.access_code = std::move(made.access_code);
    changed.reset_code_sent_to = std::move(made.reset_code_sent_to);
    return changed;
}

Result<HandedCode> AccountService::make_access_code(db::Transaction& tx, const Actor& actor, const Account& account,
                                                    Instant now) {
    if (TRY(parts_.access.second_steps(tx, account.id)).empty()) {
        return failure(ErrorKind::conflict, "no_second_step");  // the next sign-in registers one anyway
    }
    TRY(parts_.access.announce(tx, account, Announcement::access_code_issued, now));
    auto code = TRY(parts_.access.make_access_code(tx, account, actor.account, now));
    TRY(store_.note_second_step_reset(tx, account.id, now));
    return code;
}

Result<std::string> AccountService::send_reset_code(db::Transaction& tx, const Account& account,
                                                    const std::string& proved_phone, Instant now) {
    const SecretText code = crypto::make_initial_password(parts_.entropy);
    const auto sent_to =
        TRY(parts_.access.send_reset_code(tx, account, crypto::show_initial_password(code), proved_phone, now));
    if (!sent_to) {
        return failure(ErrorKind::conflict, "no_registered_phone");
    }
    const auto digest = crypto::digest_initial_password(parts_.token_key, std::to_string(account.id.value), code);
    // The password that stands is replaced when the code is used: a stranger's call to a helpdesk takes nothing away.
    if (!TRY(store_.add_reset_code(tx, account.id, digest, now + limits::kInitialPasswordByReset, now))) {
        return failure(ErrorKind::conflict, "state_not_allowed");
    }
    return *sent_to;
}

Result<std::string> AccountService::reset_by_phone(db::Transaction& tx, const Actor& actor, const Account& account,
                                                   const std::string& proved_phone, const std::string& action,
                                                   Instant now) {
    auto sent_to = TRY(send_reset_code(tx, account, proved_phone, now));
    TRY(parts_.access.end_sessions(tx, account.id, action, now));
    audit::Entry entry = entry_for(account, action, {});
    entry.after = {{"reset_code_sent_to", sent_to}};
    TRY(parts_.audit.append(tx, actor, entry, now));
    return sent_to;
}

Result<Changed> AccountService::act_approved(db::Transaction& tx, const Principal& principal, const Actor& actor,
                                             AccountId id, AccountAct act, const std::string& reason, Instant now) {
    auto account = TRY(store_.lock(tx, id));
    if (!account || !directory::may(principal, approver_needs(act), account->organization, now)) {
        return hidden();
    }
    account->grants = TRY(parts_.grants.standing(tx, id, now));
    TRY(directory::may_act_on(principal, approver_needs(act), id, account->grants, now));
    return carry_out(tx, actor, *account, act, reason, now);
}

Result<Changed> AccountService::act_within(db::Transaction& tx, const Principal& principal, const Actor& actor,
                                           const Account& account, AccountAct act, const std::string& reason,
                                           Instant now) {
    TRY(directory::may_act_on(principal, needed(act), account.id, account.grants, now));
    if (const auto approval = TRY(file_approval(tx, actor, account, act, reason, now))) {
        auto changed = TRY(finished(tx, account.id, now));
        changed.approval = approval;
        return changed;
    }
    return carry_out(tx, actor, account, act, reason, now);
}

Result<Changed> AccountService::act(const Principal& principal, const AccountKey& key, AccountAct act,
                                    const std::string& typed_reason, Mode mode, Instant now,
                                    const std::optional<SeenAccount>& seen) {
    const bool by_id = std::holds_alternative<AccountId>(key);
    const audit::Entry attempt{.action = action_name(act),
                               .organization_path = principal.home.path,
                               .target_kind = "account",
                               .target_id = by_id ? std::get<AccountId>(key).value : 0,
                               .target_name = by_id ? std::string() : std::get<std::string>(key)};
    const auto actors = directory::acting(principal, needed(act), now);
    if (!actors) {
        parts_.audit.refused(directory::as_oneself(principal), attempt, actors.error(), now);
        return failure(actors.error());
    }
    const auto reason = TRY(check_reason(typed_reason));
    Result<Changed> result = hidden();
    for (const Actor& actor : *actors) {
        result = parts_.audit.audited(actor, attempt, now, [&](db::Transaction& tx) -> Result<Changed> {
            const auto found = TRY(find(tx, key, now));
            auto account = found ? TRY(store_.lock(tx, found->id)) : std::nullopt;
            if (!account) {
                return hidden();
            }
            if (!directory::may(principal, needed(act), account->organization, now)) {
                return failure(ErrorKind::forbidden, "forbidden");
            }
            account->grants = found->grants;
            if (seen && *seen != seen_of(*account, TRY(parts_.access.second_steps(tx, account->id)))) {
                return failure(ErrorKind::conflict, "changed_meanwhile");
            }
            auto changed = TRY(act_within(tx, principal, actor, *account, act, reason, now));
            if (mode == Mode::dry_run) {
                tx.discard();
                changed.initial_password.reset();
                changed.access_code.reset();
            }
            return changed;
        });
        if (!elsewhere(result)) {
            break;
        }
    }
    return result;
}

}  // namespace madoguchi::accounts
