#include "accounts/dormancy_service.hpp"

#include <fmt/format.h>
#include <algorithm>

#include "base/desk_limits.hpp"

namespace madoguchi::accounts {
namespace {

using directory::Permission;

constexpr auto kPermission = Permission::issue_account;
constexpr std::string_view kTask = "dormant_accounts";
constexpr const char* kKeepAction = "account.keep_unused";

tl::unexpected<Error> hidden() {
    return failure(ErrorKind::not_found, "not_found");
}

audit::Entry entry_for(const Account& account, std::string action, std::string reason) {
    return {.action = std::move(action),
            .organization_path = account.organization.path,
            .target_kind = "account",
            .target_id = account.id.value,
            .target_name = account.login_id,
            .reason = std::move(reason)};
}

}  // namespace

Result<std::vector<DormantAccount>> DormancyService::list(const Principal& principal, const DormancyFilter& filter,
                                                          Instant now) {
    std::vector<DormantAccount> out;
    for (const Actor& actor : TRY(directory::acting(principal, kPermission, now))) {
        auto some = TRY(parts_.database.transact(actor, [&](db::Transaction& tx) { return store_.list(tx, filter); }));
        std::ranges::move(some, std::back_inserter(out));
    }
    std::ranges::sort(out, {}, &DormantAccount::account);
    if (out.size() > static_cast<std::size_t>(filter.limit)) {
        out.resize(static_cast<std::size_t>(filter.limit));
    }
    return out;
}

Result<DormantAccount> DormancyService::show(const Principal& principal, AccountId account, Instant now) {
    for (const Actor& actor : TRY(directory::acting(principal, kPermission, now))) {
        auto found =
            TRY(parts_.database.transact(actor, [&](db::Transaction& tx) { return store_.find(tx, account); }));
        if (found) {
            return std::move(*found);
        }
    }
    return hidden();
}

Result<std::int64_t> DormancyService::count_warned(const Principal& principal, Instant now) {
    std::int64_t count = 0;
    for (const Actor& actor : TRY(directory::acting(principal, kPermission, now))) {
        count += TRY(parts_.database.transact(actor, [&](db::Transaction& tx) { return store_.count_warned(tx); }));
    }
    return count;
}

Result<void> DormancyService::keep(db::Transaction& tx, const Principal& principal, const Actor& actor,
                                   const Account& account, const std::string& reason, Instant now) {
    TRY(directory::may_act_on(principal, kPermission, account.id, account.grants, now));
    const Instant until = now + limits::kDormantKept;
    if (!TRY(store_.keep(tx, account.id, until, principal.login_id))) {
        return failure(ErrorKind::conflict, "dormant_not_waiting");
    }
    audit::Entry entry = entry_for(account, kKeepAction, reason);
    entry.after = {{"kept_until", format_rfc3339_japan(until)}};
    return parts_.audit.append(tx, actor, entry, now);
}

Result<void> DormancyService::decide_within(db::Transaction& tx, const Principal& principal, const Actor& actor,
                                            AccountId id, DormancyAct act, const std::string& reason, Instant now) {
    const auto account = TRY(parts_.accounts.find(tx, id, now));
    if (!account || !TRY(store_.find(tx, id))) {
        return hidden();
    }
    if (!directory::may(principal, kPermission, account->organization, now)) {
        return failure(ErrorKind::forbidden, "forbidden");
    }
    if (act == DormancyAct::keep) {
        return keep(tx, principal, actor, *account, reason, now);
    }
    TRY(parts_.accounts.act_inside(tx, principal, actor, id, AccountAct::suspend, reason, now));
    return store_.note_suspended(tx, id, now);
}

Result<void> DormancyService::decide(const Principal& principal, AccountId account, DormancyAct act,
                                     const std::string& typed_reason, Instant now) {
    const audit::Entry attempt{.action = act == DormancyAct::keep ? kKeepAction : "account.suspend",
                               .organization_path = principal.home.path,
                               .target_kind = "account",
                               .target_id = account.value,
                               .target_name = {}};
    const auto actors = directory::acting(principal, kPermission, now);
    if (!actors) {
        parts_.audit.refused(directory::as_oneself(principal), attempt, actors.error(), now);
        return failure(actors.error());
    }
    const auto reason = TRY(check_reason(typed_reason));
    Result<void> result = hidden();
    for (const Actor& actor : *actors) {
        result = parts_.audit.audited(actor, attempt, now, [&](db::Transaction& tx) {
            return decide_within(tx, principal, actor, account, act, reason, now);
        });
        if (result || result.error().kind != ErrorKind::not_found) {
            break;
        }
    }
    return result;
}

// --- the daily task ---

Result<DormancyService::Warned> DormancyService::warn_some(AccountId after, Instant now) {
    return parts_.database.transact(Actor::system(), [&](db::Transaction& tx) -> Result<Warned> {
        if (!TRY(store_.try_lock(tx))) {
            return Warned{};
        }
        const auto found = TRY(store_.candidates(tx, parts_.policy, after, limits::kDormantBatch, now));
        Warned warned;
        for (const auto& candidate : found) {
            const auto account = TRY(parts_.accounts.lock(tx, candidate.account));
            const auto why = dormant(candidate.usage, parts_.policy, now);
            warned.last = candidate.account;
            if (!account || !why) {
                continue;
            }
            const bool suspends = parts_.policy.suspend == SuspendUnused::yes && !candidate.ministry_administrator;
            const auto suspend_at =
                suspends ? std::optional<Instant>(now + std::chrono::days(parts_.policy.warning_days)) : std::nullopt;
            TRY(store_.warn(tx, *account, *why, suspend_at, now));
            if (suspends) {
                TRY(parts_.accounts.warn_unused(tx, *account, now));
            }
            audit::Entry entry = entry_for(*account, "account.warn_unused", {});
            entry.after = {{"why", to_text(*why)},
                           {"suspend_at",
                            suspend_at ? nlohmann::json(format_rfc3339_japan(*suspend_at)) : nlohmann::json(nullptr)}};
            TRY(parts_.audit.append(tx, Actor::system(), entry, now));
            ++warned.count;
        }
        return warned;
    });
}

Result<int> DormancyService::suspend_some(Instant now) {
    return parts_.database.transact(Actor::system(), [&](db::Transaction& tx) -> Result<int> {
        if (!TRY(store_.try_lock(tx))) {
            return 0;
        }
        const auto due = TRY(store_.due(tx, limits::kDormantBatch, now));
        for (const AccountId account : due) {
            const auto listed = TRY(store_.find(tx, account));
            const bool never = listed && listed->why == WhyDormant::never_signed_in;
            const auto reason = never ? fmt::format("発行から{}日、サインインがないため", parts_.policy.never_days)
                                      : fmt::format("最後のサインインから{}日たったため", parts_.policy.unused_days);
            TRY(parts_.accounts.suspend_unused(tx, account, reason, now));
            TRY(store_.note_suspended(tx, account, now));
        }
        return static_cast<int>(due.size());
    });
}

Result<std::optional<DormancyRun>> DormancyService::run_daily(Instant now) {
    const Instant today = start_of_japanese_day(now);
    const auto ran =
        TRY(parts_.database.transact(Actor::system(), [&](db::Transaction& tx) { return store_.ran_for(tx, kTask); }));
    if (ran && *ran >= today) {
        return std::optional<DormancyRun>();
    }
    TRY(parts_.database.transact(Actor::system(), [&](db::Transaction& tx) { return store_.forget_used(tx); }));
    DormancyRun run;
    // Suspensions first: whoever is warned today has all of the warning ahead.
    for (int step = 0; step < limits::kDormantBatchesADay; ++step) {
        const int suspended = TRY(suspend_some(now));
        run.suspended += suspended;
        if (suspended == 0) {
            break;
        }
    }
    AccountId last;
    for (int step = 0; step < limits::kDormantBatchesADay; ++step) {
        const auto warned = TRY(warn_some(last, now));
        run.warned += warned.count;
        if (!warned.last) {
            break;
        }
        last = *warned.last;
    }
    TRY(parts_.database.transact(Actor::system(),
                                 [&](db::Transaction& tx) { return store_.note_ran(tx, kTask, today); }));
    return std::optional(run);
}

}  // namespace madoguchi::accounts
