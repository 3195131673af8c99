// The weekdays on which an organization reports: read by whoever sees its reports, changed by whoever creates such
// organizations (health centres for their clinics, prefectures for the centres' own reports).
#pragma once

#include "audit/audit_service.hpp"
#include "directory/authorization.hpp"
#include "reports/report_schedule_store.hpp"

namespace madoguchi::reports {

class ReportScheduleService {
public:
    struct Parts {
        db::Database& database;
        audit::AuditService& audit;
        Schedule usual = {};
    };
    explicit ReportScheduleService(Parts parts) : parts_(std::move(parts)) {}

    struct Shown {
        directory::OrganizationRef organization;
        StoredSchedule stored;
        bool may_change = false;
    };
    /// Errors: forbidden, not_found (outside, or an organization that does not report).
    Result<Shown> show(const directory::Principal& principal, OrganizationId organization, Instant now);
    /// Days already past are counted by the new weekdays too. Errors: forbidden, not_found, conflict
    /// (changed_meanwhile).
    Result<Shown> change(const directory::Principal& principal, OrganizationId organization, const Schedule& schedule,
                         int seen_version, Instant now);

private:
    Parts parts_;
    ReportScheduleStore store_;
};

/// {"weekdays": [1, 2, 3], "on_public_holidays": false}; ISO 8601: 1 is Monday.
nlohmann::json to_json(const Schedule& schedule);

}  // namespace madoguchi::reports
