#include "reports/report_reminder_service.hpp"

#include "base/report_limits.hpp"

namespace madoguchi::reports {

Result<int> ReportReminderService::remind(Instant now) {
    const ReportDate today = date_at(now);
    if (now < begin_of(today) + std::chrono::hours(parts_.hour)) {
        return 0;
    }
    const Actor actor = Actor::system();
    return parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<int> {
        const auto forgotten = TRY(store_.take(tx, today, now - limits::kDraftIdle, limits::kDraftReminderBatch, now));
        for (const auto& draft : forgotten) {
            TRY(parts_.tell(tx, draft, today, now));
            TRY(parts_.audit.append(tx, actor,
                                    {.action = "report.remind",
                                     .organization_path = draft.organization_path,
                                     .target_kind = "account",
                                     .target_id = draft.account.value,
                                     .target_name = draft.login_id,
                                     .reason = {},
                                     .before = nullptr,
                                     .after = {{"report_date", to_text(today)}, {"total", draft.total}}},
                                    now));
        }
        return static_cast<int>(forgotten.size());
    });
}

}  // namespace madoguchi::reports
