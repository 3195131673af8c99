#include "signin/slowed_service.hpp"

#include <algorithm>

namespace madoguchi::signin {
namespace {

// password, second_step, forgotten, second_step_slow, second_step_disabled: at most so many rows an account.
constexpr int kReasons = 5;

}  // namespace

Result<std::vector<Slowed>> SlowedService::list(const directory::Principal& principal, AccountId after, int limit,
                                                Instant now) {
    constexpr auto kPermission = directory::Permission::unlock_account;
    std::vector<Slowed> out;
    for (const Actor& actor : TRY(directory::acting(principal, kPermission, now))) {
        TRY(database_.transact(actor, [&](db::Transaction& tx) -> Result<void> {
            for (const auto& row : TRY(store_.slowed(tx, after, limit * kReasons, now))) {
                if (!out.empty() && out.back().account.id == row.account) {
                    out.back().reasons.push_back(row);
                    continue;
                }
                auto account = TRY(accounts_.find(tx, accounts::AccountKey(row.account), now));
                if (account && directory::may(principal, kPermission, account->organization, now)) {
                    out.push_back({std::move(*account), {row}});
                }
            }
            return {};
        }));
    }
    std::ranges::sort(out, {}, [](const Slowed& slowed) { return slowed.account.id; });
    if (out.size() > static_cast<std::size_t>(limit)) {
        out.resize(static_cast<std::size_t>(limit));
    }
    return out;
}

}  // namespace madoguchi::signin
