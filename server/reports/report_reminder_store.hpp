// SQL of the reminder: drafts that nobody has been told about.
#pragma once

#include <vector>

#include "db/database.hpp"
#include "reports/report_date.hpp"

namespace madoguchi::reports {

/// Who typed it last, and what waits.
struct ForgottenDraft {
    AccountId account;
    std::string login_id;
    std::string organization_name;
    std::string organization_path;
    std::int64_t total = 0;
};

class ReportReminderStore {
public:
    /// Up to `limit` drafts of `date` that were last saved before `idle_since`, each taken once, whichever server asks:
    /// another one's are passed over. Only of people who can still sign in.
    Result<std::vector<ForgottenDraft>> take(db::Transaction& tx, ReportDate date, Instant idle_since, int limit,
                                             Instant now) const;
};

}  // namespace madoguchi::reports
