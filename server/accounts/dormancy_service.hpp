// Use cases on accounts that nobody uses: a daily task lists, warns and suspends them; the administrators above see
// them, keep them, or let them in again.
#pragma once

#include <optional>

#include "accounts/account_service.hpp"
#include "accounts/dormancy_store.hpp"

namespace madoguchi::accounts {

struct DormancyRun {
    int warned = 0;
    int suspended = 0;
};

enum class DormancyAct { keep, suspend };

class DormancyService {
public:
    struct Parts {
        db::Database& database;
        audit::AuditService& audit;
        AccountService& accounts;
        DormancyPolicy policy = {};
    };
    explicit DormancyService(Parts parts) : parts_(parts) {}

    /// Within the jurisdiction of those who may issue and suspend. Errors: forbidden.
    Result<std::vector<DormantAccount>> list(const Principal& principal, const DormancyFilter& filter, Instant now);
    Result<DormantAccount> show(const Principal& principal, AccountId account, Instant now);
    Result<std::int64_t> count_warned(const Principal& principal, Instant now);
    /// It goes on although nobody uses it, or ends before its time. Errors: invalid (reason), not_found, forbidden
    /// (own_account, higher_role), conflict (dormant_not_waiting).
    Result<void> decide(const Principal& principal, AccountId account, DormancyAct act, const std::string& reason,
                        Instant now);

    /// Once a Japanese day over all servers; nothing: it ran today. In steps, so that a killed one goes on where it
    /// was.
    Result<std::optional<DormancyRun>> run_daily(Instant now);
    const DormancyPolicy& policy() const { return parts_.policy; }

private:
    struct Warned {
        int count = 0;
        std::optional<AccountId> last;  // looked at; none: nobody above `after` is unused
    };
    Result<Warned> warn_some(AccountId after, Instant now);
    Result<int> suspend_some(Instant now);
    Result<void> decide_within(db::Transaction& tx, const Principal& principal, const Actor& actor, AccountId account,
                               DormancyAct act, const std::string& reason, Instant now);
    Result<void> keep(db::Transaction& tx, const Principal& principal, const Actor& actor, const Account& account,
                      const std::string& reason, Instant now);

    Parts parts_;
    DormancyStore store_;
};

}  // namespace madoguchi::accounts
