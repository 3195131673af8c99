// SQL of the weekdays on which an organization reports.
#pragma once

#include <optional>

#include "db/database.hpp"
#include "reports/completeness.hpp"

namespace madoguchi::reports {

struct StoredSchedule {
    Schedule schedule;
    int version = 0;  // 0: it has none of its own
};

class ReportScheduleStore {
public:
    Result<StoredSchedule> find(db::Transaction& tx, OrganizationId organization, const Schedule& usual) const;
    /// False: somebody else changed it since `seen_version`.
    Result<bool> save(db::Transaction& tx, OrganizationId organization, const Schedule& schedule, int seen_version,
                      AccountId by, Instant now) const;
};

}  // namespace madoguchi::reports
