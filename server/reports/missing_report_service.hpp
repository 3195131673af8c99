// Asks organizations for a report that is missing: a message to the people who report for them, once a day.
#pragma once

#include <functional>

#include "reports/completeness_service.hpp"
#include "reports/missing_report_store.hpp"

namespace madoguchi::reports {

/// What a message says, and to whom.
struct MissingReport {
    AccountId account;
    std::string login_id;
    std::string organization_name;
    std::optional<ReportDate> last_date;  // nothing: there was never a report
};

/// What a message to an organization would be, or why there is none.
enum class Reminding { ready, nothing_missing, told_today, nobody_reachable };

struct Candidate {
    CompletenessRow row;
    Reminding state = Reminding::ready;
    int people = 0;
    std::optional<RemindedToday> told;
};

class MissingReportService {
public:
    /// Queues a message to every telephone of the account: how many. The room of second steps knows them.
    using Tell = std::function<Result<int>(db::Transaction&, const MissingReport&, Instant now)>;
    struct Parts {
        db::Database& database;
        audit::AuditService& audit;
        CompletenessService& completeness;
        Tell tell;
    };
    explicit MissingReportService(Parts parts) : parts_(std::move(parts)) {}

    /// In the order given; those outside the jurisdiction are left out. Errors: forbidden.
    Result<std::vector<Candidate>> candidates(const directory::Principal& principal,
                                              const std::vector<OrganizationId>& organizations, Instant now);
    /// How many people were told. Errors: forbidden, not_found, conflict (reminder_nothing_missing,
    /// reminder_told_today, reminder_nobody_reachable).
    Result<int> remind(const directory::Principal& principal, OrganizationId organization, Instant now);

private:
    Result<Candidate> candidate(const directory::Principal& principal, OrganizationId organization, Instant now);

    Parts parts_;
    MissingReportStore store_;
};

}  // namespace madoguchi::reports
